package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Delete, RFC 7296, section 3.11: the sender has deleted these inbound SAs of its own, or this IKE SA.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Protocol ID   |   SPI Size    |          Num of SPIs          |
 * ~               Security Parameter Index(es) (SPI)              ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param protocolId see {@link ProtocolId}
 * @param spis for AH and ESP, 4 octets each; none for IKE, whose SPIs stand in the header
 */
public record DeletePayload(int protocolId, List<Bytes> spis) implements Payload {
    public DeletePayload {
        spis = List.copyOf(spis);
    }

    /** Deletes the IKE SA that carries it. */
    public static DeletePayload ikeSa() {
        return new DeletePayload(ProtocolId.IKE.number(), List.of());
    }

    static DeletePayload decode(Section body) {
        int protocolId = body.u8();
        int spiSize = body.u8();
        int count = body.u16();
        if (spiSize != spiSize(protocolId)) {
            throw body.malformed("SPIs of " + spiSize + " octets for protocol " + protocolId);
        }
        if (spiSize == 0 && count > 0) {
            throw body.malformed("announces " + count + " SPIs without octets");
        }
        if (count > Limits.DELETED_SPIS) {
            throw body.malformed("more than " + Limits.DELETED_SPIS + " SPIs");
        }
        List<Bytes> spis = new ArrayList<>(Math.min(count, body.remaining() / 4));
        for (int i = 0; i < count; i++) {
            spis.add(body.bytes(spiSize));
        }
        body.end();
        return new DeletePayload(protocolId, spis);
    }

    private static int spiSize(int protocolId) {
        return ProtocolId.byNumber(protocolId)
                .filter(protocol -> protocol != ProtocolId.IKE)
                .map(ProtocolId::spiLength)
                .orElse(0);
    }

    @Override
    public int typeNumber() {
        return PayloadType.DELETE.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        int spiSize = spiSize(protocolId);
        out.u8(Field.u8("protocol id", protocolId)).u8(spiSize).u16(Field.u16("number of SPIs", spis.size()));
        spis.forEach(spi -> out.bytes(Field.octets("SPI", spi, spiSize)));
    }
}
