package org.xfrmagent.agent.bytes;

/** Reads {@link Bytes} from front to back in network order. Reading past the end throws {@link Underflow}, nothing else. */
public final class ByteReader {
    /** Fewer octets were left than a field needs. */
    public static final class Underflow extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Underflow(int wanted, int left) {
            super("needs " + wanted + " more octets, " + left + " left");
        }
    }

    private final Bytes bytes;
    private int position;

    public ByteReader(Bytes bytes) {
        this.bytes = bytes;
    }

    private int take(int count) {
        if (count < 0 || count > remaining()) {
            throw new Underflow(count, remaining());
        }
        int at = position;
        position += count;
        return at;
    }

    public int remaining() {
        return bytes.length() - position;
    }

    public int position() {
        return position;
    }

    public boolean atEnd() {
        return remaining() == 0;
    }

    public int u8() {
        return bytes.u8(take(1));
    }

    public int u16() {
        return bytes.u16(take(2));
    }

    public int i32() {
        return bytes.i32(take(4));
    }

    /** Four octets as 0 to 2^32 - 1. */
    public long u32() {
        return i32() & 0xffffffffL;
    }

    public long i64() {
        return bytes.i64(take(8));
    }

    public Bytes bytes(int count) {
        int at = take(count);
        return bytes.slice(at, at + count);
    }

    public Bytes rest() {
        return bytes(remaining());
    }

    public void skip(int count) {
        take(count);
    }
}
