package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Nonce, RFC 7296, section 3.9: Ni or Nr.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ~                            Nonce Data                         ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param data 16 to 256 octets
 */
public record NoncePayload(Bytes data) implements Payload {
    static NoncePayload decode(Section body) {
        return new NoncePayload(body.rest("the nonce", Limits.NONCE_OCTETS_MIN, Limits.NONCE_OCTETS_MAX));
    }

    @Override
    public int typeNumber() {
        return PayloadType.NONCE.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(data);
    }
}
