package org.xfrmagent.agent.dataplane.xfrm;

import java.util.Optional;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.policies.algorithm.Protocol;

/** ESP, AH and IPComp as IP protocol numbers. */
final class Protocols {
    private Protocols() {}

    static int number(Protocol protocol) {
        return switch (protocol) {
            case ESP -> XfrmId.ESP;
            case AH -> XfrmId.AH;
            case IPCOMP -> XfrmId.COMP;
            case IKE -> throw new IllegalArgumentException("IKE has no SAs in the kernel");
        };
    }

    static Optional<Protocol> of(int number) {
        return switch (number) {
            case XfrmId.ESP -> Optional.of(Protocol.ESP);
            case XfrmId.AH -> Optional.of(Protocol.AH);
            case XfrmId.COMP -> Optional.of(Protocol.IPCOMP);
            default -> Optional.empty();
        };
    }
}
