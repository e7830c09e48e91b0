package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PacketSelectorsTest {
    private static final byte[] UDP = HexFormat.of().parseHex("1111222200100000aabbccddeeff0011");

    private static PacketSelectors of(byte[] packet) {
        return PacketSelectors.of(packet, 0, packet.length).orElseThrow();
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    @Test
    void reads_addresses_protocol_and_ports() {
        PacketSelectors packet = of(Packets.udp("10.1.0.1", "10.2.0.9", 0x1111, 53));
        assertThat(packet.toString()).isEqualTo("10.1.0.1/32[udp/4369] -> 10.2.0.9/32[udp/53]");
        assertThat(of(Packets.tcp("fd01::1", "fd02::9", 1, 65535)).toString()).isEqualTo("fd01::1/128[tcp/1] -> fd02::9/128[tcp/65535]");
    }

    @Test
    void icmp_has_its_type_and_code_in_both_ports() {
        PacketSelectors packet = of(Packets.icmp("10.1.0.1", "10.2.0.9", 3, 4));
        assertThat(packet.sourcePort()).isEqualTo(0x304);
        assertThat(packet.destinationPort()).isEqualTo(0x304);
    }

    @Test
    void a_later_fragment_shows_no_ports() {
        PacketSelectors packet = of(Packets.laterFragment(Packets.udp("10.1.0.1", "10.2.0.9", 0x1111, 53)));
        assertThat(packet.protocol()).isEqualTo(17);
        assertThat(packet.sourcePort()).isEqualTo(PacketSelectors.OPAQUE);
        assertThat(packet.destinationPort()).isEqualTo(PacketSelectors.OPAQUE);
    }

    @Test
    void looks_behind_extension_headers() {
        byte[] hopByHop = hex("3c00010400000000");
        byte[] destinationOptions = hex("2b01010c000000000000000000000000");
        byte[] routing = hex("1100000000000000");
        PacketSelectors packet = of(Packets.extended(17, UDP, 0, hopByHop, destinationOptions, routing));
        assertThat(packet.protocol()).isEqualTo(17);
        assertThat(packet.sourcePort()).isEqualTo(0x1111);
        assertThat(packet.destinationPort()).isEqualTo(0x2222);
    }

    @Test
    void the_first_ipv6_fragment_shows_everything_and_a_later_one_at_most_the_protocol() {
        byte[] first = hex("1100000112345678");
        byte[] later = hex("1100010112345678");
        byte[] laterOptions = hex("3c00010112345678");
        assertThat(of(Packets.extended(17, UDP, 44, first)).destinationPort()).isEqualTo(0x2222);
        PacketSelectors second = of(Packets.extended(17, UDP, 44, later));
        assertThat(second.protocol()).isEqualTo(17);
        assertThat(second.destinationPort()).isEqualTo(PacketSelectors.OPAQUE);
        assertThat(of(Packets.extended(17, UDP, 44, laterOptions)).protocol()).isEqualTo(PacketSelectors.OPAQUE);
    }

    @Test
    void extension_headers_without_end_are_no_packet() {
        byte[][] many = new byte[40][];
        Arrays.fill(many, hex("0000010400000000"));
        byte[] packet = Packets.extended(17, UDP, 0, many);
        assertThat(PacketSelectors.of(packet, 0, packet.length)).isEmpty();
    }

    @Property
    void no_octets_make_it_fail(@ForAll @Size(max = 90) byte[] octets, @ForAll boolean six) {
        if (octets.length > 0) {
            octets[0] = (byte) (six ? 0x60 : 0x45);
        }
        PacketSelectors.of(octets, 0, octets.length).ifPresent(packet -> assertThat(packet.toString()).isNotEmpty());
    }

    @Property
    void no_cut_or_changed_packet_makes_it_fail(@ForAll int at, @ForAll byte value, @ForAll int length) {
        byte[] packet = Packets.extended(17, UDP, 0, hex("3c00010400000000"), hex("2b01010c000000000000000000000000"), hex("2c00000000000000"),
                hex("1100000112345678"));
        packet[Math.floorMod(at, packet.length)] = value;
        PacketSelectors.of(packet, 0, Math.floorMod(length, packet.length + 1)).ifPresent(one -> assertThat(one.toString()).isNotEmpty());
    }
}
