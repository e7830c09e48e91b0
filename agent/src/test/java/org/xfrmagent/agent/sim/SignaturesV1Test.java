package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.agent.wire.v1.CertPayload;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.agent.wire.v1.SignaturePayload;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Start;

/** IKEv1's phase 1 authenticated by signatures (RFC 2409, section 5.1), alone and with a user's password behind it. */
class SignaturesV1Test {
    private static AuthenticationMethod method(PhaseV1.Up up) {
        return up.sa().method();
    }

    private static World failing(World world) {
        world.moon.up("sun");
        world.network.run(3_000);
        return world;
    }

    /** Why this host's only attempt has failed. */
    static String failure(SimulatedHost host) {
        assertThat(host.events(Event.IkeFailed.class)).as(() -> String.join("\n", host.journal())).hasSize(1);
        return host.events(Event.IkeFailed.class).getFirst().reason();
    }

    // ---- both prove who they are

    @ParameterizedTest
    @EnumSource
    void eachMethodMakesATunnel(SigningPhase1 kind) {
        World world = kind.world().established(1);
        assertThat(world.session(world.moon).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(method(up)).isEqualTo(kind.method));
        assertThat(world.session(world.sun).phase()).isInstanceOfSatisfying(PhaseV1.Up.class, up -> {
            assertThat(method(up)).isEqualTo(kind.method);
            assertThat(up.remote()).hasToString("moon.example.org");
        });
        assertThat(world.network.seen).as("nothing had to be said again").extracting(SimulatedNetwork.Sighting::datagram).doesNotHaveDuplicates();
    }

    @Test
    void whoHasTheOthersCertificateAlreadyNeedsNoneShown() throws Malformed {
        Holder moon = Wallet.end("moon", KeyKind.P256).issuedBy(Wallet.ROOT);
        Holder sun = Wallet.end("sun", KeyKind.P256).issuedBy(Wallet.ROOT);
        SigningPhase1 kind = SigningPhase1.AGGRESSIVE_ECDSA_256;
        World world = new World(
                        kind.moon(Wallet.of("moon", kind.key).showing(moon, Wallet.ROOT).knowing(sun)).acquainted(),
                        kind.sun(Wallet.of("sun", kind.key).showing(sun, Wallet.ROOT).knowing(moon)).acquainted())
                .established(1);
        /* HDR, SA, KE, Ni, IDii --> <-- HDR, SA, KE, Nr, IDir, SIG_R */
        for (SimulatedNetwork.Sighting sighting : world.network.seen.subList(0, 2)) {
            assertThat(IsakmpCodec.decode(sighting.datagram()).body()).isInstanceOfSatisfying(IsakmpMessage.Clear.class, clear ->
                    assertThat(clear.chain().all(CertPayload.class)).isEmpty());
        }
    }

    /** The hash of a signature is its curve's, whatever hash the proposal has for everything else. */
    @ParameterizedTest
    @ValueSource(strings = {"aes128-sha1-modp2048", "aes256-sha512-ecp384"})
    void theCurvesHashIsSignedWhateverThePrfIs(String proposal) {
        SigningPhase1 kind = SigningPhase1.MAIN_ECDSA_256;
        new World(kind.moon(Wallet.of("moon", kind.key)).ike(proposal), kind.sun(Wallet.of("sun", kind.key)).ike(proposal)).established(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA", "MAIN_HYBRID", "AGGRESSIVE_XAUTH"})
    void theInitiatorMayBeAnywhere(SigningPhase1 kind) {
        new World(kind.moon(Wallet.of("moon", kind.key)), kind.sun(Wallet.of("sun", kind.key)).anywhere()).established(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aLongChainTravelsInFragments(boolean aggressive) {
        Holder middle = TestPki.authority("CN=Middle").key(KeyKind.RSA_4096).issuedBy(Wallet.ROOT);
        Holder moon = Wallet.end("moon", KeyKind.RSA_4096).issuedBy(middle);
        Holder sun = Wallet.end("sun", KeyKind.RSA_4096).issuedBy(middle);
        SigningPhase1 kind = aggressive ? SigningPhase1.AGGRESSIVE_RSA : SigningPhase1.MAIN_RSA;
        World world = new World(
                kind.moon(Wallet.of("moon", KeyKind.RSA_4096).showing(moon, Wallet.ROOT, middle)).fragmentsOf(1280),
                kind.sun(Wallet.of("sun", KeyKind.RSA_4096).showing(sun, Wallet.ROOT, middle)).fragmentsOf(1280));
        world.established(1);
        assertThat(world.network.seen).allMatch(sighting -> sighting.datagram().length() <= 1280 - 28);
    }

    @Test
    void aCertificateThatWeHaveNeedNotBeShown() {
        Wallet moon = Wallet.of("moon", KeyKind.RSA_2048).silent();
        Wallet sun = Wallet.of("sun", KeyKind.RSA_2048).knowing(moon.own().getFirst().end());
        new World(SigningPhase1.MAIN_RSA.moon(moon), SigningPhase1.MAIN_RSA.sun(sun)).established(1);
    }

    /** RFC 2408, section 3.10: of several certificates the one whose authority the peer believes. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA"})
    void thePeersRequestChoosesTheCertificate(SigningPhase1 kind) {
        for (Holder authority : List.of(Wallet.ROOT, Wallet.OTHER_ROOT)) {
            new World(
                            kind.moon(Wallet.of("moon", kind.key).alsoShowing(
                                    Wallet.end("moon", kind.key).issuedBy(Wallet.OTHER_ROOT), Wallet.OTHER_ROOT).believing(authority)),
                            kind.sun(Wallet.of("sun", kind.key).alsoShowing(
                                    Wallet.end("sun", kind.key).issuedBy(Wallet.OTHER_ROOT), Wallet.OTHER_ROOT).believing(authority)))
                    .established(1);
        }
    }

    @Test
    void theIsakmpSaIsReplacedAndItsChildrenLiveOn() {
        SigningPhase1 kind = SigningPhase1.MAIN_RSA;
        World world = new World(
                kind.moon(Wallet.of("moon", kind.key)).ikeLifetime(600, 660), kind.sun(Wallet.of("sun", kind.key)).ikeLifetime(36_000, 40_000));
        world.established(1);
        ChildSa child = world.moon.children().getFirst();
        long first = world.session(world.moon).id();
        world.network.run(610_000);
        assertThat(world.session(world.moon).id()).as(world::journal).isNotEqualTo(first);
        assertThat(world.moon.children()).extracting(ChildSa::inbound).containsExactly(child.inbound());
        world.assertSameChildren();
    }

    // ---- one side is not whom it says

    private static Stream<SigningPhase1> signedByMoon() {
        return Stream.of(SigningPhase1.values()).filter(kind -> kind.method.means(true) != AuthenticationMethod.Means.NOTHING);
    }

    private static Stream<SigningPhase1> signedBySun() {
        return Stream.of(SigningPhase1.values()).filter(kind -> kind.method.means(false) != AuthenticationMethod.Means.NOTHING);
    }

    /** R10: the initiator hears at once that it is not believed, and nothing of it stays. */
    @ParameterizedTest
    @MethodSource("signedByMoon")
    void anInitiatorOfAnotherAuthorityIsRefused(SigningPhase1 kind) {
        Holder stranger = Wallet.end("moon", kind.key).issuedBy(Wallet.OTHER_ROOT);
        World world = failing(new World(
                kind.moon(Wallet.of("moon", kind.key).showing(stranger, Wallet.OTHER_ROOT)), kind.sun(Wallet.of("sun", kind.key))));
        assertThat(failure(world.sun)).contains("moon.example.org", "no authority that we believe vouches");
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        world.assertNothing();
    }

    @ParameterizedTest
    @MethodSource("signedBySun")
    void aResponderOfAnotherAuthorityIsRefused(SigningPhase1 kind) {
        Holder stranger = Wallet.end("sun", kind.key).issuedBy(Wallet.OTHER_ROOT);
        World world = failing(new World(
                kind.moon(Wallet.of("moon", kind.key)), kind.sun(Wallet.of("sun", kind.key).showing(stranger, Wallet.OTHER_ROOT))));
        assertThat(failure(world.moon)).contains("sun.example.org", "no authority that we believe vouches");
        assertThat(world.moon.events(Event.IkeUp.class)).isEmpty();
        world.network.run(60_000);
        world.assertNothing();
    }

    /** R24: a good certificate of somebody else. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA", "MAIN_ECDSA_256"})
    void aCertificateOfAnotherIdentityIsRefused(SigningPhase1 kind) {
        Wallet mallory = Wallet.of("moon", kind.key).showing(Wallet.end("mallory", kind.key).issuedBy(Wallet.ROOT), Wallet.ROOT);
        World world = failing(new World(kind.moon(mallory), kind.sun(Wallet.of("sun", kind.key))));
        assertThat(failure(world.sun)).contains("moon.example.org", "CN=mallory", "does not contain");
        world.assertNothing();
    }

    /** A certificate is shown that is good, and the key of another has signed. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA", "MAIN_ECDSA_256"})
    void aStolenCertificateWithoutItsKeyIsNothing(SigningPhase1 kind) {
        Holder certificate = Wallet.end("moon", kind.key).issuedBy(Wallet.ROOT);
        Holder thief = Wallet.end("thief", kind.key).issuedBy(Wallet.ROOT);
        Holder both = new Holder(certificate.der(), thief.keys(), kind.key);
        World world = failing(new World(kind.moon(Wallet.of("moon", kind.key).showing(both, Wallet.ROOT)), kind.sun(Wallet.of("sun", kind.key))));
        assertThat(world.sun.journal()).anyMatch(line -> line.contains("the peer's signature does not verify"));
        assertThat(world.sun.established()).isEmpty();
        world.network.run(300_000);
        world.assertNothing();
    }

    /** The initiator offers the one method that its key has. */
    @Test
    void keysOfTwoKindsAgreeOnNothing() {
        World world = failing(new World(SigningPhase1.MAIN_RSA.moon(Wallet.of("moon", KeyKind.P256)), SigningPhase1.MAIN_RSA.sun(Wallet.of("sun", KeyKind.RSA_2048))));
        assertThat(world.sun.events(Event.Refused.class)).isNotEmpty();
        assertThat(world.sun.sessions()).isEmpty();
    }

    @Test
    void withoutAKeyThatIkev1CanUseNothingBegins() {
        World world = failing(new World(SigningPhase1.MAIN_RSA.moon(Wallet.of("moon", KeyKind.ED25519)), SigningPhase1.MAIN_RSA.sun(Wallet.of("sun", KeyKind.RSA_2048))));
        assertThat(failure(world.moon)).contains("of a kind that IKEv1 has no way for", "ED25519");
        assertThat(world.network.seen).isEmpty();
    }

    /** Hybrid: the group has no secret, so all that lets anybody in is the password. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_HYBRID", "AGGRESSIVE_HYBRID", "MAIN_XAUTH", "AGGRESSIVE_XAUTH"})
    void aWrongPasswordLetsNobodyIn(SigningPhase1 kind) {
        World world = failing(new World(
                kind.moon(Wallet.of("moon", kind.key)).user("carol", "let me out"), kind.sun(Wallet.of("sun", kind.key))));
        assertThat(failure(world.moon)).contains("asks user carol for a password again");
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        world.assertNothing();
    }

    // ---- what strangers and the weather do

    /** R5, R18: every message once more, in any order, changes nothing. */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA", "MAIN_HYBRID"})
    void aReplayOfEverythingChangesNothing(SigningPhase1 kind) {
        World world = kind.world().established(1);
        world.network.run(2_000);
        List<ChildSa> children = world.sun.children();
        for (SimulatedNetwork.Sighting sighting : new ArrayList<>(world.network.seen).reversed()) {
            world.network.send(sighting.from().equals("moon") ? world.moon : world.sun, sighting.path(), sighting.datagram());
            world.network.run(100);
        }
        assertThat(world.sun.children()).isEqualTo(children);
        world.assertSameChildren();
    }

    /**
     * R1, R5, R18: strangers change the identity or what proves it, and are faster: only the true messages count. (What comes before is
     * covered by the hash that is signed. Certificates are covered by their authority's signature alone.)
     */
    @ParameterizedTest
    @EnumSource(names = {"MAIN_RSA", "AGGRESSIVE_RSA", "MAIN_ECDSA_256", "MAIN_HYBRID"})
    void mutatedProofsChangeNothing(SigningPhase1 kind) {
        World world = kind.world();
        int[] mutants = {0};
        world.network.interceptor = (to, path, datagram) -> {
            List<Bytes> arriving = new ArrayList<>();
            for (int at : proof(datagram, to == world.sun, kind.key == KeyKind.P256 ? 64 : 256)) {
                byte[] octets = datagram.toArray();
                octets[at] ^= 0x55;
                arriving.add(Bytes.wrap(octets));
                mutants[0]++;
            }
            arriving.add(datagram);
            return arriving;
        };
        world.established(1);
        assertThat(mutants[0]).isGreaterThan(15);
    }

    /** Some octets of ID and of SIG or HASH; of an encrypted message those where they must be. */
    private static List<Integer> proof(Bytes datagram, boolean byInitiator, int signature) {
        IsakmpHeader header = IsakmpHeader.peek(datagram);
        boolean phase1 = header.exchange() == IsakmpExchange.IDENTITY_PROTECTION.number() || header.exchange() == IsakmpExchange.AGGRESSIVE.number();
        List<Integer> places = new ArrayList<>();
        if (phase1 && header.responderCookie() != 0 && header.encrypted()) {
            for (int at = IsakmpHeader.LENGTH; at < IsakmpHeader.LENGTH + 16; at += 5) {
                places.add(at);
            }
            // Behind SIG: NAT-D in aggressive mode, INITIAL_CONTACT of the initiator, padding. A changed octet spoils its whole block.
            int end = datagram.length() - (header.exchange() == IsakmpExchange.AGGRESSIVE.number() ? 72 : 0) - (byInitiator ? 28 : 0);
            for (int at = end - signature + 16; at < end - 15; at += 7) {
                places.add(Math.max(IsakmpHeader.LENGTH, at));
            }
        } else if (phase1 && header.responderCookie() != 0) {
            int at = IsakmpHeader.LENGTH;
            for (Chain.Link link : chain(datagram).links()) {
                boolean proves = link.payload() instanceof IdPayload || link.payload() instanceof SignaturePayload;
                for (int octet = 4; proves && octet < link.octets().length(); octet += 11) {
                    places.add(at + octet);
                }
                at += link.octets().length();
            }
        }
        return places;
    }

    private static Chain chain(Bytes datagram) {
        try {
            return ((IsakmpMessage.Clear) IsakmpCodec.decode(datagram).body()).chain();
        } catch (Malformed malformed) {
            throw new AssertionError(malformed);
        }
    }

    private static Stream<Long> seeds() {
        return Stream.iterate(1L, seed -> seed + 1).limit(8);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aTunnelComesUpThroughLossAndDuplication(long seed) {
        for (SigningPhase1 kind : List.of(SigningPhase1.MAIN_RSA, SigningPhase1.AGGRESSIVE_RSA, SigningPhase1.MAIN_HYBRID, SigningPhase1.AGGRESSIVE_XAUTH)) {
            World world = new World(kind.moon(Wallet.of("moon", kind.key)).start(Start.AT_START), kind.sun(Wallet.of("sun", kind.key)), seed);
            world.network.weather = new SimulatedNetwork.Weather(0.2, 0.2, 5, 400);
            boolean up = world.network.until(2_000_000, () -> world.moon.children().stream().anyMatch(ChildSa::sends)
                    && world.sun.children().stream().anyMatch(ChildSa::sends));
            assertThat(up).as(world::journal).isTrue();
        }
    }

    /** With IKEv1 a side's schemes are kinds of keys: who may sign by RSA alone agrees on no method of ECDSA, and the other way round. */
    @Test
    void theSchemesOfAPeerAreItsKindsOfKeys() {
        for (SigningPhase1 kind : List.of(SigningPhase1.MAIN_RSA, SigningPhase1.MAIN_ECDSA_256, SigningPhase1.AGGRESSIVE_ECDSA_256)) {
            SignatureScheme own = kind == SigningPhase1.MAIN_RSA ? SignatureScheme.RSA_BARE : SignatureScheme.ECDSA_BARE;
            SignatureScheme another = kind == SigningPhase1.MAIN_RSA ? SignatureScheme.ECDSA_BARE : SignatureScheme.RSA_BARE;
            new World(kind.moon(Wallet.of("moon", kind.key)).signatures(own), kind.sun(Wallet.of("sun", kind.key)).signatures(own)).established(1);
            World world = new World(kind.moon(Wallet.of("moon", kind.key)), kind.sun(Wallet.of("sun", kind.key)).signatures(another));
            world.moon.up("sun");
            world.network.run(60_000);
            assertThat(world.sun.events(Event.IkeUp.class)).as(kind.name()).isEmpty();
            assertThat(world.moon.events(Event.IkeUp.class)).as(kind.name()).isEmpty();
        }
        new World(SigningPhase1.MAIN_ECDSA_384.moon(Wallet.of("moon", KeyKind.P384)).signatures(SignatureScheme.ECDSA_P384),
                SigningPhase1.MAIN_ECDSA_384.sun(Wallet.of("sun", KeyKind.P384)).signatures(SignatureScheme.ECDSA_P384)).established(1);
    }
}
