package org.xfrmagent.agent.engine.core;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;

/** How far an exchange under an ISAKMP SA is that is up, by its message id: a quick mode (RFC 2409, section 5.5), or an address told. */
public sealed interface Quick {
    int messageId();

    /** As initiator: sent HASH(1). {@code iv}: of the answer. */
    record Asked(int messageId, Bytes iv, ChildOffer offer, Sent sent) implements Quick {}

    /**
     * As initiator: the child is being installed; then HASH(3) leaves.
     *
     * @param commit the peer wants us to wait for its CONNECTED then: the IV of that, if it comes as a fourth message
     */
    record Concluding(int messageId, Answer answer, Optional<Bytes> commit) implements Quick {}

    /**
     * All is agreed, and the child {@code serial} receives; the peer has set its commit bit, and is to say that it does so too.
     *
     * @param iv of its fourth message, if it says so there
     * @param answer our last message, which may still have to be repeated
     * @param deadline when we go on without
     */
    record Committing(int messageId, Bytes iv, int serial, Answer answer, long deadline) implements Quick {}

    /** As responder: the answer is being prepared. */
    record Answering(int messageId, Bytes request) implements Quick {}

    /**
     * As responder: sent HASH(2), the child {@code serial} receives already.
     *
     * @param iv of HASH(3)
     * @param hash what HASH(3) has to be
     * @param deadline when we give up: the child goes, and the peer is told
     */
    record Answered(int messageId, Bytes iv, Bytes hash, int serial, Answer answer, long deadline) implements Quick {}

    /** Told the peer its address unasked. {@code iv}: of its acknowledgement. */
    record Told(int messageId, int identifier, Bytes iv, Sent sent) implements Quick {}

    /** Done; {@code answer} may still have to be repeated, until {@code deadline}. */
    record Done(int messageId, Answer answer, long deadline) implements Quick {}
}
