package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Afterwards;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.model.TrafficSelector;

/** {@code start: at-start} for ever, and the limits of those who have only begun. */
class KeepUpTest {
    private static final long DAY = 24 * 3_600_000L;

    @Test
    void aPeerThatIsAwayForADayIsCalledAgainAndAgainAndLookedUpForEveryCall() {
        World world = new World(Policies.moon().start(Start.AT_START), Policies.sun());
        world.sun.dead = true;
        world.network.run(DAY);
        int failures = world.moon.events(Event.IkeFailed.class).size();
        // 165 s of retransmissions and at most two minutes of pause each.
        assertThat(failures).isBetween(300, 520);
        assertThat(world.moon.calls).isBetween(failures, failures + 1);
        world.sun.dead = false;
        assertThat(world.network.until(300_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1)).isTrue();
        world.assertSameChildren();
    }

    @Test
    void thePausesGrowAndNoTwoGatewaysKeepStep() {
        List<List<Long>> pauses = IntStream.of(1, 2).mapToObj(seed -> {
            World world = new World(Policies.moon().start(Start.AT_START), Policies.sun().ike("aes128-sha256-modp2048"), seed);
            world.network.run(600_000);
            List<Long> sent = world.network.seen.stream().filter(sighting -> sighting.from().equals("moon"))
                    .map(SimulatedNetwork.Sighting::at).toList();
            return IntStream.range(1, sent.size()).mapToObj(i -> sent.get(i) - sent.get(i - 1)).toList();
        }).toList();
        List<Long> first = pauses.getFirst();
        assertThat(first.getFirst()).isBetween(400L, 1_100L);
        assertThat(first.getLast()).isBetween(59_000L, 121_000L);
        assertThat(first).isNotEqualTo(pauses.getLast());
    }

    /** Three sequences of retransmissions, 165 s each, and then no more before somebody wants it, or the peer is configured otherwise. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aPeerIsGivenUpAfterSoManyAttemptsUntilItIsWantedAnew(boolean v1) {
        Policies policies = Policies.moon().start(Start.AT_START).attempts(3);
        World world = new World(v1 ? policies.v1() : policies, v1 ? Policies.sun().v1() : Policies.sun());
        world.sun.dead = true;
        world.network.run(DAY);
        assertThat(world.moon.events(Event.IkeFailed.class)).as(world::journal).hasSize(v1 ? 3 : 1);
        if (!v1) {
            assertThat(world.moon.events(Event.IkeFailed.class).getFirst().reason()).endsWith("is given up after 3 attempts");
            assertThat(world.moon.events(Event.Remark.class)).extracting(Event.Remark::text).filteredOn(text -> text.contains("trying again"))
                    .containsExactly("the peer does not answer at 192.0.2.2: trying again (2 of 3)",
                            "the peer does not answer at 192.0.2.2: trying again (3 of 3)");
        }

        world.sun.dead = false;
        world.network.run(DAY);
        assertThat(world.moon.sessions()).isEmpty();
        world.moon.up("sun", "net");
        world.established(1);
    }

    @Test
    void aPeerThatAnswersAtTheThirdAttemptIsNotGivenUp() {
        World world = new World(Policies.moon().start(Start.AT_START).attempts(3), Policies.sun());
        world.sun.dead = true;
        world.network.run(400_000);
        world.sun.dead = false;
        world.established(1);
        assertThat(world.moon.events(Event.IkeFailed.class)).isEmpty();
    }

    @Test
    void aPeerThatDeletesTheTunnelGetsItBack() {
        World world = new World(Policies.moon().start(Start.AT_START), Policies.sun()).established(1);
        world.sun.down("moon");
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        world.assertSameChildren();
    }

    @Test
    void whatFollowsAnEndIsAMatterOfWhoEndsIt() {
        SelectorPair packet = new SelectorPair(TrafficSelector.of(AddressRange.parse("10.1.0.7")), TrafficSelector.of(AddressRange.parse("10.2.0.9")));
        for (Afterwards closed : Afterwards.values()) {
            Afterwards lost = closed == Afterwards.AT_ONCE ? Afterwards.NOTHING : Afterwards.AT_ONCE;
            World world = new World(Policies.moon().start(Start.BY_PEER).endings(closed, lost).liveness(10), Policies.sun()).established(1);
            // D --> of sun's, with nothing else to do for moon
            world.sun.down("moon");
            world.network.run(10_000);
            assertThat(world.moon.children()).as("%s: %s", closed, world.journal()).hasSize(closed == Afterwards.AT_ONCE ? 1 : 0);
            world.moon.kernel(new DataPlaneEvent.Acquire(1, packet));
            world.network.run(10_000);
            assertThat(world.moon.children()).as("%s, traffic: %s", closed, world.journal()).hasSize(closed == Afterwards.NOTHING ? 0 : 1);

            World silent = new World(Policies.moon().start(Start.BY_PEER).endings(closed, lost).liveness(10), Policies.sun()).established(1);
            silent.sun.restart();
            assertThat(silent.network.until(300_000, () -> silent.moon.events(Event.IkeDown.class).size() == 1)).as(silent::journal).isTrue();
            silent.network.run(30_000);
            assertThat(silent.moon.children()).as("%s when lost: %s", lost, silent.journal()).hasSize(lost == Afterwards.AT_ONCE ? 1 : 0);
        }
    }

    @Test
    void whatFollowedAnEndIsOverWhenTheTunnelIsUpAgain() {
        DataPlaneEvent packet = new DataPlaneEvent.Acquire(1,
                new SelectorPair(TrafficSelector.of(AddressRange.parse("10.1.0.7")), TrafficSelector.of(AddressRange.parse("10.2.0.9"))));
        World world = new World(Policies.moon().start(Start.BY_PEER).endings(Afterwards.ON_TRAFFIC, Afterwards.NOTHING), Policies.sun()).established(1);
        world.sun.down("moon");
        world.network.run(10_000);
        world.moon.kernel(packet);
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        // This time it is we who end it: traffic is the peer's matter again.
        world.moon.down("sun");
        world.network.run(10_000);
        world.moon.kernel(packet);
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).isEmpty();
    }

    @Test
    void whatIsUpFromTheStartAndLeftAtItsEndComesBackWithTrafficOrByCommand() {
        World world = new World(Policies.moon().start(Start.AT_START).endings(Afterwards.NOTHING, Afterwards.AT_ONCE), Policies.sun()).established(1);
        world.sun.down("moon");
        world.network.run(DAY);
        assertThat(world.moon.children()).as(world::journal).isEmpty();
        world.moon.up("sun");
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).hasSize(1);
        // What happened before does not count any more: we end it, and nothing else changes that it is kept up.
        world.sun.down("moon");
        world.network.run(10_000);
        assertThat(world.moon.children()).as(world::journal).isEmpty();
    }

    @Test
    void onlySoManyOfOneAddressMayHaveBegun() {
        World world = new World(Policies.moon().liveness(0), Policies.sun());
        world.sun.restart(new HalfOpenLimits(1000, 1000, 3, 1000));
        for (int i = 0; i < 5; i++) {
            world.moon.up("sun");
            // Sun answers, and moon is gone before it hears that.
            world.network.run(6);
            world.moon.restart();
        }
        assertThat(world.sun.sessions()).as(world::journal).hasSize(3);
        assertThat(world.sun.events(Event.Dropped.class)).filteredOn(drop -> drop.rule() == Event.Rule.OVERLOADED).hasSize(2);
        world.network.run(31_000);
        assertThat(world.sun.sessions()).isEmpty();
        world.established(1);
    }
}
