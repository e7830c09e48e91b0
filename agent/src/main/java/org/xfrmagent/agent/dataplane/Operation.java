package org.xfrmagent.agent.dataplane;

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
     * Adds a policy. Several with the same direction, selectors and interface may be added (a trap and its child, an SA and its
     * successor): the one with the lowest priority, among equals the newest, is in force.
     */
    record AddPolicy(PolicySpec policy) implements Operation {}

    /** Removes one added before, equal in every component; what it covered comes into force again. */
    record RemovePolicy(PolicySpec policy) implements Operation {}
}
