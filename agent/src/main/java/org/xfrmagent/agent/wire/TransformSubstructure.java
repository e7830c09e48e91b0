package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One transform of a proposal, RFC 7296, sections 3.3.2 and 3.3.5.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Last Substruc |   RESERVED    |        Transform Length       |
 * |Transform Type |   RESERVED    |          Transform ID         |
 * ~                      Transform Attributes                     ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |A|       Attribute Type        |    AF=0  Attribute Length     |
 * |F|                             |    AF=1  Attribute Value      |
 * |                   AF=0  Attribute Value                       |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param type 1 ENCR, 2 PRF, 3 INTEG, 4 KE, 5 ESN, 6 to 12 ADDKE1 to ADDKE7 (RFC 9370)
 * @param id what it means depends on the type
 * @param keyLength bits, 0 if there is no Key Length attribute
 * @param unknown attributes that we do not understand; a transform with any must be treated as unknown (section 3.3.6)
 */
public record TransformSubstructure(int type, int id, int keyLength, List<Attribute> unknown) {
    private static final int KEY_LENGTH = 14;
    private static final int SHORT_FORM = 0x8000;

    /**
     * An attribute other than a well-formed, single, non-zero Key Length.
     *
     * @param type 15 bits
     * @param shortForm whether the value stands in the place of the length (AF=1), and so has two octets
     */
    public record Attribute(int type, boolean shortForm, Bytes value) {
        private static Attribute decode(Section in) {
            int head = in.u16();
            boolean shortForm = (head & SHORT_FORM) != 0;
            return new Attribute(head & ~SHORT_FORM, shortForm, in.bytes(shortForm ? 2 : in.u16()));
        }

        private void write(ByteWriter out) {
            if (shortForm) {
                out.u16(SHORT_FORM | type).bytes(Field.octets("short attribute value", value, 2));
            } else {
                out.u16(type).u16(Field.u16("attribute length", value.length())).bytes(value);
            }
        }

        private boolean isKeyLength() {
            return type == KEY_LENGTH && shortForm && value.u16(0) != 0;
        }
    }

    public TransformSubstructure {
        unknown = List.copyOf(unknown);
    }

    public TransformSubstructure(int type, int id, int keyLength) {
        this(type, id, keyLength, List.of());
    }

    public TransformSubstructure(int type, int id) {
        this(type, id, 0);
    }

    /** Whether it may be chosen at all: every attribute is one we understand. */
    public boolean understood() {
        return unknown.isEmpty();
    }

    static TransformSubstructure decode(Section in) {
        int type = in.u8();
        in.skip(1);
        int id = in.u16();
        int keyLength = 0;
        List<Attribute> unknown = new ArrayList<>();
        for (int count = 1; !in.atEnd(); count++) {
            if (count > Limits.TRANSFORM_ATTRIBUTES) {
                throw in.malformed("more than " + Limits.TRANSFORM_ATTRIBUTES + " attributes");
            }
            Attribute attribute = Attribute.decode(in);
            if (attribute.isKeyLength() && keyLength == 0) {
                keyLength = attribute.value().u16(0);
            } else {
                unknown.add(attribute);
            }
        }
        return new TransformSubstructure(type, id, keyLength, unknown);
    }

    void write(ByteWriter out) {
        out.u8(Field.u8("transform type", type)).u8(0).u16(Field.u16("transform id", id));
        if (keyLength != 0) {
            out.u16(SHORT_FORM | KEY_LENGTH).u16(Field.u16("key length", keyLength));
        }
        unknown.forEach(attribute -> attribute.write(out));
    }
}
