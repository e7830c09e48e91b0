package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

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
    void aChildThroughWhichNothingPassesIsDeletedAndComesBackWithTheNextPacket() {
        for (Policies moon : List.of(Policies.moon().either(), Policies.moon().v1())) {
            World world = new World(moon.idle(600).start(Start.AT_START), Policies.sun().either()).established(1);
            ChildSa child = world.moon.children().getFirst();
            // A packet 100 s before each question: for an hour it stays.
            world.moon.lastUsedSecondsAgo = 100;
            world.network.run(3_600_000);
            assertThat(world.moon.children()).as(world::journal).containsExactly(child);
            // D --> and nothing calls the peer, though the policy is to be up from the start
            world.moon.lastUsedSecondsAgo = 590;
            world.network.run(160_000);
            world.moon.lastUsedSecondsAgo = 601;
            world.network.run(160_000);
            assertThat(world.moon.children()).as(world::journal).isEmpty();
            assertThat(world.sun.children()).isEmpty();
            assertThat(world.moon.events(Event.ChildDown.class)).extracting(Event.ChildDown::reason).containsExactly("no packet went through it for 600 s");
            assertThat(world.moon.established()).as("the IKE SA stays").hasSize(1);
            world.moon.lastUsedSecondsAgo = -1;
            world.moon.kernel(new DataPlaneEvent.Acquire(1, new SelectorPair(
                    TrafficSelector.of(AddressRange.parse("10.1.0.7")), TrafficSelector.of(AddressRange.parse("10.2.0.9")))));
            world.network.run(10_000);
            assertThat(world.moon.children()).as(world::journal).hasSize(1);
            world.assertSameChildren();
        }
    }

    /** What nothing ever passed through is idle since it came. */
    @Test
    void anIdleChildThatWasRekeyedCountsAnew() {
        World world = new World(Policies.moon().childLifetime(1000, 2000).idle(1500), Policies.sun()).established(1);
        world.network.run(2_000_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        world = new World(Policies.moon().idle(1500), Policies.sun()).established(1);
        world.network.run(1_490_000);
        assertThat(world.moon.children()).hasSize(1);
        world.network.run(20_000);
        assertThat(world.moon.children()).as(world::journal).isEmpty();
    }

    @Test
    void aPolicyThatLearnsOfIdlenessMindsIt() {
        World world = new World(Policies.moon(), Policies.sun()).established(1);
        world.moon.reconfigure(Policies.moon().idle(60).settings());
        world.network.run(62_000);
        assertThat(world.moon.children()).as(world::journal).isEmpty();
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
