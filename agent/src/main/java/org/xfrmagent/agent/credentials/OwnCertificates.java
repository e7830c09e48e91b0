package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.agent.crypto.TokenAbsent;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.agent.engine.core.Credentials.Own;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.TokenUri;

/** Our certificates, each with the private key that belongs to it and the certificates that lead to its authority; and our keys that have none. */
final class OwnCertificates implements AutoCloseable {
    private final List<Keyed> keyed;
    private final CertificateFiles files;
    /** By what sentences call them. */
    private final Map<String, Secret> keys;
    /** By the id of their public half. */
    private final Map<Bytes, SigningKey> signing;

    /**
     * @param chain {@code certificate} first, then those that lead to its authority, which is not among them
     * @param issuers names, and hashes of keys, of all who have issued one of the chain: by these a peer asks
     */
    private record Keyed(ParsedCertificate certificate, List<ParsedCertificate> chain, Set<Bytes> issuers, SigningKey key) {
        static Keyed of(ParsedCertificate certificate, List<ParsedCertificate> all, SigningKey key) {
            List<ParsedCertificate> chain = leading(certificate, all);
            Stream<Bytes> names = chain.stream().map(each -> Bytes.wrap(each.x509().getIssuerX500Principal().getEncoded()));
            Stream<Bytes> hashes = Stream.concat(chain.stream().skip(1), all.stream().filter(each -> each.isAuthority() && chain.getLast().isSignedBy(each)))
                    .map(ParsedCertificate::keyHash);
            return new Keyed(certificate, chain, Stream.concat(names, hashes).collect(Collectors.toUnmodifiableSet()), key);
        }

        Own own() {
            return new Own(chain.stream().map(ParsedCertificate::der).toList(), key);
        }

        boolean leadsTo(List<Bytes> asked) {
            return asked.stream().anyMatch(issuers::contains);
        }
    }

    private OwnCertificates(List<Keyed> keyed, CertificateFiles files, Map<String, Secret> keys, Map<Bytes, SigningKey> signing) {
        this.keyed = List.copyOf(keyed);
        this.files = files;
        this.keys = Map.copyOf(keys);
        this.signing = Map.copyOf(signing);
    }

    /** Where the octets of a private key come from, PEM or DER, and those of its passphrase. */
    interface Source {
        /** @throws IOException with a sentence that names the reference and has nothing of the key */
        Secret privateKey(SecretRef ref) throws IOException;

        /** @throws IOException likewise */
        Secret secret(SecretRef ref) throws IOException;

        /**
         * A private key that stays in its token.
         *
         * @param pin stays the caller's
         * @throws IOException with the rest of a sentence that begins with the reference
         */
        default TokenKey token(TokenUri uri, Optional<Secret> pin) throws IOException {
            throw new IOException("is in a token, and there are none here");
        }
    }

    /**
     * Reads the keys; those of {@code containers} become ours.
     *
     * @param absent gets a sentence for each token that cannot be had now, by its URI
     * @param problems gets a sentence for each key that cannot be used, and for each peer that has no certificate with a key and its own id
     */
    static OwnCertificates read(
            PolicySet policies, CertificateFiles files, Map<PrivateKeyRef, ContainerFile> containers, Source source, Map<TokenUri, String> absent,
            List<String> problems) {
        Map<String, Secret> keys = new LinkedHashMap<>();
        Map<Bytes, SigningKey> signing = new LinkedHashMap<>();
        List<Keyed> keyed = new ArrayList<>();
        List<ParsedCertificate> all = files.all();
        Map<String, PrivateKeyFile> found = new LinkedHashMap<>();
        for (PrivateKeyRef ref : policies.publicKeys().keys()) {
            try {
                Secret octets = source.privateKey(ref.from());
                if (TokenPlace.isOne(octets)) {
                    keys.put("the key " + ref, place(ref, octets, source));
                } else {
                    found.put("the key " + ref, file(ref, octets, source));
                }
            } catch (IOException unreadable) {
                problems.add(String.valueOf(unreadable.getMessage()));
            } catch (IllegalArgumentException noKey) {
                problems.add("the key " + ref + " " + noKey.getMessage());
            }
        }
        containers.forEach((ref, container) -> container.keys().forEach(key -> found.put("a key in " + ref + " (" + key.id().toHex() + ")", key)));
        Map.copyOf(keys).forEach((name, place) -> {
            try {
                TokenKey key = inToken(place, source);
                signing.put(PublicKeyFile.read(key.publicKey().toArray()).id(), key);
            } catch (TokenAbsent later) {
                absent.put(TokenPlace.uri(place), name + " " + later.getMessage());
                keys.remove(name);
                place.wipe();
            } catch (IOException | IllegalArgumentException refused) {
                problems.add(name + " " + refused.getMessage());
            }
        });
        found.forEach((name, file) -> {
            keys.put(name, file.pkcs8());
            try {
                signing.put(file.id(), SigningKeys.of(file.pkcs8()));
            } catch (UnusableKey other) {
                problems.add(name + " cannot be used: " + other.reason());
            }
        });
        signing.forEach((id, key) -> all.stream()
                .filter(certificate -> certificate.keyId().equals(id) && SigningKeys.belong(key, certificate.x509().getPublicKey()))
                .forEach(certificate -> keyed.add(Keyed.of(certificate, all, key))));
        OwnCertificates own = new OwnCertificates(keyed, files, keys, signing);
        policies.peers().forEach(peer -> own.check(peer, absent.isEmpty(), problems));
        return own;
    }

    /** With the PIN, if the policy refers to one. */
    private static Secret place(PrivateKeyRef ref, Secret place, Source source) throws IOException {
        if (ref.passphrase().isEmpty()) {
            return place;
        }
        Secret pin = source.secret(ref.passphrase().get());
        try {
            return TokenPlace.of(TokenPlace.uri(place), Optional.of(pin));
        } finally {
            pin.wipe();
            place.wipe();
        }
    }

    private static TokenKey inToken(Secret place, Source source) throws IOException {
        Optional<Secret> pin = TokenPlace.pin(place);
        try {
            return source.token(TokenPlace.uri(place), pin);
        } finally {
            pin.ifPresent(Secret::wipe);
        }
    }

    private static PrivateKeyFile file(PrivateKeyRef ref, Secret file, Source source) throws IOException {
        byte[] octets = file.copy();
        Optional<Secret> passphrase = Optional.empty();
        try {
            passphrase = ref.passphrase().isPresent() ? Optional.of(source.secret(ref.passphrase().get())) : Optional.empty();
            return PrivateKeyFile.read(octets, passphrase);
        } finally {
            Arrays.fill(octets, (byte) 0);
            file.wipe();
            passphrase.ifPresent(Secret::wipe);
        }
    }

    private static List<ParsedCertificate> leading(ParsedCertificate end, List<ParsedCertificate> all) {
        List<ParsedCertificate> chain = new ArrayList<>(List.of(end));
        while (chain.size() < PathFinder.LONGEST) {
            ParsedCertificate last = chain.getLast();
            Optional<ParsedCertificate> issuer = all.stream()
                    .filter(each -> each.isAuthority() && !each.isSelfIssued() && !chain.contains(each) && last.isSignedBy(each))
                    .findFirst();
            if (issuer.isEmpty()) {
                break;
            }
            chain.add(issuer.get());
        }
        return List.copyOf(chain);
    }

    /**
     * R24: whoever we say we are must be in what we show, which of several certificates is one that has it ({@link #find}).
     *
     * @param complete whether all keys are there: one of a token that is not may be anybody's
     */
    private void check(Peer peer, boolean complete, List<String> problems) {
        Identity id = peer.local().id();
        Map<CertificateRef, ParsedCertificate> meant = files.byMeaning(peer.local().certification().certificates());
        boolean confirmed = id instanceof Identity.Any || meant.values().stream().anyMatch(certificate -> CertifiedIdentities.isOf(certificate, id));
        meant.forEach((ref, certificate) -> {
            // Who loads a connection over the control socket may load its key later, or take it away before it.
            boolean loaded = ref instanceof CertificateRef.Loaded;
            if (complete && !loaded && keyed.stream().noneMatch(each -> each.certificate().equals(certificate))) {
                problems.add("peer '" + peer.name() + "': local certificate " + ref + " has no private key: none under 'keys' has its public half");
            }
            if (!confirmed) {
                problems.add("peer '" + peer.name() + "': local id '" + id + "' is not in its certificate " + ref + ", which is "
                        + CertifiedIdentities.text(certificate));
            }
        });
        peer.local().certification().publicKeys().stream()
                .filter(ref -> complete && !(ref instanceof CertificateRef.Loaded) && files.keys(List.of(ref)).stream().anyMatch(each -> signer(each).isEmpty()))
                .forEach(ref -> problems.add("peer '" + peer.name() + "': local public key " + ref + " has no private key: none under 'keys' belongs to it"));
    }

    private Optional<SigningKey> signer(PublicKeyFile open) {
        try {
            PublicKey key = VerifyingKeys.publicKey(open.der());
            return Optional.ofNullable(signing.get(open.id())).filter(mine -> SigningKeys.belong(mine, key));
        } catch (UnusableKey impossible) {
            return Optional.empty();
        }
    }

    /** See {@link org.xfrmagent.agent.engine.core.Credentials#own}. */
    Optional<Own> find(Peer peer, Identity local, List<Bytes> asked) {
        Certification certification = peer.local().certification();
        if (certification.isByPublicKey()) {
            return files.keys(certification.publicKeys()).stream().flatMap(open -> signer(open).stream()).findFirst().map(key -> new Own(List.of(), key));
        }
        List<ParsedCertificate> wanted = files.meant(certification.certificates());
        List<Keyed> mine = keyed.stream()
                .filter(each -> wanted.isEmpty() || wanted.contains(each.certificate()))
                .filter(each -> CertifiedIdentities.isOf(each.certificate(), local))
                .toList();
        return mine.stream().filter(each -> each.leadsTo(asked)).findFirst().or(() -> mine.stream().findFirst()).map(Keyed::own);
    }

    /** Those that have a key. */
    List<ParsedCertificate> certificates() {
        return keyed.stream().map(Keyed::certificate).distinct().toList();
    }

    /** Whether every name stands for the same key in both. */
    boolean hasTheKeysOf(OwnCertificates other) {
        return keys.equals(other.keys);
    }

    /** Wipes the private keys. */
    @Override
    public void close() {
        keys.values().forEach(Secret::wipe);
    }
}
