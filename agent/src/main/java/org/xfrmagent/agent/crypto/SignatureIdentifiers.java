package org.xfrmagent.agent.crypto;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSASSAPSSparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.algorithm.SignatureScheme.Hash;

/** The AlgorithmIdentifier that an AUTH of method 14 names its scheme by (RFC 7427, section 3 and appendix A). */
public final class SignatureIdentifiers {
    private static final int MOST_OCTETS = 255;
    private static final Map<ASN1ObjectIdentifier, SignatureScheme> PLAIN = Arrays.stream(SignatureScheme.values())
            .filter(scheme -> scheme.identifier().isPresent() && !Signing.isPss(scheme))
            .collect(Collectors.toUnmodifiableMap(
                    scheme -> AlgorithmIdentifier.getInstance(of(scheme).toArray()).getAlgorithm(), scheme -> scheme));

    private SignatureIdentifiers() {}

    /** @throws IllegalArgumentException if {@code scheme} has an authentication method of its own */
    public static Bytes of(SignatureScheme scheme) {
        return Bytes.hex(scheme.identifier().orElseThrow(() -> new IllegalArgumentException(scheme.word() + " has no AlgorithmIdentifier")));
    }

    /**
     * The scheme that {@code der} names, however its optional parts are written: parameters absent or NULL, PSS's trailer field and
     * NULLs in it present or not. Empty for what is not DER, what we do not know, and a PSS whose hashes differ, or whose salt has
     * another length than its hash: so also for PSS with default parameters, which are of SHA-1.
     */
    public static Optional<SignatureScheme> parse(Bytes der) {
        if (der.isEmpty() || der.length() > MOST_OCTETS) {
            return Optional.empty();
        }
        try {
            byte[] octets = der.toArray();
            ASN1Primitive parsed = ASN1Primitive.fromByteArray(octets);
            AlgorithmIdentifier identifier = AlgorithmIdentifier.getInstance(parsed);
            if (identifier.getAlgorithm().equals(PKCSObjectIdentifiers.id_RSASSA_PSS)) {
                return identifier.getParameters() == null ? Optional.empty() : pss(RSASSAPSSparams.getInstance(identifier.getParameters()));
            }
            if (!Arrays.equals(parsed.getEncoded(ASN1Encoding.DER), octets)) {
                return Optional.empty();
            }
            return hasNoParameters(identifier) ? Optional.ofNullable(PLAIN.get(identifier.getAlgorithm())) : Optional.empty();
        } catch (IOException | RuntimeException misshapen) {
            return Optional.empty();
        }
    }

    private static Optional<SignatureScheme> pss(RSASSAPSSparams parameters) {
        AlgorithmIdentifier hash = parameters.getHashAlgorithm();
        AlgorithmIdentifier mask = parameters.getMaskGenAlgorithm();
        if (!mask.getAlgorithm().equals(PKCSObjectIdentifiers.id_mgf1) || parameters.getTrailerField().intValueExact() != 1) {
            return Optional.empty();
        }
        AlgorithmIdentifier maskHash = AlgorithmIdentifier.getInstance(mask.getParameters());
        int salt = parameters.getSaltLength().intValueExact();
        return Arrays.stream(SignatureScheme.values())
                .filter(Signing::isPss)
                .filter(scheme -> isHash(hash, scheme.hash()) && isHash(maskHash, scheme.hash()) && octets(scheme.hash()) == salt)
                .findFirst();
    }

    private static boolean isHash(AlgorithmIdentifier identifier, Hash hash) {
        return hasNoParameters(identifier) && identifier.getAlgorithm().getId().equals(oid(hash));
    }

    private static String oid(Hash hash) {
        return switch (hash) {
            case SHA256 -> "2.16.840.1.101.3.4.2.1";
            case SHA384 -> "2.16.840.1.101.3.4.2.2";
            case SHA512 -> "2.16.840.1.101.3.4.2.3";
            case SHA1, IDENTITY -> throw new IllegalArgumentException("no PSS with " + hash);
        };
    }

    /** Of the hash, and so of the salt. */
    private static int octets(Hash hash) {
        return switch (hash) {
            case SHA256 -> 32;
            case SHA384 -> 48;
            case SHA512 -> 64;
            case SHA1, IDENTITY -> throw new IllegalArgumentException("no PSS with " + hash);
        };
    }

    private static boolean hasNoParameters(AlgorithmIdentifier identifier) {
        ASN1Encodable parameters = identifier.getParameters();
        return parameters == null || DERNull.INSTANCE.equals(parameters.toASN1Primitive());
    }
}
