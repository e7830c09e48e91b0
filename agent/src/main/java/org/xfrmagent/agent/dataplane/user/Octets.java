package org.xfrmagent.agent.dataplane.user;

/** Numbers in network order inside a packet. Packets stay plain arrays here: they are changed in place, thousands a second. */
final class Octets {
    private Octets() {}

    static int u8(byte[] from, int at) {
        return from[at] & 0xff;
    }

    static int u16(byte[] from, int at) {
        return (from[at] & 0xff) << 8 | from[at + 1] & 0xff;
    }

    static int i32(byte[] from, int at) {
        return u16(from, at) << 16 | u16(from, at + 2);
    }

    static long u32(byte[] from, int at) {
        return i32(from, at) & 0xffff_ffffL;
    }

    static long i64(byte[] from, int at) {
        return u32(from, at) << 32 | u32(from, at + 4);
    }

    static void putU16(byte[] into, int at, int value) {
        into[at] = (byte) (value >>> 8);
        into[at + 1] = (byte) value;
    }

    static void putI32(byte[] into, int at, int value) {
        putU16(into, at, value >>> 16);
        putU16(into, at + 2, value);
    }

    static void putI64(byte[] into, int at, long value) {
        putI32(into, at, (int) (value >>> 32));
        putI32(into, at + 4, (int) value);
    }

    /** The sum of 16-bit words that the Internet checksum is made of (RFC 1071), added to {@code sum}; an odd last octet counts high. */
    static long sum(byte[] of, int offset, int length, long sum) {
        long total = sum;
        int at = offset;
        int end = offset + length;
        for (; at + 1 < end; at += 2) {
            total += u16(of, at);
        }
        return at < end ? total + ((of[at] & 0xff) << 8) : total;
    }

    /** The Internet checksum of a sum. */
    static int checksum(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) ~folded & 0xffff;
    }
}
