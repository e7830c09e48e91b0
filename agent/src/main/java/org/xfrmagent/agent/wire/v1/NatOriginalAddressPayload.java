package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Section;

/**
 * NAT-OA, RFC 3947, section 5.2: an address before any translation, for transport mode.
 *
 * @param typeNumber the RFC's or the drafts'
 * @param address 4 or 16 octets
 */
public record NatOriginalAddressPayload(int typeNumber, Bytes address) implements Payload {
    static NatOriginalAddressPayload decode(int type, Section body) {
        int idType = body.u8();
        body.skip(3);
        int length = switch (idType) {
            case 1 -> 4;
            case 5 -> 16;
            default -> throw body.malformed("an original address of type " + idType + ", expected 1 (IPv4) or 5 (IPv6)");
        };
        return new NatOriginalAddressPayload(type, body.rest("the address", length, length));
    }

    @Override
    public void writeBody(ByteWriter out) {
        IdType idType = address.length() == IdType.ID_IPV4_ADDR.length() ? IdType.ID_IPV4_ADDR : IdType.ID_IPV6_ADDR;
        out.u8(idType.number()).zeros(3).bytes(address);
    }
}
