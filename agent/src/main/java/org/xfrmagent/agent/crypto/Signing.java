package org.xfrmagent.agent.crypto;

import java.security.InvalidAlgorithmParameterException;
import java.security.Signature;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** The provider's object for each scheme that a provider computes as a whole: all but RSA's PKCS #1 v1.5. */
final class Signing {
    private Signing() {}

    /** Whether {@code scheme} is RSASSA-PSS (RFC 8017, section 8.1). */
    static boolean isPss(SignatureScheme scheme) {
        return switch (scheme) {
            case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512 -> true;
            case RSA_SHA1, RSA_SHA256, RSA_SHA384, RSA_SHA512, RSA_BARE, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, ECDSA_P256, ECDSA_P384,
                ECDSA_P521, ECDSA_BARE, ED25519, ED448 -> false;
        };
    }

    static Signature of(SignatureScheme scheme, Providers providers) {
        return switch (scheme) {
            case RSA_PSS_SHA256 -> pss("SHA-256", MGF1ParameterSpec.SHA256, 32, providers);
            case RSA_PSS_SHA384 -> pss("SHA-384", MGF1ParameterSpec.SHA384, 48, providers);
            case RSA_PSS_SHA512 -> pss("SHA-512", MGF1ParameterSpec.SHA512, 64, providers);
            case ECDSA_SHA256 -> providers.signature("SHA256withECDSA");
            case ECDSA_SHA384 -> providers.signature("SHA384withECDSA");
            case ECDSA_SHA512 -> providers.signature("SHA512withECDSA");
            case ECDSA_P256 -> providers.signature("SHA256withECDSAinP1363Format");
            case ECDSA_P384 -> providers.signature("SHA384withECDSAinP1363Format");
            case ECDSA_P521 -> providers.signature("SHA512withECDSAinP1363Format");
            case ECDSA_BARE -> providers.signature("NONEwithECDSAinP1363Format");
            case ED25519 -> providers.edwardsSignature("Ed25519");
            case ED448 -> providers.edwardsSignature("Ed448");
            case RSA_SHA1, RSA_SHA256, RSA_SHA384, RSA_SHA512, RSA_BARE -> throw new IllegalArgumentException(scheme + " is not computed as a whole");
        };
    }

    /** The salt is as long as the hash, and MGF1 uses the same hash (RFC 7427, appendix A.4). */
    private static Signature pss(String hash, MGF1ParameterSpec mask, int salt, Providers providers) {
        Signature signature = providers.signature("RSASSA-PSS");
        try {
            signature.setParameter(new PSSParameterSpec(hash, "MGF1", mask, salt, PSSParameterSpec.TRAILER_FIELD_BC));
            return signature;
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("no RSASSA-PSS with " + hash, e);
        }
    }
}
