package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Key Exchange, RFC 7296, section 3.4.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |   Key Exchange Method Num     |           RESERVED            |
 * ~                      Key Exchange Data                        ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param group the transform id of type 4 (KE)
 * @param data at least one octet; the method knows the exact length
 */
public record KePayload(int group, Bytes data) implements Payload {
    static KePayload decode(Section body) {
        int group = body.u16();
        body.skip(2);
        return new KePayload(group, body.rest("key exchange data", 1, Limits.MESSAGE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.KE.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u16(Field.u16("key exchange method", group)).u16(0).bytes(data);
    }
}
