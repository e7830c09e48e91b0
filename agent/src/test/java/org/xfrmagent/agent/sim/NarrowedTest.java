package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.NarrowedReqids;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.sim.ChildTerms.Net;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.Unique;

/**
 * Several peers of one policy, each with a part of it (RFC 7296, section 2.9), and which SAs are for which part:
 *
 * <pre>
 *   moon 10.1.1.0/24 ──┐
 *                      ├── sun 10.2/16, whose policy is for 10.1/16
 *   twin 10.1.2.0/24 ──┘
 * </pre>
 */
class NarrowedTest {
    private static final String MOONS = "10.1.1.0/24";
    private static final String TWINS = "10.1.2.0/24";
    /** That of sun's policy. */
    private static final int WHOLE = 1;

    private static Policies moon(String local) {
        return Policies.moon().unique(Unique.NEVER).nets(new Net("net", local, "10.2.0.0/16"));
    }

    private static Policies sun() {
        return Policies.sun().anywhere().unique(Unique.NEVER);
    }

    private static SimulatedHost twin(World world, Policies policies) {
        SimulatedHost twin = new SimulatedHost(
                "twin", Ip.parse("192.0.2.3").orElseThrow(), policies.settings(), world.network, new SecureRandom(), 0xc3000000);
        twin.up("sun");
        assertThat(world.network.until(10_000, () -> !twin.children().isEmpty())).as(world::journal).isTrue();
        return twin;
    }

    private static ChildSa at(World world, SimulatedHost peer) {
        SaId outbound = peer.children().getFirst().inbound();
        return world.sun.children().stream().filter(child -> child.outbound().equals(outbound)).findFirst().orElseThrow();
    }

    private static SaSpec in(World world, SimulatedHost peer) {
        return sa(world, at(world, peer).inbound());
    }

    private static SaSpec sa(World world, SaId id) {
        return Optional.ofNullable(world.sun.plane.sas.get(id)).orElseThrow();
    }

    /* {TSi(10.1.1/24), TSr(10.2/16)} --> from moon        {TSi(10.1.2/24), TSr(10.2/16)} --> from the twin */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whoHasOnePartIsNotHeardUnderTheAddressesOfAnother(boolean v1) {
        World world = new World(v1 ? moon(MOONS).v1() : moon(MOONS), v1 ? sun().v1() : sun()).established(1);
        SimulatedHost twin = twin(world, v1 ? moon(TWINS).v1() : moon(TWINS));
        assertThat(world.network.until(10_000, () -> world.sun.children().stream().allMatch(ChildSa::sends))).as(world::journal).isTrue();
        assertThat(world.sun.plane.takes(in(world, world.moon), "10.1.1.9", "10.2.0.9")).isTrue();
        assertThat(world.sun.plane.takes(in(world, twin), "10.1.2.9", "10.2.0.9")).isTrue();
        assertThat(world.sun.plane.takes(in(world, twin), "10.1.1.9", "10.2.0.9")).as("spoofed").isFalse();
        assertThat(world.sun.plane.takes(in(world, world.moon), "10.1.2.9", "10.2.0.9")).as("spoofed").isFalse();
        for (SimulatedHost peer : List.of(world.moon, twin)) {
            ChildSa child = at(world, peer);
            assertThat(NarrowedReqids.isOne(child.reqid())).isTrue();
            assertThat(child.policies()).isNotEmpty().allSatisfy(policy ->
                    assertThat(((PolicySpec.Protect) policy.verdict()).reqid()).isEqualTo(child.reqid()));
            assertThat(sa(world, child.outbound()).reqid()).as("what leaves for it").isEqualTo(child.reqid());
        }
    }

    /** Both may send what both have; what leaves goes to the one that came last. */
    @Test
    void thoseForTheSameShareTheirReqid() {
        World world = new World(moon(MOONS), sun()).established(1);
        SimulatedHost twin = twin(world, moon(MOONS));
        assertThat(at(world, twin).reqid()).isEqualTo(at(world, world.moon).reqid());
        assertThat(world.sun.plane.takes(in(world, world.moon), "10.1.1.9", "10.2.0.9")).isTrue();
        assertThat(world.sun.plane.takes(in(world, twin), "10.1.1.9", "10.2.0.9")).isTrue();
    }

    /** Whoever comes last is heard where two overlap, and the other one where they do not. */
    @Test
    void whereTheyOverlapTheNewestIsHeard() {
        World world = new World(moon("10.1.0.0/23"), sun()).established(1);
        SimulatedHost twin = twin(world, moon(MOONS));
        assertThat(world.sun.plane.takes(in(world, twin), "10.1.1.9", "10.2.0.9")).isTrue();
        assertThat(world.sun.plane.takes(in(world, twin), "10.1.0.9", "10.2.0.9")).as("spoofed").isFalse();
        assertThat(world.sun.plane.takes(in(world, world.moon), "10.1.0.9", "10.2.0.9")).isTrue();
        assertThat(world.sun.plane.takes(in(world, world.moon), "10.1.1.9", "10.2.0.9")).isFalse();
    }

    @Test
    void itStaysOverRekeyingsFromBothSidesAndReauthenticationAndGoesWithTheLast() {
        World world = new World(moon(MOONS).reauthentication(Duration.ofHours(1)), sun()).established(1);
        SimulatedHost twin = twin(world, moon(TWINS));
        int moons = at(world, world.moon).reqid();
        int twins = at(world, twin).reqid();
        for (Runnable change : List.<Runnable>of(
                () -> world.moon.rekeyChildren("net"), () -> world.sun.rekeyChildren("net"), world.moon::rekeyIkeSas, world.moon::reauthenticate)) {
            change.run();
            world.network.run(30_000);
            assertThat(world.sun.children()).as(world::journal).hasSize(2);
            assertThat(at(world, world.moon).reqid()).isEqualTo(moons);
            assertThat(at(world, twin).reqid()).isEqualTo(twins);
        }
        assertThat(world.sun.reqids.size()).isEqualTo(2);
        twin.down("sun");
        world.network.run(20_000);
        assertThat(world.sun.reqids.size()).isEqualTo(1);
        world.moon.down("sun");
        world.network.run(20_000);
        assertThat(world.sun.reqids.size()).isZero();
    }

    /** Its children move with a peer that moves: what they are tied to does not change, and is let go of with them. */
    @Test
    void itStaysWhenThePeerMoves() {
        World world = new World(moon(MOONS).mobike(), sun().mobike()).established(1);
        int before = world.sun.children().getFirst().reqid();
        world.moon.readdress(Ip.parse("198.51.100.7").orElseThrow());
        world.network.run(20_000);
        assertThat(world.sun.children()).as(world::journal).extracting(ChildSa::remoteAddress).containsExactly(Ip.parse("198.51.100.7").orElseThrow());
        world.moon.rekeyChildren("net");
        world.network.run(20_000);
        assertThat(world.sun.children()).extracting(ChildSa::reqid).containsExactly(before);
        world.moon.down("sun");
        world.network.run(20_000);
        assertThat(world.sun.reqids.size()).isZero();
    }

    @Test
    void theWholeHasThatOfThePolicyAndWhatIsConfiguredStandsForAll() {
        assertThat(at(new World(moon("10.1.0.0/16"), sun()).established(1))).isEqualTo(WHOLE);
        assertThat(at(new World(moon(MOONS), sun().reqid(7)).established(1))).isEqualTo(7);
    }

    private static int at(World world) {
        return at(world, world.moon).reqid();
    }

    /** In transport mode each host of a policy for any is one part of it; of a policy for one host it is the whole. */
    @Test
    void hostsOfOneTransportPolicyAreApart() {
        World world = new World(moon(MOONS).transport(), sun().transport()).established(1);
        SimulatedHost twin = twin(world, moon(MOONS).transport());
        assertThat(at(world, twin).reqid()).isNotEqualTo(at(world, world.moon).reqid());
        assertThat(world.moon.children().getFirst().reqid()).isEqualTo(WHOLE);
    }

    /**
     * What holds the packets finds the SA by the reqid of the policy. Sun, which knows nothing of packets of moon's, has one of its own:
     *
     * <pre>
     *   ACQUIRE 10.1.1.9 -> 10.2.0.9, reqid 1
     *   {TSi(10.1.1.9, 10.1/16), TSr(10.2.0.9, 10.2/16)} -->
     *                                         &lt;-- {TSi(10.1.1/24), TSr(10.2/16)}
     * </pre>
     */
    @Test
    void whatAHeldPacketAskedForKeepsTheReqidOfWhatHoldsIt() {
        World world = new World(moon("10.1.0.0/16").start(Start.ON_TRAFFIC), sun().nets(new Net("net", "10.2.0.0/16", MOONS)));
        world.moon.kernel(new DataPlaneEvent.Acquire(WHOLE, new SelectorPair(
                TrafficSelector.of(AddressRange.parse("10.1.1.9")), TrafficSelector.of(AddressRange.parse("10.2.0.9")))));
        assertThat(world.network.until(10_000, () -> !world.moon.children().isEmpty() && !world.sun.children().isEmpty())).as(world::journal).isTrue();
        assertThat(world.moon.children()).extracting(ChildSa::reqid).containsExactly(WHOLE);
        world.sun.rekeyChildren("net");
        world.network.run(20_000);
        assertThat(world.moon.children()).as("its successor's as well").extracting(ChildSa::reqid).containsExactly(WHOLE);
        assertThat(world.moon.plane.all(Direction.OUT)).extracting(SaSpec::reqid).containsExactly(WHOLE);
    }
}
