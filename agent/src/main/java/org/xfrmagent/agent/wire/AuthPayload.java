package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Authentication, RFC 7296, section 3.8.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Auth Method   |                RESERVED                       |
 * ~                      Authentication Data                      ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param method see {@link AuthMethod}
 * @param data at least one octet
 */
public record AuthPayload(int method, Bytes data) implements Payload {
    static AuthPayload decode(Section body) {
        int method = body.u8();
        body.skip(3);
        return new AuthPayload(method, body.rest("authentication data", 1, Limits.MESSAGE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.AUTH.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("authentication method", method)).zeros(3).bytes(data);
    }
}
