package org.xfrmagent.policies.model;

import java.time.Duration;

/**
 * When a silent peer is asked whether it lives (RFC 7296 section 2.4).
 *
 * @param delay after so long without a message or an ESP packet from it; zero = never
 */
public record LivenessPolicy(Duration delay) {
    public boolean enabled() {
        return delay.isPositive();
    }
}
