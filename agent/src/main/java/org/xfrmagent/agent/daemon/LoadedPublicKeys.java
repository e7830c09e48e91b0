package org.xfrmagent.agent.daemon;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.CertificateFacts;
import org.xfrmagent.agent.credentials.PrivateKeyFile;
import org.xfrmagent.agent.credentials.PublicKeyFile;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.convert.Settings;

/**
 * Certificates, public and private keys that clients of the control socket have loaded: each once, whoever has named it. A change makes another one.
 *
 * @param certificates by the SHA-256 of their DER
 * @param open public keys without certificates, likewise
 * @param crls lists of revoked certificates, likewise
 * @param attributes attribute certificates, likewise
 * @param keys private ones, by the SHA-1 of the public half's bits, as PKCS #8, or what stands for one in a token
 * @param authorities by name
 */
public record LoadedPublicKeys(
        Map<String, Certificate> certificates, Map<String, OpenKey> open, Map<String, Bytes> crls, Map<String, Bytes> attributes,
        Map<String, Secret> keys, Map<String, Authority> authorities) {
    static final LoadedPublicKeys NOTHING = new LoadedPublicKeys(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Map.of());

    /** What a certificate was loaded as. */
    public enum Use {
        /** Of an end, or of an authority that leads to one that is believed. */
        NONE,
        /** Of an authority that is believed. */
        CA,
        /** Of an authority for attributes. */
        AA,
        /** Of somebody who is asked about certificates. */
        OCSP,
        /** Named by a connection or an authority only, and kept as long as that is. */
        NAMED
    }

    /** A certificate, and what it was loaded as. */
    public record Certificate(CertificateFacts facts, Use use) {}

    /** A public key, and whether it was loaded for its own sake ({@link Use#NONE}) or named by a connection only ({@link Use#NAMED}). */
    public record OpenKey(PublicKeyFile file, Use use) {}

    /**
     * An authority with places of its own to ask.
     *
     * @param certificate the hash of its certificate
     * @param certUriBase where certificates can be fetched by their hash, which nobody does
     */
    public record Authority(String certificate, List<String> crls, List<String> ocsps, Optional<String> certUriBase) {
        public Authority {
            crls = List.copyOf(crls);
            ocsps = List.copyOf(ocsps);
        }

        Settings section() {
            Map<String, String> values = new LinkedHashMap<>();
            values.put("cacert", LoadedConversion.reference(certificate));
            values.put("crl_uris", String.join(",", crls));
            values.put("ocsp_uris", String.join(",", ocsps));
            certUriBase.ifPresent(base -> values.put("cert_uri_base", base));
            return LoadedConversion.settings(values, Map.of());
        }
    }

    LoadedPublicKeys withCertificate(CertificateFacts facts, Use use) {
        Certificate known = certificates.get(facts.hash());
        return known != null && (use == Use.NAMED || known.use() == use)
                ? this
                : new LoadedPublicKeys(changed(certificates, map -> map.put(facts.hash(), new Certificate(facts, use))), open, crls, attributes, keys, authorities);
    }

    LoadedPublicKeys withPublicKey(PublicKeyFile key, Use use) {
        OpenKey known = open.get(key.hash());
        return known != null && (use == Use.NAMED || known.use() == use)
                ? this
                : new LoadedPublicKeys(certificates, changed(open, map -> map.put(key.hash(), new OpenKey(key, use))), crls, attributes, keys, authorities);
    }

    LoadedPublicKeys withCrl(Bytes crl) {
        return new LoadedPublicKeys(certificates, open, changed(crls, map -> map.put(Hashes.sha256(crl).toHex(), crl)), attributes, keys, authorities);
    }

    LoadedPublicKeys withAttributes(Bytes der) {
        return new LoadedPublicKeys(certificates, open, crls, changed(attributes, map -> map.put(Hashes.sha256(der).toHex(), der)), keys, authorities);
    }

    LoadedPublicKeys withKey(PrivateKeyFile key) {
        return new LoadedPublicKeys(certificates, open, crls, attributes, changed(keys, map -> map.put(key.id().toHex(), key.pkcs8())), authorities);
    }

    /** @param place of {@link org.xfrmagent.agent.credentials.TokenPlace} */
    LoadedPublicKeys withTokenKey(String id, Secret place) {
        return new LoadedPublicKeys(certificates, open, crls, attributes, changed(keys, map -> map.put(id, place)), authorities);
    }

    LoadedPublicKeys withoutKey(String id) {
        return new LoadedPublicKeys(certificates, open, crls, attributes, changed(keys, map -> map.remove(id)), authorities);
    }

    LoadedPublicKeys withAuthority(String name, Authority authority) {
        return new LoadedPublicKeys(certificates, open, crls, attributes, keys, changed(authorities, map -> map.put(name, authority)));
    }

    LoadedPublicKeys withoutAuthority(String name) {
        return new LoadedPublicKeys(certificates, open, crls, attributes, keys, changed(authorities, map -> map.remove(name)));
    }

    /** Without all that was loaded for its own sake. */
    LoadedPublicKeys cleared() {
        Map<String, Certificate> named = new LinkedHashMap<>();
        certificates.forEach((hash, certificate) -> named.put(hash, new Certificate(certificate.facts(), Use.NAMED)));
        Map<String, OpenKey> open = new LinkedHashMap<>();
        this.open.forEach((hash, key) -> open.put(hash, new OpenKey(key.file(), Use.NAMED)));
        return new LoadedPublicKeys(Collections.unmodifiableMap(named), Collections.unmodifiableMap(open), Map.of(), Map.of(), Map.of(), authorities);
    }

    /** Without certificates and public keys that somebody named who is gone. */
    LoadedPublicKeys keeping(Supplier<Set<String>> all) {
        if (certificates.isEmpty() && open.isEmpty()) {
            return this;
        }
        Set<String> references = all.get();
        Set<String> ofAuthorities = Set.copyOf(authorities.values().stream().map(Authority::certificate).toList());
        return new LoadedPublicKeys(
                changed(certificates, map -> map.entrySet().removeIf(each -> each.getValue().use() == Use.NAMED
                        && !references.contains(LoadedConversion.reference(each.getKey())) && !ofAuthorities.contains(each.getKey()))),
                changed(open, map -> map.entrySet().removeIf(each -> each.getValue().use() == Use.NAMED
                        && !references.contains(LoadedConversion.reference(each.getKey())))),
                crls, attributes, keys, authorities);
    }

    private static <K, V> Map<K, V> changed(Map<K, V> map, Consumer<Map<K, V>> change) {
        Map<K, V> copy = new LinkedHashMap<>(map);
        change.accept(copy);
        return Collections.unmodifiableMap(copy);
    }

    boolean isEmpty() {
        return certificates.isEmpty() && open.isEmpty() && crls.isEmpty() && attributes.isEmpty() && keys.isEmpty() && authorities.isEmpty();
    }

    /** The DER of a certificate of either kind, public key or list, by its hash. */
    Optional<Bytes> der(String hash) {
        return Stream.of(Optional.ofNullable(certificates.get(hash)).map(each -> each.facts().der()),
                        Optional.ofNullable(open.get(hash)).map(each -> each.file().der()), Optional.ofNullable(crls.get(hash)),
                        Optional.ofNullable(attributes.get(hash)))
                .flatMap(Optional::stream).findFirst();
    }

    /** In the words of the conversion: as charon does, every authority that was loaded as one is believed. */
    LoadedConversion.PublicKeys convert() {
        Map<String, Settings> sections = new LinkedHashMap<>();
        authorities.forEach((name, authority) -> sections.put(name, authority.section()));
        return new LoadedConversion.PublicKeys(of(Use.CA), Stream.of(Use.NONE, Use.OCSP).flatMap(use -> of(use).stream()).toList(),
                List.copyOf(crls.keySet()), List.copyOf(attributes.keySet()), of(Use.AA), List.copyOf(keys.keySet()), sections);
    }

    private List<String> of(Use use) {
        return certificates.entrySet().stream().filter(each -> each.getValue().use() == use).map(Map.Entry::getKey).toList();
    }
}
