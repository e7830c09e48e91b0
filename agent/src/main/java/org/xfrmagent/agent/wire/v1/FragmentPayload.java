package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * A piece of a whole message, with its header, encrypted or not (Microsoft's [MS-IKEE], section 2.2.7; Cisco, strongSwan and libreswan
 * do the same). Nothing authenticates a piece.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |          Fragment ID          | Number (1...) |x x x x x x x L|
 * |                         Fragment data                         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param id the same in all pieces of a message
 * @param number the piece's, from 1
 * @param last the L bit
 */
public record FragmentPayload(int id, int number, boolean last, Bytes data) implements Payload {
    /** Octets before the data, with the generic payload header. */
    public static final int OVERHEAD = GENERIC_HEADER_LENGTH + 4;

    private static final int LAST_BIT = 0x01;

    static FragmentPayload decode(Section body) {
        int id = body.u16();
        int number = body.u8();
        boolean last = (body.u8() & LAST_BIT) != 0;
        if (number == 0 || number > Limits.FRAGMENTS) {
            throw body.malformed("has the number " + number + ", expected 1 to " + Limits.FRAGMENTS);
        }
        return new FragmentPayload(id, number, last, body.rest("the piece", 1, Limits.MESSAGE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.FRAGMENT.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u16(id).u8(number).u8(last ? LAST_BIT : 0).bytes(data);
    }
}
