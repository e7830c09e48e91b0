package org.xfrmagent.agent.pkcs11;

import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.TokenInput;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * How a token is to sign (PKCS #11 v2.40 current mechanisms; EdDSA of v3.0).
 *
 * @param number CK_MECHANISM_TYPE
 * @param parameters each a CK_ULONG
 */
record Mechanism(long number, List<Long> parameters) {
    private static final Mechanism RSA_PKCS = new Mechanism(0x1, List.of());
    private static final Mechanism ECDSA = new Mechanism(0x1041, List.of());
    private static final Mechanism EDDSA = new Mechanism(0x1057, List.of());
    private static final long RSA_PKCS_PSS = 0xd;

    /** CKM_SHA256 and CKG_MGF1_SHA256, and so on, with the length of the salt. */
    private static final Mechanism PSS_SHA256 = new Mechanism(RSA_PKCS_PSS, List.of(0x250L, 0x2L, 32L));
    private static final Mechanism PSS_SHA384 = new Mechanism(RSA_PKCS_PSS, List.of(0x260L, 0x3L, 48L));
    private static final Mechanism PSS_SHA512 = new Mechanism(RSA_PKCS_PSS, List.of(0x270L, 0x4L, 64L));

    Mechanism {
        parameters = List.copyOf(parameters);
    }

    static Mechanism of(TokenInput input) {
        return switch (input) {
            case TokenInput.Padded _ -> RSA_PKCS;
            case TokenInput.Point _ -> ECDSA;
            case TokenInput.Whole _ -> EDDSA;
            case TokenInput.Pss(SignatureScheme.Hash hash, _) -> switch (hash) {
                case SHA256 -> PSS_SHA256;
                case SHA384 -> PSS_SHA384;
                case SHA512 -> PSS_SHA512;
                case SHA1, IDENTITY -> throw new IllegalArgumentException("no RSASSA-PSS with " + hash);
            };
        };
    }

    static Bytes data(TokenInput input) {
        return switch (input) {
            case TokenInput.Padded(Bytes content) -> content;
            case TokenInput.Pss(_, Bytes digest) -> digest;
            case TokenInput.Point(Bytes digest, _) -> digest;
            case TokenInput.Whole(Bytes octets) -> octets;
        };
    }
}
