package org.xfrmagent.agent.wire;

import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;

/**
 * Security Association, RFC 7296, section 3.3: one or more proposals, in the order of preference; an answer has exactly one.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ~                         &lt;Proposals&gt;                           ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public record SaPayload(List<ProposalSubstructure> proposals) implements Payload {
    private static final int MORE_PROPOSALS = 2;

    public SaPayload {
        proposals = List.copyOf(proposals);
    }

    /** Proposal numbers must grow: section 3.3.1 has them count up from 1, and the answer names one of them. */
    static SaPayload decode(Section body) {
        List<ProposalSubstructure> proposals =
                Substructures.read(body, "proposal", MORE_PROPOSALS, Limits.PROPOSALS, ProposalSubstructure::decode);
        for (int i = 1; i < proposals.size(); i++) {
            int before = proposals.get(i - 1).number();
            int number = proposals.get(i).number();
            if (number <= before) {
                throw body.malformed("proposal number " + number + " follows number " + before);
            }
        }
        return new SaPayload(proposals);
    }

    @Override
    public int typeNumber() {
        return PayloadType.SA.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        Substructures.write(out, MORE_PROPOSALS, proposals, ProposalSubstructure::write);
    }
}
