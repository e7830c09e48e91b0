package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.security.PublicKey;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.SignatureIdentifiers;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** How a certificate, a CRL or an answer of OCSP may be signed: by what IKE may be signed with, without SHA-1, and verified in the same way. */
final class Signatures {
    private Signatures() {}

    static boolean isStrong(AlgorithmIdentifier algorithm) {
        return scheme(algorithm).isPresent();
    }

    /** Empty if it is none that anything is believed by. */
    static Optional<SignatureScheme> scheme(AlgorithmIdentifier algorithm) {
        try {
            return SignatureIdentifiers.parse(Bytes.wrap(algorithm.getEncoded(ASN1Encoding.DER)))
                    .filter(scheme -> scheme.hash() != SignatureScheme.Hash.SHA1);
        } catch (IOException misshapen) {
            return Optional.empty();
        }
    }

    /** Whether {@code signature} is {@code key}'s of {@code octets}. */
    static boolean holds(PublicKey key, AlgorithmIdentifier algorithm, Bytes octets, Bytes signature) {
        Optional<SignatureScheme> scheme = scheme(algorithm);
        try {
            return scheme.isPresent() && VerifyingKeys.of(key).verifies(scheme.get(), octets, signature);
        } catch (UnusableKey weak) {
            return false;
        }
    }
}
