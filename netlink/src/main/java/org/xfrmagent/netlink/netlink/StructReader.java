package org.xfrmagent.netlink.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Reads what {@link StructWriter} writes, front to back. Reading past the end throws {@link MalformedMessage}, nothing else. */
public final class StructReader {
    private final byte[] octets;
    private final ByteBuffer host;
    private final int end;
    private int position;

    public StructReader(byte[] octets) {
        this(octets, 0, octets.length);
    }

    StructReader(byte[] octets, int from, int to) {
        this.octets = octets;
        this.host = ByteBuffer.wrap(octets).order(ByteOrder.nativeOrder());
        this.position = from;
        this.end = to;
    }

    private int take(int count) throws MalformedMessage {
        if (count < 0 || count > remaining()) {
            throw new MalformedMessage("a field of " + count + " octets where " + remaining() + " are left");
        }
        int at = position;
        position += count;
        return at;
    }

    public int remaining() {
        return end - position;
    }

    public int u8() throws MalformedMessage {
        return octets[take(1)] & 0xff;
    }

    public int u16() throws MalformedMessage {
        return host.getShort(take(2)) & 0xffff;
    }

    public int u32() throws MalformedMessage {
        return host.getInt(take(4));
    }

    public long u64() throws MalformedMessage {
        return host.getLong(take(8));
    }

    /** 16 bits in network order: ports. */
    public int be16() throws MalformedMessage {
        return u8() << 8 | u8();
    }

    /** 32 bits in network order: SPIs. */
    public int be32() throws MalformedMessage {
        return be16() << 16 | be16();
    }

    public byte[] bytes(int count) throws MalformedMessage {
        int at = take(count);
        return Arrays.copyOfRange(octets, at, at + count);
    }

    public StructReader skip(int count) throws MalformedMessage {
        take(count);
        return this;
    }

    /** The next {@code count} octets as a reader of their own: nothing inside can read beyond them. */
    public StructReader part(int count) throws MalformedMessage {
        int at = take(count);
        return new StructReader(octets, at, at + count);
    }

    /** The next {@code width} octets up to the first zero, as text. */
    public String text(int width) throws MalformedMessage {
        int at = take(width);
        int stop = at;
        while (stop < at + width && octets[stop] != 0) {
            stop++;
        }
        return new String(octets, at, stop - at, StandardCharsets.UTF_8);
    }
}
