package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;

/** What a plane says of its own accord. */
public sealed interface DataPlaneEvent {
    /** A packet met a protect policy without an SA. {@code packet} is the packet's own selectors, source first. */
    record Acquire(int reqid, SelectorPair packet) implements DataPlaneEvent {}

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
