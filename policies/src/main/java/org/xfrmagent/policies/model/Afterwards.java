package org.xfrmagent.policies.model;

/** What is done about a policy whose last SA the other side has ended. */
public enum Afterwards {
    /** Nothing more: what {@link Start} says of traffic and of the peer still holds. */
    NOTHING("nothing"),
    /** The next packet that matches brings it up. */
    ON_TRAFFIC("on-traffic"),
    /** It is brought up at once, and tried until it is up. */
    AT_ONCE("at-once");

    private final String word;

    Afterwards(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
