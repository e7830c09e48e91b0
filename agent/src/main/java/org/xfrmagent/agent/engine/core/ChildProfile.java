package org.xfrmagent.agent.engine.core;

import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Policy;

/**
 * A protect policy as the engine needs it.
 *
 * @param reqid belongs to this policy for its whole life, and to all for the same {@link org.xfrmagent.policies.model.Traffic}
 * @param priority of the policy that covers it while no SA is up; the policies of an SA win over it by one
 */
public record ChildProfile(Policy policy, Protect protect, int reqid, int priority) {
    public String name() {
        return policy.name();
    }

    /** Whether a child of {@code other} is a child of this: the same traffic, protected alike. Its place in the SPD may differ. */
    public boolean protectsAs(ChildProfile other) {
        return policy.match().equals(other.policy.match())
                && protect.mode() == other.protect.mode()
                && protect.protocol() == other.protect.protocol()
                && protect.proposals().equals(other.protect.proposals())
                && reqid == other.reqid
                && protect.marks().equals(other.protect.marks())
                && protect.interfaceIds().equals(other.protect.interfaceIds())
                && protect.replayWindow() == other.protect.replayWindow()
                && protect.tunnelFallback() == other.protect.tunnelFallback()
                && protect.tunnelHeader().equals(other.protect.tunnelHeader())
                && protect.tfcPadding() == other.protect.tfcPadding()
                && protect.spdEntry().equals(other.protect.spdEntry())
                && protect.sadEntry().equals(other.protect.sadEntry());
    }
}
