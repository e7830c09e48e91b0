package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * A payload of a type that we do not know: skipped, unless its critical bit is set (RFC 7296, section 2.5).
 *
 * @param type the number in the next-payload field before it
 */
public record UnknownPayload(int type, boolean critical, Bytes body) implements Payload {
    @Override
    public int typeNumber() {
        return type;
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(body);
    }
}
