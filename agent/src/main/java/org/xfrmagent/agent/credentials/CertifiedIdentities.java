package org.xfrmagent.agent.credentials;

import java.net.InetAddress;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.model.Identity;

/**
 * Whose a certificate is: its subject, and its subjectAltNames, each an identity of its own kind (RFC 4945, section 5.1.3.6 and RFC 7296,
 * section 4). A common name that looks like a host's is not taken for one, and a wildcard stands for nobody.
 */
final class CertifiedIdentities {
    private static final int RFC822_NAME = 1;
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private CertifiedIdentities() {}

    static List<Identity> of(ParsedCertificate certificate) {
        List<Identity> identities = new ArrayList<>();
        X509Certificate x509 = certificate.x509();
        if (!x509.getSubjectX500Principal().getName().isEmpty()) {
            Identity.fromWire(Identity.ID_DER_ASN1_DN, x509.getSubjectX500Principal().getEncoded()).ifPresent(identities::add);
        }
        try {
            Collection<List<?>> names = x509.getSubjectAlternativeNames();
            if (names != null) {
                names.forEach(name -> named((Integer) name.getFirst(), name.get(1)).filter(identity -> !identity.isPattern()).ifPresent(identities::add));
            }
        } catch (CertificateParsingException misshapen) {
            return List.of();
        }
        return List.copyOf(identities);
    }

    private static Optional<Identity> named(int kind, Object value) {
        try {
            return switch (kind) {
                case RFC822_NAME -> Optional.of(new Identity.Email((String) value));
                case DNS_NAME -> Optional.of(new Identity.Fqdn((String) value));
                case IP_ADDRESS -> Optional.of(new Identity.Ip(InetAddress.ofLiteral((String) value)));
                default -> Optional.empty();
            };
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    /** Whether {@code certificate} is {@code identity}'s: all of the identity must be in it, and its kind. */
    static boolean isOf(ParsedCertificate certificate, Identity identity) {
        return !(identity instanceof Identity.Any) && of(certificate).contains(identity);
    }

    /** Whose it is, for a sentence. */
    static String text(ParsedCertificate certificate) {
        List<Identity> identities = of(certificate);
        return identities.isEmpty() ? "nobody's" : "of " + String.join(", ", identities.stream().limit(8).map(each -> "'" + each + "'").toList());
    }
}
