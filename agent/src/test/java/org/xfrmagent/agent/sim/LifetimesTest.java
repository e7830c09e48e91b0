package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.policies.model.Start;

/** Children whose time, octets or packets are up, also when the data plane's word on it is lost. */
class LifetimesTest {
    @Test
    void aSoftLimitOfTimeLeadsToAFreshChildThoughNobodyTells() {
        World world = new World(Policies.moon().childLifetime(3600, 3960), Policies.sun()).established(1);
        ChildSa old = world.moon.children().getFirst();
        world.network.run(3_609_000);
        assertThat(world.moon.children()).containsExactly(old);
        world.network.run(3_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(old);
        world.assertSameChildren();
    }

    @Test
    void shortLifetimesLeaveRoomForTheRekeyingAsWell() {
        World world = new World(Policies.moon().childLifetime(10, 14), Policies.sun()).established(1);
        world.network.run(60_000);
        assertThat(world.moon.events(Event.ChildRekeyed.class).size()).as(world::journal).isBetween(4, 6);
        assertThat(world.moon.events(Event.ChildDown.class)).extracting(Event.ChildDown::reason).containsOnly("replaced by a fresh one");
    }

    @Test
    void aHardLimitEndsTheChildOnBothSidesThoughNobodyTells() {
        World world = new World(Policies.moon().childLifetime(0, 3600), Policies.sun()).established(1);
        world.network.run(3_609_000);
        assertThat(world.moon.children()).hasSize(1);
        world.network.run(3_000);
        assertThat(world.moon.children()).as(world::journal).isEmpty();
        assertThat(world.sun.children()).isEmpty();
        assertThat(world.moon.plane.sas).isEmpty();
        assertThat(world.sun.plane.sas).isEmpty();
    }

    @Test
    void whatIsKeptUpComesBackAfterItsHardLimit() {
        World world = new World(Policies.moon().childLifetime(0, 3600).start(Start.AT_START), Policies.sun()).established(1);
        ChildSa old = world.moon.children().getFirst();
        world.moon.kernel(new DataPlaneEvent.HardExpire(old.outbound(), 1));
        world.network.run(5_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(old);
        world.assertSameChildren();
    }

    @Test
    void lostWordsAboutPacketsAreMadeUpForByAsking() {
        World world = new World(Policies.moon().packets(1000, 2000), Policies.sun()).established(1);
        ChildSa old = world.moon.children().getFirst();
        world.moon.usage = new Usage(50_000, 999, 0);
        world.moon.kernel(new DataPlaneEvent.EventsLost());
        world.network.run(5_000);
        assertThat(world.moon.children()).containsExactly(old);
        world.moon.usage = new Usage(50_000, 1000, 0);
        world.moon.kernel(new DataPlaneEvent.EventsLost());
        world.network.run(5_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(old);
        world.assertSameChildren();
    }

    @Test
    void aRekeyingThatIsRefusedIsTriedAgain() {
        World world = new World(Policies.moon().childLifetime(3600, 0), Policies.sun()).established(1);
        ChildSa old = world.moon.children().getFirst();
        world.sun.plane.refusal = java.util.Optional.of("no memory");
        world.moon.kernel(new DataPlaneEvent.SoftExpire(old.outbound(), 1));
        world.network.run(12_000);
        assertThat(world.moon.children()).containsExactly(old);
        assertThat(world.moon.events(Event.ChildFailed.class)).hasSizeGreaterThanOrEqualTo(2);
        world.sun.plane.refusal = java.util.Optional.empty();
        world.network.run(12_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1).doesNotContain(old);
        world.assertSameChildren();
    }
}
