package org.xfrmagent.agent.credentials;

import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Security;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.credentials.PathFinder.Path;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.Identity;

/**
 * Whether somebody whom we believe vouches for a certificate (RFC 5280, section 6, as RFC 4945, section 5.1, has it for IKE). The JDK
 * validates a path; before it come our own limits on keys, algorithms and lengths, behind it what IKE wants of an end's certificate.
 */
final class ChainValidator {
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int NON_REPUDIATION = 1;

    /**
     * RFC 4945, section 5.1.3.12: id-kp-ipsecIKE and anyExtendedKeyUsage, and, since whole networks have nothing else, what TLS's servers
     * and clients have, and its predecessors ipsecEndSystem, ipsecTunnel, ipsecUser and iKEIntermediate.
     */
    private static final Set<String> PURPOSES = Set.of("1.3.6.1.5.5.7.3.17", "2.5.29.37.0", "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2",
            "1.3.6.1.5.5.7.3.5", "1.3.6.1.5.5.7.3.6", "1.3.6.1.5.5.7.3.7", "1.3.6.1.5.5.8.2.2");

    private ChainValidator() {}

    /** What came of it. */
    sealed interface Verdict {
        /** The path is good; whether anything in it was revoked is not known. */
        record Valid(Path path) implements Verdict {}

        /** @param sentence why not, naming the certificate */
        record Refused(String sentence) implements Verdict {}
    }

    /**
     * Judges a path from {@code end} to one of {@code anchors}.
     *
     * @param between what may lead there: what the peer has shown, and what we have
     * @param demands what else is asked of the path
     */
    static Verdict judge(
            ParsedCertificate end, List<ParsedCertificate> anchors, List<ParsedCertificate> between, ChainDemands demands, Instant now) {
        List<Path> paths = PathFinder.paths(end, anchors, between);
        if (paths.isEmpty()) {
            return new Verdict.Refused(nobody(end, anchors));
        }
        List<String> objections = new ArrayList<>();
        for (Path path : paths) {
            Optional<String> objection = objection(path, now).or(() -> PathDemands.objection(path, demands, now));
            if (objection.isEmpty()) {
                return new Verdict.Valid(path);
            }
            objections.add(objection.get());
        }
        return new Verdict.Refused(objections.getFirst());
    }

    private static String nobody(ParsedCertificate end, List<ParsedCertificate> anchors) {
        if (!Signatures.isStrong(end.algorithm())) {
            return end + " is signed with " + end.x509().getSigAlgName() + ", expected SHA-256 or better";
        }
        return end + ", issued by '" + ParsedCertificate.text(end.x509().getIssuerX500Principal()) + "', does not lead to "
                + (anchors.isEmpty() ? "anybody: there is no authority" : "an authority that is believed: "
                        + String.join(", ", anchors.stream().limit(4).map(each -> "'" + each.x509().getSubjectX500Principal().getName() + "'").toList()));
    }

    private static Optional<String> objection(Path path, Instant now) {
        return Stream.concat(path.certificates().stream(), Stream.of(path.anchor()))
                .<Optional<String>>map(certificate -> certificate.objectionToTime(now).or(() -> objectionToKey(certificate)))
                .flatMap(Optional::stream)
                .findFirst()
                .or(() -> PolicyTree.objectionToSize(path))
                .or(() -> objectionOfTheJdk(path, now))
                .or(() -> objectionToUse(path.certificates().getFirst()));
    }

    private static Optional<String> objectionToKey(ParsedCertificate certificate) {
        try {
            PublicKey key = certificate.x509().getPublicKey();
            VerifyingKeys.of(key);
            return Optional.empty();
        } catch (UnusableKey weak) {
            return Optional.of(certificate + " cannot be believed: " + weak.reason());
        }
    }

    private static Optional<String> objectionOfTheJdk(Path path, Instant now) {
        ParsedCertificate anchor = path.anchor();
        List<X509Certificate> chain = new ArrayList<>(path.certificates().stream().map(ParsedCertificate::x509).toList());
        if (anchor.isSelfIssued()) {
            // As a part of the path: of an anchor the JDK minds neither the name constraints nor the path's length.
            chain.add(anchor.x509());
        } else if (anchor.x509().getExtensionValue(NAME_CONSTRAINTS) != null) {
            return Optional.of(anchor + " has name constraints and is no root: expected the root as the authority");
        }
        try {
            CertPath certificates = CertificateFactory.getInstance("X.509").generateCertPath(chain);
            PKIXParameters parameters = new PKIXParameters(
                    Set.of(new TrustAnchor(anchor.x509().getSubjectX500Principal(), anchor.x509().getPublicKey(), null)));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(now));
            CertPathValidator.getInstance("PKIX", Security.getProvider("SUN")).validate(certificates, parameters);
            return Optional.empty();
        } catch (CertPathValidatorException refused) {
            int index = refused.getIndex();
            ParsedCertificate at = index < 0 || index >= path.certificates().size() ? anchor : path.certificates().get(index);
            return Optional.of(at + " breaks RFC 5280: " + refused.getMessage());
        } catch (GeneralSecurityException | RuntimeException unknown) {
            // For one, a name constraint of a kind that the JDK does not compare: closed, not open (RFC 5280, section 4.2.1.10).
            return Optional.of(path.certificates().getFirst() + " cannot be validated: " + unknown.getMessage());
        }
    }

    /** What an end's certificate is for, if it says so (RFC 4945, sections 5.1.3.2 and 5.1.3.12). */
    private static Optional<String> objectionToUse(ParsedCertificate end) {
        boolean[] usage = end.x509().getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE] && !usage[NON_REPUDIATION]) {
            return Optional.of(end + " is not for signatures by its keyUsage, expected digitalSignature or nonRepudiation");
        }
        try {
            List<String> purposes = end.x509().getExtendedKeyUsage();
            return purposes == null || !Collections.disjoint(purposes, PURPOSES)
                    ? Optional.empty()
                    : Optional.of(end + " is not for IKE by its extendedKeyUsage, which has " + String.join(", ", purposes)
                            + ", expected ipsecIKE, serverAuth, clientAuth or any");
        } catch (GeneralSecurityException misshapen) {
            return Optional.of(end + " has an extendedKeyUsage that cannot be read");
        }
    }

    /** Whether {@code end} is {@code identity}'s; a sentence if not (R24). */
    static Optional<String> objectionToIdentity(ParsedCertificate end, Identity identity) {
        return CertifiedIdentities.isOf(end, identity)
                ? Optional.empty()
                : Optional.of("the identity '" + identity + "' is not in " + end + ", which is " + CertifiedIdentities.text(end));
    }
}
