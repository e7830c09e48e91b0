package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.PublicKeys;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.model.TokenUri;

/** Public keys in the place of certificates, and private keys behind passphrases. */
class KeysOfPoliciesTest extends StoreFixture {
    // ---- public keys without certificates

    private static Certification publicKeys(String... names) {
        return new Certification(List.of(), Arrays.stream(names).map(StoreFixture::file).toList(), List.of(), Revocation.RELAXED, List.of(), ChainDemands.NONE, true);
    }

    @Test
    void aPublicKeyIsItsOwnersAndNothingIsShown() throws PskStore.Unreadable {
        files.put("moon.pub", moon.publicKeyPem()).put("sun.pub", sun.publicKeyPem()).put("moon.key", moon.keyPem());
        Peer peer = peer(side("moon.example.org", publicKeys("moon.pub")), side("sun.example.org", publicKeys("sun.pub")));
        try (CredentialStore store = store(policies(List.of(), List.of(), List.of("moon.key"), peer))) {
            assertThat(store.own(peer, peer.local().id(), List.of())).hasValueSatisfying(own -> assertThat(own.chain()).isEmpty());
            assertThat(store.anchors(peer)).isEmpty();
            Bytes key = Bytes.wrap(sun.keys().getPublic().getEncoded());
            assertThat(store.known(peer, peer.remote().id())).containsExactly(key);
            assertThat(store.objection(peer, peer.remote().id(), List.of(key))).isEmpty();
            assertThat(store.objection(peer, peer.remote().id(), List.of(Bytes.wrap(moon.keys().getPublic().getEncoded()))))
                    .hasValue("its key is none of those that peer 'sun' may have: file:sun.pub");
            assertThat(store.objection(peer, peer.remote().id(), List.of(sun.der()))).as("a certificate is no key").isPresent();
        }
    }

    @Test
    void aPublicKeyOfOursNeedsItsPrivateHalf() {
        files.put("moon.pub", moon.publicKeyPem()).put("sun.pub", sun.pem()).put("sun.key", sun.keyPem());
        Peer peer = peer(side("moon.example.org", publicKeys("moon.pub")), side("sun.example.org", publicKeys("sun.pub")));
        assertThat(problems(policies(List.of(), List.of(), List.of("sun.key"), peer))).containsExactly(
                "the public key file:sun.pub has 'CERTIFICATE' in it, expected a public key",
                "peer 'sun': local public key file:moon.pub has no private key: none under 'keys' belongs to it");
    }

    // ---- encrypted keys

    @Test
    void anEncryptedKeyIsOpenedWithItsPassphrase() throws Exception {
        files.put("root.pem", root.pem()).put("moon.pem", moon.pem()).put("locked.key", Locked.pkcs8(moon, "geheim")).put("moon.pass", "geheim").put("wrong.pass", "Geheim");
        Peer peer = peer(side("moon.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of(), "root")));
        try (CredentialStore store = store(policies(List.of(authority("root")), List.of(), List.of("locked.key/moon.pass"), peer))) {
            assertThat(store.own(peer, peer.local().id(), List.of())).hasValueSatisfying(own ->
                    assertThat(SigningKeys.belong(own.key(), moon.keys().getPublic())).isTrue());
        }
        assertThat(problems(policies(List.of(authority("root")), List.of(), List.of("locked.key/wrong.pass"), peer))).first().isEqualTo(
                "the key file:locked.key cannot be opened: its passphrase is not right, or it is not encrypted as PKCS #8 says");
        assertThat(problems(policies(List.of(authority("root")), List.of(), List.of("locked.key"), peer))).first().isEqualTo(
                "the key file:locked.key is encrypted, expected a private key without a passphrase");
    }

    /** Nobody is believed because a container has his certificate; whoever we are is found by the identity. */
    @Test
    void aContainerHasACertificateAndItsKey() throws Exception {
        files.put("root.pem", root.pem()).put("moon.p12", Locked.container("geheim", moon, middle)).put("moon.pass", "geheim");
        Peer peer = peer(side("moon.example.org", certification(List.of())), side("sun.example.org", certification(List.of(), "root")));
        PolicySet policies = new PolicySet(List.of(peer), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN,
                new PublicKeys(List.of(authority("root")), List.of(), List.of(), List.of(), List.of(key("moon.p12/moon.pass"))));
        try (CredentialStore store = store(policies)) {
            assertThat(store.own(peer, peer.local().id(), List.of())).hasValueSatisfying(own -> assertThat(own.chain()).first().isEqualTo(moon.der()));
            assertThat(store.anchors(peer)).hasSize(1);
        }
        files.put("moon.pass", "falsch");
        assertThat(problems(policies)).containsExactly(
                "the container file:moon.p12 cannot be opened: its passphrase is not right, or it is no container of PKCS #12");
    }

    /** One of a token that is not there may be anybody's: nobody is told that he has none, and all others have theirs. */
    @Test
    void aTokenThatIsNotThereIsWaitedForAndAllElseIsRead() throws Exception {
        files.put("root.pem", root.pem()).put("middle.pem", middle.pem()).put("moon.pem", moon.pem()).put("sun.pem", sun.pem()).put("sun.key", sun.keyPem());
        Peer peer = peer(side("moon.example.org", certification(List.of("moon.pem"))), side("sun.example.org", certification(List.of(), "root")));
        Peer other = Peer.of("other", side("sun.example.org", certification(List.of("sun.pem"))), side("moon.example.org", certification(List.of(), "root")));
        TokenUri card = TokenUri.parse("pkcs11:id=%0A%0B");
        PolicySet policies = new PolicySet(List.of(peer, other), List.of(), List.of(), List.of(), List.of(), Defaults.HALF_OPEN,
                new PublicKeys(List.of(authority("root")), List.of(file("middle.pem")), List.of(),
                        List.of(PrivateKeyRef.of(new SecretRef.InToken(card)), key("sun.key")), List.of()));
        try (CredentialStore store = store(policies)) {
            assertThat(store.absent()).containsExactly(Map.entry(card, "the key pkcs11:id=%0A%0B is out"));
            assertThat(store.own(peer, peer.local().id(), List.of())).isEmpty();
            assertThat(store.own(other, other.local().id(), List.of())).isPresent();
        }
    }
}
