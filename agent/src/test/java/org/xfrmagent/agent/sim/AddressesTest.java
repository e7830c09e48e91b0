package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.NameServers;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.VirtualAddress;

/** RFC 7296, section 2.19: moon is given an address by sun in IKE_AUTH, and speaks for that alone. */
class AddressesTest {
    private static final InetAddress GIVEN = Ip.parse("10.1.7.1").orElseThrow();
    private static final InetAddress ELSEWHERE = Ip.parse("198.51.100.7").orElseThrow();
    private static final Pool POOL = new Pool(
            "staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2")), List.of(Ip.parse("10.2.0.53").orElseThrow()));
    private static final Pool EMPTY = new Pool("staff", List.of(), List.of());

    private static final InetAddress GIVEN_OF_IPV6 = Ip.parse("fd00:1::7").orElseThrow();
    private static final Pool POOL_OF_IPV6 = new Pool("six", List.of(AddressRange.of(GIVEN_OF_IPV6)), List.of());

    private static Policies moonOfBoth() {
        return Policies.moon().isGiven(VirtualAddress.ANY_IPV4, VirtualAddress.ANY_IPV6).mobike().punctual();
    }

    private static Policies sunOfBoth() {
        return Policies.sun().mobike().punctual();
    }

    private static Policies moon() {
        return Policies.moon().isGiven();
    }

    private static Policies sun() {
        return Policies.sun().gives(POOL);
    }

    private static void assertGiven(World world) {
        assertThat(world.session(world.moon).phase().inner()).isEqualTo(new InnerAddresses.Given(List.of(GIVEN), new NameServers(POOL.told().dns(), List.of())));
        assertThat(world.session(world.sun).phase().inner()).isEqualTo(InnerAddresses.lent(List.of(new Lease("staff", GIVEN))));
        assertThat(world.moon.children()).as(world::journal).singleElement().satisfies(child -> {
            assertThat(child.local()).hasToString("[10.1.7.1/32]");
            assertThat(child.remote()).hasToString("[10.2.0.0/16]");
        });
        world.assertSameChildren();
        assertThat(world.moon.taken).containsOnlyKeys(GIVEN).containsEntry(GIVEN, 1);
        assertThat(world.sun.leases).containsOnlyKeys(GIVEN).containsEntry(GIVEN, 1);
    }

    /**
     * RFC 4301, section 5.2, step 4: what comes by an SA has to fit its selectors. In the SPD the reqid sees to that: the policies for one
     * address take what comes by SAs for that address alone, a successor's as well, and not by those of another who is of the same policy.
     */
    @Test
    void whatTheSasOfAnAddressAreTiedToIsOfThatAddressAlone() {
        World world = new World(moon(), sun()).established(1);
        int own = world.sun.children().getFirst().reqid();
        assertThat(world.sun.plane.policies).isNotEmpty().allSatisfy(policy ->
                assertThat(((PolicySpec.Protect) policy.verdict()).reqid()).isEqualTo(own).isNotEqualTo(world.sun.children().getFirst().profile().reqid()));
        assertThat(world.sun.plane.all(Direction.IN)).extracting(SaSpec::reqid).containsExactly(own);
        world.moon.rekeyChildren("net");
        world.network.run(20_000);
        assertThat(world.sun.children()).extracting(ChildSa::reqid).containsExactly(own);
    }

    /** Both families: each from the first pool that has it, in one child. */
    @Test
    void anAddressOfEachFamilyIsGivenAndStays() {
        World world = twoFamilies(moonOfBoth(), sunOfBoth().gives(POOL, new Pool("more", POOL.addresses(), List.of()), POOL_OF_IPV6)).established(1);
        assertBoth(world);
        world.moon.rekeyIkeSas();
        world.network.run(5_000);
        world.sun.rekeyChildren(world.sun.children().getFirst().name());
        world.network.run(5_000);
        assertBoth(world);
        world.moon.readdress(ELSEWHERE);
        world.network.run(20_000);
        assertThat(world.session(world.sun).path().remote()).isEqualTo(ELSEWHERE);
        assertBoth(world);
        world.sun.down("moon");
        world.network.run(5_000);
        assertNothing(world);
    }

    /**
     * Section 3.15.1: "Multiple internal addresses MAY be requested by requesting multiple Internal Address attributes."
     *
     * <pre>
     *   CP(CFG_REQUEST) IP4_ADDRESS 10.1.7.2, IP4_ADDRESS, IP4_ADDRESS -->
     *   &lt;--  CP(CFG_REPLY) IP4_ADDRESS 10.1.7.2, IP4_ADDRESS 10.1.7.1            there are no more
     * </pre>
     */
    @Test
    void severalAddressesOfOneFamilyAreGivenAndStay() {
        VirtualAddress named = VirtualAddress.of(Ip.parse("10.1.7.2").orElseThrow());
        World world = new World(
                Policies.moon().isGiven(named, VirtualAddress.ANY_IPV4, VirtualAddress.ANY_IPV4).mobike().punctual().reauthentication(Duration.ofHours(1)),
                sun().mobike().punctual()).established(1);
        assertSeveral(world);
        world.moon.rekeyIkeSas();
        world.network.run(5_000);
        assertSeveral(world);
        long first = world.session(world.moon).id();
        assertThat(world.network.until(Duration.ofHours(2).toMillis(), () -> world.moon.established().size() == 1
                        && world.sun.established().size() == 1 && world.session(world.moon).id() != first))
                .as(world::journal).isTrue();
        world.network.run(5_000);
        assertSeveral(world);
        world.moon.readdress(ELSEWHERE);
        world.network.run(20_000);
        assertSeveral(world);
        world.moon.down("sun");
        world.network.run(5_000);
        assertNothing(world);
    }

    private static void assertSeveral(World world) {
        List<InetAddress> two = List.of(Ip.parse("10.1.7.2").orElseThrow(), GIVEN);
        assertThat(world.session(world.moon).phase().inner().ours()).isEqualTo(two);
        assertThat(world.session(world.sun).phase().inner().theirs()).isEqualTo(two);
        assertThat(world.moon.children()).as(world::journal).singleElement().satisfies(child ->
                assertThat(child.local()).extracting(Object::toString).containsExactlyInAnyOrder("10.1.7.2/32", "10.1.7.1/32"));
        world.assertSameChildren();
        assertThat(world.sun.leases).containsExactlyInAnyOrderEntriesOf(Map.of(two.getFirst(), 1, GIVEN, 1));
        assertThat(world.sun.children()).extracting(ChildSa::reqid).as("of both addresses, in any order").containsExactly(1 << 30);
        assertThat(world.moon.taken).isEqualTo(world.sun.leases);
    }

    @Test
    void reauthenticationKeepsBoth() {
        World world = twoFamilies(moonOfBoth().reauthentication(Duration.ofHours(1)), sunOfBoth().gives(POOL, POOL_OF_IPV6)).established(1);
        long first = world.session(world.moon).id();
        assertThat(world.network.until(Duration.ofHours(2).toMillis(), () -> world.moon.established().size() == 1
                        && world.sun.established().size() == 1 && world.session(world.moon).id() != first))
                .as(world::journal).isTrue();
        world.network.run(5_000);
        assertBoth(world);
    }

    /** Whoever is about to rekey what when the order comes, and however soon after it. */
    @Test
    void reauthenticationRightAfterRekeyingKeepsBoth() {
        for (int seed = 0; seed < 200; seed++) {
            Random luck = new Random(seed);
            World world = twoFamilies(moonOfBoth(), sunOfBoth().gives(POOL, POOL_OF_IPV6)).established(1);
            for (int i = luck.nextInt(3); i >= 0; i--) {
                SimulatedHost who = luck.nextBoolean() ? world.moon : world.sun;
                if (luck.nextBoolean()) {
                    who.rekeyChildren("net");
                } else {
                    who.rekeyIkeSas();
                }
                world.network.run(luck.nextBoolean() ? 0 : luck.nextInt(120));
            }
            world.moon.reauthenticate();
            world.network.run(90_000);
            assertThat(world.moon.events(Event.ReauthenticationDue.class)).as("seed " + seed).hasSize(1);
            assertBoth(world);
        }
    }

    /** Only who has called asks for addresses: a gateway that called its user would take away what that has. */
    @Test
    void aGatewayDoesNotAuthenticateAnewWhoHasItsAddresses() {
        World world = twoFamilies(moonOfBoth(), sunOfBoth().gives(POOL, POOL_OF_IPV6)).established(1);
        Session before = world.session(world.sun);
        world.sun.reauthenticate();
        world.network.run(10_000);
        assertThat(world.session(world.sun).id()).isEqualTo(before.id());
        assertThat(world.sun.events(Event.Remark.class)).last().satisfies(remark -> assertThat(remark.text())
                .isEqualTo("the peer called us and has addresses of our pools, so only it can authenticate anew"));
        assertBoth(world);
    }

    /** Section 2.19 has a failure only for who gets no address at all. */
    @Test
    void whoeverGetsOneOfTwoGoesOnWithThat() {
        World world = twoFamilies(moonOfBoth(), sunOfBoth().gives(EMPTY, POOL_OF_IPV6)).established(1);
        assertThat(world.session(world.moon).phase().inner().ours()).containsExactly(GIVEN_OF_IPV6);
        assertThat(world.moon.children()).singleElement().satisfies(child -> assertThat(child.local()).hasToString("[fd00:1::7/128]"));
        world.assertSameChildren();
    }

    private static World twoFamilies(Policies moon, Policies sun) {
        ChildTerms.Net net = new ChildTerms.Net("net", "10.1.0.0/16 fd00:1::/64", "10.2.0.0/16 fd00:2::/64");
        return new World(moon.nets(net), sun.nets(net.reversed()));
    }

    private static void assertBoth(World world) {
        assertThat(world.session(world.moon).phase().inner()).isEqualTo(
                new InnerAddresses.Given(List.of(GIVEN, GIVEN_OF_IPV6), new NameServers(POOL.told().dns(), List.of())));
        assertThat(world.session(world.sun).phase().inner())
                .isEqualTo(InnerAddresses.lent(List.of(new Lease("staff", GIVEN), new Lease("six", GIVEN_OF_IPV6))));
        assertThat(world.moon.children()).as(world::journal).singleElement().satisfies(child -> {
            assertThat(child.local()).hasToString("[10.1.7.1/32, fd00:1::7/128]");
            assertThat(child.remote()).hasToString("[10.2.0.0/16, fd00:2::/64]");
        });
        world.assertSameChildren();
        assertThat(world.moon.taken).containsExactlyInAnyOrderEntriesOf(Map.of(GIVEN, 1, GIVEN_OF_IPV6, 1));
        assertThat(world.sun.leases).containsExactlyInAnyOrderEntriesOf(Map.of(GIVEN, 1, GIVEN_OF_IPV6, 1));
    }

    private static void assertNothing(World world) {
        world.assertNothing();
        assertThat(world.moon.taken).isEmpty();
        assertThat(world.sun.leases).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theAddressIsAllThatOurChildSpeaksForAndGoesWithTheIkeSa(boolean weEnd) {
        World world = new World(moon(), sun()).established(1);
        assertGiven(world);
        if (weEnd) {
            world.moon.down("sun");
        } else {
            world.sun.down("moon");
        }
        world.network.run(5_000);
        assertNothing(world);
    }

    /** RFC 6023: the children come later, by CREATE_CHILD_SA, and speak for the address too. */
    @Test
    void anIkeSaWithoutAChildHasTheAddressAsWell() {
        World world = new World(moon().childless(Childless.FORCE), sun().childless(Childless.FORCE)).established(1);
        assertGiven(world);
    }

    @Test
    void withoutAnAddressThereIsNothing() {
        World world = new World(moon(), Policies.sun());
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).isEqualTo("the gateway gave us no address"));
        assertNothing(world);
    }

    @Test
    void anEmptyPoolIsToldAsSuch() {
        World world = new World(moon(), Policies.sun().gives(EMPTY));
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.IkeFailed.class)).singleElement().satisfies(
                event -> assertThat(event.reason()).isEqualTo("the gateway gave us no address: it says INTERNAL_ADDRESS_FAILURE"));
        assertNothing(world);
    }

    /** <pre>  &lt;--  HDR, SK{IDr, AUTH, N(FAILED_CP_REQUIRED)}  </pre> The IKE SA is up, and has no child, then or later. */
    @Test
    void whoDoesNotAskGetsNoChild() {
        World world = new World(Policies.moon(), sun());
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).singleElement()
                .satisfies(event -> assertThat(event.reason()).contains("FAILED_CP_REQUIRED"));
        assertThat(world.moon.established()).hasSize(1);
        world.moon.up("sun");
        world.network.run(5_000);
        assertThat(world.moon.events(Event.ChildFailed.class)).hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(event -> assertThat(event.reason()).contains("FAILED_CP_REQUIRED"));
        assertThat(world.sun.children()).isEmpty();
        assertThat(world.sun.leases).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4})
    void aLostMessageIsMadeUpFor(int lost) {
        World world = new World(moon(), sun());
        int[] messages = {0};
        world.network.interceptor = (to, path, datagram) ->
                Header.peek(datagram).exchange() == ExchangeType.IKE_AUTH.number() && ++messages[0] == lost ? List.of() : List.of(datagram);
        world.established(1);
        assertGiven(world);
    }

    /** R5, R18: every message once more, in any order, changes nothing. */
    @Test
    void aReplayOfEverythingChangesNothing() {
        World world = new World(moon(), sun()).established(1);
        world.network.run(2_000);
        List<ChildSa> children = world.sun.children();
        for (SimulatedNetwork.Sighting sighting : new ArrayList<>(world.network.seen).reversed()) {
            world.network.send(sighting.from().equals("moon") ? world.moon : world.sun, sighting.path(), sighting.datagram());
            world.network.run(100);
        }
        world.network.run(60_000);
        assertThat(world.sun.children()).isEqualTo(children);
        assertGiven(world);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void theAddressComesThroughLossAndDuplication(long seed) {
        World world = new World(moon().start(Start.AT_START), sun(), seed);
        world.network.weather = new SimulatedNetwork.Weather(0.2, 0.2, 5, 400);
        boolean up = world.network.until(2_000_000, () -> world.moon.children().stream().anyMatch(ChildSa::sends)
                && world.sun.children().stream().anyMatch(ChildSa::sends));
        assertThat(up).as(world::journal).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rekeyingKeepsIt(boolean moonDoes) {
        World world = new World(moon(), sun()).established(1);
        SimulatedHost who = moonDoes ? world.moon : world.sun;
        who.rekeyIkeSas();
        world.network.run(5_000);
        assertThat(who.events(Event.IkeRekeyed.class)).hasSize(1);
        assertGiven(world);
        ChildSa child = world.moon.children().getFirst();
        who.rekeyChildren(child.name());
        world.network.run(5_000);
        assertThat(world.moon.children()).doesNotContain(child);
        assertGiven(world);
        world.moon.down("sun");
        world.network.run(5_000);
        assertNothing(world);
    }

    /** A new IKE SA beside the old one: the same address, held by both for a while. */
    @Test
    void reauthenticationKeepsIt() {
        World world = new World(moon().reauthentication(Duration.ofHours(1)), sun()).established(1);
        long first = world.session(world.moon).id();
        assertThat(world.network.until(Duration.ofHours(2).toMillis(), () -> world.moon.established().size() == 1
                        && world.sun.established().size() == 1 && world.session(world.moon).id() != first))
                .as(world::journal).isTrue();
        world.network.run(5_000);
        assertGiven(world);
        world.moon.down("sun");
        world.network.run(5_000);
        assertNothing(world);
    }

    /** RFC 4555: the outer address is another, the inner one is not. */
    @Test
    void movingKeepsIt() {
        World world = new World(moon().mobike().punctual(), sun().mobike().punctual()).established(1);
        world.moon.readdress(ELSEWHERE);
        world.network.run(20_000);
        assertThat(world.session(world.sun).path().remote()).isEqualTo(ELSEWHERE);
        assertGiven(world);
        world.moon.down("sun");
        world.network.run(5_000);
        assertNothing(world);
    }

    /** The gateway is lost, and given up. */
    @Test
    void itGoesWithAPeerThatIsLost() {
        World world = new World(moon(), sun()).established(1);
        world.sun.dead = true;
        assertThat(world.network.until(Duration.ofHours(1).toMillis(), () -> world.moon.established().isEmpty())).isTrue();
        world.network.run(5_000);
        assertThat(world.moon.taken).isEmpty();
    }
}
