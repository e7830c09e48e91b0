package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.TokenAbsent;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.TokenUri;

/** Two gateways, whom a root vouches for by way of another authority, and a policy set with the files that it names. */
abstract class StoreFixture {
    static final Clock CLOCK = Clock.fixed(TestPki.NOW, ZoneOffset.UTC);

    final Holder root = TestPki.authority("O=Example, CN=Root").selfSigned();
    final Holder middle = TestPki.authority("O=Example, CN=Middle").issuedBy(root);
    final Holder other = TestPki.authority("CN=Other").selfSigned();
    final Holder moon = TestPki.end("O=Example, CN=moon").dns("moon.example.org").issuedBy(middle);
    final Holder sun = TestPki.end("O=Example, CN=sun").dns("sun.example.org").email("sun@example.org").ip("192.0.2.2").ip("2001:db8::2").issuedBy(middle);
    final Files files = new Files();
    final RevocationMemory memory = new RevocationMemory();

    /** What files hold, by their names. */
    static final class Files implements CredentialStore.Source {
        private final Map<String, String> texts = new HashMap<>();

        Files put(String name, String text) {
            texts.put(name, text);
            return this;
        }

        private byte[] octets(Path path) throws IOException {
            String text = texts.get(path.toString());
            if (text == null) {
                throw new IOException("cannot be read: there is no file " + path);
            }
            return text.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public Secret secret(SecretRef ref) throws IOException {
            return Secret.take(octets(((SecretRef.FromFile) ref).path()));
        }

        @Override
        public TokenKey token(TokenUri uri, Optional<Secret> pin) throws IOException {
            throw new TokenAbsent("is out");
        }

        @Override
        public Secret privateKey(SecretRef ref) throws IOException {
            return ref instanceof SecretRef.InToken(TokenUri uri)
                    ? Secret.take(uri.toString().getBytes(StandardCharsets.ISO_8859_1)) : Secret.take(octets(((SecretRef.FromFile) ref).path()));
        }

        @Override
        public byte[] certificate(CertificateRef ref) throws IOException {
            return octets(((CertificateRef.FromFile) ref).path());
        }
    }

    static CertificateRef file(String name) {
        return new CertificateRef.FromFile(Path.of(name));
    }

    static Certification certification(List<String> certificates, String... authorities) {
        return new Certification(certificates.stream().map(StoreFixture::file).toList(), List.of(authorities), Revocation.RELAXED, List.of());
    }

    static Side side(String id, Certification certification) {
        return new Side(List.of(Host.any()), 500, Identity.parse(id), Auth.PUBKEY, Optional.empty(), certification);
    }

    static Peer peer(Side local, Side remote) {
        return Peer.of("sun", local, remote);
    }

    static Authority authority(String name) {
        return new Authority(name, file(name + ".pem"), List.of(), List.of());
    }

    static PolicySet policies(List<Authority> authorities, List<String> certificates, List<String> keys, Peer... peers) {
        return new PolicySet(Arrays.asList(peers), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN,
                new PublicKeys(authorities, certificates.stream().map(StoreFixture::file).toList(), List.of(),
                        keys.stream().map(StoreFixture::key).toList(), List.of()));
    }

    /** {@code moon.key}, or with a passphrase {@code moon.key/moon.pass}. */
    static PrivateKeyRef key(String name) {
        String[] parts = name.split("/");
        return new PrivateKeyRef(new SecretRef.FromFile(Path.of(parts[0])),
                parts.length == 1 ? Optional.empty() : Optional.of(new SecretRef.FromFile(Path.of(parts[1]))));
    }

    CredentialStore store(PolicySet policies) throws PskStore.Unreadable {
        return CredentialStore.load(policies, files, CLOCK, memory);
    }

    List<String> problems(PolicySet policies) {
        try {
            store(policies).close();
            return List.of();
        } catch (PskStore.Unreadable unreadable) {
            return unreadable.problems();
        }
    }

    CredentialStore usual(Peer peer) throws PskStore.Unreadable {
        files.put("root.pem", root.pem()).put("other.pem", other.pem()).put("middle.pem", middle.pem())
                .put("moon.pem", moon.pem()).put("moon.key", moon.keyPem()).put("sun.pem", sun.pem());
        return store(policies(List.of(authority("root"), authority("other")), List.of("middle.pem"), List.of("moon.key"), peer));
    }

    static Peer ordinary() {
        return peer(side("moon.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of(), "root")));
    }
}
