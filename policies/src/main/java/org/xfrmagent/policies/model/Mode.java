package org.xfrmagent.policies.model;

/** How ESP or AH wraps a packet (RFC 4301 section 3.2). */
public enum Mode {
    TUNNEL("tunnel"),
    TRANSPORT("transport");

    private final String word;

    Mode(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
