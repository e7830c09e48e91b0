package org.xfrmagent.policies.model;

import java.time.Duration;

/**
 * When a silent peer is asked whether it lives (RFC 7296 section 2.4, RFC 3706).
 *
 * @param delay after so long without a message or an ESP packet from it; zero = never
 * @param timeout with IKEv1: after so long a silent peer that was asked is taken for dead, however often; zero = after the
 *     retransmissions, as with IKEv2
 */
public record LivenessPolicy(Duration delay, Duration timeout) {
    public LivenessPolicy(Duration delay) {
        this(delay, Duration.ZERO);
    }

    public boolean enabled() {
        return delay.isPositive();
    }
}
