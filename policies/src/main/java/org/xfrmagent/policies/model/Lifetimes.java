package org.xfrmagent.policies.model;

/**
 * How long an SA lives: whichever limit comes first.
 *
 * @param seconds time since it was made
 * @param bytes octets through it
 * @param packets packets through it
 * @param jitterPercent by up to so much of it a soft limit comes earlier, at random, so that two peers, or many tunnels, do not
 *     all start at once
 */
public record Lifetimes(Limit seconds, Limit bytes, Limit packets, int jitterPercent) {
    public Lifetimes {
        if (jitterPercent < 0 || jitterPercent > 100) {
            throw new IllegalArgumentException("jitter is 0 to 100 percent, not " + jitterPercent);
        }
    }
}
