package org.xfrmagent.policies.model;

/** Whether an IKE SA may begin without a child (RFC 6023). */
public enum Childless {
    /** The peer may begin so; we ask for a child in IKE_AUTH. */
    ALLOW("allow"),
    /** We begin so too where the peer can, so that every child has a key exchange of its own. */
    PREFER("prefer"),
    /** Both sides begin so, or there is no IKE SA. */
    FORCE("force"),
    NEVER("never");

    private final String word;

    Childless(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
