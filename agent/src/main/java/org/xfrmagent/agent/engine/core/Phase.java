package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.model.Identity;

/**
 * How far a session is. Data lives inside the phase that needs it. Those of IKEv1 are in {@link PhaseV1}, those of
 * EAP in {@link PhaseEap}.
 *
 * <pre>
 *   initiator   Idle -> Initiating -> Authenticating [-> PhaseEap.Answering] -> Established -> Closing -> Closed
 *   responder   Idle -> HalfOpen                     [-> PhaseEap.Asking]    -> Established -> Closing -> Closed
 * </pre>
 */
public sealed interface Phase
        permits Phase.Idle,
                Phase.Initiating,
                Phase.HalfOpen,
                Phase.Authenticating,
                Phase.Established,
                Phase.Closing,
                Phase.Closed,
                PhaseEap,
                PhaseV1 {
    /**
     * Nothing was sent yet.
     *
     * @param redirectedFrom the gateway that has sent us to the one that is called now
     * @param succeedsV1 whether it follows a session of IKEv1, whose peer may have no other version
     */
    record Idle(boolean succeedsV1, Optional<InetAddress> redirectedFrom) implements Phase {
        public Idle(boolean succeedsV1) {
            this(succeedsV1, Optional.empty());
        }
    }

    /** IKE_SA_INIT is on its way. */
    record Initiating(
            long spi,
            ChildOffer.Ephemeral keyExchange,
            Bytes nonce,
            Optional<Bytes> cookie,
            Outstanding outstanding,
            int restarts,
            Course course,
            List<Input.Wish> wishes)
            implements Phase {}

    /**
     * What came before an IKE_SA_INIT.
     *
     * @param attempt of how many sequences of retransmissions this is one, from 1
     * @param redirectedFrom the gateway that has sent us to this one
     * @param redirects how often that was so
     */
    record Course(int attempt, Optional<InetAddress> redirectedFrom, int redirects) {
        public static final Course FIRST = new Course(1, Optional.empty(), 0);

        public Course again() {
            return new Course(attempt + 1, redirectedFrom, redirects);
        }

        public Course redirected(InetAddress from) {
            return new Course(1, Optional.of(from), redirects + 1);
        }
    }

    /** We answered IKE_SA_INIT; nobody is authenticated. Ends at {@code deadline}. */
    record HalfOpen(IkeSa sa, Transcript transcript, List<Profile> candidates, long deadline) implements Phase {}

    /** As initiator, IKE_AUTH is under way. Ends at {@code deadline} while the responder's certificate is looked at. */
    record Authenticating(IkeSa sa, Transcript transcript, List<Input.Wish> wishes, long deadline) implements Phase {}

    /**
     * Both sides are authenticated.
     *
     * @param user who the peer is behind its identity, as it has shown by EAP
     * @param since when they were
     * @param inner what one of them was given with it
     * @param term for how long whoever has judged the user lets it stay (Session-Timeout of RFC 2865), unless it is judged anew
     */
    record Established(
            IkeSa sa, Identity local, Identity remote, Optional<String> user, long since, InnerAddresses inner, List<Retired> retired, Optional<Duration> term)
            implements Phase {
        /** As long as the policies let it. */
        public Established(IkeSa sa, Identity local, Identity remote, Optional<String> user, long since, InnerAddresses inner, List<Retired> retired) {
            this(sa, local, remote, user, since, inner, retired, Optional.empty());
        }

        public Established with(InnerAddresses next) {
            return new Established(sa, local, remote, user, since, next, retired, term);
        }

        /** Who has it, wherever it calls from. */
        public Lessee caller() {
            return user.<Lessee>map(Lessee.User::new).orElseGet(() -> new Lessee.Identity(remote.toString()));
        }
    }

    /** Our DELETE of the IKE SA is on its way. */
    record Closing(IkeSa sa, String reason, List<Retired> retired) implements Phase {}

    /** To be forgotten. */
    record Closed(String reason) implements Phase {}

    /**
     * An IKE SA that another has replaced: the one before, or the redundant one of two successors (RFC 7296, sections 2.8 and
     * 2.8.2). If our DELETE for it is outstanding it lives until that is answered, else until {@code deadline}, for the peer's.
     */
    record Retired(IkeSa sa, long deadline) {}

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
            case PhaseEap.Asking _ -> "asking the user";
            case PhaseEap.Answering _ -> "answering as the user";
            case PhaseV1 v1 -> v1.label();
        };
    }

    /** Whether both sides are authenticated, and the session is not on its way out. */
    default boolean isUp() {
        return this instanceof Established || this instanceof PhaseV1.Up;
    }

    /** Who we are, as authenticated. */
    default Optional<Identity> localIdentity() {
        return switch (this) {
            case Established established -> Optional.of(established.local());
            case PhaseV1.Up up -> Optional.of(up.local());
            default -> Optional.empty();
        };
    }

    /** Who the peer is, as authenticated. */
    default Optional<Identity> remoteIdentity() {
        return switch (this) {
            case Established established -> Optional.of(established.remote());
            case PhaseV1.Up up -> Optional.of(up.remote());
            default -> Optional.empty();
        };
    }

    /** The addresses inside the tunnel that go with the IKE SA. */
    default InnerAddresses inner() {
        return switch (this) {
            case Established established -> established.inner();
            case PhaseV1.Up up -> up.inner();
            default -> InnerAddresses.none();
        };
    }

    /** The user behind the peer's identity, as it has shown. */
    default Optional<String> user() {
        return switch (this) {
            case Established established -> established.user();
            case PhaseEap.Asking asking -> asking.user();
            case PhaseV1.Up up -> up.guest().map(PhaseV1.Guest::user).filter(user -> !user.isEmpty());
            default -> Optional.empty();
        };
    }

    /** What AUTH covers, while a peer that has called is not yet known. */
    default Optional<Transcript> unproven() {
        return switch (this) {
            case HalfOpen halfOpen -> Optional.of(halfOpen.transcript());
            case PhaseEap.Asking asking -> Optional.of(asking.transcript());
            default -> Optional.empty();
        };
    }

    /** The IKE SA, in the phases of IKEv2 that have one. */
    default Optional<IkeSa> ikeSa() {
        return switch (this) {
            case Idle _, Initiating _, Closed _, PhaseV1 _ -> Optional.empty();
            case HalfOpen(IkeSa sa, _, _, _) -> Optional.of(sa);
            case Authenticating(IkeSa sa, _, _, _) -> Optional.of(sa);
            case PhaseEap eap -> Optional.of(eap.sa());
            case Established established -> Optional.of(established.sa());
            case Closing(IkeSa sa, _, _) -> Optional.of(sa);
        };
    }

    /** The same phase with its IKE SA replaced. */
    default Phase withIkeSa(IkeSa sa) {
        return switch (this) {
            case Idle _, Initiating _, Closed _, PhaseV1 _ -> throw new IllegalStateException(label() + " has no IKE SA");
            case HalfOpen(_, Transcript transcript, List<Profile> candidates, long deadline) ->
                new HalfOpen(sa, transcript, candidates, deadline);
            case Authenticating(_, Transcript transcript, List<Input.Wish> wishes, long deadline) ->
                new Authenticating(sa, transcript, wishes, deadline);
            case PhaseEap eap -> eap.with(sa);
            case Established(_, Identity local, Identity remote, Optional<String> user, long since, InnerAddresses inner, List<Retired> retired, Optional<Duration> term) ->
                new Established(sa, local, remote, user, since, inner, retired, term);
            case Closing(_, String reason, List<Retired> retired) -> new Closing(sa, reason, retired);
        };
    }

    /** The IKE SAs that are on their way out, oldest first. */
    default List<Retired> retired() {
        return List.of();
    }

    /** The same phase with other IKE SAs on their way out. */
    default Phase withRetired(List<Retired> next) {
        return switch (this) {
            case Established(IkeSa sa, Identity local, Identity remote, Optional<String> user, long since, InnerAddresses inner, _, Optional<Duration> term) ->
                new Established(sa, local, remote, user, since, inner, List.copyOf(next), term);
            case Closing(IkeSa sa, String reason, _) -> new Closing(sa, reason, List.copyOf(next));
            case Idle _, Initiating _, HalfOpen _, Authenticating _, Closed _, PhaseEap _, PhaseV1 _ ->
                throw new IllegalStateException(label() + " has no successor");
        };
    }
}
