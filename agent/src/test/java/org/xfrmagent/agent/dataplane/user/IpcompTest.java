package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/** RFC 3173, section 2. */
class IpcompTest {
    private static final int CPI = 0x52b4;
    private static final int UDP = 17;

    private final Ipcomp ipcomp = new Ipcomp();

    private static byte[] text(int octets) {
        return "all work and no play makes a dull packet ".repeat(octets / 41 + 1).substring(0, octets).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] noise(int octets) {
        byte[] noise = new byte[octets];
        new Random(3).nextBytes(noise);
        return noise;
    }

    /** An IPComp packet of {@code plain}, whatever it comes to. */
    private static byte[] packed(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        deflater.setInput(plain);
        deflater.finish();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {UDP, 0, CPI >> 8, (byte) CPI});
        byte[] some = new byte[4096];
        while (!deflater.finished()) {
            out.write(some, 0, deflater.deflate(some));
        }
        deflater.end();
        return out.toByteArray();
    }

    private byte[] packedOnce(byte[] plain) {
        return ipcomp.compress(CPI, UDP, plain, 0, plain.length).orElseThrow();
    }

    /** Section 3.1: next header, flags of zero, CPI; then what becomes shorter by more than these four octets. */
    @Test
    void what_is_compressed_comes_out_as_it_was() {
        for (int octets : new int[] {Ipcomp.SHORTEST, 200, 1400, 9000, 65_515}) {
            byte[] plain = text(octets);
            byte[] packet = packedOnce(plain);
            assertThat(packet.length).isLessThan(octets);
            assertThat(Arrays.copyOf(packet, 4)).isEqualTo(new byte[] {UDP, 0, CPI >> 8, (byte) CPI});
            assertThat(Ipcomp.cpi(packet, 0)).isEqualTo(CPI);
            Ipcomp.Payload payload = ipcomp.decompress(packet, 0, packet.length).orElseThrow();
            assertThat(payload.octets()).isEqualTo(plain);
            assertThat(payload.nextHeader()).isEqualTo(UDP);
        }
    }

    @Test
    void a_packet_is_found_within_others_octets() {
        byte[] plain = text(300);
        byte[] wide = new byte[400];
        System.arraycopy(plain, 0, wide, 50, 300);
        byte[] packet = ipcomp.compress(CPI, UDP, wide, 50, 300).orElseThrow();
        byte[] around = new byte[packet.length + 20];
        System.arraycopy(packet, 0, around, 10, packet.length);
        assertThat(ipcomp.decompress(around, 10, packet.length).orElseThrow().octets()).isEqualTo(plain);
    }

    /** Section 2.2: "the IP datagram is sent in the original non-compressed form" if it does not become shorter. */
    @Test
    void what_would_not_become_shorter_is_left_as_it_is() {
        assertThat(ipcomp.compress(CPI, UDP, noise(1400), 0, 1400)).isEmpty();
        assertThat(ipcomp.compress(CPI, UDP, text(Ipcomp.SHORTEST - 1), 0, Ipcomp.SHORTEST - 1)).isEmpty();
        for (int octets = Ipcomp.SHORTEST; octets < 400; octets++) {
            byte[] half = noise(octets);
            Arrays.fill(half, 0, octets / 20, (byte) 'x');
            int before = octets;
            ipcomp.compress(CPI, UDP, half, 0, octets).ifPresent(packet -> assertThat(packet.length).isLessThan(before));
        }
    }

    /** Sixty-four megabytes in as many kilobytes, from a peer that has the keys. */
    @Test
    void nothing_is_unpacked_that_is_longer_than_a_packet() {
        byte[] bomb = packed(new byte[64 << 20]);
        assertThat(bomb.length).isLessThan(0xffff + 1000);
        assertThat(ipcomp.decompress(bomb, 0, bomb.length)).isEmpty();
        byte[] least = packed(new byte[0x1_0000]);
        assertThat(ipcomp.decompress(least, 0, least.length)).isEmpty();
        byte[] most = packed(new byte[0xffff]);
        assertThat(ipcomp.decompress(most, 0, most.length)).isPresent();
    }

    @Test
    void what_is_cut_off_or_garbage_is_refused_and_harms_no_later_packet() {
        byte[] packet = packedOnce(text(1400));
        for (int length = 0; length < packet.length; length++) {
            assertThat(ipcomp.decompress(packet, 0, length)).as("the first %d octets", length).isEmpty();
        }
        Random chance = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] mutated = packet.clone();
            chance.nextBytes(mutated);
            var _ = ipcomp.decompress(mutated, 0, 4 + chance.nextInt(mutated.length - 4));
        }
        assertThat(ipcomp.decompress(packet, 0, packet.length).orElseThrow().octets()).isEqualTo(text(1400));
    }
}
