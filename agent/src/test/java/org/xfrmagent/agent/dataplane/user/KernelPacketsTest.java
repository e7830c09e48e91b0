package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** The codecs against a real kernel: each packet opens, what is inside is whole, and sealing it again gives the same octets. */
class KernelPacketsTest {
    static List<KernelPackets.Case> cases() {
        return KernelPackets.all();
    }

    @Test
    void every_cipher_family_mode_and_family_of_addresses_is_there() {
        assertThat(cases()).hasSizeGreaterThan(100).allSatisfy(one -> assertThat(one.packets()).as(one.toString()).isNotEmpty());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void opens_to_a_whole_ping(KernelPackets.Case one) {
        for (Bytes packet : one.packets()) {
            EspCodec.Plain plain = open(one, packet).orElseThrow(() -> new AssertionError("not authentic: " + packet));
            assertThat(plain.spi()).isEqualTo(one.spi());
            assertThat(plain.sequence() >>> 32).isEqualTo(one.sequenceHigh().orElse(0));
            assertWholePing(one, packet.toArray(), plain);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_flipped_bit_anywhere_in_it_is_noticed(KernelPackets.Case one) {
        Bytes packet = one.packets().getFirst();
        IpHeader outer = IpHeader.parse(packet.toArray(), 0, packet.length()).orElseThrow();
        for (int at = outer.upperLayer(); at < packet.length(); at++) {
            byte[] changed = packet.toArray();
            changed[at] ^= (byte) (1 << at % 8);
            assertThat(open(one, Bytes.wrap(changed))).as("octet %d", at).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void sealing_it_again_gives_the_same_octets(KernelPackets.Case one) {
        for (Bytes packet : one.packets()) {
            EspCodec.Plain plain = open(one, packet).orElseThrow();
            byte[] sealed = one.protocol() == Protocol.ESP ? sealEsp(one, packet, plain) : sealAh(one, packet, plain);
            assertThat(Bytes.wrap(sealed)).isEqualTo(packet);
        }
    }

    private static Optional<EspCodec.Plain> open(KernelPackets.Case one, Bytes packet) {
        if (one.protocol() == Protocol.AH) {
            return AhCodec.open(one.keys(), one.sequenceHigh(), packet);
        }
        IpHeader outer = IpHeader.parse(packet.toArray(), 0, packet.length()).orElseThrow();
        return EspCodec.open(one.keys(), one.sequenceHigh(), packet.from(outer.upperLayer()));
    }

    private static byte[] sealEsp(KernelPackets.Case one, Bytes packet, EspCodec.Plain plain) {
        byte[] sealed = packet.toArray();
        int at = IpHeader.parse(sealed, 0, sealed.length).orElseThrow().upperLayer();
        EspCodec codec = EspCodec.of(one.keys(), one.sequenceHigh().isPresent());
        // The kernel's IVs are its own: a counter mixed with a random salt, or for CBC random. Only the first can be repeated.
        long nonce = switch (one.keys()) {
            case SaKeys.CipherAndMac both when both.cipher().ivBytes() == 0 -> plain.sequence();
            case SaKeys.CipherAndMac both -> {
                assumeThat(both.cipher().blockBytes()).isEqualTo(1);
                assumeThat(one.sequenceHigh()).isEmpty();
                yield packet.i64(at + EspCodec.HEADER);
            }
            case SaKeys.Aead aead -> {
                assumeThat(one.sequenceHigh()).isEmpty();
                yield packet.i64(at + EspCodec.HEADER);
            }
            case SaKeys.MacOnly ah -> throw new AssertionError("ESP with " + ah.mac());
            case SaKeys.Deflate _ -> throw new AssertionError("ESP without keys");
        };
        byte[] payload = plain.payload().toArray();
        java.util.Arrays.fill(sealed, at, sealed.length, (byte) 0xee);
        int length = codec.seal(
                plain.spi(), plain.sequence(), nonce, plain.nextHeader(), payload, 0, payload.length, sealed, at);
        assertThat(length).isEqualTo(packet.length() - at).isEqualTo(codec.sealedLength(payload.length));
        return sealed;
    }

    private static byte[] sealAh(KernelPackets.Case one, Bytes packet, EspCodec.Plain plain) {
        byte[] sealed = packet.toArray();
        IpHeader outer = IpHeader.parse(sealed, 0, sealed.length).orElseThrow();
        int header = sealed.length - outer.upperLayer() - plain.payload().length();
        AhCodec codec = AhCodec.of(one.keys(), one.sequenceHigh().isPresent());
        if (!one.name().equals("ah-align8")) {
            assertThat(codec.headerLength(outer.ipv6())).isEqualTo(header);
        }
        // The kernel leaves in the padding what the memory held; ours is zero, and then so is the ICV's input.
        int padding = header - AhCodec.FIXED - ((SaKeys.MacOnly) one.keys()).mac().icvBytes();
        assumeThat(packet.slice(outer.upperLayer() + header - padding, outer.upperLayer() + header))
                .isEqualTo(Bytes.of(new byte[padding]));
        java.util.Arrays.fill(sealed, outer.upperLayer(), outer.upperLayer() + header, (byte) 0xee);
        assertThat(codec.seal(
                        plain.spi(), plain.sequence(), plain.nextHeader(), sealed, 0, outer.upperLayer(), header, sealed.length))
                .isTrue();
        return sealed;
    }

    /** An echo request or reply whose own checksum is right: nothing was lost or misplaced. */
    private static void assertWholePing(KernelPackets.Case one, byte[] outer, EspCodec.Plain plain) {
        byte[] packet = plain.payload().toArray();
        if (one.mode() == Mode.TUNNEL) {
            assertThat(plain.nextHeader()).isEqualTo((packet[0] & 0xf0) == 0x40 ? 4 : 41);
            IpHeader inner = IpHeader.parse(packet, 0, packet.length).orElseThrow();
            assertThat(inner.totalLength()).isEqualTo(packet.length);
            assertIcmpChecksum(inner.protocol(), packet, 0, packet, inner.upperLayer(), packet.length);
        } else {
            int upper = plain.nextHeader() == IpHeader.DESTINATION_OPTIONS ? (Octets.u8(packet, 1) + 1) * 8 : 0;
            int protocol = upper > 0 ? Octets.u8(packet, 0) : plain.nextHeader();
            assertIcmpChecksum(protocol, outer, 0, packet, upper, packet.length);
        }
    }

    private static void assertIcmpChecksum(int protocol, byte[] ip, int ipAt, byte[] packet, int from, int to) {
        assertThat(protocol).isIn(1, 58);
        // ICMPv6 includes a pseudo header (RFC 8200, section 8.1): both addresses, the length, the protocol.
        long pseudo = protocol == 58 ? Octets.sum(ip, ipAt + 8, 32, to - from + 58) : 0;
        assertThat(Octets.checksum(Octets.sum(packet, from, to - from, pseudo))).isZero();
    }
}
