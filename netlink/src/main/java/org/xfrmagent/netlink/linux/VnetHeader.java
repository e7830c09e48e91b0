package org.xfrmagent.netlink.linux;

import java.nio.ByteBuffer;

/**
 * What precedes a packet of a TUN device with offloads (linux/virtio_net.h), 10 octets in host order:
 *
 * <pre>
 * struct virtio_net_hdr { u8 flags; u8 gso_type; u16 hdr_len; u16 gso_size; u16 csum_start; u16 csum_offset; }
 * </pre>
 *
 * @param flags {@link #NEEDS_CHECKSUM}, {@link #DATA_VALID}
 * @param type {@link #NONE}, {@link #TCP4}, {@link #TCP6}, {@link #UDP}; ECN may be added
 * @param headerLength octets of IP and transport header together, where a segment begins
 * @param segmentSize octets of payload in each segment
 * @param checksumStart where the checksum begins to count
 * @param checksumOffset where, from there, it is stored
 */
public record VnetHeader(int flags, int type, int headerLength, int segmentSize, int checksumStart, int checksumOffset) {
    public static final int LENGTH = 10;
    public static final int NEEDS_CHECKSUM = 1;
    public static final int DATA_VALID = 2;
    public static final int NONE = 0;
    public static final int TCP4 = 1;
    public static final int TCP6 = 4;
    public static final int UDP = 5;
    public static final int ECN = 0x80;

    /** A plain packet: one segment, its checksums complete. */
    public static final VnetHeader PLAIN = new VnetHeader(0, NONE, 0, 0, 0, 0);

    /** Reads the first {@link #LENGTH} octets of what {@link TunDevice#read()} returned. */
    public static VnetHeader read(byte[] packet) {
        ByteBuffer from = Native.hostOrder(packet);
        return new VnetHeader(
                from.get(0) & 0xff,
                from.get(1) & 0xff,
                from.getShort(2) & 0xffff,
                from.getShort(4) & 0xffff,
                from.getShort(6) & 0xffff,
                from.getShort(8) & 0xffff);
    }

    /** Writes this header at {@code at}. */
    public void write(byte[] packet, int at) {
        ByteBuffer into = Native.hostOrder(packet);
        into.put(at, (byte) flags).put(at + 1, (byte) type).putShort(at + 2, (short) headerLength);
        into.putShort(at + 4, (short) segmentSize).putShort(at + 6, (short) checksumStart).putShort(at + 8, (short) checksumOffset);
    }
}
