package org.xfrmagent.agent.credentials;

import java.security.GeneralSecurityException;
import java.security.Security;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Encodable;
import org.xfrmagent.agent.credentials.PathFinder.Path;

/**
 * Under which certificate policies a path is issued (RFC 5280, section 6.1). The tree that says so is the JDK's; how far it may grow is
 * ours to say: where each of n policies is mapped to all n, each certificate multiplies it by n.
 */
final class PolicyTree {
    private static final String POLICIES = "2.5.29.32";
    private static final String MAPPINGS = "2.5.29.33";
    private static final int MOST_LEAVES = 4096;

    private PolicyTree() {}

    /** Whether every certificate below the anchor, which is believed for all policies, allows this one. */
    static boolean has(Path path, String policy, Instant now) {
        try {
            PKIXParameters parameters = new PKIXParameters(
                    Set.of(new TrustAnchor(path.anchor().x509().getSubjectX500Principal(), path.anchor().x509().getPublicKey(), null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            parameters.setInitialPolicies(Set.of(policy));
            parameters.setExplicitPolicyRequired(true);
            CertPathValidator.getInstance("PKIX", Security.getProvider("SUN")).validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(path.certificates().stream().map(ParsedCertificate::x509).toList()), parameters);
            return true;
        } catch (GeneralSecurityException | RuntimeException refused) {
            return false;
        }
    }

    /** Whether the tree of a path could have more leaves than we are ready to compute. */
    static Optional<String> objectionToSize(Path path) {
        long policies = 1;
        long ways = 1;
        for (ParsedCertificate certificate : path.certificates()) {
            policies = Math.max(policies, sequence(certificate, POLICIES).map(ASN1Sequence::size).orElse(1));
            ways *= sequence(certificate, MAPPINGS).map(PolicyTree::widest).orElse(1);
            if (policies * ways > MOST_LEAVES) {
                return Optional.of(certificate + " maps certificate policies to so many others that this is not computed");
            }
        }
        return Optional.empty();
    }

    /** To how many policies one policy is mapped at most. */
    private static int widest(ASN1Sequence mappings) {
        Map<ASN1Encodable, Integer> counts = new HashMap<>();
        mappings.forEach(mapping -> counts.merge(ASN1Sequence.getInstance(mapping).getObjectAt(0).toASN1Primitive(), 1, Integer::sum));
        return counts.values().stream().max(Integer::compare).orElse(1);
    }

    private static Optional<ASN1Sequence> sequence(ParsedCertificate certificate, String extension) {
        return Optional.ofNullable(certificate.x509().getExtensionValue(extension))
                .map(octets -> ASN1Sequence.getInstance(ASN1OctetString.getInstance(octets).getOctets()));
    }
}
