package org.xfrmagent.agent.wire.v1;

import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * Security Association in the IPsec DOI, RFC 2408, section 3.4, and RFC 2407, section 4.6.1.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                Domain of Interpretation (IPsec: 1)            |
 * |                Situation (SIT_IDENTITY_ONLY: 1)               |
 * ~                         Proposal payloads                     ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param proposals in the order of preference. Those of one number belong together: ESP with AH, which we never choose
 */
public record SaPayload(List<ProposalPayload> proposals) implements Payload {
    /** Type of the payload inside, and so the next-payload value of each proposal but the last. */
    private static final int PROPOSAL = 2;

    private static final int IDENTITY_ONLY = 1;

    public SaPayload {
        proposals = List.copyOf(proposals);
    }

    static SaPayload decode(Section body) {
        Doi.read(body);
        int situation = body.i32();
        if (situation != IDENTITY_ONLY) {
            throw body.malformed("the situation is " + Integer.toUnsignedString(situation) + ", expected SIT_IDENTITY_ONLY (1)");
        }
        List<ProposalPayload> proposals = Nested.read(body, "proposal", PROPOSAL, Limits.PROPOSALS, ProposalPayload::decode);
        return new SaPayload(proposals);
    }

    @Override
    public int typeNumber() {
        return PayloadType.SA.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.i32(Doi.IPSEC).i32(IDENTITY_ONLY);
        Nested.write(out, PROPOSAL, proposals, ProposalPayload::write);
    }
}
