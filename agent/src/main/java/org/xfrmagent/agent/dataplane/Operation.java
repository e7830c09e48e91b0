package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import java.util.Optional;

/** One change to a SAD or an SPD. */
public sealed interface Operation {
    /** Adds the SA; an inbound one fills the state that {@link DataPlane#allocate} reserved, if that still exists. */
    record AddSa(SaSpec sa) implements Operation {}

    /** Removing what is not there is no failure: it may have expired a moment ago. */
    record RemoveSa(SaId id) implements Operation {}

    /**
     * Takes an SA out of use that another has succeeded. What is under way on it still passes; it is removed a few seconds later
     * ({@link Retired#GRACE_NANOS}), and from here on no longer among what is installed.
     */
    record RetireSa(SaId id) implements Operation {}

    /**
     * Moves an SA to other outer addresses, or into UDP, to other ports, or out of it (RFC 4555, section 3.5). It keeps its keys, its
     * sequence numbers, its window against replay, its counters and its limits. Its id changes with its destination. A tunnel's
     * policies name the addresses as well: they are replaced in the same list.
     *
     * <p>No packet is lost by it. An outbound SA's packets wait for the moment of the change, or are under way already; an inbound SA
     * goes on taking what was sent to its old address for a few seconds ({@link Retired#GRACE_NANOS}).
     *
     * @param encapsulation from now on; empty: none
     */
    record MoveSa(SaId id, Direction direction, InetAddress source, InetAddress destination, Optional<UdpEncapsulation> encapsulation) implements Operation {
        /** The id that it has afterwards. */
        public SaId moved() {
            return new SaId(destination, id.protocol(), id.spi());
        }
    }

    /**
     * Adds a policy. Several with the same direction, selectors and interface may be added (a trap and its child, an SA and its
     * successor): the one with the lowest priority, among equals the newest, is in force.
     */
    record AddPolicy(PolicySpec policy) implements Operation {}

    /** Removes one added before, equal in every component; what it covered comes into force again. */
    record RemovePolicy(PolicySpec policy) implements Operation {}
}
