package org.xfrmagent.policies.model;

/** What makes the agent negotiate the SAs of a policy. Whatever it is, the traffic is never sent in the clear meanwhile. */
public enum Start {
    /** The start of the agent; and it is kept up. */
    AT_START("at-start"),
    /** The first packet that matches. */
    ON_TRAFFIC("on-traffic"),
    /** Only the peer. */
    BY_PEER("by-peer");

    private final String word;

    Start(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
