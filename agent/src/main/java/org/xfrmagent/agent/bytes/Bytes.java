package org.xfrmagent.agent.bytes;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * An immutable octet string with content equality. A slice shares its parent's array, so cutting a datagram into payloads
 * copies nothing.
 */
public final class Bytes {
    private static final Bytes EMPTY = new Bytes(new byte[0], 0, 0);

    private final byte[] array;
    private final int offset;
    private final int length;

    private Bytes(byte[] array, int offset, int length) {
        this.array = array;
        this.offset = offset;
        this.length = length;
    }

    public static Bytes empty() {
        return EMPTY;
    }

    /** Copies {@code octets}. */
    public static Bytes of(byte... octets) {
        return octets.length == 0 ? EMPTY : new Bytes(octets.clone(), 0, octets.length);
    }

    /** Copies {@code length} octets from {@code offset}. */
    public static Bytes of(byte[] octets, int offset, int length) {
        return new Bytes(Arrays.copyOfRange(octets, offset, offset + length), 0, length);
    }

    /** Takes {@code octets} over without a copy: the caller must never write to it again. */
    public static Bytes wrap(byte[] octets) {
        return new Bytes(octets, 0, octets.length);
    }

    /** Parses hexadecimal digits; white space and colons between octets are ignored. */
    public static Bytes hex(String digits) {
        return wrap(HexFormat.of().parseHex(digits.replaceAll("[\\s:]", "")));
    }

    public static Bytes concat(Bytes... parts) {
        int total = 0;
        for (Bytes part : parts) {
            total += part.length;
        }
        byte[] all = new byte[total];
        int at = 0;
        for (Bytes part : parts) {
            part.copyTo(all, at);
            at += part.length;
        }
        return wrap(all);
    }

    public int length() {
        return length;
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** The octet at {@code index} as 0 to 255. */
    public int u8(int index) {
        return array[offset + check(index, 1)] & 0xff;
    }

    public int u16(int index) {
        check(index, 2);
        return u8(index) << 8 | u8(index + 1);
    }

    /** Four octets in network order, as the same 32 bits. */
    public int i32(int index) {
        check(index, 4);
        return u16(index) << 16 | u16(index + 2);
    }

    /** Eight octets in network order, as the same 64 bits. */
    public long i64(int index) {
        return (long) i32(index) << 32 | i32(index + 4) & 0xffffffffL;
    }

    private int check(int index, int size) {
        if (index < 0 || index > length - size) {
            throw new IndexOutOfBoundsException("octet " + index + " of " + length);
        }
        return index;
    }

    /** The octets from {@code from} (inclusive) to {@code to} (exclusive), sharing this one's memory. */
    public Bytes slice(int from, int to) {
        if (from < 0 || to < from || to > length) {
            throw new IndexOutOfBoundsException("slice " + from + ".." + to + " of " + length);
        }
        return from == to ? EMPTY : new Bytes(array, offset + from, to - from);
    }

    public Bytes from(int from) {
        return slice(from, length);
    }

    public byte[] toArray() {
        return Arrays.copyOfRange(array, offset, offset + length);
    }

    /** The octets to be read, sharing this one's memory. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(array, offset, length).slice().asReadOnlyBuffer();
    }

    public void copyTo(byte[] target, int at) {
        System.arraycopy(array, offset, target, at, length);
    }

    public ByteReader reader() {
        return new ByteReader(this);
    }

    public String toHex() {
        return HexFormat.of().formatHex(array, offset, offset + length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that
                && Arrays.equals(array, offset, offset + length, that.array, that.offset, that.offset + that.length);
    }

    @Override
    public int hashCode() {
        int hash = 1;
        for (int i = offset; i < offset + length; i++) {
            hash = 31 * hash + array[i];
        }
        return hash;
    }

    @Override
    public String toString() {
        return toHex();
    }
}
