package org.xfrmagent.agent.crypto;

/** A token gave no signature, with a sentence that says why and has nothing secret in it. */
public final class CannotSign extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CannotSign(String reason) {
        super(reason, null, false, false);
    }

    /** The sentence. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
