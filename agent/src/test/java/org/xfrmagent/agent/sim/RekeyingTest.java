package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.policies.model.Start;

/** Fresh SAs for old ones, RFC 7296, section 2.8. */
class RekeyingTest {
    @Test
    void aChildIsReplacedByAFreshOneAndTheOldOneDeleted() {
        World world = new World(Policies.moon().esp("aes256gcm16-x25519"), Policies.sun().esp("aes256gcm16-x25519")).established(1);
        ChildSa old = world.moon.children().getFirst();

        /* CREATE_CHILD_SA { N(REKEY_SA), SA, Ni, KEi, TSi, TSr } --> <--, INFORMATIONAL { D } --> <-- */
        world.moon.kernel(new DataPlaneEvent.SoftExpire(old.outbound(), old.profile().reqid()));
        world.network.run(1_000);

        assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(old);
        assertThat(world.moon.children().getFirst().suite().toString()).contains("x25519");
        world.assertSameChildren();
        assertThat(world.moon.events(Event.ChildRekeyed.class)).hasSize(1);
        assertThat(world.sun.events(Event.ChildRekeyed.class)).hasSize(1);
    }

    @Test
    void bothSidesRekeyingOneChildAtOnceEndWithOneChild() {
        LongStream.range(0, 50).forEach(seed -> {
            World world = new World(Policies.moon(), Policies.sun(), seed).established(1);
            ChildSa moons = world.moon.children().getFirst();
            ChildSa suns = world.sun.children().getFirst();
            world.network.weather = new SimulatedNetwork.Weather(0, 0, 1, 30);
            world.moon.kernel(new DataPlaneEvent.SoftExpire(moons.outbound(), 1));
            world.sun.kernel(new DataPlaneEvent.SoftExpire(suns.outbound(), 1));
            world.network.run(60_000);
            assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(moons);
            world.assertSameChildren();
        });
    }

    @Test
    void theIkeSaIsReplacedInTimeAndTheChildrenStay() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        ChildSa child = world.moon.children().getFirst();
        var before = world.session(world.moon).phase().ikeSa().orElseThrow();

        world.network.run(4 * 3_600_000 + 1);

        var after = world.session(world.moon).phase().ikeSa().orElseThrow();
        assertThat(after.localSpi()).as(world::journal).isNotEqualTo(before.localSpi());
        assertThat(before.keys().d().isWiped()).isTrue();
        assertThat(world.moon.children()).containsExactly(child);
        world.assertSameChildren();
        world.network.run(300_000);
        assertThat(world.session(world.moon).phase().retired()).isEmpty();
        assertThat(world.session(world.sun).phase().retired()).isEmpty();
        assertThat(after.keys().d().isWiped()).isFalse();
        world.moon.down("sun");
        world.network.run(1_000);
        world.assertNothing();
    }

    @Test
    void aMonthOfRekeyingThroughLossKeepsOneTunnel() {
        LongStream.range(0, 5).forEach(seed -> {
            // Without liveness checks: of the 86,000 of a month some four would find all their six tries lost.
            World world = new World(Policies.moon().start(Start.AT_START).liveness(0), Policies.sun().liveness(0), seed);
            world.network.weather = new SimulatedNetwork.Weather(0.1, 0.1, 1, 200);
            world.network.run(30L * 24 * 3_600_000);
            assertThat(world.moon.events(Event.IkeRekeyed.class).size()).isGreaterThan(150);
            world.network.weather = SimulatedNetwork.Weather.FAIR;
            assertThat(world.network.until(600_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                    .as(() -> "seed " + seed).isTrue();
            assertThat(world.moon.events(Event.IkeDown.class)).as(() -> "seed " + seed + " " + world.moon.events(Event.IkeDown.class)).isEmpty();
        });
    }
}
