package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddress;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Start;

/** RFC 7296, section 2.19: moon is given an address by sun in IKE_AUTH, and speaks for that alone. */
class AddressesTest {
    private static final InetAddress GIVEN = Ip.parse("10.1.7.1").orElseThrow();
    private static final InetAddress ELSEWHERE = Ip.parse("198.51.100.7").orElseThrow();
    private static final Pool POOL = new Pool(
            "staff", List.of(AddressRange.parse("10.1.7.1"), AddressRange.parse("10.1.7.2")), List.of(Ip.parse("10.2.0.53").orElseThrow()));
    private static final Pool EMPTY = new Pool("staff", List.of(), List.of());

    private static Policies moon() {
        return Policies.moon().isGiven();
    }

    private static Policies sun() {
        return Policies.sun().gives(POOL);
    }

    private static void assertGiven(World world) {
        assertThat(world.session(world.moon).phase().inner()).isEqualTo(new InnerAddress.Given(GIVEN, POOL.dns()));
        assertThat(world.session(world.sun).phase().inner()).isEqualTo(new InnerAddress.Lent("staff", GIVEN));
        assertThat(world.moon.children()).as(world::journal).singleElement().satisfies(child -> {
            assertThat(child.local()).hasToString("[10.1.7.1/32]");
            assertThat(child.remote()).hasToString("[10.2.0.0/16]");
        });
        world.assertSameChildren();
        assertThat(world.moon.taken).containsOnlyKeys(GIVEN).containsEntry(GIVEN, 1);
        assertThat(world.sun.leases).containsOnlyKeys(GIVEN).containsEntry(GIVEN, 1);
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
