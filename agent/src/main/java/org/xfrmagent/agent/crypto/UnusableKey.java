package org.xfrmagent.agent.crypto;

/** A key or certificate that cannot be used, with a sentence that says what was found. A peer can cause it, so it carries no stack trace. */
public final class UnusableKey extends Exception {
    private static final long serialVersionUID = 1L;

    UnusableKey(String reason) {
        super(reason, null, false, false);
    }

    /** The sentence: what was found, and what was expected. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
