package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.policies.model.Limit;

/** RFC 2409's exchanges between two endpoints, from the first datagram to the last. */
class MainModeTest extends Phase1Contract {
    @Override
    Policies mode(Policies policies) {
        return policies.v1();
    }

    @Override
    double amplification() {
        return 1;
    }

    @Test
    void nineMessagesMakeATunnel() {
        World world = world().established(1);
        world.network.run(100);
        assertThat(world.network.seen.stream().map(Phase1Contract::exchange))
                .containsExactly(
                        "moon main mode", "sun main mode", "moon main mode", "sun main mode", "moon main mode *", "sun main mode *",
                        "moon quick mode *", "sun quick mode *", "moon quick mode *");
        world.assertSameChildren();
        assertThat(world.moon.children().getFirst().sends()).isTrue();
        assertThat(world.sun.children().getFirst().sends()).isTrue();
        assertThat(world.session(world.sun).profile().orElseThrow().name()).isEqualTo("moon");
        assertThat(world.sun.events(Event.ChildUp.class)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "3des-sha1-modp768", "aes128-sha1-modp1024", "aes256-sha1-modp1536", "3des-md5-modp1024", "aes192-sha384-ecp384", "aes256-sha512-ecp521",
        "aes128-sha256-modp2048", "camellia256-sha256-ecp256"
    })
    void everyKindOfPhase1ProposalWorks(String proposal) {
        new World(Policies.moon().v1().ike(proposal), Policies.sun().v1().ike(proposal)).established(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "aes128-sha1", "aes256-sha512", "3des-md5", "null-sha256", "aes128ctr-sha256", "aes128gcm16", "aes256gcm8", "aes256ccm12",
        "3des-sha1-modp768", "aes256-sha256-ecp256", "aes128gcm16-ecp384", "aes256-aesxcbc"
    })
    void everyKindOfEspProposalWorksWithAndWithoutPerfectForwardSecrecy(String proposal) {
        new World(Policies.moon().v1().esp(proposal), Policies.sun().v1().esp(proposal)).established(1);
    }

    @Test
    void ahWorksAndTransportModeToo() {
        new World(Policies.moon().v1().ah("sha256"), Policies.sun().v1().ah("sha256")).established(1);
        new World(Policies.moon().v1().transport(), Policies.sun().v1().transport()).established(1);
    }

    @Test
    void espGoesInUdpWhenItIsForced() {
        World world = new World(Policies.moon().v1().forceEncapsulation(), Policies.sun().v1()).established(1);
        assertThat(world.moon.children().getFirst().udpEncapsulated()).isTrue();
        assertThat(world.session(world.moon).path().localPort()).isEqualTo(4500);
        assertThat(world.session(world.sun).path().remotePort()).isEqualTo(4500);
    }

    @Test
    void theRespondersPreferenceDecides() {
        World world = new World(
                        Policies.moon().v1().ike("aes128-sha1-modp1024", "aes256-sha256-ecp256"),
                        Policies.sun().v1().ike("aes256-sha256-ecp256", "aes128-sha1-modp1024"))
                .established(1);
        assertThat(world.session(world.moon).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(up.sa().suite()).hasToString("aes256-prfsha256-ecp256"));
    }

    @Test
    void aWrongKeyEndsInAClearSentenceOnBothSides() {
        World world = new World(Policies.moon().v1(), Policies.sun().v1().psk("another secret of twenty octets"));
        world.moon.up("sun");
        world.network.run(200_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("does not answer", "pre-shared key may be another"));
        assertThat(world.sun.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("pre-shared key may be another"));
        world.assertNothing();
    }

    @Test
    void aRefusedQuickModeIsSaidWithItsReason() {
        World world = new World(Policies.moon().v1().esp("aes128-sha1"), Policies.sun().v1().esp("aes256-sha512"));
        world.moon.up("sun");
        world.network.run(10_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("NO_PROPOSAL_CHOSEN", "aes128-sha1"));
        assertThat(world.moon.established()).hasSize(1);
    }

    @Test
    void eachPairOfSelectorsGetsAChildOfItsOwn() {
        ChildTerms.Net servers = new ChildTerms.Net("servers", "10.1.0.0/24", "10.2.0.0/24");
        ChildTerms.Net voice = new ChildTerms.Net("voice", "10.1.9.0/24", "10.2.9.0-10.2.9.77");
        new World(
                        Policies.moon().v1().nets(servers, voice),
                        Policies.sun().v1().nets(
                                new ChildTerms.Net("servers", "10.2.0.0/24", "10.1.0.0/24"),
                                new ChildTerms.Net("voice", "10.2.9.0-10.2.9.77", "10.1.9.0/24")))
                .established(2);
    }

    @Test
    void aDownedTunnelIsGoneOnBothSidesWithoutAnAnswer() {
        World world = world().established(1);
        world.network.run(1_000);
        world.moon.down("sun");
        world.network.run(1_000);
        world.assertNothing();
    }

    @Test
    void aChildIsReplacedWithoutAGapAndTheOldOneGoesAfterwards() {
        World world = world().established(1);
        world.network.run(1_000);
        ChildSa old = world.moon.children().getFirst();
        world.moon.kernel(new DataPlaneEvent.SoftExpire(old.outbound(), 1));
        boolean both = world.network.until(3_000, () -> world.moon.children().size() == 2 && world.sun.children().size() == 2);
        assertThat(both).as(world::journal).isTrue();
        world.network.run(30_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        assertThat(world.moon.children().getFirst().inbound()).isNotEqualTo(old.inbound());
        world.assertSameChildren();
        assertThat(world.moon.events(Event.ChildRekeyed.class)).hasSize(1);
        assertThat(world.sun.events(Event.ChildRekeyed.class)).hasSize(1);
    }

    @Test
    void theIsakmpSaIsReplacedAndItsChildrenLiveOn() {
        World world = new World(Policies.moon().v1().ikeLifetime(600, 660), Policies.sun().v1().ikeLifetime(36_000, 40_000));
        world.established(1);
        ChildSa child = world.moon.children().getFirst();
        long first = world.session(world.moon).id();
        world.network.run(605_000);
        world.network.run(5_000);
        assertThat(world.session(world.moon).id()).as(world::journal).isNotEqualTo(first);
        world.session(world.sun);
        assertThat(world.moon.children()).extracting(ChildSa::inbound).containsExactly(child.inbound());
        world.assertSameChildren();
        // Under the new ISAKMP SA the child can be replaced as well as before.
        world.sun.kernel(new DataPlaneEvent.SoftExpire(world.sun.children().getFirst().outbound(), 1));
        world.network.run(30_000);
        assertThat(world.sun.children()).as(world::journal).hasSize(1);
        assertThat(world.sun.children().getFirst().outbound()).isNotEqualTo(child.inbound());
        world.assertSameChildren();
    }

    @Test
    void aPeerOfEitherVersionIsCalledWithTheNewerAndAnsweredInItsOwn() {
        World newer = new World(Policies.moon().either(), Policies.sun().either()).established(1);
        assertThat(newer.session(newer.moon).phase()).isInstanceOf(Phase.Established.class);
        World world = new World(Policies.moon().v1(), Policies.sun().either()).established(1);
        assertThat(world.session(world.sun).phase()).isInstanceOf(PhaseV1.Up.class);
        world.assertSameChildren();
    }

    /** The peer called with main mode, so that it may have nothing newer. */
    @Test
    void whatFollowsAnIsakmpSaIsOneToo() {
        World world = new World(Policies.moon().v1(), Policies.sun().either()).established(1);
        world.network.run(1_000);
        // By lifetimes it would be moon's to begin, which RESPONDER_LIFETIME has told of sun's.
        world.sun.rekeyIkeSas();
        world.network.run(60_000);
        assertThat(world.session(world.sun).initiator()).isTrue();
        assertThat(world.session(world.sun).phase()).isInstanceOf(PhaseV1.Up.class);
        assertThat(world.sun.children()).hasSize(1);
        world.assertSameChildren();
    }

    @Test
    void aPeerOfEitherVersionAnswersNoAggressiveMode() {
        World world = new World(Policies.moon().aggressive(), Policies.sun().either());
        world.moon.up("sun");
        world.network.run(10_000);
        assertThat(world.network.seen).allMatch(sighting -> sighting.from().equals("moon"));
    }

    @Test
    void aDeadPeerIsFound() {
        World world = world().established(1);
        world.sun.dead = true;
        world.network.run(400_000);
        assertThat(world.moon.events(Event.IkeDown.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("whether it lives"));
        assertThat(world.moon.plane.sas).isEmpty();
    }

    @Test
    void alivePeersAreAskedAndAnswer() {
        World world = world().established(1);
        world.network.run(600_000);
        world.assertSameChildren();
        assertThat(world.moon.established()).hasSize(1);
    }

    /** RFC 3706, section 5.3: whoever hears nothing asks, the other answers with the same sequence number, and each question has the next. */
    @Test
    void deadPeerDetectionIsAskedAndAnswered() {
        World world = world().established(1);
        world.network.run(1_000);
        int before = world.network.seen.size();
        world.moon.lastUsedSecondsAgo = 1_000;
        world.sun.lastUsedSecondsAgo = 1;
        world.network.run(70_000);
        ForgerV1 reader = new ForgerV1(((PhaseV1.Up) world.session(world.moon).phase()).sa());
        List<SimulatedNetwork.Sighting> said = world.network.seen.subList(before, world.network.seen.size());
        assertThat(said.stream().map(Phase1Contract::exchange)).startsWith("moon informational *", "sun informational *")
                .allMatch(exchange -> exchange.endsWith("informational *"));
        List<NotificationPayload> questions = notifications(reader, said, NotifyType.R_U_THERE, "moon");
        List<NotificationPayload> answers = notifications(reader, said, NotifyType.R_U_THERE_ACK, "sun");
        assertThat(questions).hasSizeGreaterThanOrEqualTo(2).extracting(NotificationPayload::data).doesNotHaveDuplicates();
        assertThat(answers).extracting(NotificationPayload::data).isEqualTo(questions.stream().map(NotificationPayload::data).toList());
        assertThat(questions.get(1).data().i32(0)).isEqualTo(questions.get(0).data().i32(0) + 1);
        assertThat(answers).extracting(NotificationPayload::spi).containsOnly(reader.sa().cookies());
    }

    /** Sooner than the retransmissions say, 165 s, or later. */
    @ParameterizedTest
    @ValueSource(ints = {60, 400})
    void aSilentPeerIsDeadAfterTheTimeoutForIt(int timeout) {
        World world = new World(Policies.moon().v1().livenessTimeout(Duration.ofSeconds(timeout)), Policies.sun().v1()).established(1);
        world.network.run(1_000);
        world.moon.lastUsedSecondsAgo = 1_000;
        world.sun.dead = true;
        world.network.run((timeout - 5) * 1_000L);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        world.network.run(10_000);
        assertThat(world.moon.events(Event.IkeDown.class)).as(world::journal).singleElement()
                .satisfies(down -> assertThat(down.reason()).contains("has not been heard for"));
    }

    private static List<NotificationPayload> notifications(ForgerV1 reader, List<SimulatedNetwork.Sighting> said, NotifyType type, String from) {
        return said.stream()
                .filter(sighting -> sighting.from().equals(from))
                .flatMap(sighting -> reader.open(sighting.datagram()).notification(type).stream())
                .toList();
    }

    @Test
    void aPeerThatBeganAnewReplacesWhatItHasForgotten() {
        World world = world().established(1);
        world.moon.restart();
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.sun.children()).as(world::journal).hasSize(1);
        world.assertSameChildren();
    }

    @Test
    void theShorterLifetimeHoldsForBoth() {
        World world = new World(Policies.moon().v1().childLifetime(3_000, 3_600), Policies.sun().v1().childLifetime(500, 600));
        world.established(1);
        assertThat(world.moon.children().getFirst().limits().hardSeconds()).isEqualTo(600);
        assertThat(world.sun.children().getFirst().limits().hardSeconds()).isEqualTo(600);
    }

    /** RFC 2407, section 4.6.3.1: RESPONDER_LIFETIME has both kinds, and the initiator keeps to them. */
    @Test
    void theShorterLifetimeHoldsForBothInKilobytesToo() {
        World world = new World(
                        Policies.moon().v1().childLifetime(new Limit(3_000, 3_600), new Limit(9 << 20, 10 << 20)),
                        Policies.sun().v1().childLifetime(new Limit(500, 600), new Limit(4 << 20, 5 << 20)))
                .established(1);
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            assertThat(host.children().getFirst().limits().hardSeconds()).isEqualTo(600);
            assertThat(host.children().getFirst().limits().hardBytes()).as(host.name).isEqualTo(5 << 20);
        }
        // The responder keeps to the initiator's, which its proposal has.
        world = new World(
                        Policies.moon().v1().childLifetime(new Limit(500, 600), new Limit(4 << 20, 5 << 20)),
                        Policies.sun().v1().childLifetime(new Limit(3_000, 3_600), new Limit(9 << 20, 10 << 20)))
                .established(1);
        assertThat(world.sun.children().getFirst().limits().hardSeconds()).isEqualTo(600);
        assertThat(world.sun.children().getFirst().limits().hardBytes()).isEqualTo(5 << 20);
        assertThat(world.sun.children().getFirst().limits().softBytes()).isBetween(1L, 5L << 20);
    }

    /** RFC 2407, section 4.5: who says nothing of a lifetime means 28800 seconds, and so its peer must assume. */
    @Test
    void aChildWithoutALifetimeLivesForEightHours() {
        World world = world().established(1);
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            assertThat(host.children().getFirst().limits().hardSeconds()).as(host.name).isEqualTo(28_800);
        }
        // The initiator replaces it in time, and not the responder as well.
        assertThat(world.moon.children().getFirst().limits().softSeconds()).isLessThan(world.sun.children().getFirst().limits().softSeconds());
    }

    /** RFC 2407, section 4.6.3.1, of the ISAKMP SA: the initiator is told, and has another before the responder's time is over. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aRespondersShorterLifetimeOfTheIsakmpSaIsToldAndKept(boolean aggressive) {
        Policies moon = aggressive ? Policies.moon().aggressive() : Policies.moon().v1();
        Policies sun = aggressive ? Policies.sun().aggressive() : Policies.sun().v1();
        World world = new World(moon.ikeLifetime(3_000, 3_600), sun.ikeLifetime(500, 600)).established(1);
        world.network.run(1_000);
        assertThat(world.session(world.moon).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(up.sa().lifetime()).as(world::journal).isEqualTo(600));
        // Nobody is told what it knows.
        World equal = new World(moon.ikeLifetime(500, 600), sun.ikeLifetime(500, 600)).established(1);
        equal.network.run(1_000);
        assertThat(equal.network.seen).noneMatch(
                sighting -> IsakmpHeader.peek(sighting.datagram()).exchange() == IsakmpExchange.INFORMATIONAL.number());
    }

    // ---- what strangers and replays come to

    /** RFC 9395: without a policy that says so, IKEv1 gets no answer. */
    @Test
    void aPeerOfVersionTwoAnswersNoMessageOfVersionOne() {
        World world = new World(Policies.moon().v1(), Policies.sun());
        world.moon.up("sun");
        world.network.run(100_000);
        assertThat(world.network.seen).allMatch(sighting -> sighting.from().equals("moon"));
        assertThat(world.sun.sessions()).isEmpty();
    }

    /** R18: whoever gets message 4 and says no more gets no more either, but the same for the same. */
    @Test
    void aResponderSaysNothingMoreAfterMessage4() {
        World world = world();
        world.moon.up("sun");
        world.network.until(1_000, () -> world.network.seen.size() == 4);
        world.moon.dead = true;
        world.network.run(10_000);
        assertThat(world.network.seen).hasSize(4);
        SimulatedNetwork.Sighting third = world.network.seen.get(2);
        world.network.send(world.moon, third.path(), third.datagram());
        world.network.run(60_000);
        assertThat(world.network.seen.stream().filter(from("sun")).skip(1).map(SimulatedNetwork.Sighting::datagram))
                .hasSize(2)
                .containsOnly(world.network.seen.get(3).datagram());
        assertThat(world.sun.sessions()).isEmpty();
        assertThat(world.sun.events(Event.IkeUp.class)).isEmpty();
    }

    @Test
    void aHalfOpenCallerBeginsAnewWhenThePoliciesChange() {
        World world = world();
        world.moon.up("sun");
        world.network.until(1_000, () -> world.network.seen.size() == 2);
        world.sun.reconfigure(Policies.sun().v1().esp("aes256-sha256", "aes128-sha1").settings());
        assertThat(world.sun.sessions()).isEmpty();
    }

    /** R18: one changed octet anywhere, and the message counts for nothing. */
    @Test
    void aMutatedMessageLeavesTheSessionAsItIs() {
        World world = world().established(1);
        world.network.run(2_000);
        List<SimulatedNetwork.Sighting> all = new ArrayList<>(world.network.seen);
        List<ChildSa> children = world.sun.children();
        for (SimulatedNetwork.Sighting sighting : all) {
            for (int at = 0; at < sighting.datagram().length(); at += 7) {
                byte[] octets = sighting.datagram().toArray();
                octets[at] ^= 0x55;
                world.network.send(
                        sighting.from().equals("moon") ? world.moon : world.sun, sighting.path(), Bytes.wrap(octets));
            }
            world.network.run(100);
        }
        world.network.run(60_000);
        assertThat(world.sun.children()).isEqualTo(children);
        world.assertSameChildren();
        assertThat(world.sun.sessions()).as(world::journal).hasSize(1);
    }
}
