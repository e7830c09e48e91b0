package org.xfrmagent.agent.pkcs11;

/** A call that did not succeed. */
final class TokenFailure extends Exception {
    private static final long serialVersionUID = 1L;
    private final ReturnValue value;

    TokenFailure(ReturnValue value, String sentence) {
        super(sentence, null, false, false);
        this.value = value;
    }

    static TokenFailure of(long number) {
        ReturnValue value = ReturnValue.of(number);
        return new TokenFailure(value, value.sentence() + " (" + (value == ReturnValue.OTHER ? "CKR 0x%x".formatted(number) : "CKR_" + value) + ")");
    }

    /** Whether it may succeed later, without anybody having changed anything here. */
    boolean passes() {
        return value == ReturnValue.NO_ANSWER || value.cure() != ReturnValue.Cure.NONE;
    }

    ReturnValue value() {
        return value;
    }

    /** The rest of a sentence that begins with the token. */
    String sentence() {
        return String.valueOf(getMessage());
    }
}
