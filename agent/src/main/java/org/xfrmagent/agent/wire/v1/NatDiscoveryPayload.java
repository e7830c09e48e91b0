package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/**
 * NAT-D, RFC 3947, section 3.2: the hash of two cookies, an address and a port.
 *
 * @param typeNumber the RFC's or the drafts'
 */
public record NatDiscoveryPayload(int typeNumber, Bytes hash) implements Payload {
    static NatDiscoveryPayload decode(int type, Section body) {
        return new NatDiscoveryPayload(type, body.rest("the hash", 1, V1Limits.HASH_OCTETS));
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(hash);
    }
}
