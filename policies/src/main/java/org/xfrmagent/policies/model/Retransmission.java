package org.xfrmagent.policies.model;

import java.time.Duration;

/**
 * How often a request is repeated and when the peer is taken for dead (RFC 7296 section 2.4).
 *
 * @param base the wait before the first repetition
 * @param factor by which each further wait grows
 * @param tries repetitions before giving up
 * @param jitterPercent by up to so much each wait is shortened, at random
 * @param limit the longest single wait; zero = none
 */
public record Retransmission(Duration base, double factor, int tries, int jitterPercent, Duration limit) {
    public Retransmission {
        if (!base.isPositive() || !(factor >= 1) || factor > 100 || tries < 0 || tries > 100 || jitterPercent < 0 || jitterPercent > 100) {
            throw new IllegalArgumentException("a retransmission of " + base + " × " + factor + "^n, " + tries + " tries, " + jitterPercent
                    + " % jitter makes no sense");
        }
    }

    /** The wait after transmission {@code sent} (0 = the first), before jitter. */
    public Duration waitAfter(int sent) {
        double millis = Math.min(base.toMillis() * Math.pow(factor, sent), (double) Duration.ofDays(1).toMillis());
        Duration wait = Duration.ofMillis(Math.round(millis));
        return limit.isPositive() && wait.compareTo(limit) > 0 ? limit : wait;
    }

    /** From the first transmission until the peer is given up. */
    public Duration total() {
        Duration sum = Duration.ZERO;
        for (int sent = 0; sent <= tries; sent++) {
            sum = sum.plus(waitAfter(sent));
        }
        return sum;
    }
}
