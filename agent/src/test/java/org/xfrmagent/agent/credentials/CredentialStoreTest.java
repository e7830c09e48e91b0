package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.Side;

/** Certificates and keys of a policy set: which is ours for whom, and whose a peer's is. */
class CredentialStoreTest extends StoreFixture {
    private static final Bytes OCTETS = Bytes.hex("0102");

    // ---- ours

    @Test
    void weShowOurCertificateAndThoseThatLeadToItsRoot() throws PskStore.Unreadable, UnusableKey {
        CredentialStore store = usual(ordinary());
        Credentials.Own own = store.own(ordinary(), Identity.parse("moon.example.org"), List.of()).orElseThrow();
        assertThat(own.chain()).containsExactly(moon.der(), middle.der());
        assertThat(VerifyingKeys.ofCertificate(moon.der()).verifies(SignatureScheme.ECDSA_SHA256, OCTETS, own.key().sign(SignatureScheme.ECDSA_SHA256, OCTETS)))
                .isTrue();
        assertThat(store.own(ordinary(), Identity.parse("mars.example.org"), List.of())).isEmpty();
        assertThat(store).hasToString("CredentialStore[PskStore[0 keys], 1 certificates]");
    }

    @Test
    void ofSeveralThePeersRequestChooses() throws PskStore.Unreadable {
        Holder second = TestPki.end("CN=moon 2").dns("moon.example.org").key(KeyKind.P384).issuedBy(other);
        files.put("root.pem", root.pem()).put("other.pem", other.pem()).put("moon.pem", moon.pem() + middle.pem()).put("moon.key", moon.keyPem())
                .put("second.pem", second.pem()).put("second.key", second.keyPem());
        Peer peer = peer(side("moon.example.org", certification(List.of())), side("sun.example.org", certification(List.of())));
        CredentialStore store = store(policies(List.of(authority("root"), authority("other")), List.of("moon.pem", "second.pem"), List.of("second.key", "moon.key"), peer));
        Identity id = Identity.parse("moon.example.org");
        for (Credentials.Anchor anchor : store.anchors(peer)) {
            Bytes expected = anchor.name().equals(ParsedCertificate.read(other.der()).orElseThrow().subject()) ? second.der() : moon.der();
            assertThat(store.own(peer, id, List.of(anchor.keyHash())).orElseThrow().chain().getFirst()).isEqualTo(expected);
            assertThat(store.own(peer, id, List.of(anchor.name())).orElseThrow().chain().getFirst()).isEqualTo(expected);
        }
        Bytes middleHash = ParsedCertificate.read(middle.der()).orElseThrow().keyHash();
        assertThat(store.own(peer, id, List.of(middleHash)).orElseThrow().chain()).containsExactly(moon.der(), middle.der());
        assertThat(store.own(peer, id, List.of(Bytes.hex("00"))).orElseThrow().chain().getFirst()).as("else the first").isEqualTo(second.der());
    }

    @Test
    @DisplayName("R24: what we say we are must be in what we show")
    void ourOwnIdentityMustBeInOurCertificate() {
        files.put("root.pem", root.pem()).put("moon.pem", moon.pem()).put("moon.key", moon.keyPem());
        Peer wrong = peer(side("mars.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of())));
        assertThat(problems(policies(List.of(authority("root")), List.of(), List.of("moon.key"), wrong))).containsExactly(
                "peer 'sun': local id 'mars.example.org' is not in its certificate file:moon.pem, which is of 'O=Example, CN=moon', 'moon.example.org'");
    }

    /** As with charon's {@code certs = moon.pem, mars.pem}: the one that has the identity is shown. */
    @Test
    void ofSeveralOneThatHasTheIdentityIsEnough() throws PskStore.Unreadable {
        Holder mars = TestPki.end("CN=mars").dns("mars.example.org").key(KeyKind.P384).issuedBy(root);
        files.put("root.pem", root.pem()).put("moon.pem", moon.pem()).put("moon.key", moon.keyPem()).put("mars.pem", mars.pem()).put("mars.key", mars.keyPem());
        Peer either = peer(side("mars.example.org", certification(List.of("moon.pem", "mars.pem"))), side("sun.example.org", certification(List.of())));
        CredentialStore store = store(policies(List.of(authority("root")), List.of(), List.of("moon.key", "mars.key"), either));
        assertThat(store.own(either, Identity.parse("mars.example.org"), List.of()).orElseThrow().chain()).containsExactly(mars.der());
    }

    @Test
    void everyProblemIsSaidAtOnce() {
        files.put("root.pem", moon.pem()).put("moon.pem", moon.pem()).put("sun.key", sun.keyPem()).put("text.pem", "hello").put("half.key", "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
        Peer peer = peer(side("moon.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of("absent.pem"))));
        assertThat(problems(policies(List.of(authority("root")), List.of("text.pem"), List.of("sun.key", "half.key", "absent.key"), peer))).containsExactlyInAnyOrder(
                "the certificate file:text.pem is neither PEM nor DER",
                "the certificate file:absent.pem cannot be read: there is no file absent.pem",
                "the key file:half.key is no private key in a form that is known",
                "cannot be read: there is no file absent.key",
                "peer 'sun': local certificate file:moon.pem has no private key: none under 'keys' has its public half",
                "authority 'root': the certificate 'O=Example, CN=moon' in file:root.pem is no authority's, expected one with CA in basicConstraints and keyCertSign in keyUsage");
    }

    @Test
    void aCertificateThatEndsSoonIsWarnedOf() throws PskStore.Unreadable {
        var end = TestPki.NOW.plus(Duration.ofDays(29));
        Holder brief = TestPki.end("CN=moon").dns("moon.example.org").validity(TestPki.NOW.minusSeconds(1), end).issuedBy(root);
        Holder ended = TestPki.end("CN=moon").dns("moon.example.org").validity(TestPki.NOW.minusSeconds(9), TestPki.NOW.minusSeconds(1)).issuedBy(root);
        files.put("brief.pem", brief.pem()).put("moon.key", brief.keyPem()).put("ended.pem", ended.pem());
        assertThat(store(policies(List.of(), List.of("brief.pem", "ended.pem"), List.of("moon.key"))).warnings()).containsExactlyInAnyOrder(
                "of ours: the certificate 'CN=moon' ends on " + end,
                "of ours: the certificate 'CN=moon' was valid until 2026-05-31T23:59:59Z, and now is 2026-06-01T00:00:00Z");
        assertThat(usual(ordinary()).warnings()).isEmpty();
    }

    @Test
    void whatIsWipedSignsNoMore() throws PskStore.Unreadable {
        CredentialStore store = usual(ordinary());
        SigningKey key = store.own(ordinary(), Identity.parse("moon.example.org"), List.of()).orElseThrow().key();
        store.close();
        assertThatThrownBy(() -> key.sign(SignatureScheme.ECDSA_SHA256, OCTETS)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void storesAreTheSameIfTheirFilesAre() throws PskStore.Unreadable {
        CredentialStore before = usual(ordinary());
        CredentialStore same = usual(ordinary());
        assertThat(same.holdsTheKeysOf(before)).isTrue();
        assertThat(same.holdsTheCertificatesOf(before)).isTrue();
        files.put("middle.pem", TestPki.authority("O=Example, CN=Middle").serial(7).issuedBy(root).pem());
        CredentialStore after = reread();
        assertThat(after.holdsTheKeysOf(before)).isTrue();
        assertThat(after.holdsTheCertificatesOf(before)).isFalse();
    }

    private CredentialStore reread() throws PskStore.Unreadable {
        return store(policies(List.of(authority("root"), authority("other")), List.of("middle.pem"), List.of("moon.key"), ordinary()));
    }

    // ---- theirs

    private String objection(Peer peer, String identity, Holder... shown) throws PskStore.Unreadable {
        return usual(peer).objection(peer, Identity.parse(identity), Arrays.stream(shown).map(Holder::der).toList()).orElse("none");
    }

    @Test
    void aPeersCertificateIsBelievedByItsAuthority() throws PskStore.Unreadable {
        assertThat(objection(ordinary(), "sun.example.org", sun, middle)).isEqualTo("none");
        assertThat(objection(ordinary(), "sun.example.org", sun)).as("the intermediate one is known").isEqualTo("none");
        assertThat(objection(ordinary(), "sun.example.org")).isEqualTo("no certificate was shown, and none is known of 'sun.example.org'");
        Peer others = peer(side("moon.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of(), "other")));
        assertThat(objection(others, "sun.example.org", sun, middle)).contains("does not lead to an authority that is believed: 'CN=Other'");
        assertThat(usual(others).anchors(others)).hasSize(1);
        assertThat(usual(ordinary()).anchors(ordinary())).containsExactly(new Credentials.Anchor(
                ParsedCertificate.read(root.der()).orElseThrow().subject(), ParsedCertificate.read(root.der()).orElseThrow().keyHash()));
    }

    @Test
    @DisplayName("R24: the whole identity, and its kind, must be in the certificate")
    void theIdentityIsInTheCertificate() throws PskStore.Unreadable {
        for (String identity : List.of("sun.example.org", "SUN.example.org", "sun@example.org", "192.0.2.2", "2001:db8::2", "O=Example, CN=sun")) {
            assertThat(objection(ordinary(), identity, sun, middle)).as(identity).isEqualTo("none");
        }
        for (String identity : List.of("moon.example.org", "example.org", "sun.example.org.", "fqdn:192.0.2.2", "192.0.2.3", "fqdn:sun",
                "CN=sun", "CN=sun, O=Example", "keyid:sun.example.org", "email:sun.example.org", "%any", "*.example.org")) {
            assertThat(objection(ordinary(), identity, sun, middle)).as(identity).startsWith("the identity '").contains("is not in the certificate 'O=Example, CN=sun'");
        }
        Holder wild = TestPki.end("CN=wild.example.org").dns("*.example.org").issuedBy(root);
        for (String identity : List.of("sun.example.org", "wild.example.org", "*.example.org")) {
            assertThat(objection(ordinary(), identity, wild)).as("neither a wildcard nor a common name is %s", identity).contains("is not in");
        }
    }

    @Test
    void aPinnedCertificateIsBelievedAsItIs() throws PskStore.Unreadable {
        Peer pinned = peer(side("moon.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of("sun.pem"))));
        assertThat(objection(pinned, "sun.example.org", sun)).isEqualTo("none");
        assertThat(objection(pinned, "sun.example.org", TestPki.end("CN=sun").dns("sun.example.org").issuedBy(root)))
                .isEqualTo("the certificate 'CN=sun' is not the one that peer 'sun' may show: file:sun.pem");
        assertThat(usual(pinned).known(pinned, Identity.parse("sun.example.org"))).containsExactly(sun.der());
        assertThat(usual(pinned).known(pinned, Identity.parse("mars.example.org"))).isEmpty();
        assertThat(usual(pinned).anchors(pinned)).isEmpty();
    }

    @Test
    void timeCountsForAPinnedOneToo() throws PskStore.Unreadable {
        Holder ended = TestPki.end("CN=sun").dns("sun.example.org").validity(TestPki.NOW.minusSeconds(9), TestPki.NOW.minusSeconds(1)).selfSigned();
        Peer pinned = peer(side("moon.example.org", certification(List.of())), side("sun.example.org", certification(List.of("ended.pem"))));
        files.put("ended.pem", ended.pem());
        assertThat(store(policies(List.of(), List.of(), List.of(), pinned)).objection(pinned, Identity.parse("sun.example.org"), List.of(ended.der())).orElseThrow())
                .contains("was valid until");
    }

    @Test
    @DisplayName("R7: so many certificates, and so many octets, may be shown")
    void whatIsShownIsBounded() throws PskStore.Unreadable {
        CredentialStore store = usual(ordinary());
        Identity id = Identity.parse("sun.example.org");
        assertThat(store.objection(ordinary(), id, Collections.nCopies(17, sun.der())).orElseThrow()).contains("17 certificates");
        assertThat(store.objection(ordinary(), id, List.of(sun.der(), Bytes.wrap(new byte[65536]))).orElseThrow()).contains("the most is 16 of 65536");
        assertThat(store.objection(ordinary(), id, List.of(Bytes.hex("3000"))).orElseThrow()).isEqualTo("what was shown is no X.509 certificate");
        assertThat(store.objection(ordinary(), id, List.of(sun.der(), Bytes.hex("3000"), middle.der()))).isEmpty();
    }

    @Test
    @DisplayName("R15: a certificate is known by all of its octets")
    void aNamesakeIsAnotherCertificate() throws PskStore.Unreadable {
        Holder namesake = TestPki.end("O=Example, CN=sun").dns("sun.example.org").keyNamed("forged").issuedBy(
                TestPki.authority("O=Example, CN=Middle").keyNamed("forged").selfSigned());
        CredentialStore store = usual(ordinary());
        Identity id = Identity.parse("sun.example.org");
        assertThat(store.objection(ordinary(), id, List.of(sun.der(), middle.der()))).isEmpty();
        assertThat(store.objection(ordinary(), id, List.of(namesake.der(), middle.der())).orElseThrow()).contains("does not lead to");
    }

    // ---- R14

    /** Nobody answers, but it is known who was asked. */
    private static final class Asking implements Fetching {
        private final List<String> asked = new ArrayList<>();

        @Override
        public Bytes fetch(URI place, Optional<Bytes> question, int most, Duration patience) throws IOException {
            asked.add(place.toString());
            throw new IOException("cannot be asked");
        }

        @Override
        public void close() {
            asked.clear();
        }
    }

    @Test
    @DisplayName("R14: others are asked only about a certificate whose chain leads to an authority, and that is its owner's")
    void nobodyIsAskedForAStranger() throws PskStore.Unreadable {
        String place = "http://crl.example.org/list";
        Asking network = new Asking();
        files.put("root.pem", root.pem());
        Peer peer = peer(side("moon.example.org", certification(List.of())), new Side(List.of(Host.any()), 500, Identity.parse("sun.example.org"), Auth.PUBKEY, Optional.empty(),
                new Certification(List.of(), List.of("root"), Revocation.STRICT, List.of())));
        CredentialStore store = CredentialStore.load(policies(List.of(authority("root")), List.of(), List.of(), peer), files, CLOCK, memory, network);
        Holder stranger = TestPki.end("CN=sun").dns("sun.example.org").crlAt(place).issuedBy(other);
        Holder namesake = TestPki.end("CN=sun").dns("sun.example.org").crlAt(place).issuedBy(
                TestPki.authority("O=Example, CN=Root").keyNamed("forged").selfSigned());
        Holder mars = TestPki.end("CN=mars").dns("mars.example.org").crlAt(place).issuedBy(root);
        Holder ended = TestPki.end("CN=sun").dns("sun.example.org").crlAt(place).validity(TestPki.NOW.minusSeconds(9), TestPki.NOW.minusSeconds(1)).issuedBy(root);
        for (Holder shown : List.of(stranger, namesake, mars, ended)) {
            assertThat(store.objection(peer, Identity.parse("sun.example.org"), List.of(shown.der()))).isPresent();
        }
        assertThat(network.asked).isEmpty();
        Holder right = TestPki.end("CN=sun").dns("sun.example.org").crlAt(place).issuedBy(root);
        assertThat(store.objection(peer, Identity.parse("sun.example.org"), List.of(right.der())).orElseThrow())
                .isEqualTo("nobody says that the certificate 'CN=sun' was not revoked: " + place + " cannot be asked");
        assertThat(network.asked).containsExactly(place);
        store.close();
        try (CredentialStore reloaded = CredentialStore.load(policies(List.of(authority("root")), List.of(), List.of(), peer), files, CLOCK, memory, network)) {
            assertThat(reloaded.objection(peer, Identity.parse("sun.example.org"), List.of(right.der()))).isPresent();
            assertThat(network.asked).as("a reload asks nobody anew").isEmpty();
            memory.forget();
            assertThat(reloaded.objection(peer, Identity.parse("sun.example.org"), List.of(right.der()))).isPresent();
            assertThat(network.asked).containsExactly(place);
        }
    }
}
