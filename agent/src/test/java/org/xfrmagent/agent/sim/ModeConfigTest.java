package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.NameServers;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Octets;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.VirtualAddress;

/** Moon is given an address by sun, and speaks for that alone: asked for, and told unasked. */
class ModeConfigTest {
    private static final InetAddress GIVEN = Ip.parse("10.1.7.1").orElseThrow();
    private static final Pool POOL = new Pool(
            "staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2"), AddressRange.parse("10.1.7.3")), List.of(Ip.parse("10.2.0.53").orElseThrow()));

    private static final Pool POOL_OF_IPV6 = new Pool("six", List.of(AddressRange.parse("fd00:1::7")), List.of());
    private static final NameServers SERVERS = new NameServers(POOL.told().dns(), List.of());

    /** Ways to phase 1, with a name for the report. */
    record Mode(String name, Policies moon, Policies sun) {
        World world(long seed) {
            return new World(moon, sun, seed);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Mode> modes() {
        return Stream.of(
                new Mode("main mode", Policies.moon().v1(), Policies.sun().v1()),
                new Mode("aggressive mode", Policies.moon().aggressive(), Policies.sun().aggressive()),
                new Mode("a user", Policies.moon().aggressive().user("carol", "let me in"), Policies.sun().aggressive().users()));
    }

    static Stream<Mode> pulled() {
        return modes().map(mode -> new Mode(mode.name + ", pull", mode.moon.isGiven(), mode.sun.gives(POOL)));
    }

    static Stream<Mode> pushed() {
        return modes().map(mode -> new Mode(mode.name + ", push", mode.moon.isGiven().push(), mode.sun.gives(POOL).push()));
    }

    static Stream<Mode> all() {
        return Stream.concat(pulled(), pushed());
    }

    private static List<String> transactions(World world) {
        return world.network.seen.stream()
                .filter(sighting -> IsakmpHeader.peek(sighting.datagram()).exchange() == IsakmpExchange.TRANSACTION.number())
                .map(SimulatedNetwork.Sighting::from)
                .toList();
    }

    private static void assertGiven(World world) {
        assertThat(world.session(world.moon).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(up.given()).contains(new InnerAddresses.Given(List.of(GIVEN), SERVERS)));
        assertThat(world.session(world.sun).phase()).isInstanceOfSatisfying(
                PhaseV1.Up.class, up -> assertThat(up.inner().theirs()).containsExactly(GIVEN));
        assertThat(world.moon.children()).singleElement().satisfies(child -> {
            assertThat(child.local()).hasToString("[10.1.7.1/32]");
            assertThat(child.remote()).hasToString("[10.2.0.0/16]");
        });
        assertThat(world.moon.taken).containsOnlyKeys(GIVEN);
        assertThat(world.sun.leases).containsOnlyKeys(GIVEN);
    }

    @ParameterizedTest
    @MethodSource("all")
    void theAddressIsAllThatOurChildSpeaksForAndGoesWithTheSession(Mode mode) {
        World world = mode.world(1).established(1);
        assertGiven(world);
        world.moon.down("sun");
        world.network.run(5_000);
        world.assertNothing();
        assertThat(world.moon.taken).isEmpty();
        assertThat(world.sun.leases).isEmpty();
    }

    @Test
    void whoIsToHaveItAsks() {
        World world = pulled().findFirst().orElseThrow().world(1).established(1);
        assertThat(transactions(world)).containsExactly("moon", "sun");
    }

    /** Of each family one, asked for at once and told at once; IKEv1 has an SA of its own for each. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAddressOfEachFamilyIsGiven(boolean push) {
        ChildTerms.Net nets = new ChildTerms.Net("net", "10.1.0.0/16 fd00:1::/64", "10.2.0.0/16 fd00:2::/64");
        Policies moon = Policies.moon().v1().isGiven(VirtualAddress.ANY_IPV4, VirtualAddress.ANY_IPV6).nets(nets);
        Policies sun = Policies.sun().v1().gives(POOL, POOL_OF_IPV6).nets(nets.reversed());
        World world = new World(push ? moon.push() : moon, push ? sun.push() : sun);
        world.moon.up("sun");
        assertThat(world.network.until(20_000, () -> world.moon.children().size() == 2 && world.sun.children().size() == 2)).as(world::journal).isTrue();
        assertThat(world.moon.children()).extracting(child -> child.local() + " " + child.remote())
                .containsExactlyInAnyOrder("[10.1.7.1/32] [10.2.0.0/16]", "[fd00:1::7/128] [fd00:2::/64]");
        assertThat(world.session(world.sun).phase().inner().theirs()).isEqualTo(world.session(world.moon).phase().inner().ours());
        assertThat(transactions(world)).hasSize(2);
        world.moon.down("sun");
        world.network.run(5_000);
        world.assertNothing();
        assertThat(world.sun.leases).isEmpty();
        assertThat(world.moon.taken).isEmpty();
    }

    /** Two attributes of one type in each message, and an SA for each address. */
    @Test
    void severalAddressesOfOneFamilyAreGiven() {
        ChildTerms.Net nets = new ChildTerms.Net("net", "10.1.0.0/16", "10.2.0.0/16");
        Pool pool = new Pool("staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2")), List.of());
        World world = new World(
                Policies.moon().v1().isGiven(VirtualAddress.ANY_IPV4, VirtualAddress.of(Ip.parse("10.1.7.2").orElseThrow())).nets(nets), Policies.sun().v1().gives(pool).nets(nets.reversed()));
        world.moon.up("sun");
        assertThat(world.network.until(20_000, () -> world.moon.children().size() == 2 && world.sun.children().size() == 2)).as(world::journal).isTrue();
        assertThat(world.moon.children()).extracting(child -> child.local().toString()).containsExactlyInAnyOrder("[10.1.7.1/32]", "[10.1.7.2/32]");
        assertThat(world.session(world.sun).phase().inner().theirs()).containsExactlyInAnyOrderElementsOf(world.session(world.moon).phase().inner().ours()).hasSize(2);
        assertThat(transactions(world)).hasSize(2);
        world.moon.down("sun");
        world.network.run(5_000);
        world.assertNothing();
        assertThat(world.sun.leases).isEmpty();
        assertThat(world.moon.taken).isEmpty();
    }

    @Test
    void whoGivesItTells() {
        World world = pushed().findFirst().orElseThrow().world(1).established(1);
        assertThat(transactions(world)).containsExactly("sun", "moon");
    }

    /** Who has not asked is told all that the pool has. */
    @Test
    void whatIsToldIsWhatThePoolHas() {
        Pool full = new Pool(
                "staff", POOL.addresses(), new Pool.Told(
                        POOL.told().dns(), List.of(Ip.parse("10.2.0.54").orElseThrow()), List.of(Ip.parse("10.2.0.67").orElseThrow()),
                        Optional.of("inside.lab"), Optional.of("Hello carol"),
                        List.of(AddressRange.parse("10.2.0.0/16"), AddressRange.parse("10.9.8.0/24")), List.of(AddressRange.parse("10.2.9.0/24")),
                        List.of(new Pool.Attribute(28681, Octets.of((byte) 10, (byte) 2, (byte) 0, (byte) 9)))));
        World world = new World(Policies.moon().v1().isGiven().push(), Policies.sun().v1().gives(full).push()).established(1);
        Bytes told = world.network.seen.stream()
                .map(SimulatedNetwork.Sighting::datagram)
                .filter(datagram -> IsakmpHeader.peek(datagram).exchange() == IsakmpExchange.TRANSACTION.number())
                .findFirst()
                .orElseThrow();
        PhaseV1.Up sun = (PhaseV1.Up) world.session(world.sun).phase();
        AttributesPayload set = new ForgerV1(sun.sa()).open(told).first(AttributesPayload.class).orElseThrow();
        assertThat(set.type()).isEqualTo(ConfigAttribute.SET);
        assertThat(set.attributes()).extracting(attribute -> attribute.type() + " " + attribute.value().toHex()).containsExactly(
                ConfigAttribute.INTERNAL_IP4_ADDRESS + " 0a010701", ConfigAttribute.INTERNAL_IP4_NETMASK + " ffffffff",
                ConfigAttribute.INTERNAL_IP4_DNS + " 0a020035", ConfigAttribute.INTERNAL_IP4_NBNS + " 0a020036",
                ConfigAttribute.INTERNAL_IP4_DHCP + " 0a020043",
                ConfigAttribute.UNITY_BANNER + " " + hex("Hello carol"), ConfigAttribute.UNITY_DEF_DOMAIN + " " + hex("inside.lab"),
                ConfigAttribute.UNITY_SPLIT_INCLUDE + " 0a020000ffff0000000000000000" + "0a090800ffffff00000000000000",
                ConfigAttribute.UNITY_LOCAL_LAN + " 0a020900ffffff00000000000000", "28681 0a020009");
    }

    private static String hex(String text) {
        return Bytes.of(text.getBytes(StandardCharsets.US_ASCII)).toHex();
    }

    /** The gateway tells although it is asked: one of the two is enough. */
    @Test
    void weAreToldAlthoughWeAsk() {
        World world = new World(Policies.moon().v1().isGiven(), Policies.sun().v1().gives(POOL).push()).established(1);
        assertGiven(world);
        assertThat(world.sun.leases).containsEntry(GIVEN, 1);
    }

    /** Nothing is asked for before there is an address, and the session ends when there is none. */
    @Test
    void withoutAnAddressThereIsNothing() {
        World world = new World(Policies.moon().v1().isGiven(), Policies.sun().v1());
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("the gateway gave us no address"));
        world.assertNothing();
    }

    @Test
    void aGatewayThatTellsNothingIsGivenUp() {
        World world = new World(Policies.moon().v1().isGiven().push(), Policies.sun().v1().gives(POOL));
        world.moon.up("sun");
        world.network.run(200_000);
        assertThat(world.moon.events(Event.IkeUp.class)).isEmpty();
        assertThat(world.moon.events(Event.IkeFailed.class)).first()
                .satisfies(event -> assertThat(event.reason()).contains("did not give us an address in time"));
        assertThat(world.moon.taken).isEmpty();
    }

    /** A peer that asks by no means, and takes nothing that it is told: the gateway ends it. */
    @Test
    void aPeerThatDoesNotTakeWhatItIsToldIsGivenUp() {
        World world = new World(Policies.moon().v1(), Policies.sun().v1().gives(POOL).push());
        world.moon.up("sun");
        world.network.run(400_000);
        assertThat(world.sun.events(Event.IkeDown.class)).first()
                .satisfies(event -> assertThat(event.reason()).contains("does not take the address that it is told"));
        assertThat(world.sun.leases).isEmpty();
    }

    static Stream<Object[]> losses() {
        return all().flatMap(mode -> IntStream.rangeClosed(1, 6).mapToObj(lost -> new Object[] {mode, lost}));
    }

    /** Each of the first messages after phase 1 is lost once; every other message arrives. */
    @ParameterizedTest
    @MethodSource("losses")
    void aLostMessageIsMadeUpFor(Mode mode, int lost) {
        World world = mode.world(1);
        int[] transactions = {0};
        world.network.interceptor = (to, path, datagram) -> {
            IsakmpHeader header = IsakmpHeader.peek(datagram);
            boolean counts = header.exchange() == IsakmpExchange.TRANSACTION.number()
                    || header.exchange() == IsakmpExchange.AGGRESSIVE.number() && header.responderCookie() != 0 && to == world.sun;
            return counts && ++transactions[0] == lost ? List.of() : List.of(datagram);
        };
        world.moon.up("sun");
        assertThat(world.network.until(30_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                .as(world::journal).isTrue();
        assertGiven(world);
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).isEmpty();
    }

    /** R5, R18: every message once more, in any order, changes nothing. */
    @ParameterizedTest
    @MethodSource("all")
    void aReplayOfEverythingChangesNothing(Mode mode) {
        World world = mode.world(1).established(1);
        world.network.run(2_000);
        List<ChildSa> children = world.sun.children();
        for (SimulatedNetwork.Sighting sighting : new ArrayList<>(world.network.seen).reversed()) {
            world.network.send(sighting.from().equals("moon") ? world.moon : world.sun, sighting.path(), sighting.datagram());
            world.network.run(100);
        }
        assertThat(world.sun.children()).isEqualTo(children);
        assertGiven(world);
        world.assertSameChildren();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void theAddressComesThroughLossAndDuplication(long seed) {
        for (Mode mode : all().toList()) {
            World world = new World(mode.moon.start(Start.AT_START), mode.sun, seed);
            world.network.weather = new SimulatedNetwork.Weather(0.2, 0.2, 5, 400);
            boolean up = world.network.until(2_000_000, () -> world.moon.children().stream().anyMatch(ChildSa::sends)
                    && world.sun.children().stream().anyMatch(ChildSa::sends));
            assertThat(up).as(() -> mode + "\n" + world.journal()).isTrue();
        }
    }

    /** Only who has called asks for an address, and shows a user: a gateway that is told to do phase 1 anew would take away what that has. */
    @ParameterizedTest
    @MethodSource("pulled")
    void aGatewayLeavesPhase1ToWhoAsksForItsAddress(Mode mode) {
        World world = mode.world(1).established(1);
        long before = world.session(world.sun).id();
        ChildSa child = world.moon.children().getFirst();
        world.sun.rekeyIkeSas();
        world.network.run(60_000);
        assertThat(world.session(world.sun).id()).isEqualTo(before);
        assertThat(world.sun.events(Event.Remark.class)).last().satisfies(remark ->
                assertThat(remark.text()).isEqualTo("the peer called us and has addresses of our pools, so only it can authenticate anew"));
        assertThat(world.moon.children()).containsExactly(child);
        assertGiven(world);
        world.moon.rekeyIkeSas();
        world.network.run(60_000);
        assertThat(world.session(world.sun).id()).isNotEqualTo(before);
        assertThat(world.moon.children()).containsExactly(child);
        assertGiven(world);
    }

    /** Phase 1 anew: the same address, held by both, and the children stay. */
    @ParameterizedTest
    @MethodSource("all")
    void aSuccessorOfTheIsakmpSaKeepsTheAddressAndTheChildren(Mode mode) {
        World world = new World(mode.moon.ikeLifetime(600, 660), mode.sun.ikeLifetime(3_600, 3_960), 1).established(1);
        Optional<Long> first = Optional.of(world.session(world.moon).id());
        ChildSa child = world.moon.children().getFirst();
        assertThat(world.network.until(2_000_000, () -> world.moon.established().size() == 1
                        && world.sun.established().size() == 1
                        && !Optional.of(world.session(world.moon).id()).equals(first)))
                .as(world::journal).isTrue();
        world.network.run(5_000);
        assertThat(world.moon.events(Event.ChildDown.class)).as(world::journal).isEmpty();
        assertThat(world.moon.children()).containsExactly(child);
        assertGiven(world);
        assertThat(world.moon.taken).containsEntry(GIVEN, 1);
        assertThat(world.sun.leases).containsEntry(GIVEN, 1);
        world.assertSameChildren();
    }
}
