package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.model.Identity;

/**
 * How far a session is. Data lives inside the phase that needs it.
 *
 * <pre>
 *   initiator   Idle -> Initiating -> Authenticating -> Established -> Closing -> Closed
 *   responder   Idle -> HalfOpen   -> Authenticating -> Established -> Closing -> Closed
 * </pre>
 */
public sealed interface Phase {
    /** Nothing was sent yet. */
    record Idle() implements Phase {}

    /** IKE_SA_INIT is on its way. */
    record Initiating(
            long spi,
            ChildOffer.Ephemeral keyExchange,
            Bytes nonce,
            Optional<Bytes> cookie,
            Outstanding outstanding,
            int restarts,
            List<Input.Wish> wishes)
            implements Phase {}

    /** We answered IKE_SA_INIT; nobody is authenticated. Ends at {@code deadline}. */
    record HalfOpen(IkeSa sa, Transcript transcript, List<Profile> candidates, long deadline) implements Phase {}

    /** IKE_AUTH is under way, in either role. Ends at {@code deadline} for a responder. */
    record Authenticating(IkeSa sa, Transcript transcript, List<Input.Wish> wishes, long deadline) implements Phase {}

    /** Both sides are authenticated. {@code since}: when they were. */
    record Established(IkeSa sa, Identity local, Identity remote, long since, Optional<Predecessor> predecessor) implements Phase {}

    /** Our DELETE of the IKE SA is on its way. */
    record Closing(IkeSa sa, String reason) implements Phase {}

    /** To be forgotten. */
    record Closed(String reason) implements Phase {}

    /**
     * The IKE SA before this one, until its deletion is confirmed or {@code deadline} (RFC 7296, section 2.8).
     *
     * @param ours whether we rekeyed it, and so have to delete it
     */
    record Predecessor(IkeSa sa, boolean ours, long deadline) {
        public Predecessor with(IkeSa next) {
            return new Predecessor(next, ours, deadline);
        }
    }

    /** What both sides sign (RFC 7296, section 2.15): the IKE_SA_INIT messages as sent, and the nonces. */
    record Transcript(Bytes request, Bytes response, Bytes initiatorNonce, Bytes responderNonce) {}

    /** The phase's name in logs and status. */
    default String label() {
        return switch (this) {
            case Idle _ -> "idle";
            case Initiating _ -> "initiating";
            case HalfOpen _ -> "half-open";
            case Authenticating _ -> "authenticating";
            case Established _ -> "established";
            case Closing _ -> "closing";
            case Closed _ -> "closed";
        };
    }

    /** The IKE SA, in the phases that have one. */
    default Optional<IkeSa> ikeSa() {
        return switch (this) {
            case Idle _, Initiating _, Closed _ -> Optional.empty();
            case HalfOpen(IkeSa sa, _, _, _) -> Optional.of(sa);
            case Authenticating(IkeSa sa, _, _, _) -> Optional.of(sa);
            case Established(IkeSa sa, _, _, _, _) -> Optional.of(sa);
            case Closing(IkeSa sa, _) -> Optional.of(sa);
        };
    }

    /** The same phase with its IKE SA replaced. */
    default Phase withIkeSa(IkeSa sa) {
        return switch (this) {
            case Idle _, Initiating _, Closed _ -> throw new IllegalStateException(label() + " has no IKE SA");
            case HalfOpen(_, Transcript transcript, List<Profile> candidates, long deadline) ->
                new HalfOpen(sa, transcript, candidates, deadline);
            case Authenticating(_, Transcript transcript, List<Input.Wish> wishes, long deadline) ->
                new Authenticating(sa, transcript, wishes, deadline);
            case Established(_, Identity local, Identity remote, long since, Optional<Predecessor> predecessor) ->
                new Established(sa, local, remote, since, predecessor);
            case Closing(_, String reason) -> new Closing(sa, reason);
        };
    }
}
