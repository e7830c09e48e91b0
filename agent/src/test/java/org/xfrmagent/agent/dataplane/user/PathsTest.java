package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TunnelHeader;
import org.xfrmagent.policies.model.TunnelHeader.CopyDscp;

/** One way out and one way in, joined without a wire: every packet that goes in comes out, and what is not such a packet does not. */
class PathsTest extends JoinedEnds {
    @ParameterizedTest
    @CsvSource({
        "ESP, aes128gcm16", "ESP, aes256gcm8", "ESP, aes192ccm12", "ESP, chacha20poly1305", "ESP, aes128gmac", "ESP, aes256-sha512",
        "ESP, aes128ctr-sha1", "ESP, null-sha256", "ESP, 3des-md5", "ESP, camellia128-aesxcbc", "AH, sha256", "AH, sha512", "AH, aescmac"
    })
    void what_goes_in_comes_out(Protocol protocol, String keys) {
        for (boolean esn : new boolean[] {false, true}) {
            PathsTest fresh = new PathsTest();
            fresh.tunnel(protocol, keys, esn, SaLimits.NONE);
            for (int i = 0; i < 200; i++) {
                byte[] packet = i % 2 == 0
                        ? Packets.udp("10.1.0.1", "10.2.0.1", i, 9)
                        : Packets.tcp("fd01::1", "fd02::1", 80, i);
                List<byte[]> inner = fresh.in(fresh.sealed(packet));
                assertThat(inner).as("%s", fresh.east.drops.nonZero()).hasSize(1);
                assertThat(inner.getFirst()).isEqualTo(packet);
            }
            assertThat(fresh.east.drops.nonZero()).isEmpty();
        }
    }

    @Test
    void a_packet_passes_once() {
        tunnel();
        byte[] wire = sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        assertThat(in(wire.clone())).hasSize(1);
        assertThat(in(wire)).isEmpty();
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.REPLAY, 1L));
    }

    @Test
    void a_forged_packet_does_not_move_the_window() {
        tunnel();
        byte[] first = sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        byte[] forged = first.clone();
        Octets.putI32(forged, 24, 5000);
        assertThat(in(forged)).isEmpty();
        assertThat(in(first)).hasSize(1);
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.NOT_AUTHENTIC, 1L));
    }

    @Test
    void the_inner_packet_must_be_what_the_policy_of_its_sa_covers() {
        tunnel();
        // The peer's policy is wider than ours.
        west.add(Direction.OUT, nets("10.0.0.0/8", "10.0.0.0/8"), protect(Protocol.ESP, Mode.TUNNEL));
        assertThat(in(sealed(Packets.udp("10.9.0.1", "10.2.0.1", 1, 9)))).isEmpty();
        east.spd.change(new Spd.Change(
                List.of(),
                List.of(new PolicySpec(
                        Direction.IN, nets("10.1.5.0/24", "10.2.0.0/16"), 1, new PolicySpec.Bypass(), OptionalInt.empty()))));
        assertThat(in(sealed(Packets.udp("10.1.5.1", "10.2.0.1", 1, 9)))).isEmpty();
        assertThat(in(sealed(Packets.udp("10.1.6.1", "10.2.0.1", 1, 9)))).hasSize(1);
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.POLICY_MISMATCH, 2L));
    }

    @Test
    void what_another_sa_should_have_carried_is_refused() {
        tunnel();
        east.spd.change(new Spd.Change(
                List.of(),
                List.of(new PolicySpec(
                        Direction.IN, nets("10.1.0.0/16", "10.2.0.0/16"), 1,
                        new PolicySpec.Protect(Optional.empty(), Protocol.ESP, REQID + 1, OptionalInt.empty()), OptionalInt.empty()))));
        assertThat(in(sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9)))).isEmpty();
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.POLICY_MISMATCH, 1L));
    }

    @Test
    void dscp_and_congestion_marks_pass_through_the_tunnel() {
        tunnel();
        byte[] packet = Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
        packet[1] = (byte) (46 << 2 | 2);
        OuterHeader.checksumV4(packet, 20);
        byte[] wire = sealed(packet);
        assertThat(Octets.u8(wire, 1)).isEqualTo(46 << 2 | 2);
        wire[1] |= 3; // a router on the way was congested
        byte[] inner = in(wire).getFirst();
        assertThat(Octets.u8(inner, 1)).isEqualTo(46 << 2 | 3);
        assertThat(Octets.checksum(Octets.sum(inner, 0, 20, 0))).isZero();
    }

    @ParameterizedTest
    @CsvSource({"0,0,0", "0,2,0", "0,1,0", "0,3,-1", "2,0,2", "2,2,2", "2,1,1", "2,3,3", "1,0,1", "1,2,1", "1,1,1", "1,3,3", "3,0,3", "3,3,3"})
    void the_congestion_marks_merge_as_rfc_6040_says(int inner, int outer, int result) {
        for (byte[] packet : List.of(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9), Packets.udp("fd01::1", "fd02::1", 1, 9))) {
            boolean ipv6 = packet[0] >> 4 == 6;
            packet[1] = (byte) (ipv6 ? inner << 4 : inner);
            if (!ipv6) {
                OuterHeader.checksumV4(packet, 20);
            }
            assertThat(OuterHeader.mergeEcn(packet, 0, outer)).isEqualTo(result >= 0);
            if (result >= 0) {
                assertThat(OuterHeader.trafficClass(packet, 0) & 3).isEqualTo(result);
                assertThat(ipv6 || Octets.checksum(Octets.sum(packet, 0, 20, 0)) == 0).isTrue();
            }
        }
    }

    @Test
    void dont_fragment_is_copied_and_set_for_ipv6() {
        tunnel();
        byte[] packet = Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
        assertThat(Octets.u16(sealed(packet), 6)).isZero();
        packet[6] = 0x40;
        OuterHeader.checksumV4(packet, 20);
        assertThat(Octets.u16(sealed(packet), 6)).isEqualTo(0x4000);
        assertThat(Octets.u16(sealed(Packets.udp("fd01::1", "fd02::1", 1, 9)), 6)).isEqualTo(0x4000);
    }

    /** An SA pair with other rules for the tunnel's header, and TFC padding. */
    private void tunnel(TunnelHeader rules, int tfc) {
        for (Direction direction : List.of(Direction.OUT, Direction.IN)) {
            SaSpec plain = sa(direction, Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false, SaLimits.NONE);
            (direction == Direction.OUT ? west : east).add(new SaSpec(
                    plain.id(), plain.source(), direction, plain.mode(), plain.reqid(), plain.keys(), plain.encapsulation(),
                    plain.replayWindow(), plain.esn(), plain.limits(), plain.selector(), plain.ifId(), plain.marks(), rules, tfc, plain.offload()));
        }
        for (SelectorPair nets : List.of(nets("10.1.0.0/16", "10.2.0.0/16"), nets("fd01::/16", "fd02::/16"))) {
            west.add(Direction.OUT, nets, protect(Protocol.ESP, Mode.TUNNEL));
            east.add(Direction.IN, nets, protect(Protocol.ESP, Mode.TUNNEL));
        }
    }

    /** What goes in with DSCP 46 and ECT(0), what a router makes of it (DSCP 8, CE), and what comes out. */
    @ParameterizedTest
    @CsvSource({
        // copy-dscp, copy-ecn, on the wire: DSCP, ECN; inside: DSCP, ECN
        "OUT, true, 46, 2, 46, 3", "IN, true, 0, 2, 8, 3", "YES, true, 46, 2, 8, 3", "NO, true, 0, 2, 46, 3",
        "OUT, false, 46, 0, 46, 2", "IN, false, 0, 0, 8, 2", "YES, false, 46, 0, 8, 2", "NO, false, 0, 0, 46, 2"
    })
    void the_policy_says_what_the_headers_take_from_each_other(
            CopyDscp dscp, boolean ecn, int wireDscp, int wireEcn, int innerDscp, int innerEcn) {
        tunnel(new TunnelHeader(dscp, ecn, true), 0);
        for (byte[] packet : List.of(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9), Packets.udp("fd01::1", "fd02::1", 1, 9))) {
            OuterHeader.copyDscp(packet, 0, 46 << 2);
            boolean ipv6 = packet[0] >> 4 == 6;
            packet[1] |= (byte) (ipv6 ? 2 << 4 : 2);
            if (!ipv6) {
                OuterHeader.checksumV4(packet, 20);
            }
            byte[] wire = sealed(packet);
            assertThat(Octets.u8(wire, 1)).isEqualTo(wireDscp << 2 | wireEcn);
            wire[1] = (byte) (8 << 2 | 3);
            byte[] inner = in(wire).getFirst();
            assertThat(OuterHeader.trafficClass(inner, 0)).isEqualTo(innerDscp << 2 | innerEcn);
            assertThat(ipv6 || Octets.checksum(Octets.sum(inner, 0, 20, 0)) == 0).isTrue();
        }
    }

    @Test
    void without_copying_dont_fragment_the_tunnel_may_always_be_fragmented() {
        tunnel(new TunnelHeader(CopyDscp.OUT, true, false), 0);
        byte[] packet = Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
        packet[6] = 0x40;
        OuterHeader.checksumV4(packet, 20);
        assertThat(Octets.u16(sealed(packet), 6)).isZero();
    }

    /** RFC 4303, section 2.7: the padding goes behind the inner packet, whose own length tells where it ends. */
    @Test
    void packets_of_all_sizes_look_alike_when_they_are_filled_up() {
        tunnel(TunnelHeader.USUAL, 1000);
        byte[] small = Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
        byte[] other = Packets.tcp("fd01::1", "fd02::1", 80, 2);
        byte[] wire = sealed(small);
        // 20 IP + 8 ESP + 8 IV + 1000 + 2 trailer, rounded up to 4, + 16 ICV
        assertThat(wire).hasSize(20 + 8 + 8 + 1004 + 16);
        assertThat(in(wire)).containsExactly(small);
        byte[] second = sealed(other);
        assertThat(second).hasSameSizeAs(wire);
        assertThat(in(second)).containsExactly(other);
    }

    @Test
    void packets_are_filled_up_to_what_the_path_carries_and_no_more() {
        tunnel(TunnelHeader.USUAL, Protect.TFC_MTU);
        west.pathMtu.link(EAST, 1400);
        byte[] wire = sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        assertThat(wire.length).isBetween(1400 - 3, 1400);
        assertThat(in(wire)).hasSize(1);
    }

    @Test
    void soft_then_hard_limits_are_told_once_each() {
        tunnel(Protocol.ESP, "aes128gcm16", false, new SaLimits(0, 0, 0, 0, 3, 5));
        for (int i = 0; i < 10; i++) {
            out(Packets.udp("10.1.0.1", "10.2.0.1", i, 9));
        }
        SaId id = new SaId(EAST, Protocol.ESP, SPI);
        assertThat(events).startsWith(new DataPlaneEvent.SoftExpire(id, REQID), new DataPlaneEvent.HardExpire(id, REQID));
        assertThat(events).hasSize(3).last().isInstanceOf(DataPlaneEvent.Acquire.class);
        assertThat(west.drops.nonZero()).isEqualTo(Map.of(DropReason.NO_SA, 5L));
    }

    @Test
    void an_acquire_is_repeated_only_after_a_while() {
        west.add(Direction.OUT, nets("10.1.0.0/16", "10.2.0.0/16"), protect(Protocol.ESP, Mode.TUNNEL));
        for (int i = 0; i < 3; i++) {
            out(Packets.udp("10.1.0.1", "10.2.0.1", i, 9));
        }
        assertThat(events).hasSize(1);
        now += 5_000_000_000L;
        out(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        assertThat(events).hasSize(2);
        west.outbound.satisfied(REQID);
        out(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        assertThat(events).hasSize(3);
    }

    @Test
    void a_nat_that_changes_its_mapping_is_noticed_by_authentic_packets_only() {
        west.add(sa(Direction.OUT, Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, true, SaLimits.NONE));
        east.add(sa(Direction.IN, Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, true, SaLimits.NONE));
        SelectorPair nets = nets("10.1.0.0/16", "10.2.0.0/16");
        west.add(Direction.OUT, nets, protect(Protocol.ESP, Mode.TUNNEL));
        east.add(Direction.IN, nets, protect(Protocol.ESP, Mode.TUNNEL));
        InetAddress elsewhere = Ip.parse("198.51.100.7").orElseThrow();
        byte[] forged = out(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9)).udp.getFirst().esp();
        forged[forged.length - 1] ^= 1;
        Departures departures = new Departures();
        arriveInUdp(elsewhere, 31000, forged, departures);
        assertThat(events).isEmpty();
        arriveInUdp(WEST, 4500, out(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9)).udp.getFirst().esp(), departures);
        assertThat(events).isEmpty();
        for (int i = 0; i < 3; i++) {
            arriveInUdp(elsewhere, 31000, out(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9)).udp.getFirst().esp(), departures);
        }
        assertThat(events).containsExactly(
                new DataPlaneEvent.MappingChanged(new SaId(EAST, Protocol.ESP, SPI), REQID, elsewhere, 31000));
        assertThat(departures.inner).hasSize(4);
    }

    private void arriveInUdp(InetAddress source, int port, byte[] esp, Departures into) {
        east.inbound.esp(
                new Inbound.Arrival(source, EAST, Optional.of(new UdpEncapsulation(port, 4500)), OptionalInt.empty()), esp, 0, esp.length,
                into);
    }

    @Test
    void a_packet_that_does_not_fit_is_answered_to_its_sender() {
        tunnel();
        west.pathMtu.link(EAST, 1300);
        byte[] packet = Arrays.copyOf(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9), 1290);
        Octets.putU16(packet, 2, packet.length);
        packet[6] = 0x40;
        OuterHeader.checksumV4(packet, 20);
        Departures departures = out(packet);
        byte[] answer = departures.ipv4.getFirst().data();
        assertThat(departures.ipv4.getFirst().destination().getAddress()).isEqualTo(Ip.parse("10.1.0.1").orElseThrow());
        assertThat(answer[20]).as("destination unreachable").isEqualTo((byte) 3);
        assertThat(answer[21]).as("fragmentation needed").isEqualTo((byte) 4);
        int fits = Octets.u16(answer, 26);
        assertThat(Octets.checksum(Octets.sum(answer, 20, answer.length - 20, 0))).isZero();
        assertThat(Arrays.copyOfRange(answer, 28, 48)).isEqualTo(Arrays.copyOf(packet, 20));
        // Just that much does fit, and one octet more does not.
        byte[] largest = Arrays.copyOf(packet, fits);
        Octets.putU16(largest, 2, fits);
        OuterHeader.checksumV4(largest, 20);
        assertThat(sealed(largest).length).isLessThanOrEqualTo(1300);
        byte[] more = Arrays.copyOf(packet, fits + 1);
        Octets.putU16(more, 2, fits + 1);
        OuterHeader.checksumV4(more, 20);
        assertThat(out(more).ipv4.getFirst().data()[20]).isEqualTo((byte) 3);
    }

    @Test
    void transport_mode_gives_the_packet_back_with_its_header() {
        west.add(sa(Direction.OUT, Protocol.ESP, Mode.TRANSPORT, "aes128gcm16", false, false, SaLimits.NONE));
        east.add(sa(Direction.IN, Protocol.ESP, Mode.TRANSPORT, "aes128gcm16", false, false, SaLimits.NONE));
        SelectorPair hosts = nets("192.0.2.1/32", "192.0.2.2/32");
        west.add(Direction.OUT, hosts, protect(Protocol.ESP, Mode.TRANSPORT));
        east.add(Direction.IN, hosts, protect(Protocol.ESP, Mode.TRANSPORT));
        byte[] packet = Packets.udp("192.0.2.1", "192.0.2.2", 1, 9);
        byte[] wire = sealed(packet);
        assertThat(Octets.u8(wire, 9)).isEqualTo(50);
        byte[] inner = in(wire).getFirst();
        assertThat(Arrays.copyOfRange(inner, 20, inner.length)).isEqualTo(Arrays.copyOfRange(packet, 20, packet.length));
        assertThat(Octets.u8(inner, 9)).isEqualTo(17);
        assertThat(Octets.checksum(Octets.sum(inner, 0, 20, 0))).isZero();
        // A fragment cannot be protected in transport mode (RFC 4303, section 3.3.4).
        assertThat(out(Packets.laterFragment(packet)).isEmpty()).isTrue();
        assertThat(west.drops.nonZero()).isEqualTo(Map.of(DropReason.UNSUPPORTED, 1L));
    }

    @Test
    void a_tunnel_packet_under_a_transport_sa_is_no_packet_at_all() {
        tunnel();
        east.sad.remove(new SaId(EAST, Protocol.ESP, SPI));
        east.add(sa(Direction.IN, Protocol.ESP, Mode.TRANSPORT, "aes128gcm16", false, false, SaLimits.NONE));
        assertThat(in(sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9)))).isEmpty();
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.POLICY_MISMATCH, 1L));
    }

    @Test
    void dummy_packets_and_padding_that_hides_the_size_are_taken_off() {
        tunnel();
        EspCodec codec = EspCodec.of(keys("aes128gcm16"), false);
        byte[] packet = Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
        byte[] padded = Arrays.copyOf(packet, packet.length + 300);
        assertThat(in(esp(codec, 1, 4, padded)).getFirst()).isEqualTo(packet);
        assertThat(in(esp(codec, 2, EspCodec.NO_NEXT_HEADER, new byte[100]))).isEmpty();
        assertThat(in(esp(codec, 3, 41, packet))).as("IPv4 announced as IPv6").isEmpty();
        assertThat(in(esp(codec, 4, 4, new byte[0]))).as("nothing").isEmpty();
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.DUMMY, 1L, DropReason.BAD_CONTENT, 2L));
    }

    private static byte[] esp(EspCodec codec, long sequence, int nextHeader, byte[] payload) {
        byte[] outer = new byte[20 + codec.sealedLength(payload.length)];
        OuterHeader.write(outer, WEST, EAST, 50, outer.length, 0, true, 0);
        codec.seal(SPI, sequence, nextHeader, payload, 0, payload.length, outer, 20);
        return outer;
    }

    /** RFC 4303, section 3.3.3: the counter must not cycle. */
    @Test
    void when_all_sequence_numbers_are_used_the_sa_is_done() {
        Sa sa = new Sa(sa(Direction.OUT, Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false, SaLimits.NONE), now);
        sa.sequenceAt(0xffff_fffeL);
        assertThat(sa.nextSequence()).isEqualTo(0xffff_ffffL);
        assertThat(sa.nextSequence()).isZero();
        Sa extended = new Sa(sa(Direction.OUT, Protocol.ESP, Mode.TUNNEL, "aes128gcm16", true, false, SaLimits.NONE), now);
        extended.sequenceAt(0xffff_ffffL);
        assertThat(extended.nextSequence()).isEqualTo(0x1_0000_0000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ESP aes128gcm16", "ESP aes128-sha256", "ESP aes128ctr-sha1", "ESP chacha20poly1305", "ESP null-sha256", "AH sha256"})
    void no_cut_of_a_packet_makes_it_fail(String kind) {
        tunnel(Protocol.valueOf(kind.split(" ")[0]), kind.split(" ")[1], false, SaLimits.NONE);
        byte[] wire = sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        for (int length = 20; length < wire.length; length++) {
            byte[] cut = Arrays.copyOf(wire, length);
            Octets.putU16(cut, 2, length);
            assertThat(in(cut)).isEmpty();
        }
        assertThat(in(wire)).hasSize(1);
        assertThat(east.drops.nonZero()).containsOnlyKeys(DropReason.MALFORMED, DropReason.NOT_AUTHENTIC);
    }

    @Property(tries = 400)
    void no_changed_packet_makes_it_fail(@ForAll int at, @ForAll byte value, @ForAll boolean ah) {
        PathsTest fresh = new PathsTest();
        fresh.tunnel(ah ? Protocol.AH : Protocol.ESP, ah ? "sha256" : "aes128-sha256", false, SaLimits.NONE);
        byte[] wire = fresh.sealed(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
        int index = 20 + Math.floorMod(at, wire.length - 20);
        byte before = wire[index];
        wire[index] = value;
        assertThat(fresh.in(wire)).hasSize(before == value ? 1 : 0);
        assertThat(fresh.east.drops.nonZero()).doesNotContainKey(DropReason.INTERNAL);
    }

    /** After decryption too: the peer is authentic, what it says inside need not be sound. */
    @Property(tries = 400)
    void nothing_inside_an_authentic_packet_makes_it_fail(@ForAll byte[] inside, @ForAll byte nextHeader, @ForAll boolean transport) {
        PathsTest fresh = new PathsTest();
        fresh.tunnel();
        if (transport) {
            fresh.east.sad.remove(new SaId(EAST, Protocol.ESP, SPI));
            fresh.east.add(sa(Direction.IN, Protocol.ESP, Mode.TRANSPORT, "aes128gcm16", false, false, SaLimits.NONE));
        }
        if (inside.length > 0) {
            inside[0] = (byte) (inside[0] & 0x0f | (inside[0] < 0 ? 0x40 : 0x60));
        }
        fresh.in(esp(EspCodec.of(keys("aes128gcm16"), false), 1, nextHeader & 0xff, inside));
        assertThat(fresh.east.drops.nonZero()).doesNotContainKeys(DropReason.INTERNAL, DropReason.NOT_AUTHENTIC);
    }
}
