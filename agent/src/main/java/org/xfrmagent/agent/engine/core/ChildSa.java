package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A pair of SAs that protects one policy's traffic, as it is installed. Its keys live in the data plane only.
 *
 * @param serial numbers it for people
 * @param policies those installed along with it
 * @param since when it was installed, in {@link Moment#millis}
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

    public ChildSa withState(State next) {
        return new ChildSa(serial, profile, suite, mode, inbound, outbound, udpEncapsulated, local, remote, policies, since, next);
    }
}
