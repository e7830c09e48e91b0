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

    /** Events were lost: compare {@link DataPlane#installed()} with what should be there. */
    record EventsLost() implements DataPlaneEvent {}
}
