package org.xfrmagent.agent.wire.v1;

import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * A proposal inside an SA payload, RFC 2408, section 3.5.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  Proposal #   |  Protocol-Id  |    SPI Size   |# of Transforms|
 * ~                        SPI (variable)                         ~
 * ~                       Transform payloads                      ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param protocolId see {@link ProtocolId}; another value is a proposal nobody can choose
 * @param spi the sender's: 4 octets for AH and ESP; in phase 1 0 to 16 without a meaning
 * @param transforms at least one, in the order of preference: alternatives
 */
public record ProposalPayload(int number, int protocolId, Bytes spi, List<TransformPayload> transforms) {
    private static final int TRANSFORM = 3;

    public ProposalPayload {
        transforms = List.copyOf(transforms);
    }

    static ProposalPayload decode(Section in) {
        int number = in.u8();
        int protocolId = in.u8();
        int spiSize = in.u8();
        int count = in.u8();
        if (spiSize > V1Limits.SPI_OCTETS || ProtocolId.isIpsec(protocolId) && spiSize != ProtocolId.IPSEC_SPI_OCTETS) {
            throw in.malformed("an SPI of " + spiSize + " octets for protocol " + protocolId);
        }
        Bytes spi = in.bytes(spiSize);
        List<TransformPayload> transforms =
                Nested.read(in, "transform", TRANSFORM, Limits.TRANSFORMS, TransformPayload::decode);
        if (transforms.size() != count) {
            throw in.malformed("announces " + count + " transforms, has " + transforms.size());
        }
        return new ProposalPayload(number, protocolId, spi, transforms);
    }

    void write(ByteWriter out) {
        if (transforms.size() > Limits.TRANSFORMS) {
            throw new IllegalArgumentException("a proposal of " + transforms.size() + " transforms");
        }
        out.u8(number).u8(protocolId).u8(spi.length()).u8(transforms.size()).bytes(spi);
        Nested.write(out, TRANSFORM, transforms, TransformPayload::write);
    }
}
