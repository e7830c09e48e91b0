package org.xfrmagent.agent.wire;

import org.jspecify.annotations.Nullable;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * A named stretch of a message being read: the message, one of its payloads, a substructure in that. A read past its end and
 * every complaint becomes {@link Malformed} with the path of names and the octet, counted from the start of the outermost one.
 */
public final class Section {
    private final @Nullable Section parent;
    private final String name;
    private final int ordinal;
    private final int base;
    private final ByteReader reader;

    private Section(@Nullable Section parent, String name, int ordinal, int base, Bytes octets) {
        this.parent = parent;
        this.name = name;
        this.ordinal = ordinal;
        this.base = base;
        this.reader = octets.reader();
    }

    /** The outermost section. */
    public static Section of(String name, Bytes octets) {
        return new Section(null, name, 0, 0, octets);
    }

    /** Takes the next {@code length} octets as a section of their own. */
    public Section section(String inner, int length) {
        return section(inner, 0, length);
    }

    /** The same for one of several, counted from 1. */
    public Section section(String inner, int innerOrdinal, int length) {
        int at = base + reader.position();
        return new Section(this, inner, innerOrdinal, at, bytes(length));
    }

    public int u8() {
        return need(1).u8();
    }

    public int u16() {
        return need(2).u16();
    }

    public int i32() {
        return need(4).i32();
    }

    /** Four octets as 0 to 2^32 - 1. */
    public long u32() {
        return need(4).u32();
    }

    public long i64() {
        return need(8).i64();
    }

    public Bytes bytes(int count) {
        return need(count).bytes(count);
    }

    public Bytes rest() {
        return reader.rest();
    }

    /** What is left, which must be {@code min} to {@code max} octets; {@code what} names it in the complaint. */
    public Bytes rest(String what, int min, int max) {
        int size = remaining();
        if (size < min || size > max) {
            String expected;
            if (min == max) {
                expected = Integer.toString(min);
            } else {
                expected = max == Limits.MESSAGE_OCTETS ? "at least " + min : min + " to " + max;
            }
            throw malformed(what + " has " + size + " octets, expected " + expected);
        }
        return reader.rest();
    }

    public void skip(int count) {
        need(count).skip(count);
    }

    public int remaining() {
        return reader.remaining();
    }

    public boolean atEnd() {
        return reader.atEnd();
    }

    /** Insists that nothing is left over. */
    public void end() {
        if (!reader.atEnd()) {
            throw malformed(reader.remaining() + " octets are left over");
        }
    }

    /** A complaint about what was read last. */
    public Malformed malformed(String why) {
        return new Malformed(path() + ", octet " + (base + reader.position()), why);
    }

    private String path() {
        String self = ordinal == 0 ? name : name + " " + ordinal;
        return parent == null ? self : parent.path() + ", " + self;
    }

    private ByteReader need(int count) {
        if (count < 0 || count > reader.remaining()) {
            throw malformed("needs " + count + " more octets, " + reader.remaining() + " left");
        }
        return reader;
    }
}
