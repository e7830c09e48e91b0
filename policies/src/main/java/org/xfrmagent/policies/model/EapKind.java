package org.xfrmagent.policies.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * Methods of EAP (RFC 3748) by which a user shows who it is.
 *
 * <p>The numbers are IANA's "EAP method types".
 */
public enum EapKind {
    /** draft-kamath-pppext-eap-mschapv2-02. */
    MSCHAPV2("mschapv2", 26, true),
    /** RFC 5216: both sides have certificates. */
    TLS("tls", 13, true),
    /** RFC 3748, section 5.4. */
    MD5("md5", 4, false),
    /** RFC 3748, section 5.6: the password itself, protected by nothing but IKE. */
    GTC("gtc", 6, false),
    /** Whichever a RADIUS server has (RFC 3579): its number is not on the wire. */
    RADIUS("radius", 0, true);

    private final String word;
    private final int number;
    private final boolean derivesKey;

    EapKind(String word, int number, boolean derivesKey) {
        this.word = word;
        this.number = number;
        this.derivesKey = derivesKey;
    }

    /** As in a policy file. */
    public String word() {
        return word;
    }

    public int number() {
        return number;
    }

    /** Whether both sides have a key afterwards that nobody else has: an MSK (RFC 5247). */
    public boolean derivesKey() {
        return derivesKey;
    }

    public static Optional<EapKind> byNumber(int number) {
        return Arrays.stream(values()).filter(kind -> kind.number == number).findFirst();
    }
}
