package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One attribute of a Configuration payload, RFC 7296, section 3.15.1.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |R|         Attribute Type      |            Length             |
 * ~                             Value                             ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param type 15 bits, see {@link ConfigAttributeType}
 * @param value empty in a request without a wish
 */
public record ConfigAttribute(int type, Bytes value) {
    private static final int TYPE_BITS = 0x7fff;

    static ConfigAttribute decode(Section in) {
        int type = in.u16() & TYPE_BITS;
        return new ConfigAttribute(type, in.bytes(in.u16()));
    }

    void write(ByteWriter out) {
        out.u16(type & TYPE_BITS).u16(Field.u16("attribute length", value.length())).bytes(value);
    }
}
