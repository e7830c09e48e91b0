package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;

/** RFC 3173 on {@link JoinedEnds}: what goes in comes out, and is shorter in between. */
class CompressedPathsTest extends JoinedEnds {
    private static final int CPI = 0x52b4;

    /** {@link #tunnel}, or transport mode, with IPComp before it. */
    private void compressing(Protocol protocol, Mode mode, String keys) {
        for (boolean out : new boolean[] {true, false}) {
            End end = out ? west : east;
            SaSpec spec = sa(out ? Direction.OUT : Direction.IN, protocol, mode, keys, false, false, SaLimits.NONE).compressed(CPI);
            end.add(spec.compressor().orElseThrow());
            end.add(spec);
            SelectorPair pair = mode == Mode.TUNNEL ? nets("10.1.0.0/16", "10.2.0.0/16") : nets("192.0.2.1/32", "192.0.2.2/32");
            end.add(out ? Direction.OUT : Direction.IN, pair, protect(protocol, mode));
        }
    }

    /** A datagram of zeros. */
    private static byte[] compressible(Mode mode, int octets) {
        byte[] packet = new byte[octets];
        InetAddress from = mode == Mode.TUNNEL ? Ip.parse("10.1.0.1").orElseThrow() : WEST;
        InetAddress to = mode == Mode.TUNNEL ? Ip.parse("10.2.0.1").orElseThrow() : EAST;
        OuterHeader.write(packet, from, to, 17, octets, 0, true, 0);
        Octets.putU16(packet, 20, 4000);
        Octets.putU16(packet, 22, 9);
        Octets.putU16(packet, 24, octets - 20);
        return packet;
    }

    /** RFC 3173: under ESP and AH, in both modes; short packets go as they are, and long ones fit where they would not have. */
    @Test
    void what_is_compressed_comes_out_as_it_was() {
        for (String kind : List.of("ESP aes128gcm16", "ESP aes256-sha512", "AH sha256")) {
            for (Mode mode : Mode.values()) {
                CompressedPathsTest fresh = new CompressedPathsTest();
                fresh.compressing(Protocol.valueOf(kind.split(" ")[0]), mode, kind.split(" ")[1]);
                for (int octets : new int[] {40, 120, 1400, 9000}) {
                    byte[] packet = compressible(mode, octets);
                    byte[] wire = fresh.sealed(packet);
                    assertThat(wire.length).as("%s in %s mode of %d octets", kind, mode, octets).isLessThan(Math.max(150, octets / 4));
                    assertThat(fresh.in(wire)).as("%s", fresh.east.drops.nonZero()).hasSize(1).first().isEqualTo(packet);
                }
                assertThat(fresh.east.drops.nonZero()).isEmpty();
                SaId id = new SaId(EAST, Protocol.valueOf(kind.split(" ")[0]), SPI);
                assertThat(fresh.west.sad.get(id).orElseThrow().usage(now).bytes()).as("limits count what was sent").isLessThan(700);
            }
        }
    }

    /** From a peer that has the keys: another CPI than the agreed one, IPComp in IPComp, and a packet that unpacks to more than one can be. */
    @Test
    void what_was_not_compressed_as_agreed_is_dropped() {
        compressing(Protocol.ESP, Mode.TUNNEL, "aes128gcm16");
        Ipcomp ipcomp = new Ipcomp();
        byte[] packet = compressible(Mode.TUNNEL, 1400);
        byte[] otherCpi = ipcomp.compress(CPI + 1, 4, packet, 0, packet.length).orElseThrow();
        byte[] nested = ipcomp.compress(CPI, Ipcomp.PROTOCOL, packet, 0, packet.length).orElseThrow();
        byte[] garbage = new byte[400];
        Octets.putU16(garbage, 2, CPI);
        long sequence = 0;
        for (byte[] content : List.of(otherCpi, nested, garbage)) {
            assertThat(in(espOf(Ipcomp.PROTOCOL, ++sequence, content))).isEmpty();
        }
        assertThat(east.drops.nonZero()).isEqualTo(Map.of(DropReason.BAD_CONTENT, 3L));
        assertThat(in(espOf(4, ++sequence, packet))).as("as it is").hasSize(1);
    }

    private static byte[] espOf(int nextHeader, long sequence, byte[] content) {
        EspCodec codec = EspCodec.of(keys("aes128gcm16"), false);
        byte[] packet = new byte[20 + codec.sealedLength(content.length)];
        OuterHeader.write(packet, WEST, EAST, 50, packet.length, 0, true, 0);
        codec.seal(SPI, sequence, nextHeader, content, 0, content.length, packet, 20);
        return packet;
    }
}
