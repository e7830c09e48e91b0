package org.xfrmagent.policies.model;

/**
 * What follows when a policy's SAs end and we have not ended them.
 *
 * @param closed the peer has deleted them
 * @param lost the peer does not answer any more
 */
public record Endings(Afterwards closed, Afterwards lost) {
    /** What goes without saying: what is up from the start is kept up. */
    public static Endings of(Start start) {
        Afterwards usual = start == Start.AT_START ? Afterwards.AT_ONCE : Afterwards.NOTHING;
        return new Endings(usual, usual);
    }

    /** Whether we may have to call the peer by ourselves. */
    public boolean calls() {
        return closed == Afterwards.AT_ONCE || lost == Afterwards.AT_ONCE;
    }
}
