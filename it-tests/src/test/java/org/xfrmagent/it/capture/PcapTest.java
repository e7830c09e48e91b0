package org.xfrmagent.it.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/** A proof that only protected packets crossed the wire is worth what these judgements are worth. */
class PcapTest {
    private static final Bytes ESP = Bytes.hex("c0ffee0100000007" + "aa".repeat(24));

    @Test
    void espIsReadWithItsSpiAndSequenceNumber() {
        Packet packet = only(ipv4(50, 0, ESP));
        assertThat(packet.content()).isEqualTo(new Content.Esp(0xc0ffee01, 7, false, ESP));
        assertThat(packet.source()).isEqualTo("192.0.2.1");
        assertThat(packet.destination()).isEqualTo("192.0.2.2");
        assertThat(packet.content().mayCross()).isTrue();
    }

    @Test
    void anSpiOnPort4500IsEspAndFourZerosMarkIke() {
        assertThat(only(ipv4(17, 0, udp(4500, 4500, ESP))).content()).isEqualTo(new Content.Esp(0xc0ffee01, 7, true, ESP));
        Bytes message = Bytes.hex("0102030405060708" + "1112131415161718" + "2e202508" + "00000001" + "0000001c");
        Content.Ike ike = (Content.Ike) only(ipv4(17, 0, udp(4500, 61000, Bytes.concat(Bytes.hex("00000000"), message)))).content();
        assertThat(ike.message()).isEqualTo(message);
        assertThat(ike.exchange()).isEqualTo("INFORMATIONAL");
        assertThat(ike.isResponse()).isFalse();
        assertThat(ike.natPort()).isTrue();
        assertThat(only(ipv4(17, 0, udp(500, 500, message))).content()).isEqualTo(new Content.Ike(message, false));
        assertThat(only(ipv4(17, 0, udp(4500, 4500, Bytes.hex("ff")))).content()).isEqualTo(new Content.Keepalive());
    }

    @Test
    void whatCanBeReadMayNotCross() {
        assertThat(List.of(ipv4(1, 0, Bytes.hex("0800f7ff00000000")), ipv4(6, 0, udp(5000, 80, Bytes.hex("00"))),
                        ipv4(17, 0, udp(53, 53, Bytes.hex("00"))), ipv4(4, 0, ESP), ipv4(51, 0, Bytes.hex("04040000c0ffee0100000007"))))
                .allSatisfy(frame -> assertThat(only(frame).content().mayCross()).isFalse());
    }

    @Test
    void neighboursMayTalk() {
        Bytes arp = Bytes.concat(Bytes.hex("ffffffffffff0200000000010806"), Bytes.hex("00".repeat(28)));
        assertThat(only(arp).content()).isEqualTo(new Content.Neighbour("ARP"));
        assertThat(only(ipv6(58, Bytes.hex("8700000000000000"))).content().mayCross()).isTrue();
        assertThat(only(ipv6(58, Bytes.hex("8000000000000000"))).content().mayCross()).isFalse();
        assertThat(only(ipv6(50, ESP)).content()).isEqualTo(new Content.Esp(0xc0ffee01, 7, false, ESP));
    }

    /** A later fragment has no header of its own: it is what its first fragment was, and suspicious without one. */
    @Test
    void fragmentsAreJudgedByTheirFirst() {
        Bytes first = ipv4(50, 0x2000, ESP);
        Bytes later = ipv4(50, 0x0004, ESP);
        assertThat(Pcap.read(file(first, later)).getLast().content()).isEqualTo(new Content.Fragment(true));
        assertThat(Pcap.read(file(later)).getLast().content().mayCross()).isFalse();
    }

    @Test
    void paddingOfShortFramesIsNotPartOfThePacket() {
        Bytes padded = Bytes.concat(ipv4(17, 0, udp(4500, 4500, Bytes.hex("ff"))), Bytes.hex("00".repeat(17)));
        assertThat(only(padded).content()).isEqualTo(new Content.Keepalive());
    }

    @Test
    void aRecordThatIsStillBeingWrittenIsLeftOut() {
        Bytes whole = file(ipv4(50, 0, ESP), ipv4(50, 0, ESP));
        assertThat(Pcap.read(whole)).hasSize(2);
        assertThat(Pcap.read(whole.slice(0, whole.length() - 1))).hasSize(1);
        assertThat(Pcap.read(Bytes.empty())).isEmpty();
        assertThatThrownBy(() -> Pcap.read(Bytes.hex("0a0d0d0a" + "00".repeat(24)))).hasMessageContaining("not a pcap file");
    }

    @Test
    void aWireWithOneReadablePacketFailsTheProof() {
        Capture.Wire quiet = new Capture.Wire(Pcap.read(file(ipv4(50, 0, ESP))));
        assertThat(quiet.onlyEspOrIke()).isSameAs(quiet);
        Bytes ping = Bytes.concat(Bytes.hex("0800f7ff00000000"), Bytes.of("canary".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        Capture.Wire leaky = new Capture.Wire(Pcap.read(file(ipv4(50, 0, ESP), ipv4(1, 0, ping))));
        assertThatThrownBy(leaky::onlyEspOrIke).isInstanceOf(AssertionError.class).hasMessageContaining("1 of 2").hasMessageContaining("ICMP");
        assertThatThrownBy(() -> leaky.hides("canary")).isInstanceOf(AssertionError.class).hasMessageContaining("can be read");
        assertThat(leaky.hides("something else")).isSameAs(leaky);
        assertThat(leaky.espFrom("192.0.2.1")).hasSize(1);
        assertThat(leaky.espFrom("192.0.2.2")).isEmpty();
    }

    private static Packet only(Bytes frame) {
        List<Packet> packets = Pcap.read(file(frame));
        assertThat(packets).hasSize(1);
        return packets.getFirst();
    }

    private static Bytes file(Bytes... frames) {
        ByteWriter file = new ByteWriter().bytes(Bytes.hex("d4c3b2a1020004000000000000000000" + "00000400" + "01000000"));
        for (Bytes frame : frames) {
            int length = Integer.reverseBytes(frame.length());
            file.i32(Integer.reverseBytes(1)).i32(Integer.reverseBytes(2)).i32(length).i32(length).bytes(frame);
        }
        return file.toBytes();
    }

    private static Bytes ipv4(int protocol, int fragment, Bytes body) {
        return new ByteWriter()
                .bytes(Bytes.hex("0200000000020200000000010800"))
                .u8(0x45).u8(0).u16(20 + body.length()).u16(0x1234).u16(fragment).u8(64).u8(protocol).u16(0)
                .bytes(Bytes.hex("c0000201c0000202"))
                .bytes(body)
                .toBytes();
    }

    private static Bytes ipv6(int next, Bytes body) {
        return new ByteWriter()
                .bytes(Bytes.hex("02000000000202000000000186dd60000000"))
                .u16(body.length()).u8(next).u8(255)
                .bytes(Bytes.hex("20010db8000000000000000000000001" + "20010db8000000000000000000000002"))
                .bytes(body)
                .toBytes();
    }

    private static Bytes udp(int source, int destination, Bytes payload) {
        return new ByteWriter().u16(source).u16(destination).u16(8 + payload.length()).u16(0).bytes(payload).toBytes();
    }
}
