package org.xfrmagent.agent.pkcs11;

import java.util.Arrays;

/** Why a call failed (PKCS #11 v2.40 base specification, section 5.1), as far as sentences differ. */
enum ReturnValue {
    SLOT_ID_INVALID(0x3, "has no such slot", true),
    GENERAL_ERROR(0x5, "has failed", true),
    FUNCTION_FAILED(0x6, "has failed", true),
    ATTRIBUTE_SENSITIVE(0x11, "does not tell", false),
    ATTRIBUTE_TYPE_INVALID(0x12, "does not tell", false),
    DEVICE_ERROR(0x30, "has failed", true),
    DEVICE_REMOVED(0x32, "was removed", true),
    KEY_HANDLE_INVALID(0x60, "does not have the key any more", true),
    KEY_FUNCTION_NOT_PERMITTED(0x68, "does not let this key sign", false),
    MECHANISM_INVALID(0x70, "cannot sign in this way", false),
    OBJECT_HANDLE_INVALID(0x82, "does not have the key any more", true),
    PIN_INCORRECT(0xa0, "says that the PIN is wrong", false),
    PIN_INVALID(0xa1, "says that the PIN is none", false),
    PIN_LEN_RANGE(0xa2, "says that the PIN is too short or too long", false),
    PIN_EXPIRED(0xa3, "says that the PIN has expired", false),
    PIN_LOCKED(0xa4, "is locked after too many wrong PINs", false),
    SESSION_CLOSED(0xb0, "has closed our session", true),
    SESSION_HANDLE_INVALID(0xb3, "has closed our session", true),
    TOKEN_NOT_PRESENT(0xe0, "is not there", true),
    TOKEN_NOT_RECOGNIZED(0xe1, "is not one that its module knows", true),
    USER_ALREADY_LOGGED_IN(0x100, "has somebody logged in", false),
    USER_NOT_LOGGED_IN(0x101, "wants its PIN", true),
    USER_PIN_NOT_INITIALIZED(0x102, "has no PIN of a user yet", false),
    CRYPTOKI_NOT_INITIALIZED(0x190, "was shut down", true),
    CRYPTOKI_ALREADY_INITIALIZED(0x191, "is in use", false),
    OTHER(-1, "has refused", false);

    private final long number;
    private final String sentence;
    private final boolean stale;

    ReturnValue(long number, String sentence, boolean stale) {
        this.number = number;
        this.sentence = sentence;
        this.stale = stale;
    }

    /** The rest of a sentence that begins with the token. */
    String sentence() {
        return sentence;
    }

    /** Whether a new session may do better. */
    boolean stale() {
        return stale;
    }

    static ReturnValue of(long number) {
        return Arrays.stream(values()).filter(each -> each.number == number).findFirst().orElse(OTHER);
    }
}
