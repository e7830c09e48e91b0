package org.xfrmagent.policies.model;

/**
 * How long an SA lives: whichever limit comes first.
 *
 * @param seconds time since it was made
 * @param bytes octets through it
 * @param packets packets through it
 * @param idleSeconds time without a packet in either direction, after which a child is deleted; 0 = never
 */
public record Lifetimes(Limit seconds, Limit bytes, Limit packets, long idleSeconds) {
    public Lifetimes {
        if (idleSeconds < 0) {
            throw new IllegalArgumentException("idle for " + idleSeconds + " seconds");
        }
    }
}
