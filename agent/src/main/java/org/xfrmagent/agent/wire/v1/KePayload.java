package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/** Key Exchange, RFC 2408, section 3.7: the public value alone; its group is an attribute of the SA. */
public record KePayload(Bytes data) implements Payload {
    static KePayload decode(Section body) {
        return new KePayload(body.rest("the public value", 1, Limits.MESSAGE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.KE.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(data);
    }
}
