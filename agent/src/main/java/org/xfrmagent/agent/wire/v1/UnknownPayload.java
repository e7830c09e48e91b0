package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/** A payload of a type that we do not know. It is skipped; only a hash may cover it. */
public record UnknownPayload(int typeNumber, Bytes data) implements Payload {
    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(data);
    }
}
