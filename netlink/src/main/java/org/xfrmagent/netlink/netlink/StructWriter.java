package org.xfrmagent.netlink.netlink;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Writes C structs and netlink attributes. Integers are in host order, as netlink wants, unless the method says network order.
 *
 * <pre>
 * struct nlattr { u16 len; u16 type; }   len counts these 4 octets and the content, not the padding to 4 behind it
 * </pre>
 */
public final class StructWriter {
    private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

    private byte[] octets;
    private int length;

    public StructWriter() {
        this(512);
    }

    public StructWriter(int capacity) {
        octets = new byte[capacity];
    }

    private int grow(int count) {
        if (octets.length - length < count) {
            byte[] larger = Arrays.copyOf(octets, Math.max(octets.length * 2, length + count));
            Arrays.fill(octets, (byte) 0);
            octets = larger;
        }
        int at = length;
        length += count;
        return at;
    }

    public int length() {
        return length;
    }

    public StructWriter u8(int value) {
        octets[grow(1)] = (byte) value;
        return this;
    }

    public StructWriter u16(int value) {
        return LITTLE ? u8(value).u8(value >> 8) : be16(value);
    }

    public StructWriter u32(int value) {
        return LITTLE ? u8(value).u8(value >> 8).u8(value >> 16).u8(value >> 24) : be32(value);
    }

    public StructWriter u64(long value) {
        return LITTLE ? u32((int) value).u32((int) (value >> 32)) : u32((int) (value >> 32)).u32((int) value);
    }

    /** 16 bits in network order: ports. */
    public StructWriter be16(int value) {
        return u8(value >> 8).u8(value);
    }

    /** 32 bits in network order: SPIs. */
    public StructWriter be32(int value) {
        return u8(value >> 24).u8(value >> 16).u8(value >> 8).u8(value);
    }

    public StructWriter bytes(byte[] data) {
        int at = grow(data.length);
        System.arraycopy(data, 0, octets, at, data.length);
        return this;
    }

    /** {@code count} octets of zero: padding, or a field left empty. */
    public StructWriter zeros(int count) {
        int at = grow(count);
        Arrays.fill(octets, at, at + count, (byte) 0);
        return this;
    }

    /** {@code data}, then zeros up to {@code width}: an address in a union, a name in a char array. */
    public StructWriter padded(byte[] data, int width) {
        if (data.length > width) {
            throw new IllegalArgumentException(data.length + " octets for a field of " + width);
        }
        return bytes(data).zeros(width - data.length);
    }

    /** One attribute, with its padding. */
    public StructWriter attribute(int type, Consumer<StructWriter> content) {
        int start = length;
        zeros(4);
        content.accept(this);
        int size = length - start;
        if (size > 0xffff) {
            throw new IllegalArgumentException("attribute " + type + " would have " + size + " octets, the most is 65535");
        }
        int end = length;
        length = start;
        u16(size).u16(type);
        length = end;
        return zeros(-length & 3);
    }

    public StructWriter attribute(int type, byte[] content) {
        return attribute(type, inner -> inner.bytes(content));
    }

    public StructWriter attribute(int type, int u32) {
        return attribute(type, inner -> inner.u32(u32));
    }

    /** A string attribute, with its closing zero. */
    public StructWriter attribute(int type, String text) {
        return attribute(type, inner -> inner.bytes(text.getBytes(StandardCharsets.UTF_8)).u8(0));
    }

    /** A copy of what was written. */
    public byte[] toArray() {
        return Arrays.copyOf(octets, length);
    }

    void append(StructWriter other) {
        int at = grow(other.length);
        System.arraycopy(other.octets, 0, octets, at, other.length);
    }

    void sendTo(Transport port) throws IOException {
        port.send(octets, length);
    }

    /** Overwrites what was written; the writer is empty then. */
    public void wipe() {
        Arrays.fill(octets, (byte) 0);
        length = 0;
    }
}
