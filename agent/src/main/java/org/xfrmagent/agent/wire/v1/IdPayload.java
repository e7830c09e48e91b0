package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * Identification, RFC 2407, section 4.6.2: who somebody is in phase 1, which traffic in phase 2.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   ID Type     |  Protocol ID  |             Port              |
 * ~                     Identification Data                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param idType see {@link IdType}
 * @param protocol the upper-layer protocol, 0 = any
 * @param port 0 = any
 */
public record IdPayload(int idType, int protocol, int port, Bytes data) implements Payload {
    static IdPayload decode(Section body) {
        int type = body.u8();
        int protocol = body.u8();
        int port = body.u16();
        int length = IdType.byNumber(type).map(IdType::length).orElse(0);
        Bytes data = length > 0
                ? body.rest("the address", length, length)
                : body.rest("the identity", 0, Limits.IDENTITY_OCTETS);
        return new IdPayload(type, protocol, port, data);
    }

    @Override
    public int typeNumber() {
        return PayloadType.ID.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(idType).u8(protocol).u16(port).bytes(data);
    }
}
