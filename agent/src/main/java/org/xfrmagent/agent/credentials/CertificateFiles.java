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
import org.xfrmagent.agent.crypto.TokenAbsent;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.TokenUri;

/**
 * Every certificate, public key and CRL that a policy set refers to, read once.
 *
 * @param certificates what each reference stands for: first the one that is meant, then others
 * @param contained certificates that no reference stands for: those of containers
 * @param publicKeys what references to public keys without certificates stand for
 * @param crls those of {@link org.xfrmagent.policies.model.PublicKeys#crls}
 * @param attributes attribute certificates
 */
record CertificateFiles(
        Map<CertificateRef, List<ParsedCertificate>> certificates, List<ParsedCertificate> contained, Map<CertificateRef, PublicKeyFile> publicKeys,
        List<RevocationList> crls, List<AttributeCertificate> attributes) {
    private static final Set<String> CERTIFICATE = Set.of(Pem.NONE, "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");
    private static final Set<String> CRL = Set.of(Pem.NONE, "X509 CRL", "CRL");
    private static final Set<String> ATTRIBUTES = Set.of(Pem.NONE, "ATTRIBUTE CERTIFICATE", "X509 ATTRIBUTE CERTIFICATE");

    CertificateFiles {
        certificates = Map.copyOf(certificates);
        contained = List.copyOf(contained);
        publicKeys = Map.copyOf(publicKeys);
        crls = List.copyOf(crls);
        attributes = List.copyOf(attributes);
    }

    /** Where the octets of a reference come from: PEM or DER. */
    @FunctionalInterface
    interface Source {
        /** @throws IOException with the rest of a sentence that begins with the reference */
        byte[] certificate(CertificateRef ref) throws IOException;
    }

    /**
     * @param absent gets a sentence for each token that cannot be had now, by its URI
     * @param problems gets a sentence for each that cannot be read
     */
    static CertificateFiles read(PolicySet policies, Source source, Map<TokenUri, String> absent, List<String> problems) {
        Map<CertificateRef, List<ParsedCertificate>> certificates = new LinkedHashMap<>();
        for (CertificateRef ref : references(policies)) {
            List<ParsedCertificate> read = new ArrayList<>();
            for (Bytes der : blocks("the certificate ", ref, CERTIFICATE, source, absent, problems)) {
                ParsedCertificate.read(der).ifPresentOrElse(read::add, () -> problems.add("the certificate " + ref + " has something in it that is no X.509 certificate"));
            }
            certificates.put(ref, List.copyOf(read));
        }
        List<RevocationList> crls = new ArrayList<>();
        for (CertificateRef ref : policies.publicKeys().crls()) {
            for (Bytes der : blocks("the CRL ", ref, CRL, source, absent, problems)) {
                RevocationList.read(der).ifPresentOrElse(crls::add, () -> problems.add("the CRL " + ref + " has something in it that is no list of revoked certificates"));
            }
        }
        List<AttributeCertificate> attributes = new ArrayList<>();
        for (CertificateRef ref : policies.publicKeys().attributeCertificates()) {
            for (Bytes der : blocks("the attribute certificate ", ref, ATTRIBUTES, source, absent, problems)) {
                AttributeCertificate.read(der).ifPresentOrElse(attributes::add,
                        () -> problems.add("the attribute certificate " + ref + " has something in it that is no attribute certificate of RFC 5755"));
            }
        }
        return new CertificateFiles(certificates, List.of(), publicKeys(policies, source, problems), crls, attributes);
    }

    /** With those of containers. */
    CertificateFiles with(List<ParsedCertificate> contained) {
        return new CertificateFiles(certificates, contained, publicKeys, crls, attributes);
    }

    private static Map<CertificateRef, PublicKeyFile> publicKeys(PolicySet policies, Source source, List<String> problems) {
        Map<CertificateRef, PublicKeyFile> keys = new LinkedHashMap<>();
        for (CertificateRef ref : new LinkedHashSet<>(certifications(policies).flatMap(each -> each.publicKeys().stream()).toList())) {
            try {
                keys.put(ref, PublicKeyFile.read(source.certificate(ref)));
            } catch (IOException | IllegalArgumentException unreadable) {
                problems.add("the public key " + ref + " " + unreadable.getMessage());
            }
        }
        return keys;
    }

    private static Stream<Certification> certifications(PolicySet policies) {
        return policies.peers().stream().flatMap(peer -> Stream.of(peer.local(), peer.remote())).map(Side::certification);
    }

    private static Set<CertificateRef> references(PolicySet policies) {
        return new LinkedHashSet<>(Stream.of(
                        policies.publicKeys().authorities().stream().map(Authority::certificate),
                        policies.publicKeys().certificates().stream(),
                        policies.publicKeys().attributeAuthorities().stream(),
                        certifications(policies).flatMap(each -> each.certificates().stream()))
                .flatMap(each -> each)
                .toList());
    }

    private static List<Bytes> blocks(
            String noun, CertificateRef ref, Set<String> labels, Source source, Map<TokenUri, String> absent, List<String> problems) {
        try {
            List<Bytes> found = Pem.read(source.certificate(ref)).stream().filter(block -> labels.contains(block.label())).map(Pem.Block::octets).toList();
            if (found.isEmpty()) {
                problems.add(noun + ref + " has none in it");
            }
            return found;
        } catch (TokenAbsent later) {
            if (ref instanceof CertificateRef.InToken(TokenUri uri)) {
                absent.put(uri, noun + ref + " " + later.getMessage());
            }
            return List.of();
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

    /** The public keys that {@code refs} stand for. */
    List<PublicKeyFile> keys(List<CertificateRef> refs) {
        return refs.stream().flatMap(ref -> Stream.ofNullable(publicKeys.get(ref))).distinct().toList();
    }

    /** Every certificate there is. */
    List<ParsedCertificate> all() {
        return Stream.concat(certificates.values().stream().flatMap(List::stream), contained.stream()).distinct().toList();
    }
}
