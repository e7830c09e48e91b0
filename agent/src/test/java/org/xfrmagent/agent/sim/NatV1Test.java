package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.agent.wire.v1.NatDiscoveryPayload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.ProposalPayload;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.VendorId;
import org.xfrmagent.policies.model.Ip;

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

    // ---- moon behind a NAT, which shows it elsewhere

    private static final InetAddress NAT = Ip.parse("203.0.113.9").orElseThrow();

    private static World behindNat(Policies moon, Policies sun) {
        World world = new World(moon, sun.anywhere());
        world.network.translation = path -> path.local().equals(world.moon.address)
                ? new Path(NAT, path.localPort() + 10_000, path.remote(), path.remotePort())
                : path.remote().equals(NAT) ? new Path(path.local(), path.localPort(), world.moon.address, path.remotePort() - 10_000) : path;
        return world;
    }

    private static void comesUp(World world) {
        world.moon.up("sun");
        assertThat(world.network.until(10_000, () -> world.moon.children().size() == 1 && world.sun.children().size() == 1))
                .as(world::journal).isTrue();
        assertThat(world.session(world.sun).path()).isEqualTo(new Path(world.sun.address, 4500, NAT, 14_500));
        assertThat(world.sun.plane.all(Direction.OUT)).singleElement()
                .satisfies(sa -> assertThat(sa.encapsulation()).contains(new UdpEncapsulation(4500, 14_500)));
        assertThat(world.moon.plane.all(Direction.OUT)).singleElement().satisfies(sa -> assertThat(sa.encapsulation()).isEqualTo(UDP));
    }

    /** RFC 3948, section 4: only the side behind the NAT, every twenty seconds of silence. */
    @Test
    void keepalivesKeepTheMappingOpen() {
        World world = behindNat(Policies.moon().v1().liveness(0), Policies.sun().v1().liveness(0));
        comesUp(world);
        int before = world.network.seen.size();
        world.network.run(65_000);
        assertThat(world.network.seen.subList(before, world.network.seen.size()))
                .filteredOn(sighting -> sighting.datagram().length() == 1)
                .hasSize(3)
                .allSatisfy(sighting -> {
                    assertThat(sighting.from()).isEqualTo("moon");
                    assertThat(sighting.datagram()).isEqualTo(Bytes.hex("ff"));
                    assertThat(sighting.path().remotePort()).isEqualTo(4500);
                });
    }

    /** Who is behind no NAT keeps nothing open. */
    @Test
    void withoutANatThereAreNoKeepalives() {
        World world = new World(Policies.moon().v1(), Policies.sun().v1()).established(1);
        world.network.run(65_000);
        assertThat(world.network.seen).noneMatch(sighting -> sighting.datagram().length() == 1);
    }

    /** What moon announces, when somebody strikes out the rest of it: which of the drafts sun says that it takes. */
    enum Announced {
        DRAFT_03(VendorId.NAT_TRAVERSAL_03),
        DRAFT_02(VendorId.NAT_TRAVERSAL_02_NEWLINE);

        private final VendorId best;

        Announced(VendorId best) {
            this.best = best;
        }

        private List<VendorId> unsaid() {
            return this == DRAFT_03 ? List.of(VendorId.NAT_TRAVERSAL) : List.of(VendorId.NAT_TRAVERSAL, VendorId.NAT_TRAVERSAL_03);
        }

        private Bytes in(Bytes datagram) {
            String octets = datagram.toHex();
            for (VendorId id : unsaid()) {
                octets = octets.replace(id.payload().data().toHex(), "00".repeat(id.payload().data().length()));
            }
            return Bytes.hex(octets);
        }
    }

    /** draft-ietf-ipsec-nat-t-ike-02 and -03 have numbers of their own for NAT-D and for ESP in UDP. */
    @ParameterizedTest
    @EnumSource
    void aPeerThatHasOnlyADraftIsSpokenToInItsNumbers(Announced announced) {
        World world = behindNat(Policies.moon().v1(), Policies.sun().v1());
        int[] seen = {0};
        world.network.interceptor = (_, _, datagram) -> List.of(++seen[0] == 1 ? announced.in(datagram) : datagram);
        comesUp(world);

        assertThat(announced.best.in(clear(world, 2))).isTrue();
        assertThat(VendorId.NAT_TRAVERSAL.in(clear(world, 2))).isFalse();
        for (int message : List.of(3, 4)) {
            assertThat(clear(world, message).all(NatDiscoveryPayload.class)).hasSize(2)
                    .allSatisfy(payload -> assertThat(payload.typeNumber()).isEqualTo(PayloadType.NAT_DISCOVERY_DRAFT.number()));
        }
        for (SimulatedHost host : List.of(world.moon, world.sun)) {
            assertThat(up(world, host).sa().natTraversal()).as(host.name).isEqualTo(NatTraversal.DRAFT);
        }
        Chain offer = new ForgerV1(up(world, world.moon).sa()).open(world.network.seen.get(6).datagram());
        assertThat(offer.first(SaPayload.class).orElseThrow().proposals()).flatExtracting(ProposalPayload::transforms)
                .allSatisfy(transform -> assertThat(transform.number(IpsecAttribute.ENCAPSULATION_MODE)).hasValue(IpsecAttribute.UDP_TUNNEL_DRAFT));
    }

    private static PhaseV1.Up up(World world, SimulatedHost host) {
        return (PhaseV1.Up) world.session(host).phase();
    }

    /** The message of that number, from 1. */
    private static Chain clear(World world, int message) {
        try {
            return ((IsakmpMessage.Clear) IsakmpCodec.decode(world.network.seen.get(message - 1).datagram()).body()).chain();
        } catch (Malformed malformed) {
            throw new AssertionError(malformed);
        }
    }

    /** A NAT-D payload is the last one. */
    private static Bytes withAnotherEnd(Bytes datagram) {
        byte[] octets = datagram.toArray();
        octets[octets.length - 1] ^= 1;
        return Bytes.wrap(octets);
    }
}
