package org.xfrmagent.agent.wire.v1;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * Delete, RFC 2408, section 3.15: the sender has deleted these SAs of its own, and asks for no answer.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |              Domain of Interpretation  (DOI)                  |
 * |  Protocol-Id  |   SPI Size    |           # of SPIs           |
 * ~               Security Parameter Index(es) (SPI)              ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param spis of AH and ESP the sender's inbound ones, 4 octets each; of ISAKMP both cookies, 16 octets
 */
public record DeletePayload(int protocolId, List<Bytes> spis) implements Payload {
    public DeletePayload {
        spis = List.copyOf(spis);
    }

    static DeletePayload decode(Section body) {
        Doi.readEither(body);
        int protocolId = body.u8();
        int spiSize = body.u8();
        int count = body.u16();
        if (spiSize != spiOctets(protocolId)) {
            throw body.malformed("SPIs of " + spiSize + " octets for protocol " + protocolId);
        }
        if (count > Limits.DELETED_SPIS || count * spiSize != body.remaining()) {
            throw body.malformed("announces " + count + " SPIs, has " + body.remaining() + " octets of them");
        }
        List<Bytes> spis = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            spis.add(body.bytes(spiSize));
        }
        return new DeletePayload(protocolId, spis);
    }

    private static int spiOctets(int protocolId) {
        return ProtocolId.isIpsec(protocolId) ? ProtocolId.IPSEC_SPI_OCTETS : V1Limits.SPI_OCTETS;
    }

    @Override
    public int typeNumber() {
        return PayloadType.DELETE.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.i32(Doi.IPSEC).u8(protocolId).u8(spiOctets(protocolId)).u16(spis.size());
        spis.forEach(out::bytes);
    }
}
