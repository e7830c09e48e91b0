package org.xfrmagent.agent.wire.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/**
 * A data attribute, RFC 2408, section 3.3.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |A|       Attribute Type        |    AF=0  Attribute Length     |
 * |F|                             |    AF=1  Attribute Value      |
 * |                   AF=0  Attribute Value                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param type 15 bits
 * @param basic whether the value stands in the place of the length (AF=1), and so has two octets
 */
public record DataAttribute(int type, boolean basic, Bytes value) {
    private static final int BASIC = 0x8000;
    private static final int LARGEST_BASIC = 0xffff;

    /** A number, in the short form if it fits (RFC 2407, section 4.5, wants lifetimes "to be represented as basic" or variable). */
    public static DataAttribute of(int type, long value) {
        return value <= LARGEST_BASIC
                ? new DataAttribute(type, true, new ByteWriter(2).u16((int) value).toBytes())
                : new DataAttribute(type, false, new ByteWriter(4).i32((int) value).toBytes());
    }

    /** The value as a number; empty if it has no octets, or more than a number of ours. */
    public OptionalLong number() {
        if (value.isEmpty() || value.length() > Long.BYTES || value.length() == Long.BYTES && value.u8(0) > 0x7f) {
            return OptionalLong.empty();
        }
        long number = 0;
        for (int i = 0; i < value.length(); i++) {
            number = number << Byte.SIZE | value.u8(i);
        }
        return OptionalLong.of(number);
    }

    /** The attributes of a notification's data; as malformed as they may be, nothing else comes out. */
    public static List<DataAttribute> list(Bytes data) {
        return readAll(Section.of("attributes", data), V1Limits.ATTRIBUTES);
    }

    /** Reads {@code in} to its end. */
    static List<DataAttribute> readAll(Section in, int limit) {
        List<DataAttribute> attributes = new ArrayList<>();
        while (!in.atEnd()) {
            if (attributes.size() == limit) {
                throw in.malformed("more than " + limit + " attributes");
            }
            int head = in.u16();
            boolean basic = (head & BASIC) != 0;
            attributes.add(new DataAttribute(head & ~BASIC, basic, in.bytes(basic ? 2 : in.u16())));
        }
        return List.copyOf(attributes);
    }

    public void write(ByteWriter out) {
        if (basic) {
            if (value.length() != 2) {
                throw new IllegalArgumentException("a basic attribute of " + value.length() + " octets");
            }
            out.u16(BASIC | type).bytes(value);
        } else {
            out.u16(type).u16(value.length()).bytes(value);
        }
    }
}
