package org.xfrmagent.policies.model;

/** What a second IKE SA with the same two identities does to the first. */
public enum Unique {
    /** Nothing, unless the peer says INITIAL_CONTACT (RFC 7296 section 2.4): then it replaces it. */
    INITIAL_CONTACT("no"),
    /** Replaces it. */
    REPLACE("replace"),
    /** Is refused. */
    KEEP("keep"),
    /** Nothing, not even on INITIAL_CONTACT. */
    NEVER("never");

    private final String word;

    Unique(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
