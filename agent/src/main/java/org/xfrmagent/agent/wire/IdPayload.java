package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Identification, RFC 7296, section 3.5: IDi or IDr.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   ID Type     |                 RESERVED                      |
 * ~                   Identification Data                         ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * <p>The body as written here is also what AUTH covers (section 2.15): {@link #body()}.
 *
 * @param idType see {@link IdType}
 */
public record IdPayload(Role role, int idType, Bytes data) implements Payload {
    static IdPayload decode(Role role, Section body) {
        int type = body.u8();
        body.skip(3);
        int address = IdType.byNumber(type).map(IdType::addressLength).orElse(0);
        Bytes data = address > 0
                ? body.rest("the address", address, address)
                : body.rest("the identity", 0, Limits.IDENTITY_OCTETS);
        return new IdPayload(role, type, data);
    }

    /** What follows the generic header, for the AUTH computation: RestOfInitIDPayload, RestOfRespIDPayload. */
    public Bytes body() {
        ByteWriter out = new ByteWriter(4 + data.length());
        writeBody(out);
        return out.toBytes();
    }

    @Override
    public int typeNumber() {
        return (role == Role.INITIATOR ? PayloadType.ID_INITIATOR : PayloadType.ID_RESPONDER).number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("ID type", idType)).zeros(3).bytes(data);
    }
}
