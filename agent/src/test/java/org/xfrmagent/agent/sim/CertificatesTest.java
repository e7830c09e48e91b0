package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.SignatureIdentifiers;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.CertPayload;
import org.xfrmagent.agent.wire.CertReqPayload;
import org.xfrmagent.agent.wire.DigitalSignature;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.PayloadType;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;

/** Authentication by signatures and certificates (RFC 7296, section 2.15; RFC 7427). */
class CertificatesTest {
    private static final int IKE_AUTH = 35;

    private static World world(Wallet moons, Wallet suns) {
        return new World(Policies.moon().certificates(moons), Policies.sun().certificates(suns));
    }

    private static World world(KeyKind kind) {
        return world(Wallet.of("moon", kind), Wallet.of("sun", kind));
    }

    private static World world() {
        return world(KeyKind.P256);
    }

    /** What each IKE_AUTH message says that travels in one piece, as its receiver reads it. */
    private static final class Listener {
        final List<List<Payload>> said = new ArrayList<>();

        Listener(World world) {
            this(world, SimulatedNetwork.Interceptor.NONE);
        }

        /** Somebody else may change what arrives. */
        Listener(World world, SimulatedNetwork.Interceptor other) {
            world.network.interceptor = (SimulatedHost to, Path path, Bytes datagram) -> {
                Forger reader = new Forger(to);
                if (Header.peek(datagram).exchange() == IKE_AUTH) {
                    reader.ikeSa(datagram).flatMap(sa -> reader.open(sa, datagram))
                            .filter(content -> content.number() == 0)
                            .ifPresent(content -> said.add(MessageCodec.decodeChain(content.firstInner(), content.chain())));
                }
                return other.arriving(to, path, datagram);
            };
        }

        List<String> notation() {
            return said.stream()
                    .map(payloads -> String.join(", ", payloads.stream().map(payload -> PayloadType.notationOf(payload.typeNumber())).toList()))
                    .toList();
        }
    }

    // ---- both prove who they are

    @Test
    void bothShowTheirCertificatesAndAskForTheOthers() {
        World world = world();
        Listener listener = new Listener(world);
        world.established(1);
        /* HDR, SA, KE, Ni, ..., N(HASH) -->  <-- HDR, SA, KE, Nr, ..., CERTREQ, N(HASH) */
        List<Payload> answer = MessageCodec.decode(world.network.seen.get(1).datagram()).payloads();
        assertThat(Payload.notification(answer, Notify.SIGNATURE_HASH_ALGORITHMS)).isPresent();
        assertThat(Payload.first(answer, CertReqPayload.class).orElseThrow().authorityHashes())
                .containsExactly(Wallet.anchor(Wallet.ROOT).keyHash());
        /* HDR, SK{IDi, CERT, N(INITIAL_CONTACT), CERTREQ, IDr, AUTH, SA, TSi, TSr} -->  <-- HDR, SK{IDr, CERT, AUTH, SA, TSi, TSr} */
        assertThat(listener.notation())
                .containsExactly("IDi, CERT, N, CERTREQ, IDr, AUTH, SA, TSi, TSr", "IDr, CERT, AUTH, SA, TSi, TSr");
    }

    @Test
    void whoHasTheOthersCertificateAlreadyNeedsNoneShown() {
        Holder moon = Wallet.end("moon", KeyKind.P256).issuedBy(Wallet.ROOT);
        Holder sun = Wallet.end("sun", KeyKind.P256).issuedBy(Wallet.ROOT);
        World world = new World(
                Policies.moon().acquainted().certificates(Wallet.of("moon", KeyKind.P256).showing(moon, Wallet.ROOT).knowing(sun)),
                Policies.sun().acquainted().certificates(Wallet.of("sun", KeyKind.P256).showing(sun, Wallet.ROOT).knowing(moon)));
        Listener listener = new Listener(world);
        world.established(1);
        /* HDR, SA, KE, Ni, ... -->  <-- HDR, SA, KE, Nr, ... */
        assertThat(Payload.first(MessageCodec.decode(world.network.seen.get(1).datagram()).payloads(), CertReqPayload.class)).isEmpty();
        /* HDR, SK{IDi, N(INITIAL_CONTACT), IDr, AUTH, SA, TSi, TSr} -->  <-- HDR, SK{IDr, AUTH, SA, TSi, TSr} */
        assertThat(listener.notation()).containsExactly("IDi, N, IDr, AUTH, SA, TSi, TSr", "IDr, AUTH, SA, TSi, TSr");
    }

    @ParameterizedTest
    @EnumSource(value = KeyKind.class, names = "RSA_1024", mode = EnumSource.Mode.EXCLUDE)
    void everyKindOfKeySigns(KeyKind kind) {
        world(kind).established(1);
    }

    private static Stream<SignatureScheme> named() {
        return Stream.of(SignatureScheme.values()).filter(scheme -> scheme.identifier().isPresent() && scheme != SignatureScheme.RSA_SHA1);
    }

    @ParameterizedTest
    @MethodSource("named")
    void thePolicySaysHowItIsSigned(SignatureScheme scheme) {
        KeyKind kind = switch (scheme.key()) {
            case RSA -> KeyKind.RSA_2048;
            case ECDSA -> KeyKind.P384;
            case ED25519 -> KeyKind.ED25519;
            case ED448 -> KeyKind.ED448;
        };
        World world = new World(
                Policies.moon().certificates(Wallet.of("moon", kind)).signatures(scheme).fragmentsOf(4000),
                Policies.sun().certificates(Wallet.of("sun", kind)).signatures(scheme).fragmentsOf(4000));
        Listener listener = new Listener(world);
        world.established(1);
        assertThat(listener.said).hasSize(2).allSatisfy(payloads -> assertThat(
                        DigitalSignature.decode(Payload.first(payloads, AuthPayload.class).orElseThrow().data()).algorithm())
                .isEqualTo(SignatureIdentifiers.of(scheme)));
    }

    @Test
    void aSchemeThatThePolicyDoesNotHaveIsNotBelieved() {
        World world = new World(
                Policies.moon().certificates(Wallet.of("moon", KeyKind.RSA_2048)).signatures(SignatureScheme.RSA_SHA256),
                Policies.sun().certificates(Wallet.of("sun", KeyKind.RSA_2048)).signatures(SignatureScheme.RSA_PSS_SHA256));
        assertRefusedBySun(world, "is signed by [rsa-sha256], which peer moon may not use");
    }

    @Test
    void whatLeadsToTheAuthorityIsShownToo() {
        Holder middle = TestPki.authority("CN=Middle").issuedBy(Wallet.ROOT);
        Holder moon = Wallet.end("moon", KeyKind.P256).issuedBy(middle);
        World world = world(Wallet.of("moon", KeyKind.P256).showing(moon, Wallet.ROOT, middle), Wallet.of("sun", KeyKind.P256));
        Listener listener = new Listener(world);
        world.established(1);
        assertThat(Payload.all(listener.said.getFirst(), CertPayload.class)).extracting(CertPayload::data)
                .containsExactly(moon.der(), middle.der());
    }

    @Test
    void oneSideMayHaveACertificateAndTheOtherAKey() {
        Wallet sun = Wallet.of("sun", KeyKind.P256);
        Wallet moon = Wallet.of("moon", KeyKind.P256);
        for (boolean initiator : List.of(true, false)) {
            Auth moons = initiator ? Auth.PUBKEY : Auth.PSK;
            Auth suns = initiator ? Auth.PSK : Auth.PUBKEY;
            World world = new World(
                    Policies.moon().certificates(moon, moons, suns), Policies.sun().certificates(sun, suns, moons));
            Listener listener = new Listener(world);
            world.established(1);
            assertThat(listener.notation()).containsExactlyElementsOf(initiator
                    ? List.of("IDi, CERT, N, IDr, AUTH, SA, TSi, TSr", "IDr, AUTH, SA, TSi, TSr")
                    : List.of("IDi, N, CERTREQ, IDr, AUTH, SA, TSi, TSr", "IDr, CERT, AUTH, SA, TSi, TSr"));
        }
    }

    /** Section 3.7: of several certificates the one whose authority the peer believes. */
    @Test
    void thePeersRequestChoosesTheCertificate() {
        for (Holder authority : List.of(Wallet.ROOT, Wallet.OTHER_ROOT)) {
            Holder moonsOther = Wallet.end("moon", KeyKind.ED25519).issuedBy(Wallet.OTHER_ROOT);
            Holder sunsOther = Wallet.end("sun", KeyKind.ED25519).issuedBy(Wallet.OTHER_ROOT);
            World world = world(
                    Wallet.of("moon", KeyKind.P256).alsoShowing(moonsOther, Wallet.OTHER_ROOT).believing(authority),
                    Wallet.of("sun", KeyKind.P256).alsoShowing(sunsOther, Wallet.OTHER_ROOT).believing(authority));
            world.established(1);
        }
    }

    @Test
    void aCertificateThatWeHaveNeedNotBeShown() {
        Wallet moon = Wallet.of("moon", KeyKind.P256).silent();
        Holder another = Wallet.end("moon", KeyKind.P384).keyNamed("another").issuedBy(Wallet.ROOT);
        World world = world(moon, Wallet.of("sun", KeyKind.P256).knowing(another, moon.own().getFirst().end()));
        Listener listener = new Listener(world);
        world.established(1);
        assertThat(listener.notation().getFirst()).startsWith("IDi, N, CERTREQ");
    }

    /** R20: a first message that says no more than it must may come from anywhere, and is not answered with more than it has. */
    @Test
    void aBareFirstMessageIsNotAskedForACertificate() {
        World world = world();
        world.network.interceptor = (to, path, datagram) -> List.of(MessageCodec.encode(
                Header.peek(datagram),
                MessageCodec.decode(datagram).payloads().stream().filter(payload -> !(payload instanceof NotifyPayload)).toList()));
        world.moon.up("sun");
        world.network.until(1_000, () -> world.network.seen.size() == 2);
        assertThat(Payload.first(MessageCodec.decode(world.network.seen.get(1).datagram()).payloads(), CertReqPayload.class)).isEmpty();
    }

    // ---- sizes

    @ParameterizedTest
    @ValueSource(ints = {576, 1280})
    void longChainsTravelInFragments(int size) {
        Holder middle = TestPki.authority("CN=Middle").key(KeyKind.RSA_4096).issuedBy(Wallet.ROOT);
        World world = new World(
                Policies.moon().fragmentsOf(size).certificates(Wallet.of("moon", KeyKind.RSA_4096)
                        .showing(Wallet.end("moon", KeyKind.RSA_4096).issuedBy(middle), Wallet.ROOT, middle)),
                Policies.sun().fragmentsOf(size).certificates(Wallet.of("sun", KeyKind.RSA_4096)
                        .showing(Wallet.end("sun", KeyKind.RSA_4096).issuedBy(middle), Wallet.ROOT, middle)));
        world.network.weather = new SimulatedNetwork.Weather(0.1, 0.2, 1, 100);
        world.established(1);
        assertThat(world.network.seen).allMatch(sighting -> sighting.datagram().length() <= size - 32);
        for (String host : List.of("moon", "sun")) {
            assertThat(world.network.seen.stream()
                            .filter(sighting -> sighting.from().equals(host) && Header.peek(sighting.datagram()).exchange() == IKE_AUTH))
                    .hasSizeGreaterThanOrEqualTo(2);
        }
    }

    @Test
    void withoutFragmentsTheyAreOneDatagram() {
        World world = new World(
                Policies.moon().certificates(Wallet.of("moon", KeyKind.RSA_4096)),
                Policies.sun().unfragmented().certificates(Wallet.of("sun", KeyKind.RSA_4096)));
        world.established(1);
        assertThat(world.network.seen).hasSize(4).anyMatch(sighting -> sighting.datagram().length() > 1280);
    }

    // ---- who is not believed

    private static void assertRefusedBySun(World world, String why) {
        Listener listener = new Listener(world, world.network.interceptor);
        world.moon.up("sun");
        world.network.run(60_000);
        /* HDR, SK{IDi, CERT, ..., AUTH, ...} -->  <-- HDR, SK{N(AUTHENTICATION_FAILED)} */
        assertThat(world.sun.events(Event.IkeFailed.class)).as(world::journal).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains(why));
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("AUTHENTICATION_FAILED"));
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
        // R13: neither sun's certificate nor its signature has left.
        assertThat(listener.notation()).last().isEqualTo("N");
        world.assertNothing();
    }

    private static void assertRefusedByMoon(World world, String why) {
        world.moon.up("sun");
        world.network.run(60_000);
        /* HDR, SK{IDr, CERT, AUTH, ...} <--; HDR, SK{N(AUTHENTICATION_FAILED)} --> */
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains(why));
        assertThat(world.moon.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.sun.events(Event.IkeDown.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("AUTHENTICATION_FAILED"));
        world.assertNothing();
    }

    @Test
    void aCertificateOfAnAuthorityThatNobodyBelieves() {
        Wallet bad = Wallet.of("moon", KeyKind.P256).showing(Wallet.end("moon", KeyKind.P256).issuedBy(Wallet.OTHER_ROOT), Wallet.OTHER_ROOT);
        assertRefusedBySun(world(bad, Wallet.of("sun", KeyKind.P256)), "no authority that we believe vouches for the certificate CN=moon");
        Wallet worse = Wallet.of("sun", KeyKind.P256).showing(Wallet.end("sun", KeyKind.P256).issuedBy(Wallet.OTHER_ROOT), Wallet.OTHER_ROOT);
        assertRefusedByMoon(world(Wallet.of("moon", KeyKind.P256), worse), "no authority that we believe vouches for the certificate CN=sun");
    }

    /** R24: an authority that we believe vouches for eve, and eve says she is another. */
    @Test
    void aCertificateOfSomebodyElse() {
        Holder eve = Wallet.end("eve", KeyKind.P256).issuedBy(Wallet.ROOT);
        assertRefusedBySun(
                world(Wallet.of("moon", KeyKind.P256).showing(eve, Wallet.ROOT), Wallet.of("sun", KeyKind.P256)),
                "CN=eve does not contain moon.example.org");
        assertRefusedByMoon(
                world(Wallet.of("moon", KeyKind.P256), Wallet.of("sun", KeyKind.P256).showing(eve, Wallet.ROOT)),
                "CN=eve does not contain sun.example.org");
    }

    @Test
    void aCertificateWhoseKeyTheSenderDoesNotHave() {
        Holder eve = Wallet.end("eve", KeyKind.P256).issuedBy(Wallet.ROOT);
        Holder moons = new Holder(Wallet.end("moon", KeyKind.P256).issuedBy(Wallet.ROOT).der(), eve.keys(), KeyKind.P256);
        assertRefusedBySun(
                world(Wallet.of("moon", KeyKind.P256).showing(moons, Wallet.ROOT), Wallet.of("sun", KeyKind.P256)),
                "does not verify: it is not signed with the key of the certificate that it shows");
    }

    @Test
    void aSharedKeyWhereACertificateIsWanted() {
        World world = new World(Policies.moon().certificates(Wallet.of("moon", KeyKind.P256), Auth.PSK, Auth.PUBKEY),
                Policies.sun().certificates(Wallet.of("sun", KeyKind.P256)));
        assertRefusedBySun(world, "wants to authenticate by SHARED_KEY_MIC, peer moon has a certificate");
    }

    /** R10: we do not begin what we cannot end. */
    @Test
    void withoutAKeyThatThePeerCanVerifyNothingIsSaid() {
        World world = new World(
                Policies.moon().certificates(Wallet.of("moon", KeyKind.RSA_2048)).signatures(SignatureScheme.ED25519),
                Policies.sun().certificates(Wallet.of("sun", KeyKind.RSA_2048)));
        world.moon.up("sun");
        world.network.run(60_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement().satisfies(event -> assertThat(event.reason())
                .contains("no way to sign that the peer can verify: our key is RSA of 2048 bits", "'signatures' has [ed25519]"));
        assertThat(world.network.seen).hasSize(2);
        world.assertNothing();
    }

    /** AUTH covers IKE_SA_INIT: who takes the announcement out, to have a weaker signature made, is found out. */
    @Test
    void nobodyOnTheWayTakesRfc7427OutOfIt() {
        World world = world(KeyKind.RSA_2048);
        world.network.interceptor = (to, path, datagram) -> Header.peek(datagram).exchange() == 34
                ? List.of(MessageCodec.encode(Header.peek(datagram), MessageCodec.decode(datagram).payloads().stream()
                        .filter(payload -> !(payload instanceof NotifyPayload notify && notify.is(Notify.SIGNATURE_HASH_ALGORITHMS)))
                        .toList()))
                : List.of(datagram);
        assertRefusedBySun(world, "does not verify");
    }

    // ---- later

    @Test
    void authenticationIsRenewedWithTheCertificateOfThen() {
        World world = new World(
                Policies.moon().certificates(Wallet.of("moon", KeyKind.P256)).reauthentication(Duration.ofHours(1)),
                Policies.sun().certificates(Wallet.of("sun", KeyKind.P256)));
        world.established(1);
        world.network.run(3_700_000);
        world.assertSameChildren();
        assertThat(world.sun.events(Event.IkeUp.class)).hasSizeGreaterThan(1);
        assertThat(world.sun.events(Event.IkeFailed.class)).isEmpty();
    }
}
