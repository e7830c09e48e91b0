package org.xfrmagent.policies.model;

/** What becomes of a certificate of which nobody says that it was not revoked. A revoked one is never believed. */
public enum Revocation {
    /** It is not believed. */
    STRICT("strict"),
    /** It is not believed if it, or its authority's entry, names a place to ask. */
    IF_URI("if-uri"),
    /** It is believed. */
    RELAXED("relaxed");

    private final String word;

    Revocation(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
