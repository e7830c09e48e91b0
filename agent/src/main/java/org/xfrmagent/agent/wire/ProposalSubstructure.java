package org.xfrmagent.agent.wire;

import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One proposal of an SA payload, RFC 7296, section 3.3.1.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Last Substruc |   RESERVED    |         Proposal Length       |
 * | Proposal Num  |  Protocol ID  |    SPI Size   |Num  Transforms|
 * ~                        SPI (variable)                         ~
 * ~                        &lt;Transforms&gt;                           ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param protocolId see {@link ProtocolId}; another value is a proposal nobody can choose
 * @param spi the sender's: 4 octets for AH and ESP; for IKE 8 when an IKE SA is rekeyed, otherwise none
 * @param transforms at least one
 */
public record ProposalSubstructure(int number, int protocolId, Bytes spi, List<TransformSubstructure> transforms) {
    private static final int MORE_TRANSFORMS = 3;

    public ProposalSubstructure {
        transforms = List.copyOf(transforms);
    }

    static ProposalSubstructure decode(Section in) {
        int number = in.u8();
        int protocolId = in.u8();
        int spiSize = in.u8();
        int count = in.u8();
        ProtocolId.byNumber(protocolId).ifPresent(protocol -> {
            if (spiSize != protocol.spiLength() && !(spiSize == 0 && protocol == ProtocolId.IKE)) {
                throw in.malformed("an SPI of " + spiSize + " octets for " + protocol);
            }
        });
        Bytes spi = in.bytes(spiSize);
        List<TransformSubstructure> transforms =
                Substructures.read(in, "transform", MORE_TRANSFORMS, Limits.TRANSFORMS, TransformSubstructure::decode);
        if (transforms.size() != count) {
            throw in.malformed("announces " + count + " transforms, has " + transforms.size());
        }
        return new ProposalSubstructure(number, protocolId, spi, transforms);
    }

    void write(ByteWriter out) {
        out.u8(Field.u8("proposal number", number))
                .u8(Field.u8("protocol id", protocolId))
                .u8(Field.u8("SPI size", spi.length()))
                .u8(Field.u8("number of transforms", transforms.size()))
                .bytes(spi);
        Substructures.write(out, MORE_TRANSFORMS, transforms, TransformSubstructure::write);
    }
}
