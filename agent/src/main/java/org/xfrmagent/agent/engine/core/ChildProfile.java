package org.xfrmagent.agent.engine.core;

import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Policy;

/**
 * A protect policy as the engine needs it.
 *
 * @param reqid belongs to this policy for its whole life
 * @param priority of the policy that covers it while no SA is up; the policies of an SA win over it by one
 */
public record ChildProfile(Policy policy, Protect protect, int reqid, int priority) {
    public String name() {
        return policy.name();
    }
}
