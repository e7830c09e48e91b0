package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Start;

/** What IKEv1's main and aggressive mode have in common. */
abstract class Phase1Contract {
    /** {@code policies} with the mode. */
    abstract Policies mode(Policies policies);

    /** How much longer an answer may be than what it answers. */
    abstract double amplification();

    final World world() {
        return new World(mode(Policies.moon()), mode(Policies.sun()));
    }

    /** {@code moon main mode *}: who said what, and whether it is encrypted. */
    static String exchange(SimulatedNetwork.Sighting sighting) {
        IsakmpHeader header = IsakmpHeader.peek(sighting.datagram());
        return sighting.from() + " " + header.exchangeType().map(IsakmpExchange::title).orElse("?") + (header.encrypted() ? " *" : "");
    }

    static Predicate<SimulatedNetwork.Sighting> from(String host) {
        return sighting -> sighting.from().equals(host);
    }

    /** R18, R21: an identical message gets the identical answer, and nobody but the initiator sends anything by itself. */
    @Test
    void aResponderRepeatsItsAnswerAndSendsNothingByItself() {
        World world = world();
        world.moon.up("sun");
        world.network.until(1_000, () -> world.network.seen.size() == 2);
        world.moon.dead = true;
        SimulatedNetwork.Sighting first = world.network.seen.getFirst();
        for (int i = 0; i < 3; i++) {
            world.network.send(world.moon, first.path(), first.datagram());
            world.network.run(500);
        }
        world.network.run(60_000);
        List<Bytes> answers = world.network.seen.stream().filter(from("sun")).map(SimulatedNetwork.Sighting::datagram).toList();
        assertThat(answers).hasSize(4);
        assertThat(answers.stream().distinct()).hasSize(1);
        assertThat((double) answers.getFirst().length()).isLessThanOrEqualTo(first.datagram().length() * amplification());
        assertThat(world.sun.sessions()).isEmpty();
    }

    /** However many cookies one address makes up, it gets no more of our memory than its share, and nobody is anybody before it has shown its key. */
    @Test
    void oneAddressHasOnlySoManyHalfOpenSessions() {
        World world = world();
        world.sun.restart(new HalfOpenLimits(100, 10, 5, 100));
        world.moon.up("sun");
        world.network.until(1_000, () -> !world.network.seen.isEmpty());
        world.moon.dead = true;
        SimulatedNetwork.Sighting first = world.network.seen.getFirst();
        for (int i = 0; i < 20; i++) {
            byte[] octets = first.datagram().toArray();
            octets[7] = (byte) (octets[7] + 1 + i);
            world.network.send(world.moon, first.path(), Bytes.wrap(octets));
        }
        world.network.run(1_000);
        assertThat(world.sun.sessions()).hasSize(5).noneMatch(session -> session.profile().isPresent());
        world.network.run(60_000);
        assertThat(world.sun.sessions()).isEmpty();
    }

    /** R5, R18: every message once more, in either order, changes nothing. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aReplayOfEverythingChangesNothing(boolean backwards) {
        World world = world().established(1);
        world.network.run(2_000);
        List<SimulatedNetwork.Sighting> all = new ArrayList<>(world.network.seen);
        Session moon = world.session(world.moon);
        Session sun = world.session(world.sun);
        List<ChildSa> children = world.sun.children();
        for (SimulatedNetwork.Sighting sighting : backwards ? all.reversed() : all) {
            world.network.send(sighting.from().equals("moon") ? world.moon : world.sun, sighting.path(), sighting.datagram());
            world.network.run(100);
        }
        assertThat(world.session(world.moon).id()).isEqualTo(moon.id());
        assertThat(world.session(world.sun).id()).isEqualTo(sun.id());
        assertThat(world.sun.children()).isEqualTo(children);
        world.assertSameChildren();
    }

    /** A bad network delays and does not break: many seeds, loss and duplication, invariants after every step. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void aTunnelComesUpThroughLossAndDuplication(long seed) {
        World world = new World(mode(Policies.moon().start(Start.AT_START)), mode(Policies.sun()), seed);
        world.network.weather = new SimulatedNetwork.Weather(0.2, 0.2, 5, 400);
        boolean up = world.network.until(2_000_000, () -> world.moon.children().stream().anyMatch(ChildSa::sends)
                && world.sun.children().stream().anyMatch(ChildSa::sends));
        assertThat(up).as(world::journal).isTrue();
    }
}
