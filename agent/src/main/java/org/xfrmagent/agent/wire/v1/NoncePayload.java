package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/** Nonce, RFC 2408, section 3.13; 8 to 256 octets (RFC 2409, section 5). */
public record NoncePayload(Bytes data) implements Payload {
    static NoncePayload decode(Section body) {
        return new NoncePayload(body.rest("the nonce", V1Limits.NONCE_OCTETS_MIN, V1Limits.NONCE_OCTETS_MAX));
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
