package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Extensible Authentication Protocol, RFC 7296, section 3.16: one EAP packet (RFC 3748, section 4).
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     Code      | Identifier    |           Length              |
 * |     Type      | Type_Data...
 * +-+-+-+-+-+-+-+-+-
 * </pre>
 *
 * @param message at least 4 octets; its length field says how many
 */
public record EapPayload(Bytes message) implements Payload {
    private static final int LENGTH_AT = 2;

    static EapPayload decode(Section body) {
        Bytes message = body.rest("the EAP message", 4, Limits.MESSAGE_OCTETS);
        if (message.u16(LENGTH_AT) != message.length()) {
            throw body.malformed("the EAP length is " + message.u16(LENGTH_AT) + ", the payload holds " + message.length());
        }
        return new EapPayload(message);
    }

    @Override
    public int typeNumber() {
        return PayloadType.EAP.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(message);
    }

    /** Without the content, which may hold a password. */
    @Override
    public String toString() {
        return "EapPayload[" + message.length() + " octets]";
    }
}
