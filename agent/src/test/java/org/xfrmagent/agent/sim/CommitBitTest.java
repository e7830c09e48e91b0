package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;

/**
 * RFC 2408, section 3.1: "the entity which did not set the Commit Bit MUST wait for an Informational Exchange containing a Notify payload
 * (with the CONNECTED Notify Message)". Nothing authenticates the bit, so that whoever is between the two can set it.
 */
class CommitBitTest {
    private static final int FLAGS = 19;
    private static final byte COMMIT = 2;

    private static boolean is(Bytes datagram, IsakmpExchange exchange) {
        return IsakmpHeader.peek(datagram).exchange() == exchange.number();
    }

    private static Bytes committing(Bytes datagram) {
        byte[] octets = datagram.toArray();
        octets[FLAGS] |= COMMIT;
        return Bytes.wrap(octets);
    }

    /** What {@code whose} sends in quick mode has the bit. */
    private static World world(List<String> whose) {
        World world = new World(Policies.moon().v1(), Policies.sun().v1());
        world.network.interceptor = (to, _, datagram) -> {
            boolean from = whose.contains(to == world.moon ? "sun" : "moon");
            return List.of(from && is(datagram, IsakmpExchange.QUICK) ? committing(datagram) : datagram);
        };
        world.moon.up("sun");
        assertThat(world.network.until(5_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                .as(world::journal).isTrue();
        return world;
    }

    private static boolean sends(SimulatedHost host) {
        return host.children().getFirst().sends();
    }

    private static long connected(World world) {
        return world.network.seen.stream().filter(sighting -> is(sighting.datagram(), IsakmpExchange.INFORMATIONAL)).count();
    }

    /** An initiator that has set it may mean that it waits for us, or that it will say when it is ready. */
    @Test
    void aResponderSaysConnectedAndWaitsForTheInitiatorsButNotForLong() {
        World world = world(List.of("moon"));
        world.network.run(500);
        assertThat(sends(world.moon)).isTrue();
        assertThat(sends(world.sun)).isFalse();
        assertThat(connected(world)).isEqualTo(1);
        world.network.run(2_000);
        assertThat(sends(world.sun)).as(world::journal).isTrue();
        world.assertSameChildren();
        assertThat(world.sun.events(Event.ChildUp.class)).hasSize(1);
    }

    @Test
    void anInitiatorSendsWhenTheResponderIsConnected() {
        World world = world(List.of("moon", "sun"));
        world.network.run(500);
        assertThat(sends(world.moon)).as(world::journal).isTrue();
        assertThat(world.moon.events(Event.ChildUp.class)).hasSize(1);
        world.network.run(2_000);
        world.assertSameChildren();
    }

    @Test
    void anInitiatorGoesOnWithoutAConnectedThatDoesNotCome() {
        World world = world(List.of("sun"));
        world.network.run(1_000);
        assertThat(sends(world.sun)).isTrue();
        assertThat(sends(world.moon)).isFalse();
        world.network.run(1_500);
        assertThat(sends(world.moon)).as(world::journal).isTrue();
        world.assertSameChildren();
        // Fresh keys: the old child sends meanwhile.
        world.moon.rekeyChildren("net");
        world.network.run(30_000);
        assertThat(world.moon.events(Event.ChildRekeyed.class)).hasSize(1);
        world.assertSameChildren();
    }

    @Test
    void aForgedConnectedIsNotBelieved() {
        World world = new World(Policies.moon().v1(), Policies.sun().v1());
        world.network.interceptor = (_, _, datagram) -> List.of(
                is(datagram, IsakmpExchange.QUICK) ? committing(datagram)
                        : is(datagram, IsakmpExchange.INFORMATIONAL) ? damaged(datagram) : datagram);
        world.moon.up("sun");
        assertThat(world.network.until(5_000, () -> world.moon.children().size() == 1)).as(world::journal).isTrue();
        world.network.run(1_000);
        assertThat(sends(world.moon)).isFalse();
        world.network.run(1_500);
        assertThat(sends(world.moon)).isTrue();
    }

    private static Bytes damaged(Bytes datagram) {
        byte[] octets = datagram.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }

    /** Phase 1 does not know it: it "MUST be reset after the Phase 1 negotiation". */
    @Test
    void inPhase1ItIsTolerated() {
        World world = new World(Policies.moon().v1(), Policies.sun().v1());
        world.network.interceptor = (_, _, datagram) ->
                List.of(is(datagram, IsakmpExchange.IDENTITY_PROTECTION) ? committing(datagram) : datagram);
        world.established(1);
    }
}
