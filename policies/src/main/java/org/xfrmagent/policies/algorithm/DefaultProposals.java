package org.xfrmagent.policies.algorithm;

import java.util.List;

import org.xfrmagent.policies.algorithm.ProposalParser.Accepted;
import org.xfrmagent.policies.algorithm.ProposalParser.Refused;

/** The default proposals, written in the same words as a policy's. */
final class DefaultProposals {
    private static final String GROUPS = "-x25519-ecp256-ecp384-modp3072-modp2048";
    private static final String AEADS = "aes256gcm16-aes128gcm16-chacha20poly1305";
    private static final String CLASSIC = "aes256-aes128-sha256-sha384-sha512";
    // Extended sequence numbers are offered and not insisted on: a 32-bit number lasts an hour at a million packets a second.
    private static final String SEQUENCE = "-esn-noesn";

    private static final List<Proposal> IKE =
            parse(Protocol.IKE, AEADS + "-prfsha256-prfsha384" + GROUPS, CLASSIC + "-prfsha256-prfsha384-prfsha512" + GROUPS);
    private static final List<Proposal> ESP = parse(Protocol.ESP, AEADS + GROUPS + SEQUENCE, CLASSIC + GROUPS + SEQUENCE,
            AEADS + SEQUENCE, CLASSIC + SEQUENCE);
    private static final List<Proposal> AH = parse(Protocol.AH, "sha256-sha384-sha512" + GROUPS + SEQUENCE,
            "sha256-sha384-sha512" + SEQUENCE);

    private DefaultProposals() {}

    static List<Proposal> of(Protocol protocol) {
        return switch (protocol) {
            case IKE -> IKE;
            case ESP -> ESP;
            case AH -> AH;
            case IPCOMP -> List.of();
        };
    }

    private static List<Proposal> parse(Protocol protocol, String... texts) {
        return List.of(texts).stream().map(text -> switch (ProposalParser.parse(protocol, text)) {
            case Accepted accepted -> accepted.proposal();
            case Refused refused -> throw new IllegalStateException(text + ": " + refused.problems());
        }).toList();
    }
}
