package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.locks.ReentrantLock;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Packets that nobody sane sends, with and without the right keys: each is counted as a drop or passes by the policies, and nothing
 * else ever happens; afterwards a genuine packet passes.
 */
class HostilePacketsTest {
    private static final InetAddress WEST = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress EAST = Ip.parse("192.0.2.2").orElseThrow();
    private static final int ESP_SPI = 0xc0000001;
    private static final int AH_SPI = 0xc0000002;

    /** Anything that looks like IP, from either side, with one octet wrong or a hundred. */
    @Property(tries = 2000, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void withoutKeys(@ForAll long seed) {
        End end = new End(seed, Mode.TUNNEL, false);
        byte[] packet = end.mutated(end.genuine());
        Departures out = new Departures();
        end.outbound.process(packet.clone(), out);
        end.inbound.ah(packet.clone(), out);
        end.inbound.esp(end.arrival(), packet.clone(), 0, packet.length, out);
        assertThat(out.inner).isEmpty();
        end.assertGenuinePasses();
    }

    /** The peer has the keys, and seals what it likes. */
    @Property(tries = 2000, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void withTheKeysOfEsp(@ForAll long seed) {
        boolean transport = Math.floorMod(seed, 2) == 0;
        End end = new End(seed, transport ? Mode.TRANSPORT : Mode.TUNNEL, Math.floorMod(seed, 3) == 0);
        byte[] inner = end.mutated(end.genuine());
        int nextHeader = end.chance.nextInt(3) == 0 ? end.chance.nextInt(256) : 4;
        Departures out = new Departures();
        end.receive(end.sealed(nextHeader, inner), out);
        // What passes is what the policy demands under this SA, whatever it holds.
        assertThat(out.inner).allSatisfy(passed -> assertThat(IpHeader.parse(passed, 0, passed.length)).isPresent());
        if (!transport) {
            end.assertGenuinePasses();
        }
    }

    /** The same under AH, where the header in front of it is the peer's as well. */
    @Property(tries = 2000, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void withTheKeysOfAh(@ForAll long seed) {
        End end = new End(seed, Math.floorMod(seed, 2) == 0 ? Mode.TRANSPORT : Mode.TUNNEL, false);
        byte[] inner = end.mutated(end.genuine());
        int options = 4 * end.chance.nextInt(11);
        int front = 20 + options;
        int header = end.ah.headerLength(false);
        byte[] packet = new byte[front + header + inner.length];
        OuterHeader.write(packet, WEST, EAST, AhCodec.PROTOCOL, packet.length, 0, false, 77);
        packet[0] = (byte) (0x40 | front / 4);
        byte[] content = new byte[options];
        end.chance.nextBytes(content);
        System.arraycopy(content, 0, packet, 20, options);
        System.arraycopy(inner, 0, packet, front + header, inner.length);
        OuterHeader.checksumV4(packet, front);
        end.ah.seal(AH_SPI, ++end.sequence, end.chance.nextInt(3) == 0 ? end.chance.nextInt(256) : 4, packet, 0, front, header, packet.length);
        Departures out = new Departures();
        end.inbound.ah(packet, out);
        assertThat(out.inner).allSatisfy(passed -> assertThat(IpHeader.parse(passed, 0, passed.length)).isPresent());
    }

    private static Algorithm row(String word) {
        return Algorithms.byKeyword(word).orElseThrow();
    }

    private static Secret secret(Algorithm row) {
        return Secret.take(new byte[row.keyMaterialBytes()]);
    }

    private static PolicySpec policy(String from, Protocol protocol, int reqid, Mode mode) {
        SelectorPair nets = new SelectorPair(
                TrafficSelector.of(AddressRange.parse(from)), TrafficSelector.of(AddressRange.parse("10.2.0.0/16")));
        return new PolicySpec(Direction.IN, nets, 100, new PolicySpec.Protect(
                mode == Mode.TUNNEL ? Optional.of(new PolicySpec.Endpoints(WEST, EAST)) : Optional.empty(), protocol, reqid,
                OptionalInt.empty()), OptionalInt.empty());
    }

    /** The receiving end, and the codecs of the one who sends. */
    private static final class End {
        private final Random chance;
        private final Spd spd = new Spd();
        private final Sad sad = new Sad();
        private final DropCounters drops = new DropCounters();
        private final Inbound inbound = new Inbound(spd, sad, drops, event -> {}, sa -> {}, () -> 1);
        private final Outbound outbound = new Outbound(spd, sad, new ReentrantLock(), new PathMtu(() -> 1), drops, event -> {}, sa -> {}, () -> 1);
        private final EspCodec esp;
        private final AhCodec ah;
        private long sequence;

        End(long seed, Mode mode, boolean udp) {
            chance = new Random(seed);
            SaKeys espKeys = new SaKeys.Aead(row("aes128gcm16"), secret(row("aes128gcm16")));
            SaKeys ahKeys = new SaKeys.MacOnly(row("sha256"), secret(row("sha256")));
            esp = EspCodec.of(espKeys, false);
            ah = AhCodec.of(ahKeys, false);
            add(Protocol.ESP, ESP_SPI, 3, espKeys, mode, udp);
            add(Protocol.AH, AH_SPI, 4, ahKeys, mode, false);
            spd.change(new Spd.Change(List.of(), List.of(
                    policy("10.1.0.0/16", Protocol.ESP, 3, mode), policy("10.9.0.0/16", Protocol.AH, 4, mode))));
        }

        private void add(Protocol protocol, int spi, int reqid, SaKeys keys, Mode mode, boolean udp) {
            assertThat(sad.add(new Sa(new SaSpec(
                    new SaId(EAST, protocol, spi), WEST, Direction.IN, mode, reqid, keys,
                    udp ? Optional.of(new UdpEncapsulation(4500, 4500)) : Optional.empty(), 64, false, SaLimits.NONE, Optional.empty(),
                    OptionalInt.empty()), 1))).isTrue();
        }

        private void assertGenuinePasses() {
            Departures out = new Departures();
            byte[] genuine = Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
            receive(sealed(4, genuine), out);
            assertThat(out.inner).as("%s", drops.nonZero()).singleElement().isEqualTo(genuine);
        }

        private Inbound.Arrival arrival() {
            Optional<UdpEncapsulation> udp = sad.get(new SaId(EAST, Protocol.ESP, ESP_SPI)).orElseThrow().spec().encapsulation();
            return new Inbound.Arrival(WEST, EAST, udp, OptionalInt.of(0));
        }

        private void receive(byte[] packet, Departures into) {
            inbound.esp(arrival(), packet, 0, packet.length, into);
        }

        private byte[] sealed(int nextHeader, byte[] inner) {
            byte[] packet = new byte[esp.sealedLength(inner.length)];
            esp.seal(ESP_SPI, ++sequence, nextHeader, inner, 0, inner.length, packet, 0);
            return packet;
        }

        private byte[] genuine() {
            byte[] hopByHop = {17, 0, 1, 4, 0, 0, 0, 0};
            return switch (chance.nextInt(5)) {
                case 0 -> Packets.tcp("10.1.0.1", "10.2.0.1", 80, 81);
                case 1 -> Packets.icmp("10.9.0.1", "10.2.0.1", 8, 0);
                case 2 -> Packets.extended(17, new byte[12], IpHeader.HOP_BY_HOP, hopByHop);
                case 3 -> Packets.laterFragment(Packets.udp("10.1.0.1", "10.2.0.1", 1, 9));
                default -> Packets.udp("10.1.0.1", "10.2.0.1", 1, 9);
            };
        }

        private byte[] mutated(byte[] genuine) {
            byte[] packet = genuine.clone();
            for (int i = chance.nextInt(10); i > 0; i--) {
                int at = chance.nextInt(chance.nextBoolean() ? packet.length : Math.min(packet.length, 24));
                packet[at] = (byte) (chance.nextBoolean() ? chance.nextInt(256) : List.of(0, 1, 127, 128, 255).get(chance.nextInt(5)));
            }
            return chance.nextInt(3) == 0 ? Arrays.copyOf(packet, chance.nextInt(packet.length + 40)) : packet;
        }
    }
}
