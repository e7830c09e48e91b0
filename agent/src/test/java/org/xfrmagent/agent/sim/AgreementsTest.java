package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.v2.SealedMessages;
import org.xfrmagent.agent.sim.ChildTerms.Net;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.MarkChoice;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Offload;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/** What is agreed about a child besides its algorithms: mode, padding, one pair or many (RFC 7296, sections 1.3.1 and 2.9). */
class AgreementsTest {
    private static SelectorPair packet(String from, String to) {
        return new SelectorPair(TrafficSelector.of(Ip.parse(from).orElseThrow()), TrafficSelector.of(Ip.parse(to).orElseThrow()));
    }

    // ---- SAs alone

    @Test
    void withoutAnSpdEntryThereAreSasThatAreRekeyedAndNoPolicies() {
        World world = new World(Policies.moon().withoutSpdEntry(), Policies.sun()).established(1);
        assertThat(world.moon.plane.policies).as(world::journal).isEmpty();
        ChildSa before = world.moon.children().getFirst();
        world.moon.rekeyChildren("net");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 1 && world.moon.children().getFirst().serial() != before.serial()))
                .as(world::journal).isTrue();
        assertThat(world.moon.plane.policies).as(world::journal).isEmpty();
        assertThat(world.sun.plane.policies).isNotEmpty();
    }

    // ---- marks and ids

    /** swanctl.conf(5), mark_in: "%unique assigns a unique mark to each CHILD_SA instance". */
    @Test
    void aUniqueMarkIsOfOneChildAndStaysWithItsSuccessors() {
        Marks unique = Marks.both(new MarkChoice.Unique(false, MarkChoice.ALL_BITS));
        Marks apart = new Marks(
                Optional.of(new MarkChoice.Unique(true, MarkChoice.ALL_BITS)), Optional.of(new MarkChoice.Unique(true, MarkChoice.ALL_BITS)),
                Optional.of(new MarkChoice.Same(0xff)), Optional.empty(), true);
        for (Policies moon : List.of(Policies.moon().either(), Policies.moon().v1())) {
            World world = new World(
                    moon.told(unique, InterfaceIds.both(new InterfaceIds.InterfaceId.Unique(true))), Policies.sun().either().told(apart, InterfaceIds.NONE))
                    .established(1);
            ChildSa first = world.moon.children().getFirst();
            Mark mark = first.tags().marks().in().orElseThrow();
            assertThat(first.tags().marks()).isEqualTo(new Marks.Numbers(Optional.of(mark), Optional.of(mark), Optional.of(mark), Optional.empty()));
            assertThat(first.tags().interfaces().in()).isNotEqualTo(first.tags().interfaces().out());
            assertThat(world.moon.plane.policies).allSatisfy(policy -> {
                assertThat(policy.mark()).contains(mark);
                assertThat(policy.ifId()).isEqualTo(
                        policy.direction() == Direction.OUT ? first.tags().interfaces().out() : first.tags().interfaces().in());
            });
            Marks.Numbers suns = world.sun.children().getFirst().tags().marks();
            assertThat(suns.in()).isNotEqualTo(suns.out());
            assertThat(world.sun.plane.all(Direction.IN)).singleElement().satisfies(sa -> {
                assertThat(sa.marks().match()).as("told by it before it is decrypted").isEqualTo(suns.in());
                assertThat(sa.marks().set()).contains(new Mark(suns.in().orElseThrow().value(), 0xff));
            });
            // N(REKEY_SA) -->, or another quick mode -->
            world.moon.rekeyChildren("net");
            assertThat(world.network.until(20_000, () -> world.moon.children().size() == 1 && !world.moon.children().getFirst().equals(first)))
                    .as(world::journal).isTrue();
            assertThat(world.moon.children().getFirst().tags()).isEqualTo(first.tags());
            assertThat(world.sun.children().getFirst().tags().marks()).isEqualTo(suns);
            // Another child is told by another.
            world.moon.downPolicy("net");
            world.network.run(5_000);
            world.moon.up("sun", "net");
            world.network.run(5_000);
            assertThat(world.moon.children()).as(world::journal).singleElement()
                    .satisfies(child -> assertThat(child.tags().marks().in()).isNotEqualTo(first.tags().marks().in()));
        }
    }

    @Test
    void aPolicyMayHaveAnEntryForWhatIsForwardedOnItsWayOut() {
        World world = new World(Policies.moon().forwardsOut(), Policies.sun()).established(1);
        assertThat(world.moon.plane.policies.stream().filter(policy -> policy.direction() == Direction.FWD).map(policy -> policy.selectors() + " " + policy.verdict().getClass().getSimpleName()))
                .containsExactlyInAnyOrder("10.1.0.0/16 -> 10.2.0.0/16 Bypass", "10.2.0.0/16 -> 10.1.0.0/16 Protect");
    }

    /** What is forwarded is judged behind the device. */
    @Test
    void aDeviceThatSeesToWholePacketsHasThePoliciesAsWell() {
        World world = new World(Policies.moon().offload(Offload.PACKET), Policies.sun()).established(1);
        ChildSa child = world.moon.children().getFirst();
        assertThat(child.policies()).extracting(PolicySpec::direction, policy -> ((PolicySpec.Protect) policy.verdict()).offload()).containsExactlyInAnyOrder(
                tuple(Direction.OUT, Optional.of(child.localAddress())), tuple(Direction.IN, Optional.of(child.localAddress())), tuple(Direction.FWD, Optional.empty()));
        assertThat(world.sun.children().getFirst().policies()).allSatisfy(policy -> assertThat(((PolicySpec.Protect) policy.verdict()).offload()).isEmpty());
    }

    /** It is agreed on by the number of the one with 128 bits, so that only who knows better has it. */
    @Test
    void hmacSha256MayBeCutShort() {
        World world = new World(Policies.moon().esp("aes128-sha256").shortSha256(), Policies.sun().esp("aes128-sha256").shortSha256()).established(1);
        assertThat(world.moon.children().getFirst().suite()).hasToString("aes128-sha256-noesn");
        assertThat(world.moon.plane.all(Direction.OUT)).singleElement().satisfies(sa -> assertThat(((SaKeys.CipherAndMac) sa.keys()).mac().icvBytes()).isEqualTo(12));
        World other = new World(Policies.moon().esp("aes128-sha384").shortSha256(), Policies.sun().esp("aes128-sha384")).established(1);
        assertThat(other.moon.plane.all(Direction.OUT)).singleElement().satisfies(sa -> assertThat(((SaKeys.CipherAndMac) sa.keys()).mac().icvBytes()).isEqualTo(24));
    }

    // ---- selectors with protocols of their own

    /* TSi 10.1/16, TSr tcp/80 of one host, udp/53 of another --> <-- the same: one child, a policy for each pair that packets have */
    @Test
    void oneChildHasSelectorsWithDifferentProtocolsAndPorts() {
        List<TrafficSelector> ours = List.of(
                TrafficSelector.of(AddressRange.parse("10.1.0.0/16")), new TrafficSelector(6, 0, 65535, AddressRange.parse("10.9.0.0/16")));
        List<TrafficSelector> theirs = List.of(
                new TrafficSelector(6, 80, 80, AddressRange.parse("10.2.0.1")), new TrafficSelector(17, 53, 53, AddressRange.parse("10.2.0.2")),
                new TrafficSelector(1, 8 << 8, 8 << 8 | 0xff, AddressRange.parse("10.2.0.3")));
        World world = new World(Policies.moon().match(ours, theirs), Policies.sun().match(theirs, ours)).established(1);
        ChildSa child = world.moon.children().getFirst();
        assertThat(child.local()).isEqualTo(ours);
        assertThat(child.remote()).isEqualTo(theirs);
        assertThat(world.moon.plane.policies.stream().filter(policy -> policy.direction() == Direction.OUT).map(policy -> policy.selectors().toString()))
                .containsExactlyInAnyOrder(
                        "10.1.0.0/16 -> 10.2.0.1/32[tcp/80]", "10.1.0.0/16 -> 10.2.0.2/32[udp/53]", "10.1.0.0/16 -> 10.2.0.3/32[icmp/8]",
                        "10.9.0.0/16[tcp] -> 10.2.0.1/32[tcp/80]");
        world.moon.rekeyChildren("net");
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        world.assertSameChildren();
        // An ID of IKEv1 has one port.
        List<TrafficSelector> ported = theirs.subList(0, 2);
        World one = new World(Policies.moon().match(ours, ported).v1(), Policies.sun().match(ported, ours).v1());
        one.moon.up("sun");
        one.network.run(20_000);
        assertThat(one.moon.children()).as(one::journal).as("IKEv1: a child for each pair").hasSize(3);
        one.assertSameChildren();
    }

    // ---- transport mode

    /* HDR, SK{..., N(USE_TRANSPORT_MODE), SA, TSi, TSr} -->  <-- HDR, SK{..., SA, TSi, TSr}: a tunnel */
    @Test
    void aPeerThatDeclinesTransportModeIsRefusedOrGetsATunnelAsThePolicySays() {
        Net hosts = new Net("net", "192.0.2.2/32", "192.0.2.1/32");
        World strict = new World(Policies.moon().transport(), Policies.sun().nets(hosts));
        strict.moon.up("sun");
        strict.network.run(5_000);
        assertThat(strict.moon.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("declines transport mode", "tunnel-fallback"));
        assertThat(strict.sun.plane.sas).as(strict::journal).isEmpty();

        World lenient = new World(Policies.moon().transport().tunnelFallback(), Policies.sun().nets(hosts)).established(1);
        assertThat(lenient.moon.children()).extracting(ChildSa::mode).containsExactly(Mode.TUNNEL);
        assertThat(lenient.moon.plane.sas.values()).extracting(SaSpec::mode).containsOnly(Mode.TUNNEL);
        assertThat(lenient.moon.plane.policies).extracting(policy -> policy.direction())
                .containsExactly(Direction.OUT, Direction.IN, Direction.FWD);
    }

    @Test
    void aPeerThatAsksForATunnelGetsItFromATransportPolicyOnlyWithFallback() {
        Net hosts = new Net("net", "192.0.2.1/32", "192.0.2.2/32");
        World strict = new World(Policies.moon().nets(hosts), Policies.sun().transport());
        strict.moon.up("sun");
        strict.network.run(5_000);
        assertThat(strict.moon.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("TS_UNACCEPTABLE"));

        World lenient = new World(Policies.moon().nets(hosts), Policies.sun().transport().tunnelFallback()).established(1);
        assertThat(lenient.sun.children()).extracting(ChildSa::mode).containsExactly(Mode.TUNNEL);
    }

    // ---- fragments

    /*
     * HDR, SK{N(REKEY_SA), SA, Ni, TSi, TSr, N(NON_FIRST_FRAGMENTS_ALSO)} -->  <-- HDR, SK{SA, Nr, TSi, TSr}
     * "If the responder does not want to send or receive non-first fragments, it only omits [the notification] from its response, but
     * does not reject the whole Child SA creation" (section 1.3.1).
     */
    @Test
    void aPeerThatWouldSendLaterFragmentsIsNotToldToAndGetsItsChild() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        List<Integer> answered = new ArrayList<>();
        world.network.interceptor = (to, path, datagram) -> {
            Forger forger = new Forger(to);
            Optional<Forger.Content> content = forger.ikeSa(datagram).flatMap(sa -> forger.open(sa, datagram));
            if (content.isEmpty() || content.get().header().exchange() != ExchangeType.CREATE_CHILD_SA.number()) {
                return List.of(datagram);
            }
            List<Payload> payloads = new ArrayList<>(MessageCodec.decodeChain(content.get().firstInner(), content.get().chain()));
            if (to == world.moon) {
                payloads.forEach(payload -> answered.add(payload instanceof NotifyPayload notify ? notify.type() : 0));
                return List.of(datagram);
            }
            payloads.add(NotifyPayload.of(Notify.NON_FIRST_FRAGMENTS_ALSO));
            Forger.Content asking = content.get().saying(MessageCodec.firstType(payloads), MessageCodec.encodeChain(payloads));
            return List.of(forger.seal(forger.ikeSa(datagram).orElseThrow(), asking));
        };
        world.moon.rekeyChildren("net");
        world.network.run(2_000);
        assertThat(world.moon.events(Event.ChildRekeyed.class)).as(world::journal).hasSize(1);
        assertThat(answered).isNotEmpty().doesNotContain(Notify.NON_FIRST_FRAGMENTS_ALSO.number());
    }

    // ---- TFC padding

    @Test
    void packetsAreFilledUpUnlessThePeerDoesNotTakeThat() {
        World tunnel = new World(Policies.moon().tfc(1000), Policies.sun()).established(1);
        assertThat(tunnel.moon.plane.all(Direction.OUT)).extracting(SaSpec::tfcPadding).containsExactly(1000);
        assertThat(tunnel.sun.plane.all(Direction.OUT)).extracting(SaSpec::tfcPadding).containsExactly(0);
        assertThat(tunnel.moon.plane.all(Direction.IN)).extracting(SaSpec::tfcPadding).containsExactly(0);

        // A transport policy says ESP_TFC_PADDING_NOT_SUPPORTED, and that holds for the tunnel that it falls back to.
        Net hosts = new Net("net", "192.0.2.1/32", "192.0.2.2/32");
        World fallen = new World(
                Policies.moon().nets(hosts).tfc(1000), Policies.sun().transport().tunnelFallback()).established(1);
        assertThat(fallen.moon.plane.all(Direction.OUT)).extracting(SaSpec::mode).containsExactly(Mode.TUNNEL);
        World asked = new World(
                Policies.moon().transport().tunnelFallback(), Policies.sun().nets(new Net("net", "192.0.2.2/32", "192.0.2.1/32")).tfc(1000))
                .established(1);
        assertThat(asked.sun.plane.all(Direction.OUT)).extracting(SaSpec::tfcPadding).containsExactly(0);
    }

    // ---- errors about one child

    /** Moon wants a child, or a fresh one, and sun does not hear it: what answers instead is {@code error}. */
    private static void answered(World world, Notify error) {
        assertThat(world.network.until(1_000, () -> outstanding(world.session(world.moon)).isPresent())).as(world::journal).isTrue();
        Session moon = world.session(world.moon);
        Session sun = world.session(world.sun);
        world.moon.receive(moon.path(), SealedMessages.of(
                sun, ExchangeType.CREATE_CHILD_SA, true, outstanding(moon).getAsInt(), List.of(NotifyPayload.of(error))));
    }

    private static OptionalInt outstanding(Session session) {
        return session.phase().ikeSa().orElseThrow().window().outstanding().map(request -> OptionalInt.of(request.messageId()))
                .orElse(OptionalInt.empty());
    }

    private static ChildOffer offered(World world) {
        Exchange exchange = world.session(world.moon).phase().ikeSa().orElseThrow().window().outstanding().orElseThrow().exchange();
        return ((Exchange.CreateChild) exchange).offer();
    }

    private static World withSecondPolicy() {
        Net a = new Net("a", "10.1.0.0/24", "10.2.0.0/24");
        Net b = new Net("b", "10.1.1.0/24", "10.2.1.0/24");
        World world = new World(
                Policies.moon().nets(a, b).start(Start.ON_TRAFFIC),
                Policies.sun().nets(a.reversed(), b.reversed()));
        world.moon.up("sun", "a");
        assertThat(world.network.until(5_000, () -> world.moon.children().size() == 1)).isTrue();
        return world;
    }

    /* CREATE_CHILD_SA{..., TSi, TSr} -->  <-- {N(SINGLE_PAIR_REQUIRED)}; {..., TSi(packet), TSr(packet)} --> */
    @Test
    void aPeerThatWantsSinglePairsGetsThePacketsOwn() {
        World world = withSecondPolicy();
        world.sun.dead = true;
        world.moon.kernel(new DataPlaneEvent.Acquire(2, packet("10.1.1.7", "10.2.1.9")));
        answered(world, Notify.SINGLE_PAIR_REQUIRED);
        world.sun.dead = false;
        // Sun has not seen the first request, and its window expects that number.
        world.network.run(1_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).as(world::journal).isEmpty();
        assertThat(world.moon.events(Event.Remark.class)).extracting(Event.Remark::text).anyMatch(text -> text.contains("one pair of addresses"));
        assertThat(offered(world).local()).hasToString("[10.1.1.7/32]");
        assertThat(offered(world).remote()).hasToString("[10.2.1.9/32]");
    }

    @Test
    void withoutAPacketTheReasonIsSaid() {
        World world = withSecondPolicy();
        world.sun.dead = true;
        world.moon.up("sun", "b");
        answered(world, Notify.SINGLE_PAIR_REQUIRED);
        assertThat(world.moon.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("SINGLE_PAIR_REQUIRED", "start: on-traffic"));
    }

    /* CREATE_CHILD_SA{N(REKEY_SA), ...} -->  <-- {N(NO_ADDITIONAL_SAS)}: a peer that cannot rekey */
    @Test
    void aPeerThatCannotRekeyGetsANewIkeSa() {
        World world = withSecondPolicy();
        ChildSa old = world.moon.children().getFirst();
        Session before = world.session(world.moon);
        world.sun.dead = true;
        world.moon.kernel(new DataPlaneEvent.SoftExpire(old.outbound(), 1));
        answered(world, Notify.NO_ADDITIONAL_SAS);
        world.sun.dead = false;
        assertThat(world.network.until(30_000, () -> world.moon.established().stream().anyMatch(session -> session.id() != before.id())
                && world.moon.established().size() == 1)).as(world::journal).isTrue();
        assertThat(world.moon.children()).as(world::journal).singleElement().isNotEqualTo(old);
    }

    // ---- on traffic

    @Test
    void thePacketsOwnSelectorsComeFirst() {
        World world = withSecondPolicy();
        world.moon.kernel(new DataPlaneEvent.Acquire(2, packet("10.1.1.7", "10.2.1.9")));
        assertThat(world.network.until(1_000, () -> outstanding(world.session(world.moon)).isPresent())).isTrue();
        assertThat(offered(world).local()).hasToString("[10.1.1.7/32, 10.1.1.0/24]");
        assertThat(offered(world).remote()).hasToString("[10.2.1.9/32, 10.2.1.0/24]");
        world.network.run(1_000);
        assertThat(world.moon.children()).hasSize(2);
    }

    @Test
    void aHundredPacketsAskOnce() {
        World world = withSecondPolicy();
        int before = world.network.seen.size();
        for (int i = 1; i <= 100; i++) {
            world.moon.kernel(new DataPlaneEvent.Acquire(2, packet("10.1.1." + i, "10.2.1.9")));
        }
        world.network.run(5_000);
        assertThat(world.moon.children()).hasSize(2);
        assertThat(world.network.seen).hasSize(before + 2);

        World unmade = new World(Policies.moon().start(Start.ON_TRAFFIC), Policies.sun());
        for (int i = 1; i <= 100; i++) {
            unmade.moon.kernel(new DataPlaneEvent.Acquire(1, packet("10.1.0." + i, "10.2.0.9")));
        }
        unmade.network.run(5_000);
        assertThat(unmade.moon.children()).hasSize(1);
        assertThat(unmade.network.seen).hasSize(4);
    }
}
