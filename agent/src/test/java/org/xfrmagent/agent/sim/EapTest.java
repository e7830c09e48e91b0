package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.EapPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.PayloadType;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Unique;

/** RFC 7296, section 2.16: moon is the user carol, who has a password, and sun the gateway with a certificate. */
class EapTest {
    private static final InetAddress GIVEN = Ip.parse("10.1.7.1").orElseThrow();
    private static final Pool POOL = new Pool("staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2")), List.of());

    private static Policies moon(EapKind... methods) {
        return Policies.moon().eap(methods).user("carol", "let me in");
    }

    private static Policies sun(EapKind... methods) {
        return Policies.sun().eap(methods).users();
    }

    private static World world(EapKind method) {
        return new World(moon(method), sun(method));
    }

    /** Somebody who has the keys of the IKE SA reads IKE_AUTH, and may say something else. */
    private static void between(World world, UnaryOperator<List<Payload>> fromMoon, UnaryOperator<List<Payload>> fromSun) {
        world.network.interceptor = (to, path, datagram) -> {
            if (Header.peek(datagram).exchange() != ExchangeType.IKE_AUTH.number()) {
                return List.of(datagram);
            }
            Forger forger = new Forger(to);
            return forger.ikeSa(datagram)
                    .flatMap(sa -> forger.open(sa, datagram).filter(content -> content.number() == 0).flatMap(content -> {
                        List<Payload> said = MessageCodec.decodeChain(content.firstInner(), content.chain());
                        List<Payload> other = (to == world.sun ? fromMoon : fromSun).apply(said);
                        return other.equals(said)
                                ? Optional.empty()
                                : Optional.of(List.of(forger.seal(sa, content.saying(MessageCodec.firstType(other), MessageCodec.encodeChain(other)))));
                    }))
                    .orElse(List.of(datagram));
        };
    }

    private static List<String> heard(World world) {
        List<String> heard = new ArrayList<>();
        UnaryOperator<List<Payload>> listener = payloads -> {
            heard.add(String.join(", ", payloads.stream().map(payload -> PayloadType.notationOf(payload.typeNumber())).toList()));
            return payloads;
        };
        between(world, listener, listener);
        return heard;
    }

    private static void refused(World world, String ours, String theirs) {
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.events(Event.IkeUp.class)).as(world::journal).isEmpty();
        assertThat(world.moon.events(Event.IkeUp.class)).as(world::journal).isEmpty();
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).first().satisfies(event -> assertThat(event.reason()).contains(ours));
        assertThat(world.sun.events(Event.IkeFailed.class)).as(world::journal).first().satisfies(event -> assertThat(event.reason()).contains(theirs));
        assertThat(world.journal()).doesNotContain("let me");
        world.network.run(200_000);
        world.assertNothing();
    }

    // ---- as it should be

    @ParameterizedTest
    @EnumSource(value = EapKind.class, names = {"TLS", "RADIUS"}, mode = EnumSource.Mode.EXCLUDE)
    void aUserShowsItsPasswordByEachMethod(EapKind method) {
        World world = world(method).established(1);
        assertThat(world.session(world.sun).phase().user()).contains("carol");
        assertThat(world.sun.events(Event.PasswordShown.class)).containsExactly(new Event.PasswordShown("carol", true));
        assertThat(world.session(world.moon).phase().user()).isEmpty();
        world.moon.down("sun");
        world.network.run(5_000);
        world.assertNothing();
    }

    @Test
    void theGatewayProvesItselfFirstAndBothAgainAtTheEnd() {
        World world = world(EapKind.MSCHAPV2);
        List<String> heard = heard(world);
        world.established(1);
        assertThat(heard).containsExactly(
                "IDi, N, CERTREQ, IDr, SA, TSi, TSr",
                "IDr, CERT, AUTH, EAP",
                /* Identity */ "EAP", "EAP",
                /* MSCHAPv2: response, success with the gateway's proof */ "EAP", "EAP",
                /* and so it is */ "EAP", "EAP",
                "AUTH",
                "AUTH, SA, TSi, TSr");
    }

    @Test
    void whoIsNotAskedIsWhoItSaysInIke() {
        World world = new World(Policies.moon().eap(EapKind.MD5).user("moon.example.org", "let me in"),
                Policies.sun().eap(EapKind.MD5).users().withoutAskingTheUser());
        world.established(1);
        assertThat(world.session(world.sun).phase().user()).contains("moon.example.org");
    }

    @Test
    void theMethodIsTheBestThatBothHave() {
        World world = new World(moon(EapKind.GTC, EapKind.MD5), sun(EapKind.MSCHAPV2, EapKind.MD5, EapKind.GTC)).established(1);
        assertThat(world.journal()).contains("has shown who it is by EAP-MD5");
    }

    @Test
    void theUserGetsAnAddressOfThePool() {
        World world = new World(moon(EapKind.MSCHAPV2).isGiven(), sun(EapKind.MSCHAPV2).gives(POOL)).established(1);
        assertThat(world.session(world.moon).phase().inner().ours()).contains(GIVEN);
        assertThat(world.session(world.sun).phase().inner()).isEqualTo(InnerAddresses.lent(List.of(new Lease("staff", GIVEN))));
        assertThat(world.journal()).contains("gave user carol the address 10.1.7.1");
        world.moon.reauthenticate();
        world.network.run(30_000);
        assertThat(world.session(world.sun).phase().inner()).as("the same one").isEqualTo(InnerAddresses.lent(List.of(new Lease("staff", GIVEN))));
        world.moon.down("sun");
        world.network.run(5_000);
        assertThat(world.sun.leases).isEmpty();
        world.assertNothing();
    }

    @Test
    void keysOfTheIkeSaCanBeReplaced() {
        World world = world(EapKind.MSCHAPV2).established(1);
        world.sun.rekeyIkeSas();
        world.network.run(5_000);
        assertThat(world.session(world.sun).phase().user()).contains("carol");
        world.assertSameChildren();
    }

    @Test
    void largeMessagesComeInFragments() {
        new World(moon(EapKind.MSCHAPV2).fragmentsOf(300), sun(EapKind.MSCHAPV2).fragmentsOf(300)).established(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aLostMessageIsMadeUpForAndADoubledOneAnsweredOnce(int which) {
        World world = new World(moon(EapKind.MSCHAPV2).isGiven(), sun(EapKind.MSCHAPV2).gives(POOL));
        int[] messages = {0};
        world.network.interceptor = (to, path, datagram) ->
                Header.peek(datagram).exchange() != ExchangeType.IKE_AUTH.number() ? List.of(datagram)
                        : ++messages[0] == which ? List.of() : List.of(datagram, datagram);
        world.established(1);
        assertThat(world.sun.events(Event.PasswordShown.class)).hasSize(1);
        assertThat(world.sun.leases).containsOnlyKeys(GIVEN);
    }

    @Test
    void whatElseIsWantedMeanwhileComesAfterwards() {
        ChildTerms.Net net = new ChildTerms.Net("net", "10.1.0.0/16", "10.2.0.0/16");
        ChildTerms.Net voice = new ChildTerms.Net("voice", "10.8.0.0/16", "10.9.0.0/16");
        World world = new World(moon(EapKind.MSCHAPV2).nets(net, voice), sun(EapKind.MSCHAPV2).nets(
                new ChildTerms.Net("net", "10.2.0.0/16", "10.1.0.0/16"), new ChildTerms.Net("voice", "10.9.0.0/16", "10.8.0.0/16")));
        world.moon.up("sun", "net");
        assertThat(world.network.until(1_000, () -> world.moon.sessions().stream()
                .anyMatch(session -> session.phase() instanceof PhaseEap.Answering))).isTrue();
        world.moon.up("sun", "voice");
        world.network.run(5_000);
        assertThat(world.moon.sessions()).hasSize(1);
        assertThat(world.moon.children()).hasSize(2);
    }

    // ---- RFC 4739: a machine with a certificate, and its user with a password

    private static World twice() {
        return new World(moon(EapKind.MSCHAPV2).twice().isGiven(), sun(EapKind.MSCHAPV2).twice().gives(POOL));
    }

    @Test
    void aMachineShowsItsCertificateAndThenItsUserAPassword() {
        World world = twice();
        List<String> heard = heard(world);
        world.established(1);
        assertThat(heard).startsWith(
                "IDi, CERT, N, CERTREQ, IDr, AUTH, N, N, CP, SA, TSi, TSr", "IDr, CERT, AUTH", "IDi", "EAP")
                .endsWith("AUTH", "AUTH, CP, SA, TSi, TSr");
        assertThat(world.session(world.sun).phase()).isInstanceOfSatisfying(Phase.Established.class, up -> {
            assertThat(up.remote()).hasToString("moon.example.org");
            assertThat(up.user()).contains("carol");
        });
        assertThat(world.session(world.moon).phase().inner().ours()).contains(GIVEN);
        world.moon.down("sun");
        world.network.run(5_000);
        world.assertNothing();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void bothRoundsMakeUpForALostMessage(int which) {
        World world = twice();
        int[] messages = {0};
        world.network.interceptor = (to, path, datagram) ->
                Header.peek(datagram).exchange() != ExchangeType.IKE_AUTH.number() ? List.of(datagram)
                        : ++messages[0] == which ? List.of() : List.of(datagram, datagram);
        world.established(1);
        assertThat(world.sun.leases).containsOnlyKeys(GIVEN);
    }

    @Test
    void aWrongPasswordIsTheEndWhateverTheCertificate() {
        refused(new World(Policies.moon().eap(EapKind.MD5).user("carol", "let me out").twice(), sun(EapKind.MD5).twice()), "", "");
    }

    /** R5: neither round stands for the other. */
    @Test
    void whoHasOnlyOneOfTheTwoIsNotLetIn() {
        World certificate = new World(Policies.moon().certificates(Wallet.of("moon", KeyKind.P256)), sun(EapKind.MD5).twice());
        refused(certificate, "AUTHENTICATION_FAILED", "authenticates itself once, and peer moon wants its user too");
        refused(new World(moon(EapKind.MD5), sun(EapKind.MD5).twice()), "AUTHENTICATION_FAILED", "peer moon has a certificate");
        World surplus = new World(moon(EapKind.MD5).twice(), Policies.sun().certificates(Wallet.of("sun", KeyKind.P256)));
        surplus.moon.up("sun");
        surplus.network.run(1_000);
        assertThat(surplus.moon.events(Event.IkeFailed.class)).first().satisfies(event -> assertThat(event.reason())
                .contains("the peer lets nobody authenticate itself twice"));
    }

    @Test
    void anAuthInTheSecondRoundIsNoWayAroundThePassword() {
        World world = twice();
        between(world, said -> said.size() == 1 && said.getFirst() instanceof IdPayload id
                ? List.of(id, new AuthPayload(2, Bytes.of(new byte[32]))) : said, said -> said);
        refused(world, "AUTHENTICATION_FAILED", "sent AUTH for its user");
    }

    // ---- as it should not be

    @ParameterizedTest
    @EnumSource(value = EapKind.class, names = {"TLS", "RADIUS"}, mode = EnumSource.Mode.EXCLUDE)
    void aWrongPasswordLetsNobodyIn(EapKind method) {
        World world = new World(Policies.moon().eap(method).user("carol", "let me out"), sun(method));
        refused(world, "", "");
        assertThat(world.sun.events(Event.PasswordShown.class)).isNotEmpty().allMatch(shown -> shown.equals(new Event.PasswordShown("carol", false)));
    }

    @Test
    void aUserWhomNobodyKnowsIsToldNoMore() {
        refused(new World(Policies.moon().eap(EapKind.MD5).user("dave", "let me in"), sun(EapKind.MD5)), "refuses user 'dave'", "dave");
    }

    /** MSCHAPv2 is mutual: a gateway that does not know the password cannot say that it was right. */
    @Test
    void aMethodThatBothHaveMustBeThere() {
        refused(new World(moon(EapKind.MSCHAPV2), sun(EapKind.MD5)), "", "EAP-MSCHAPV2 instead of EAP-MD5");
    }

    @Test
    void afterSixWrongPasswordsNoneIsLookedAt() {
        World world = new World(Policies.moon().eap(EapKind.MD5).user("carol", "let me out"), sun(EapKind.MD5));
        for (int i = 0; i < 8; i++) {
            world.moon.up("sun");
            world.network.run(1_000);
        }
        assertThat(world.sun.events(Event.PasswordShown.class)).hasSize(6);
        world.moon.reconfigure(moon(EapKind.MD5).settings());
        world.moon.up("sun");
        world.network.run(1_000);
        assertThat(world.sun.events(Event.PasswordShown.class)).as("barred").hasSize(6);
        world.network.run(600_000);
        world.moon.up("sun");
        world.network.run(1_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
    }

    /** R5: an AUTH with whatever is no way around the password. */
    @Test
    void anAuthThatComesEarlyIsTheEnd() {
        World world = world(EapKind.MSCHAPV2);
        between(world, said -> said.stream().map(payload -> payload instanceof EapPayload ? new AuthPayload(2, Bytes.of(new byte[32])) : payload).toList(),
                said -> said);
        refused(world, "AUTHENTICATION_FAILED", "sent no EAP where the user's conversation goes on");
    }

    @ParameterizedTest
    @EnumSource(value = EapKind.class, names = {"MSCHAPV2", "MD5"})
    void aLastAuthWithAnotherKeyIsNotBelieved(EapKind method) {
        World world = world(method);
        between(world, EapTest::otherAuth, said -> said);
        refused(world, "AUTHENTICATION_FAILED", "its AUTH is not made with the key that EAP has left with the user");
        World other = world(method);
        boolean[] first = {true};
        between(other, said -> said, said -> {
            if (first[0] && said.stream().anyMatch(AuthPayload.class::isInstance)) {
                first[0] = false;
                return said;
            }
            return otherAuth(said);
        });
        other.moon.up("sun");
        other.network.run(5_000);
        assertThat(other.moon.events(Event.IkeUp.class)).isEmpty();
        assertThat(other.moon.events(Event.IkeFailed.class)).first().satisfies(event -> assertThat(event.reason())
                .contains("its AUTH is not made with the key that EAP has left with us"));
    }

    private static List<Payload> otherAuth(List<Payload> said) {
        return said.stream()
                .map(payload -> payload instanceof AuthPayload auth ? new AuthPayload(auth.method(), Bytes.of(new byte[auth.data().length()])) : payload)
                .toList();
    }

    /** The gateway is nobody before its certificate is believed: the user says nothing to it. */
    @Test
    void aGatewayWithoutACertificateHearsNothing() {
        World world = new World(moon(EapKind.GTC), Policies.sun().eap(EapKind.GTC).users()
                .certificates(Wallet.of("mars", KeyKind.P256), Auth.PUBKEY,
                        Auth.PUBKEY));
        List<String> heard = heard(world);
        world.moon.up("sun");
        world.network.run(1_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).isNotEmpty();
        assertThat(heard).hasSizeLessThanOrEqualTo(2).noneMatch("EAP"::equals);
    }

    /** Another method than the gateway's policy has is refused by Nak, not taken. */
    @Test
    void whoOffersAPeerAMethodThatItsPolicyDoesNotHaveGetsNoPassword() {
        World world = new World(moon(EapKind.MSCHAPV2), sun(EapKind.GTC));
        refused(world, "", "EAP-MSCHAPV2 instead of EAP-GTC");
    }

    @Test
    void whoBeginsAndSaysNothingIsForgotten() {
        World world = world(EapKind.MSCHAPV2);
        world.moon.up("sun");
        assertThat(world.network.until(1_000, () -> world.sun.sessions().stream().anyMatch(session -> session.phase() instanceof PhaseEap.Asking))).isTrue();
        world.moon.dead = true;
        world.network.run(121_000);
        assertThat(world.sun.sessions()).isEmpty();
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).isEqualTo("the peer began and did not authenticate itself in time"));
    }

    /** Two of one user: the second is the same user, wherever its IKE identity is the same or not. */
    @Test
    void aSecondSessionOfAUserReplacesTheFirst() {
        World world = new World(moon(EapKind.MSCHAPV2), sun(EapKind.MSCHAPV2).unique(Unique.REPLACE)).established(1);
        long first = world.session(world.sun).id();
        world.moon.restart();
        world.moon.up("sun");
        world.network.run(30_000);
        assertThat(world.session(world.sun).id()).isNotEqualTo(first);
        assertThat(world.session(world.sun).phase()).isInstanceOfSatisfying(Phase.Established.class, up -> assertThat(up.user()).contains("carol"));
    }

    @Test
    void whateverIsChangedOnTheWayLeavesNothingBehind() {
        for (int seed = 0; seed < 150; seed++) {
            World world = new World(moon(EapKind.MSCHAPV2).isGiven(), sun(EapKind.MSCHAPV2, EapKind.MD5).gives(POOL), seed);
            Mutator mutator = new Mutator(seed);
            int unlucky = seed % 10;
            int[] messages = {0};
            world.network.interceptor = (to, path, datagram) -> {
                Forger forger = new Forger(to);
                if (Header.peek(datagram).exchange() != ExchangeType.IKE_AUTH.number() || messages[0]++ != unlucky) {
                    return List.of(datagram);
                }
                return forger.ikeSa(datagram)
                        .flatMap(sa -> forger.open(sa, datagram).map(content -> List.of(forger.seal(sa, mutator.mutate(content)), datagram)))
                        .orElse(List.of(datagram));
            };
            world.moon.up("sun");
            world.network.run(400_000);
            world.moon.down("sun");
            world.sun.down("moon");
            world.network.run(400_000);
            world.assertNothing();
            assertThat(world.sun.leases).as("seed " + seed).isEmpty();
        }
    }
}
