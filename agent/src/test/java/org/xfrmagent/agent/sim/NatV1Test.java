package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.engine.core.ChildSa;

/**
 * RFC 3947: nothing authenticates a NAT-D payload, so that whoever changes one makes the two sides disagree about a NAT. Who begins a quick
 * mode says whether ESP goes in UDP (section 5.1), and the other does as it says.
 */
class NatV1Test {
    private static final Optional<UdpEncapsulation> UDP = Optional.of(new UdpEncapsulation(4500, 4500));

    /** Whose NAT-D payload is changed on its way: the other then takes it to be behind a NAT. */
    enum Changed {
        OF_MAIN_MODES_INITIATOR(false, 3),
        OF_MAIN_MODES_RESPONDER(false, 4),
        OF_AGGRESSIVE_MODES_RESPONDER(true, 2);

        final boolean aggressive;
        final int message;

        Changed(boolean aggressive, int message) {
            this.aggressive = aggressive;
            this.message = message;
        }

        World world() {
            return aggressive
                    ? new World(Policies.moon().aggressive(), Policies.sun().aggressive())
                    : new World(Policies.moon().v1(), Policies.sun().v1());
        }

        /** moon initiates, so the messages with odd numbers are its. */
        SimulatedHost misled(World world) {
            return message % 2 == 0 ? world.moon : world.sun;
        }
    }

    @ParameterizedTest
    @EnumSource
    void twoThatDisagreeAboutANatHaveATunnel(Changed changed) {
        World world = changed.world();
        int[] seen = {0};
        world.network.interceptor = (_, _, datagram) -> List.of(++seen[0] == changed.message ? withAnotherEnd(datagram) : datagram);
        world.moon.up("sun");
        assertThat(world.network.until(5_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                .as(world::journal).isTrue();
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            assertThat(world.session(host).nat().any()).as(host.name).isEqualTo(host == changed.misled(world));
        }
        assertEncapsulated(world, changed.misled(world) == world.moon);

        // The other side makes fresh keys, and has its own opinion.
        ChildSa before = world.sun.children().getFirst();
        world.sun.rekeyChildren("net");
        assertThat(world.network.until(30_000, () -> world.sun.children().size() == 1 && world.moon.children().size() == 1
                && !world.sun.children().getFirst().inbound().equals(before.inbound()))).as(world::journal).isTrue();
        assertEncapsulated(world, changed.misled(world) == world.sun);
    }

    private static void assertEncapsulated(World world, boolean udp) {
        world.network.run(20_000);
        world.assertSameChildren();
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            for (Direction direction : List.of(Direction.IN, Direction.OUT)) {
                assertThat(host.plane.all(direction)).as(host.name).singleElement()
                        .satisfies(sa -> assertThat(sa.encapsulation()).isEqualTo(udp ? UDP : Optional.empty()));
            }
        }
    }

    /** A NAT-D payload is the last one. */
    private static Bytes withAnotherEnd(Bytes datagram) {
        byte[] octets = datagram.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }
}
