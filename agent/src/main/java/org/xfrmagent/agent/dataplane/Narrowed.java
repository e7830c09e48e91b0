package org.xfrmagent.agent.dataplane;

import java.util.Set;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * What is left of a policy when a peer has narrowed it (RFC 7296, section 2.9), or when it is known only from the peer what it selects.
 *
 * @param policy its reqid
 * @param local of our side, in any order
 */
public record Narrowed(
        int policy, Mode mode, Set<TrafficSelector> local, Set<TrafficSelector> remote, Marks.Numbers marks, InterfaceIds.Numbers interfaces) {
    public Narrowed {
        local = Set.copyOf(local);
        remote = Set.copyOf(remote);
    }
}
