package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;

/**
 * Every certificate and CRL that a policy set refers to, read once.
 *
 * @param certificates what each reference stands for: first the one that is meant, then others
 * @param crls those of {@link org.xfrmagent.policies.model.PublicKeys#crls}
 */
record CertificateFiles(Map<CertificateRef, List<ParsedCertificate>> certificates, List<RevocationList> crls) {
    private static final Set<String> CERTIFICATE = Set.of(Pem.NONE, "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");
    private static final Set<String> CRL = Set.of(Pem.NONE, "X509 CRL", "CRL");

    CertificateFiles {
        certificates = Map.copyOf(certificates);
        crls = List.copyOf(crls);
    }

    /** Where the octets of a reference come from: PEM or DER. */
    @FunctionalInterface
    interface Source {
        /** @throws IOException with the rest of a sentence that begins with the reference */
        byte[] certificate(CertificateRef ref) throws IOException;
    }

    /** @param problems gets a sentence for each that cannot be read */
    static CertificateFiles read(PolicySet policies, Source source, List<String> problems) {
        Map<CertificateRef, List<ParsedCertificate>> certificates = new LinkedHashMap<>();
        for (CertificateRef ref : references(policies)) {
            List<ParsedCertificate> read = new ArrayList<>();
            for (Bytes der : blocks("the certificate ", ref, CERTIFICATE, source, problems)) {
                ParsedCertificate.read(der).ifPresentOrElse(read::add, () -> problems.add("the certificate " + ref + " has something in it that is no X.509 certificate"));
            }
            certificates.put(ref, List.copyOf(read));
        }
        List<RevocationList> crls = new ArrayList<>();
        for (CertificateRef ref : policies.publicKeys().crls()) {
            for (Bytes der : blocks("the CRL ", ref, CRL, source, problems)) {
                RevocationList.read(der).ifPresentOrElse(crls::add, () -> problems.add("the CRL " + ref + " has something in it that is no list of revoked certificates"));
            }
        }
        return new CertificateFiles(certificates, crls);
    }

    private static Set<CertificateRef> references(PolicySet policies) {
        return new LinkedHashSet<>(Stream.of(
                        policies.publicKeys().authorities().stream().map(Authority::certificate),
                        policies.publicKeys().certificates().stream(),
                        policies.peers().stream().map(Peer::local).flatMap(side -> side.certification().certificates().stream()),
                        policies.peers().stream().map(Peer::remote).flatMap(side -> side.certification().certificates().stream()))
                .flatMap(each -> each)
                .toList());
    }

    private static List<Bytes> blocks(String noun, CertificateRef ref, Set<String> labels, Source source, List<String> problems) {
        try {
            List<Bytes> found = Pem.read(source.certificate(ref)).stream().filter(block -> labels.contains(block.label())).map(Pem.Block::octets).toList();
            if (found.isEmpty()) {
                problems.add(noun + ref + " has none in it");
            }
            return found;
        } catch (IOException | IllegalArgumentException unreadable) {
            problems.add(noun + ref + " " + unreadable.getMessage());
            return List.of();
        }
    }

    /** All that {@code refs} stand for. */
    List<ParsedCertificate> all(List<CertificateRef> refs) {
        return refs.stream().flatMap(ref -> certificates.getOrDefault(ref, List.of()).stream()).distinct().toList();
    }

    /** The ones that {@code refs} mean. */
    List<ParsedCertificate> meant(List<CertificateRef> refs) {
        return refs.stream().flatMap(ref -> certificates.getOrDefault(ref, List.of()).stream().limit(1)).distinct().toList();
    }

    /** The ones that {@code refs} mean, with their references. */
    Map<CertificateRef, ParsedCertificate> byMeaning(List<CertificateRef> refs) {
        Map<CertificateRef, ParsedCertificate> found = new LinkedHashMap<>();
        refs.forEach(ref -> meant(List.of(ref)).forEach(certificate -> found.put(ref, certificate)));
        return found;
    }

    /** Every one there is. */
    List<ParsedCertificate> all() {
        return certificates.values().stream().flatMap(List::stream).distinct().toList();
    }
}
