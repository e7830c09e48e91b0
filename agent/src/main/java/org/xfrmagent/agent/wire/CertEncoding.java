package org.xfrmagent.agent.wire;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toUnmodifiableMap;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/** What a CERT payload holds or a CERTREQ payload asks for (RFC 7296, section 3.6). */
public enum CertEncoding {
    PKCS7_WRAPPED_X509(1),
    PGP(2),
    DNS_SIGNED_KEY(3),
    X509_SIGNATURE(4),
    KERBEROS_TOKEN(6),
    CRL(7),
    ARL(8),
    SPKI(9),
    X509_ATTRIBUTE(10),
    /** Withdrawn by RFC 7670, which replaces it with {@link #RAW_PUBLIC_KEY}. */
    RAW_RSA_KEY(11),
    HASH_AND_URL_X509(12),
    HASH_AND_URL_BUNDLE(13),
    /** RFC 4806: an OCSP response, or the hashes of the responders that are trusted. */
    OCSP_CONTENT(14),
    /** RFC 7670: a SubjectPublicKeyInfo. */
    RAW_PUBLIC_KEY(15);

    private static final Map<Integer, CertEncoding> BY_NUMBER =
            Arrays.stream(values()).collect(toUnmodifiableMap(CertEncoding::number, identity()));

    private final int number;

    CertEncoding(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    public static Optional<CertEncoding> byNumber(int number) {
        return Optional.ofNullable(BY_NUMBER.get(number));
    }
}
