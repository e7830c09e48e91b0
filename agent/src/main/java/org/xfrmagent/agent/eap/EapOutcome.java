package org.xfrmagent.agent.eap;

import java.util.Optional;

/**
 * What came of one step of an {@link EapServer} or {@link EapPeer}.
 *
 * @param <S> the end whose step it was
 */
public sealed interface EapOutcome<S> {
    /**
     * It goes on.
     *
     * @param packet to be sent
     * @param shown a password that was looked at in this step
     */
    record Reply<S>(S next, EapPacket packet, Optional<Shown> shown) implements EapOutcome<S> {}

    /** It goes on when {@code work} is done: its result goes into {@code next.resume}. Nothing is sent until then. */
    record Waits<S>(S next, EapWork work) implements EapOutcome<S> {}

    /**
     * The peer is who it says.
     *
     * @param packet the server's EAP-Success; the peer sends nothing more
     */
    record Success<S>(EapProof proof, Optional<EapPacket> packet, Optional<Shown> shown) implements EapOutcome<S> {}

    /**
     * It is over.
     *
     * @param reason a sentence
     * @param packet the server's EAP-Failure; empty at the peer
     */
    record Failure<S>(String reason, Optional<EapPacket> packet, Optional<Shown> shown) implements EapOutcome<S> {}

    /** A user has shown a password, {@code right} or not: what is counted against guessing. */
    record Shown(String user, boolean right) {}
}
