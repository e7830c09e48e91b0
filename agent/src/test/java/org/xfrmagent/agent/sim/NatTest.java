package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * RFC 7296, section 2.23, without MOBIKE: moon is behind a NAT, sun is not.
 *
 * <pre>
 *   moon 192.0.2.1 ── NAT, which shows it as 203.0.113.9 and some port ── sun 192.0.2.2
 * </pre>
 */
class NatTest {
    static final InetAddress NAT = Ip.parse("203.0.113.9").orElseThrow();
    private static final InetAddress STRANGER = Ip.parse("203.0.113.66").orElseThrow();

    /** The port that stands for moon's 4500; its 500 is one below. */
    static UnaryOperator<Path> nat(World world, int outside) {
        return path -> {
            if (path.local().equals(world.moon.address)) {
                return new Path(NAT, path.localPort() == 500 ? outside - 1 : outside, path.remote(), path.remotePort());
            }
            boolean known = path.remote().equals(NAT) && (path.remotePort() == outside || path.remotePort() == outside - 1);
            return known
                    ? new Path(path.local(), path.localPort(), world.moon.address, path.remotePort() == outside ? 4500 : 500)
                    : path;
        };
    }

    private static World behindNat() {
        return behindNat(Policies.moon(), Policies.sun());
    }

    private static World behindNat(Policies moon, Policies sun) {
        World world = new World(moon, sun.anywhere());
        world.network.translation = nat(world, 61_000);
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                .as(world::journal).isTrue();
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 61_000));
        return world;
    }

    private static SaSpec outwards(SimulatedHost host) {
        return host.plane.all(Direction.OUT).getFirst();
    }

    @Test
    void anAuthenticRequestFromANewPortMovesTheTunnelThere() {
        World world = behindNat();
        world.network.translation = nat(world, 62_000);
        world.moon.rekey(world.session(world.moon).id(), OptionalInt.empty());
        world.network.run(2_000);
        assertThat(world.session(world.sun).path()).isEqualTo(new Path(world.sun.address, 4500, NAT, 62_000));
        assertThat(outwards(world.sun).encapsulation()).as(world::journal).contains(new UdpEncapsulation(4500, 62_000));
        assertThat(outwards(world.sun).id().destination()).isEqualTo(NAT);
        assertThat(outwards(world.moon).encapsulation()).contains(new UdpEncapsulation(4500, 4500));
    }

    @Test
    void anEspPacketFromANewPortMovesTheTunnelAndItsIkeSa() {
        World world = behindNat();
        SaSpec in = world.sun.plane.all(Direction.IN).getFirst();
        world.network.translation = nat(world, 62_000);
        world.sun.kernel(new DataPlaneEvent.MappingChanged(in.id(), in.reqid(), NAT, 62_000));
        world.network.run(100);
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 62_000));
        assertThat(world.sun.plane.all(Direction.IN).getFirst().encapsulation()).contains(new UdpEncapsulation(62_000, 4500));
        world.sun.rekeyIkeSas();
        world.network.run(2_000);
        assertThat(world.session(world.sun).phase().retired().size() + world.session(world.moon).phase().retired().size())
                .as(world::journal).isPositive();
    }

    /** RFC 7296, section 2.23.1: each names the hosts as it sees them, and protects the packets as it sees them. */
    @Test
    void inTransportModeEachEndSeesTheHostsAsTheNatShowsThem() {
        World world = behindNat(Policies.moon().transport(), Policies.sun().transport());
        assertSelectors(world.moon, world.moon.address, world.sun.address);
        assertSelectors(world.sun, world.sun.address, NAT);
        assertThat(outwards(world.moon).mode()).isEqualTo(Mode.TRANSPORT);
        assertThat(outwards(world.sun).mode()).isEqualTo(Mode.TRANSPORT);

        world.moon.rekeyChildren("net");
        world.network.run(2_000);
        world.sun.rekeyChildren("net");
        world.network.run(2_000);
        assertThat(world.moon.events(Event.ChildRekeyed.class)).as(world::journal).hasSize(2);
        assertSelectors(world.moon, world.moon.address, world.sun.address);
        assertSelectors(world.sun, world.sun.address, NAT);
    }

    private static void assertSelectors(SimulatedHost host, InetAddress local, InetAddress remote) {
        assertThat(host.children()).hasSize(1).allSatisfy(child -> {
            assertThat(child.local()).containsExactly(TrafficSelector.of(local));
            assertThat(child.remote()).containsExactly(TrafficSelector.of(remote));
        });
    }

    /** The end behind the NAT knows the other's true address, and is not to be talked out of it. */
    @Test
    void theEndBehindTheNatDoesNotFollow() {
        World world = behindNat();
        SaSpec in = world.moon.plane.all(Direction.IN).getFirst();
        world.moon.kernel(new DataPlaneEvent.MappingChanged(in.id(), in.reqid(), STRANGER, 4500));
        assertThat(outwards(world.moon).id().destination()).isEqualTo(world.sun.address);
        world.network.translation = path -> path.local().equals(world.sun.address)
                ? new Path(STRANGER, 4500, world.moon.address, 4500)
                : nat(world, 61_000).apply(path);
        world.sun.rekeyIkeSas();
        world.network.run(1_000);
        assertThat(world.session(world.moon).path().remote()).isEqualTo(world.sun.address);
    }

    @Test
    void aReplayFromElsewhereMovesNothing() {
        World world = behindNat();
        world.moon.rekey(world.session(world.moon).id(), OptionalInt.empty());
        world.network.run(5_000);
        Path path = world.session(world.sun).path();
        for (SimulatedNetwork.Sighting sighting : List.copyOf(world.network.seen)) {
            if (sighting.from().equals("moon")) {
                world.sun.receive(new Path(world.sun.address, 4500, STRANGER, 4500), sighting.datagram());
                world.sun.receive(new Path(world.sun.address, 4500, STRANGER, 4500), damaged(sighting.datagram()));
            }
        }
        world.network.run(1_000);
        assertThat(world.session(world.sun).path()).isEqualTo(path);
        assertThat(outwards(world.sun).encapsulation()).contains(new UdpEncapsulation(4500, 61_000));
    }

    private static Bytes damaged(Bytes datagram) {
        byte[] octets = datagram.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }

    /** RFC 3948, section 4: only the side behind the NAT, and only when nothing else was sent. */
    @Test
    void keepalivesKeepTheMappingOpenOnlyWhileNothingElseDoes() {
        World world = behindNat();
        world.moon.lastUsedSecondsAgo = 1;
        int before = world.network.seen.size();
        world.network.run(25_000);
        assertThat(keepalives(world, before)).isZero();
        world.moon.lastUsedSecondsAgo = -1;
        world.network.run(60_000);
        assertThat(keepalives(world, before)).isBetween(2L, 3L);
        assertThat(world.network.seen.subList(before, world.network.seen.size()))
                .filteredOn(sighting -> sighting.datagram().length() == 1)
                .extracting(SimulatedNetwork.Sighting::from)
                .containsOnly("moon");
    }

    private static long keepalives(World world, int from) {
        return world.network.seen.subList(from, world.network.seen.size()).stream()
                .filter(sighting -> sighting.datagram().length() == 1)
                .count();
    }

    @Test
    void aFixedAddressThatIsGoneIsWaitedFor() {
        World world = behindNat();
        Optional<Long> session = Optional.of(world.session(world.moon).id());
        world.moon.readdress(Ip.parse("192.0.2.7").orElseThrow());
        world.network.run(100);
        // A fixed address may come back: nothing is given up at once.
        assertThat(world.moon.established()).extracting(each -> each.id()).containsExactly(session.get());
    }
}
