package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** How an AUTH payload was made (RFC 7296, section 3.8, and IANA's "IKEv2 Authentication Method"). */
public enum AuthMethod {
    RSA_DIGITAL_SIGNATURE(1),
    SHARED_KEY_MIC(2),
    DSS_DIGITAL_SIGNATURE(3),
    /** RFC 4754, as are the next two. */
    ECDSA_SHA256_P256(9),
    ECDSA_SHA384_P384(10),
    ECDSA_SHA512_P521(11),
    /** RFC 6467. */
    GENERIC_SECURE_PASSWORD(12),
    /** RFC 7619. */
    NULL(13),
    /** RFC 7427: the AUTH data names its algorithm, see {@link DigitalSignature}. */
    DIGITAL_SIGNATURE(14);

    private static final Map<Integer, AuthMethod> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(AuthMethod::number, identity()));

    private final int number;

    AuthMethod(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<AuthMethod> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
