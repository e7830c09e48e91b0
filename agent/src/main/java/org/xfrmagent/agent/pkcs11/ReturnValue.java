package org.xfrmagent.agent.pkcs11;

import java.util.Arrays;

/** Why a call failed (PKCS #11 v2.40 base specification, section 5.1), as far as sentences differ. */
enum ReturnValue {
    SLOT_ID_INVALID(0x3, "is not there: its module knows no such slot", Cure.NEW_MODULE),
    GENERAL_ERROR(0x5, "has failed", Cure.NEW_MODULE),
    FUNCTION_FAILED(0x6, "has failed", Cure.NEW_MODULE),
    ATTRIBUTE_SENSITIVE(0x11, "does not tell", Cure.NONE),
    ATTRIBUTE_TYPE_INVALID(0x12, "does not tell", Cure.NONE),
    DEVICE_ERROR(0x30, "has failed", Cure.NEW_MODULE),
    DEVICE_REMOVED(0x32, "was removed", Cure.NEW_SESSION),
    KEY_HANDLE_INVALID(0x60, "does not have the key any more", Cure.NEW_SESSION),
    KEY_FUNCTION_NOT_PERMITTED(0x68, "does not let this key sign", Cure.NONE),
    MECHANISM_INVALID(0x70, "cannot sign in this way", Cure.NONE),
    OBJECT_HANDLE_INVALID(0x82, "does not have the key any more", Cure.NEW_SESSION),
    PIN_INCORRECT(0xa0, "says that the PIN is wrong", Cure.NONE),
    PIN_INVALID(0xa1, "says that the PIN is none", Cure.NONE),
    PIN_LEN_RANGE(0xa2, "says that the PIN is too short or too long", Cure.NONE),
    PIN_EXPIRED(0xa3, "says that the PIN has expired", Cure.NONE),
    PIN_LOCKED(0xa4, "is locked after too many wrong PINs", Cure.NONE),
    SESSION_CLOSED(0xb0, "has closed our session", Cure.NEW_SESSION),
    SESSION_HANDLE_INVALID(0xb3, "has closed our session", Cure.NEW_SESSION),
    TOKEN_NOT_PRESENT(0xe0, "is not there", Cure.NEW_SESSION),
    TOKEN_NOT_RECOGNIZED(0xe1, "is not one that its module knows", Cure.NEW_SESSION),
    USER_ALREADY_LOGGED_IN(0x100, "has somebody logged in", Cure.NONE),
    USER_NOT_LOGGED_IN(0x101, "wants its PIN", Cure.NEW_SESSION),
    USER_PIN_NOT_INITIALIZED(0x102, "has no PIN of a user yet", Cure.NONE),
    CRYPTOKI_NOT_INITIALIZED(0x190, "was shut down", Cure.NEW_MODULE),
    CRYPTOKI_ALREADY_INITIALIZED(0x191, "is in use", Cure.NONE),
    /** None of the library's. */
    NO_ANSWER(-2, "has not answered", Cure.NONE),
    OTHER(-1, "has refused", Cure.NONE);

    private final long number;
    private final String sentence;
    private final Cure cure;

    ReturnValue(long number, String sentence, Cure cure) {
        this.number = number;
        this.sentence = sentence;
        this.cure = cure;
    }

    /** The rest of a sentence that begins with the token. */
    String sentence() {
        return sentence;
    }

    Cure cure() {
        return cure;
    }

    /** What may do better. */
    enum Cure {
        NONE,
        /** Cards are taken out and put in. */
        NEW_SESSION,
        /** Libraries lose their HSM, or know only those tokens that were there when they began: they have to begin anew. */
        NEW_MODULE
    }

    static ReturnValue of(long number) {
        return Arrays.stream(values()).filter(each -> each.number == number).findFirst().orElse(OTHER);
    }
}
