package org.xfrmagent.agent.dataplane.user;

import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.PacketMac;
import org.xfrmagent.agent.dataplane.SaKeys;

/**
 * Signs and verifies AH packets (RFC 4302) under the key of one direction of one SA. Not for two threads at once.
 *
 * <pre>
 *   IP header, options or extension headers | next (1) | length (1) | 0 (2) | SPI (4) | sequence (4) | ICV, padding | payload
 *   +-- what routers change counts as zero -+------- AH: a multiple of 4 octets in IPv4, 8 in IPv6 ----------------+
 * </pre>
 */
public final class AhCodec {
    static final int PROTOCOL = 51;
    /** Octets before the ICV. */
    static final int FIXED = 12;

    private final PacketMac mac;
    private final boolean esn;
    private final byte[] high = new byte[4];
    private byte[] scratch = new byte[256];

    private AhCodec(PacketMac mac, boolean esn) {
        this.mac = mac;
        this.esn = esn;
    }

    /** @throws IllegalArgumentException with a sentence if the key does not fit or is of ESP */
    public static AhCodec of(SaKeys keys, boolean esn) {
        if (keys instanceof SaKeys.MacOnly only) {
            return new AhCodec(PacketMac.of(only.mac(), only.key()), esn);
        }
        throw new IllegalArgumentException("AH needs an integrity algorithm alone, and the keys have a cipher");
    }

    /** Octets of the AH header (RFC 4302, section 2.2 and 3.3.3.2.1). */
    public int headerLength(boolean ipv6) {
        int alignment = ipv6 ? 8 : 4;
        return (FIXED + mac.icvBytes() + alignment - 1) / alignment * alignment;
    }

    /**
     * Writes the AH header and its ICV into a packet that is otherwise complete: the IP header in front already names AH and the
     * whole length, the payload stands behind the gap.
     *
     * @param at the packet's first octet
     * @param ah where the AH header goes
     * @param header its octets: {@link #headerLength}, or more if another implementation aligns more widely
     * @param length of the whole packet
     * @return false if the packet has an option or extension whose value at the destination cannot be foretold
     */
    public boolean seal(
            int spi, long sequence, int nextHeader, byte[] packet, int at, int ah, int header, int length) {
        packet[ah] = (byte) nextHeader;
        packet[ah + 1] = (byte) (header / 4 - 2);
        Octets.putU16(packet, ah + 2, 0);
        Octets.putI32(packet, ah + 4, spi);
        Octets.putI32(packet, ah + 8, (int) sequence);
        Arrays.fill(packet, ah + FIXED, ah + header, (byte) 0);
        if (!feed(packet, at, ah, header, length, sequence)) {
            return false;
        }
        mac.finish(packet, ah + FIXED);
        return true;
    }

    /** Octets of the AH header at {@code ah}, or -1 if it does not fit into the packet or has no room for the ICV. */
    int headerLengthAt(byte[] packet, int ah, int end) {
        if (end - ah < FIXED) {
            return -1;
        }
        int header = (Octets.u8(packet, ah + 1) + 2) * 4;
        return header < FIXED + mac.icvBytes() || header > end - ah ? -1 : header;
    }

    /** Whether the ICV is that of the packet, which is not changed. */
    boolean verify(byte[] packet, int at, int ah, int header, int length, long sequence) {
        return feed(packet, at, ah, header, length, sequence) && mac.verify(packet, ah + FIXED);
    }

    /** Feeds the MAC with the packet as both ends see it. */
    private boolean feed(byte[] packet, int at, int ah, int header, int length, long sequence) {
        int front = ah + header - at;
        if (scratch.length < front) {
            scratch = new byte[front];
        }
        System.arraycopy(packet, at, scratch, 0, front);
        if (!MutableFields.clear(scratch, ah - at)) {
            return false;
        }
        // The ICV counts as zero, the padding behind it as what it is (RFC 4302, section 3.3.3.2.1).
        Arrays.fill(scratch, ah - at + FIXED, ah - at + FIXED + mac.icvBytes(), (byte) 0);
        mac.update(scratch, 0, front);
        mac.update(packet, at + front, length - front);
        if (esn) {
            Octets.putI32(high, 0, (int) (sequence >>> 32));
            mac.update(high, 0, high.length);
        }
        return true;
    }

    /**
     * Verifies one AH packet, as a capture shows it, without any state.
     *
     * @param sequenceHigh the high half of the sequence number if the SA has extended ones
     * @param ip the whole packet from its IP header on
     * @return what AH protects; empty if the packet has no AH or is not authentic under this key
     */
    public static Optional<EspCodec.Plain> open(SaKeys keys, OptionalInt sequenceHigh, Bytes ip) {
        byte[] packet = ip.toArray();
        AhCodec codec = of(keys, sequenceHigh.isPresent());
        return IpHeader.parse(packet, 0, packet.length)
                .filter(outer -> outer.protocol() == PROTOCOL)
                .flatMap(outer -> codec.open(packet, outer, sequenceHigh.orElse(0)));
    }

    private Optional<EspCodec.Plain> open(byte[] packet, IpHeader outer, int sequenceHigh) {
        int ah = outer.upperLayer();
        int header = headerLengthAt(packet, ah, outer.totalLength());
        if (header < 0) {
            return Optional.empty();
        }
        long sequence = (long) sequenceHigh << 32 | Octets.u32(packet, ah + 8);
        if (!verify(packet, 0, ah, header, outer.totalLength(), sequence)) {
            return Optional.empty();
        }
        Bytes payload = Bytes.of(packet, ah + header, outer.totalLength() - ah - header);
        return Optional.of(new EspCodec.Plain(Octets.i32(packet, ah + 4), sequence, Octets.u8(packet, ah), payload));
    }
}
