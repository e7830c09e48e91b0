package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.policies.model.Start;

/** What happens to tunnels when the network, or the peer, does what it likes. */
class FaultsTest {
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1, 0.3, 0.5})
    void anAtStartTunnelComesUpThroughLossDuplicationAndReordering(double loss) {
        LongStream.range(0, 100).forEach(seed -> {
            World world = new World(
                    Policies.moon().start(Start.AT_START).liveness(0), Policies.sun().liveness(0), seed);
            world.network.weather = new SimulatedNetwork.Weather(loss, 0.2, 1, 500);
            boolean up = world.network.until(3_600_000, () -> agree(world));
            assertThat(up).as(() -> "seed " + seed + "\n" + world.journal()).isTrue();
            world.network.weather = SimulatedNetwork.Weather.FAIR;
            world.network.run(200_000);
            assertThat(agree(world)).as(() -> "seed " + seed + "\n" + world.journal()).isTrue();
        });
    }

    /** Sun may still hold a session whose last answer was lost for good: moon's newest is what counts. */
    private static boolean agree(World world) {
        return world.moon.children().size() == 1
                && world.sun.children().stream().anyMatch(child ->
                        child.inbound().equals(world.moon.children().getFirst().outbound()));
    }

    @Test
    void bothStartingAtOnceSettleOnWorkingTunnels() {
        LongStream.range(0, 100).forEach(seed -> {
            World world = new World(
                    Policies.moon().start(Start.AT_START), Policies.sun().start(Start.AT_START), seed);
            world.network.weather = new SimulatedNetwork.Weather(0, 0, 1, 20);
            world.network.run(120_000);
            assertThat(world.moon.children()).as(() -> "seed " + seed + "\n" + world.journal()).isNotEmpty();
            world.assertSameChildren();
        });
    }

    @Test
    void aPeerKilledIsNoticedByLivenessAndTheTunnelComesBack() {
        World world = new World(Policies.moon().start(Start.AT_START), Policies.sun());
        assertThat(world.network.until(10_000, () -> agree(world))).isTrue();
        world.sun.dead = true;
        assertThat(world.network.until(400_000, () -> !world.moon.events(Event.IkeDown.class).isEmpty())).isTrue();
        assertThat(world.moon.events(Event.IkeDown.class).getFirst().reason()).contains("does not answer at 192.0.2.2");
        assertThat(world.moon.plane.sas).isEmpty();
        world.sun.restart();
        assertThat(world.network.until(400_000, () -> agree(world))).as(world::journal).isTrue();
    }

    @Test
    void aChildWhoseSaSomebodyRemovedIsReplacedByAFreshOne() {
        for (boolean inbound : new boolean[] {true, false}) {
            World world = new World(Policies.moon(), Policies.sun()).established(1);
            ChildSa old = world.moon.children().getFirst();
            world.moon.steal(inbound ? old.inbound() : old.outbound());

            /* CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, TSi, TSr } --> <--, INFORMATIONAL { D } --> <-- */
            world.network.run(1_000);

            assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(old);
            world.assertSameChildren();
            assertThat(world.moon.events(Event.ChildRekeyed.class)).hasSize(1);
        }
    }

    @Test
    void aChildWhoseSasBothSidesLostIsReplacedOnce() {
        LongStream.range(0, 50).forEach(seed -> {
            World world = new World(Policies.moon(), Policies.sun(), seed).established(1);
            world.network.weather = new SimulatedNetwork.Weather(0.1, 0.1, 1, 30);
            for (SimulatedHost host : List.of(world.moon, world.sun)) {
                ChildSa child = host.children().getFirst();
                host.steal(child.inbound());
                host.steal(child.outbound());
            }
            world.network.run(60_000);
            assertThat(world.moon.children()).as(world::journal).hasSize(1);
            world.assertSameChildren();
        });
    }

    @Test
    void espFromThePeerSavesTheLivenessCheck() {
        World world = new World(Policies.moon(), Policies.sun().liveness(0)).established(1);
        int before = world.network.seen.size();
        world.moon.lastUsedSecondsAgo = 0;
        world.network.run(600_000);
        assertThat(world.network.seen).hasSize(before);
        world.moon.lastUsedSecondsAgo = 60;
        world.network.run(60_000);
        assertThat(world.network.seen.size()).isGreaterThan(before);
    }

    @Test
    void aPeerThatRestartedReplacesItsOldSession() {
        World world = new World(Policies.moon().start(Start.AT_START).liveness(0), Policies.sun().liveness(0));
        assertThat(world.network.until(10_000, () -> agree(world))).isTrue();
        world.moon.restart();
        world.network.run(10_000);
        /* IKE_AUTH with N(INITIAL_CONTACT) --> : sun drops the session before */
        assertThat(world.sun.established()).as(world::journal).hasSize(1);
        world.assertSameChildren();
    }

    @Test
    void halfOpenSessionsEndByThemselves() {
        World world = new World(Policies.moon(), Policies.sun());
        world.moon.up("sun");
        world.network.until(10_000, () -> world.network.seen.size() == 2);
        world.moon.dead = true;
        world.network.run(10);
        assertThat(world.sun.sessions()).hasSize(1);
        world.network.run(31_000);
        assertThat(world.sun.sessions()).isEmpty();
    }

    /* INFORMATIONAL{D} --> nobody; and behind CREATE_CHILD_SA --> nobody, it has not even left */
    @Test
    void whoDoesNotWaitForASilentPeerHasNothingLeft() {
        for (boolean rekeying : new boolean[] {false, true}) {
            World world = new World(Policies.moon().liveness(0), Policies.sun().liveness(0)).established(1);
            world.sun.dead = true;
            if (rekeying) {
                world.moon.rekeyChildren("net");
            }
            world.network.run(100);
            world.moon.giveUp();
            assertThat(world.moon.established()).as("nobody has said that it is to go").hasSize(1);

            world.moon.down("sun");
            world.network.run(100);
            assertThat(world.moon.sessions()).as("waiting for the peer").hasSize(1);
            world.moon.giveUp();
            world.network.run(100);

            assertThat(world.moon.sessions()).as(world::journal).isEmpty();
            assertThat(world.moon.plane.sas).isEmpty();
            assertThat(world.moon.events(Event.IkeDown.class)).singleElement().satisfies(down -> assertThat(down.end()).isEqualTo(Event.End.OURS));
        }
    }
}
