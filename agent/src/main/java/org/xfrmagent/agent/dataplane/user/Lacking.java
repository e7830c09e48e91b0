package org.xfrmagent.agent.dataplane.user;

import java.util.Optional;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaMarks;
import org.xfrmagent.agent.dataplane.SaSpec;

/** What SAs and policies may want that only the kernel has. */
final class Lacking {
    private static final String NO_INTERFACES = "the userspace data plane has no xfrm interfaces (if_id); only the kernel has";
    private static final String NO_MARKS = "the userspace data plane cannot tell packets by their marks; only the kernel can";

    private Lacking() {}

    /** A sentence; empty if there is nothing. */
    static Optional<String> of(SaSpec sa) {
        return sa.ifId().isPresent() ? Optional.of(NO_INTERFACES)
                : sa.marks().equals(SaMarks.NONE) ? Optional.empty()
                : Optional.of(NO_MARKS);
    }

    /** A sentence; empty if there is nothing. Its own interface is the one by which all packets come and go that policies are about. */
    static Optional<String> of(PolicySpec policy) {
        return policy.ifId().isPresent() ? Optional.of(NO_INTERFACES)
                : policy.mark().isPresent() ? Optional.of(NO_MARKS)
                : policy.device().map(name -> "the userspace data plane cannot tell packets by the network interface, and only those of " + name
                        + " are meant ('device'); only the kernel can");
    }
}
