package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/** RFC 3947 with moon behind a NAT, as {@link NatTest} draws it: a mapping that changes, and transport mode. */
class NatMappingV1Test {
    private static final InetAddress ELSEWHERE = Ip.parse("203.0.113.66").orElseThrow();

    // ---- a NAT that changes its mind

    private static World behindNat(Policies moon, Policies sun) {
        World world = new World(moon, sun.anywhere());
        world.network.translation = NatTest.nat(world, 61_000);
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                .as(world::journal).isTrue();
        world.network.run(1_000);
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 61_000));
        return world;
    }

    private static World behindNat() {
        return behindNat(Policies.moon().v1(), Policies.sun().v1());
    }

    private static SaSpec outwards(SimulatedHost host) {
        return host.plane.all(Direction.OUT).getFirst();
    }

    /** RFC 3947, section 4: whoever is not behind a NAT sends to where the last authentic message came from, ESP as well. */
    @Test
    void anAuthenticMessageFromANewPortMovesTheTunnelThere() {
        World world = behindNat(Policies.moon().v1().liveness(10), Policies.sun().v1());
        ChildSa before = world.sun.children().getFirst();
        world.network.translation = NatTest.nat(world, 62_000);
        // HDR*, HASH(1), N(R_U_THERE)  -->
        world.network.run(15_000);
        assertThat(world.session(world.sun).path()).as(world::journal).isEqualTo(new Path(world.sun.address, 4500, NatTest.NAT, 62_000));
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 62_000));
        assertThat(outwards(world.sun).id()).isEqualTo(before.outbound());
        assertThat(world.sun.plane.all(Direction.IN).getFirst().encapsulation()).contains(new UdpEncapsulation(62_000, 4500));
        assertThat(outwards(world.moon).encapsulation()).contains(new UdpEncapsulation(4500, 4500));
    }

    @Test
    void anEspPacketFromANewPortMovesTheTunnelAndItsIsakmpSa() {
        World world = behindNat();
        SaSpec in = world.sun.plane.all(Direction.IN).getFirst();
        world.network.translation = NatTest.nat(world, 62_000);
        world.sun.kernel(new DataPlaneEvent.MappingChanged(in.id(), in.reqid(), NatTest.NAT, 62_000));
        world.network.run(100);
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 62_000));
        assertThat(outwards(world.sun).id().destination()).isEqualTo(NatTest.NAT);
        world.sun.rekeyChildren("net");
        assertThat(world.network.until(2_000, () -> world.moon.children().size() == 2)).as(world::journal).isTrue();
    }

    @Test
    void anotherAddressOfTheNatMovesTheTunnelToo() {
        World world = behindNat();
        SaSpec in = world.sun.plane.all(Direction.IN).getFirst();
        world.sun.kernel(new DataPlaneEvent.MappingChanged(in.id(), in.reqid(), ELSEWHERE, 4500));
        world.network.run(100);
        assertThat(world.sun.children()).singleElement().satisfies(child -> {
            assertThat(child.outbound().destination()).isEqualTo(ELSEWHERE);
            assertThat(child.policies()).allSatisfy(policy -> assertThat(policy.verdict().toString()).contains(ELSEWHERE.getHostAddress()));
        });
        assertThat(world.sun.plane.policies).containsExactlyInAnyOrderElementsOf(world.sun.children().getFirst().policies());
    }

    /** The end behind the NAT knows the other's true address, and is not to be talked out of it; nor is the other, by a replay. */
    @Test
    void nobodyElseMovesAnything() {
        World world = behindNat();
        SaSpec in = world.moon.plane.all(Direction.IN).getFirst();
        world.moon.kernel(new DataPlaneEvent.MappingChanged(in.id(), in.reqid(), ELSEWHERE, 4500));
        assertThat(outwards(world.moon).id().destination()).isEqualTo(world.sun.address);
        world.moon.rekeyChildren("net");
        world.network.run(20_000);
        Path path = world.session(world.sun).path();
        for (SimulatedNetwork.Sighting sighting : List.copyOf(world.network.seen)) {
            if (sighting.from().equals("moon")) {
                world.sun.receive(new Path(world.sun.address, 4500, ELSEWHERE, 4500), sighting.datagram());
                world.sun.receive(new Path(world.sun.address, 4500, ELSEWHERE, 4500), damaged(sighting.datagram()));
            }
        }
        world.network.run(1_000);
        assertThat(world.session(world.sun).path()).isEqualTo(path);
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 61_000));
    }

    // ---- transport mode

    /** Section 5.2: each names the hosts as it sees them, and protects the packets as it sees them. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void inTransportModeEachEndSeesTheHostsAsTheNatShowsThem(boolean aggressive) {
        World world = aggressive
                ? behindNat(Policies.moon().aggressive().transport(), Policies.sun().aggressive().transport())
                : behindNat(Policies.moon().v1().transport(), Policies.sun().v1().transport());
        assertSelectors(world.moon, world.moon.address, world.sun.address);
        assertSelectors(world.sun, world.sun.address, NatTest.NAT);
        assertThat(outwards(world.moon).mode()).isEqualTo(Mode.TRANSPORT);
        assertThat(outwards(world.sun).mode()).isEqualTo(Mode.TRANSPORT);

        world.moon.rekeyChildren("net");
        world.network.run(10_000);
        world.sun.rekeyChildren("net");
        world.network.run(10_000);
        assertThat(world.moon.events(Event.ChildRekeyed.class)).as(world::journal).hasSize(2);
        assertSelectors(world.moon, world.moon.address, world.sun.address);
        assertSelectors(world.sun, world.sun.address, NatTest.NAT);
    }

    private static void assertSelectors(SimulatedHost host, InetAddress local, InetAddress remote) {
        assertThat(host.children()).hasSize(1).allSatisfy(child -> {
            assertThat(child.local()).containsExactly(TrafficSelector.of(local));
            assertThat(child.remote()).containsExactly(TrafficSelector.of(remote));
        });
    }

    private static Bytes damaged(Bytes datagram) {
        byte[] octets = datagram.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }
}
