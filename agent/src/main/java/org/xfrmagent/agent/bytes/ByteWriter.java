package org.xfrmagent.agent.bytes;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Grows an octet string in network order, with room left for lengths that are known only later. */
public final class ByteWriter {
    private byte[] array;
    private int length;

    public ByteWriter() {
        this(256);
    }

    public ByteWriter(int capacity) {
        array = new byte[capacity];
    }

    private int room(int count) {
        if (length + count > array.length) {
            array = Arrays.copyOf(array, Math.max(array.length * 2, length + count));
        }
        int at = length;
        length += count;
        return at;
    }

    public int length() {
        return length;
    }

    public ByteWriter u8(int value) {
        int at = room(1);
        array[at] = (byte) value;
        return this;
    }

    public ByteWriter u16(int value) {
        int at = room(2);
        array[at] = (byte) (value >>> 8);
        array[at + 1] = (byte) value;
        return this;
    }

    public ByteWriter i32(int value) {
        return u16(value >>> 16).u16(value);
    }

    public ByteWriter i64(long value) {
        return i32((int) (value >>> 32)).i32((int) value);
    }

    public ByteWriter bytes(Bytes octets) {
        int at = room(octets.length());
        octets.copyTo(array, at);
        return this;
    }

    public ByteWriter bytes(byte[] octets) {
        int at = room(octets.length);
        System.arraycopy(octets, 0, array, at, octets.length);
        return this;
    }

    /** In UTF-8. */
    public ByteWriter text(String text) {
        int count = text.length();
        int at = room(count);
        for (int i = 0; i < count; i++) {
            char letter = text.charAt(i);
            if (letter >= 0x80) {
                length = at;
                return bytes(text.getBytes(StandardCharsets.UTF_8));
            }
            array[at + i] = (byte) letter;
        }
        return this;
    }

    /** In decimal digits. */
    public ByteWriter decimal(long number) {
        if (number < 0) {
            return text(Long.toString(number));
        }
        if (number > Integer.MAX_VALUE) {
            return decimal(number / 1_000_000_000).digits((int) (number % 1_000_000_000), 9);
        }
        int digits = 1;
        for (long over = 10; number >= over; over *= 10) {
            digits++;
        }
        return digits((int) number, digits);
    }

    private ByteWriter digits(int number, int count) {
        int start = room(count);
        int rest = number;
        for (int at = start + count - 1; at >= start; at--) {
            array[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return this;
    }

    public ByteWriter zeros(int count) {
        int at = room(count);
        Arrays.fill(array, at, at + count, (byte) 0);
        return this;
    }

    /** Overwrites two octets written earlier, as lengths need it. */
    public void setU16(int at, int value) {
        array[at] = (byte) (value >>> 8);
        array[at + 1] = (byte) value;
    }

    public void setU8(int at, int value) {
        array[at] = (byte) value;
    }

    /** Overwrites four octets written earlier. */
    public void setI32(int at, int value) {
        setU16(at, value >>> 16);
        setU16(at + 2, value);
    }

    /** All of it without a copy. This writer must not be used after that. */
    public Bytes takeBytes() {
        return Bytes.wrap(array).slice(0, length);
    }

    /** A copy of what was written from {@code start} on, but for what is between {@code from} and {@code to}. */
    public Bytes copyWithout(int start, int from, int to) {
        byte[] copy = Arrays.copyOfRange(array, start, start + (from - start) + (length - to));
        System.arraycopy(array, to, copy, from - start, length - to);
        return Bytes.wrap(copy);
    }

    public Bytes toBytes() {
        return Bytes.of(array, 0, length);
    }
}
