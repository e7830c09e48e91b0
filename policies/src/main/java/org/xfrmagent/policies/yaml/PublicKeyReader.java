package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

import org.xfrmagent.policies.grammar.CertificateGrammar;
import org.xfrmagent.policies.grammar.Located;
import org.xfrmagent.policies.grammar.Named;
import org.xfrmagent.policies.grammar.PeerGrammar;
import org.xfrmagent.policies.grammar.Section;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.SecretRef;

/** Authorities, certificates and private keys of all files, with their places: each file and each reference once. */
final class PublicKeyReader {
    private final List<Located<Authority>> authorities = new ArrayList<>();
    private final List<String> names = new ArrayList<>();
    private final Map<CertificateRef, Located<CertificateRef>> certificates = new LinkedHashMap<>();
    private final Map<CertificateRef, Located<CertificateRef>> crls = new LinkedHashMap<>();
    private final Map<CertificateRef, Located<CertificateRef>> attributes = new LinkedHashMap<>();
    private final Map<CertificateRef, Located<CertificateRef>> attributeAuthorities = new LinkedHashMap<>();
    private final Map<CertificateRef, Located<CertificateRef>> sides = new LinkedHashMap<>();
    private final Map<CertificateRef, Located<CertificateRef>> open = new LinkedHashMap<>();
    private final Map<SecretRef, Located<PrivateKeyRef>> keys = new LinkedHashMap<>();
    private final Map<SecretRef, Located<PrivateKeyRef>> containers = new LinkedHashMap<>();

    void authority(Named named, Path folder) {
        Section section = named.section();
        names.add(named.name());
        section.get(CertificateGrammar.CA).ifPresent(certificate -> authorities.add(new Located<>(
                new Authority(named.name(), CertificationReader.absolute(certificate.value(), folder),
                        section.get(CertificateGrammar.CRL_URIS).orElse(List.of()), section.get(CertificateGrammar.OCSP_URIS).orElse(List.of())),
                named.at())));
    }

    /** The lists at the top of a file. */
    void lists(Section file, Path folder) {
        file.get(CertificateGrammar.CERTIFICATES).orElse(List.of()).forEach(each -> add(certificates, each, folder));
        file.get(CertificateGrammar.CRLS).orElse(List.of()).forEach(each -> add(crls, each, folder));
        file.get(CertificateGrammar.ATTRIBUTE_CERTIFICATES).orElse(List.of()).forEach(each -> add(attributes, each, folder));
        file.get(CertificateGrammar.ATTRIBUTE_AUTHORITIES).orElse(List.of()).forEach(each -> add(attributeAuthorities, each, folder));
        file.get(CertificateGrammar.KEYS).orElse(List.of()).forEach(each -> key(keys, each, folder));
        file.get(CertificateGrammar.CONTAINERS).orElse(List.of()).forEach(each -> key(containers, each, folder));
    }

    /** What the two sides of a peer name: their certificates are for them alone, a key is wherever its certificate is. */
    void peer(Section peer, Path folder) {
        Stream.of(PeerGrammar.LOCAL, PeerGrammar.REMOTE).flatMap(key -> peer.get(key).stream()).forEach(side -> {
            side.get(CertificateGrammar.CERTIFICATE).orElse(List.of()).forEach(each -> add(sides, each, folder));
            side.get(CertificateGrammar.PUBLIC_KEY).orElse(List.of()).forEach(each -> add(open, each, folder));
            side.get(CertificateGrammar.KEY).orElse(List.of()).forEach(each -> key(keys, each, folder));
        });
    }

    /** What another has read, after this. */
    void add(PublicKeyReader other) {
        authorities.addAll(other.authorities);
        names.addAll(other.names);
        other.certificates.forEach(certificates::putIfAbsent);
        other.crls.forEach(crls::putIfAbsent);
        other.attributes.forEach(attributes::putIfAbsent);
        other.attributeAuthorities.forEach(attributeAuthorities::putIfAbsent);
        other.sides.forEach(sides::putIfAbsent);
        other.open.forEach(open::putIfAbsent);
        other.keys.forEach((ref, key) -> keys.merge(ref, key, PublicKeyReader::withPassphrase));
        other.containers.forEach((ref, key) -> containers.merge(ref, key, PublicKeyReader::withPassphrase));
    }

    private static void add(Map<CertificateRef, Located<CertificateRef>> to, Located<CertificateRef> read, Path folder) {
        CertificateRef ref = CertificationReader.absolute(read.value(), folder);
        to.putIfAbsent(ref, new Located<>(ref, read.at()));
    }

    private static void key(Map<SecretRef, Located<PrivateKeyRef>> to, Section read, Path folder) {
        read.get(CertificateGrammar.FROM).ifPresent(from -> {
            SecretRef ref = CertificationReader.absolute(from.value(), folder);
            Optional<SecretRef> passphrase = read.get(CertificateGrammar.PASSPHRASE).map(each -> CertificationReader.absolute(each.value(), folder));
            to.merge(ref, new Located<>(new PrivateKeyRef(ref, passphrase), from.at()), PublicKeyReader::withPassphrase);
        });
    }

    /** Named twice, it may have its passphrase in one place only. */
    private static Located<PrivateKeyRef> withPassphrase(Located<PrivateKeyRef> one, Located<PrivateKeyRef> other) {
        return one.value().passphrase().isPresent() ? one : other;
    }

    /** Of all authorities, those with problems too. */
    List<String> names() {
        return List.copyOf(names);
    }

    List<Located<Authority>> authorities() {
        return List.copyOf(authorities);
    }

    /** Every certificate that is named anywhere, but for those of authorities for certificates. */
    List<Located<CertificateRef>> certificates() {
        return Stream.of(certificates, sides, attributeAuthorities).flatMap(each -> each.values().stream()).toList();
    }

    /** Attribute certificates. */
    List<Located<CertificateRef>> attributes() {
        return List.copyOf(attributes.values());
    }

    /** Public keys of sides. */
    List<Located<CertificateRef>> open() {
        return List.copyOf(open.values());
    }

    List<Located<CertificateRef>> crls() {
        return List.copyOf(crls.values());
    }

    List<Located<PrivateKeyRef>> keys() {
        return List.copyOf(keys.values());
    }

    List<Located<PrivateKeyRef>> containers() {
        return List.copyOf(containers.values());
    }

    PublicKeys read() {
        return new PublicKeys(authorities.stream().map(Located::value).toList(), List.copyOf(certificates.keySet()),
                List.copyOf(crls.keySet()), keys().stream().map(Located::value).toList(), containers().stream().map(Located::value).toList(),
                List.copyOf(attributes.keySet()), List.copyOf(attributeAuthorities.keySet()));
    }
}
