package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A pair of SAs that protects one policy's traffic, as it is installed. Its keys live in the data plane only.
 *
 * @param serial numbers it for people
 * @param policies those installed along with it
 * @param since when it was installed, in {@link Moment#millis}
 * @param limits with which it was installed
 */
public record ChildSa(
        int serial,
        ChildProfile profile,
        Proposal suite,
        Mode mode,
        SaId inbound,
        SaId outbound,
        boolean udpEncapsulated,
        List<TrafficSelector> local,
        List<TrafficSelector> remote,
        List<PolicySpec> policies,
        long since,
        SaLimits limits,
        State state) {
    public enum State {
        INSTALLED,
        /** We are negotiating its successor. */
        REKEYING,
        /** A successor has taken over; the peer deletes it. */
        REKEYED,
        /** A DELETE for it is on its way. */
        DELETING
    }

    public String name() {
        return profile.name();
    }

    public InetAddress localAddress() {
        return inbound.destination();
    }

    public InetAddress remoteAddress() {
        return outbound.destination();
    }

    /** The same SAs under a policy that has moved, or whose lifetimes changed. */
    public ChildSa withProfile(ChildProfile next, List<PolicySpec> nextPolicies) {
        return new ChildSa(serial, next, suite, mode, inbound, outbound, udpEncapsulated, local, remote, nextPolicies, since, limits, state);
    }

    public ChildSa withState(State next) {
        return new ChildSa(serial, profile, suite, mode, inbound, outbound, udpEncapsulated, local, remote, policies, since, limits, next);
    }
}
