package org.xfrmagent.agent.crypto;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** What a token is given to sign, which only knows keys: hashed and named before. */
public sealed interface TokenInput {
    /** With RSASSA-PKCS1-v1_5: T of RFC 8017, section 9.2, which the token pads. */
    record Padded(Bytes content) implements TokenInput {}

    /** With RSASSA-PSS, MGF1 of the same hash and a salt of the hash's length (RFC 7427, appendix A.4). */
    record Pss(SignatureScheme.Hash hash, Bytes digest) implements TokenInput {}

    /**
     * With ECDSA: r and s come back one after the other.
     *
     * @param der whether the signature is to be the SEQUENCE of both (RFC 7427, appendix A.3)
     */
    record Point(Bytes digest, boolean der) implements TokenInput {}

    /** With EdDSA, which hashes by itself. */
    record Whole(Bytes octets) implements TokenInput {}

    static TokenInput of(SignatureScheme scheme, Bytes octets) {
        return switch (scheme) {
            case RSA_SHA1, RSA_SHA256, RSA_SHA384, RSA_SHA512, RSA_BARE -> new Padded(RsaBlock.content(scheme, octets));
            case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 -> new Pss(scheme.hash(), digest(scheme, octets));
            case ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512 -> new Point(digest(scheme, octets), true);
            case ECDSA_P256, ECDSA_P384, ECDSA_P521, ECDSA_BARE -> new Point(digest(scheme, octets), false);
            case ED25519, ED448 -> new Whole(octets);
        };
    }

    private static Bytes digest(SignatureScheme scheme, Bytes octets) {
        return switch (scheme.hash()) {
            case SHA1 -> Hashes.sha1(octets);
            case SHA256 -> Hashes.sha256(octets);
            case SHA384 -> Hashes.sha384(octets);
            case SHA512 -> Hashes.sha512(octets);
            case IDENTITY -> octets;
        };
    }
}
