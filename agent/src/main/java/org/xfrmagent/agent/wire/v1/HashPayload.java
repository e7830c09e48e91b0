package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/** Hash, RFC 2408, section 3.11: what authenticates a message or a party (RFC 2409, section 5). */
public record HashPayload(Bytes data) implements Payload {
    static HashPayload decode(Section body) {
        return new HashPayload(body.rest("the hash", 1, V1Limits.HASH_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.HASH.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(data);
    }
}
