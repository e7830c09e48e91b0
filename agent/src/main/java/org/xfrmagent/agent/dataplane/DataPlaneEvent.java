package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import java.util.Optional;

/** What a plane says of its own accord. */
public sealed interface DataPlaneEvent {
    /**
     * A packet met a protect policy without an SA.
     *
     * @param packet the packet's own selectors, source first
     * @param device the network interface that the policy is for
     */
    record Acquire(int reqid, SelectorPair packet, Optional<String> device) implements DataPlaneEvent {
        /** Of a policy for whatever interface. */
        public Acquire(int reqid, SelectorPair packet) {
            this(reqid, packet, Optional.empty());
        }
    }

    record SoftExpire(SaId id, int reqid) implements DataPlaneEvent {}

    /** The SA is gone already. */
    record HardExpire(SaId id, int reqid) implements DataPlaneEvent {}

    /** An authenticated packet of this inbound SA came from a new address or port (RFC 3948: the NAT's mapping changed). */
    record MappingChanged(SaId id, int reqid, InetAddress address, int port) implements DataPlaneEvent {}

    /** Somebody else removed an SA that was in use before its time. It may be anybody's. */
    record SaGone(SaId id) implements DataPlaneEvent {}

    /**
     * Somebody else changed what was applied, or what the plane needs: {@link DataPlane#repair} it, and compare the SAs.
     *
     * @param what a few words: "the policies were flushed"
     */
    record Disturbed(String what) implements DataPlaneEvent {}

    /** Events were lost: compare {@link DataPlane#installed()} with what should be there. */
    record EventsLost() implements DataPlaneEvent {}
}
