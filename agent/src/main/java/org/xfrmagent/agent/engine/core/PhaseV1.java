package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.model.Identity;

/**
 * How far an IKEv1 session is. Named after what was done last:
 *
 * <pre>
 *   initiator   Idle -> Offered -> Exchanging -> Identifying -> Up -> Closed          main mode, RFC 2409, section 5
 *   responder   Idle -> Chosen  -> Keyed                     -> Up -> Closed
 *
 *   initiator   Idle -> Introduced                           -> Up -> Closed          aggressive mode, section 5
 *   responder   Idle -> Vouched                              -> Up -> Closed
 *
 *   and, before Up, Vetting where the peer has shown a certificate, and then what is in {@link PhaseTransaction}
 * </pre>
 */
public sealed interface PhaseV1 extends Phase
        permits PhaseV1.Offered,
                PhaseV1.Exchanging,
                PhaseV1.Identifying,
                PhaseV1.Chosen,
                PhaseV1.Keyed,
                PhaseV1.Introduced,
                PhaseV1.Vouched,
                PhaseV1.Vetting,
                PhaseV1.Up,
                PhaseTransaction {
    /** Sent our proposals. {@code sa}: our SA payload's body, which both hashes cover. */
    record Offered(long cookie, Bytes sa, Sent sent, List<Wish> wishes) implements PhaseV1 {}

    /** Sent our public value. */
    record Exchanging(Agreed agreed, Ephemeral half, Bytes nonce, Sent sent, List<Wish> wishes) implements PhaseV1 {}

    /** Sent our identity and hash. */
    record Identifying(IsakmpSa sa, Material material, Bytes iv, Sent sent, List<Wish> wishes) implements PhaseV1 {}

    /** Answered with the proposal we chose; nobody is authenticated. */
    record Chosen(Agreed agreed, Answer answer, long deadline) implements PhaseV1 {}

    /** Answered with our public value; nobody is authenticated. {@code asked}: the authorities whose certificates the peer takes. */
    record Keyed(Agreed agreed, IsakmpSa sa, Material material, Bytes iv, List<Bytes> asked, Answer answer, long deadline)
            implements PhaseV1 {
        public Keyed {
            asked = List.copyOf(asked);
        }
    }

    /**
     * Sent our proposals, public value and identity at once.
     *
     * @param sa our SA payload's body
     * @param half of the one group that all our proposals have
     */
    record Introduced(long cookie, Bytes sa, Ephemeral half, Bytes nonce, Identity local, Sent sent, List<Wish> wishes)
            implements PhaseV1 {}

    /**
     * Answered with our public value, identity and hash; the peer has named itself and is not authenticated.
     *
     * @param iv of its next message, if that is encrypted
     * @param id the body of its ID payload, which its hash covers
     */
    record Vouched(
            Agreed agreed,
            IsakmpSa sa,
            Material material,
            Bytes iv,
            Identity local,
            Identity remote,
            Bytes id,
            Answer answer,
            long deadline)
            implements PhaseV1 {}

    /**
     * The peer has proven that it has the key of a certificate, and whether that is its own is being found out: nothing of it counts yet.
     *
     * @param profile what it is if so
     * @param sa with the last block of the peer's message
     * @param closing our message that leaves then, and is the last of phase 1
     * @param early messages that came before their time: the peer may be through with phase 1
     */
    record Vetting(
            Profile profile,
            IsakmpSa sa,
            Identity local,
            Identity remote,
            Optional<Closing> closing,
            boolean initialContact,
            List<Wish> wishes,
            List<Early> early,
            long deadline)
            implements PhaseV1 {
        public Vetting {
            wishes = List.copyOf(wishes);
            early = List.copyOf(early);
        }

        /** {@code lastBlock}: of our message, once it has left. */
        public record Closing(Answer answer, Bytes lastBlock) {}

        public record Early(Path path, Bytes datagram) {}

        public Vetting with(Early one) {
            List<Early> all = new ArrayList<>(early);
            all.add(one);
            return new Vetting(profile, sa, local, remote, closing, initialContact, wishes, all, deadline);
        }
    }

    /**
     * Both sides are authenticated.
     *
     * @param since when they were, in {@link Moment#millis}
     * @param answer the last message of phase 1 and what it answered, if we are to repeat it
     * @param quick the quick modes under way, and those whose last message may have to be repeated
     * @param seen message ids that are used up: no message is believed twice
     * @param probe our R-U-THERE on its way
     * @param nextProbe its next sequence number
     * @param guest the user at the other end, and what it was given
     * @param given what the peer has given us
     */
    record Up(
            IsakmpSa sa,
            Identity local,
            Identity remote,
            long since,
            Optional<Answer> answer,
            List<Quick> quick,
            List<Integer> seen,
            Optional<Probe> probe,
            int nextProbe,
            Renewal renewal,
            Optional<Guest> guest,
            Optional<InnerAddresses.Given> given)
            implements PhaseV1 {
        /** As many ids as are remembered; the oldest are forgotten first. */
        private static final int SEEN = 1024;

        public Up {
            quick = List.copyOf(quick);
            seen = List.copyOf(seen);
        }

        @Override
        public InnerAddresses inner() {
            return given.<InnerAddresses>map(ours -> ours)
                    .orElseGet(() -> guest.map(peer -> InnerAddresses.lent(peer.leases)).orElse(InnerAddresses.none()));
        }

        public Optional<Quick> quick(int messageId) {
            return quick.stream().filter(exchange -> exchange.messageId() == messageId).findFirst();
        }

        /** With {@code next} in the place of the exchange of that message id, or added. */
        public Up with(Quick next) {
            List<Quick> all = new ArrayList<>(quick);
            all.removeIf(other -> other.messageId() == next.messageId());
            all.add(next);
            return new Up(sa, local, remote, since, answer, all, seen, probe, nextProbe, renewal, guest, given);
        }

        /** The same under other terms. */
        public Up with(IsakmpSa next) {
            return new Up(next, local, remote, since, answer, quick, seen, probe, nextProbe, renewal, guest, given);
        }

        public Up without(int messageId) {
            List<Quick> left = quick.stream().filter(other -> other.messageId() != messageId).toList();
            return new Up(sa, local, remote, since, answer, left, seen, probe, nextProbe, renewal, guest, given);
        }

        public Up seen(int messageId) {
            List<Integer> all = new ArrayList<>(seen.subList(Math.max(0, seen.size() - SEEN + 1), seen.size()));
            all.add(messageId);
            return new Up(sa, local, remote, since, answer, quick, all, probe, nextProbe, renewal, guest, given);
        }

        public Up probing(Optional<Probe> next, int following) {
            return new Up(sa, local, remote, since, answer, quick, seen, next, following, renewal, guest, given);
        }

        public Up guest(Guest next) {
            return new Up(sa, local, remote, since, answer, quick, seen, probe, nextProbe, renewal, Optional.of(next), given);
        }

        public Up given(InnerAddresses.Given next) {
            return new Up(sa, local, remote, since, answer, quick, seen, probe, nextProbe, renewal, guest, Optional.of(next));
        }

        public Up renewal(Renewal next) {
            return new Up(sa, local, remote, since, answer, quick, seen, probe, nextProbe, next, guest, given);
        }
    }

    /**
     * A peer that was let in as a user, or was given addresses.
     *
     * @param user empty if it showed no password
     * @param granted addresses that whoever has judged it has for it (Framed-IP-Address of RFC 2865): what it asks for itself does not count then
     */
    record Guest(String user, List<Lease> leases, List<InetAddress> granted) {
        public Guest {
            leases = List.copyOf(leases);
            granted = List.copyOf(granted);
        }
    }

    /** Where an ISAKMP SA is between its beginning and its successor: IKEv1 has no rekeying, only another phase 1. */
    enum Renewal {
        NOT_YET,
        /** A successor is wanted. */
        DUE,
        /** We are negotiating a successor. */
        UNDER_WAY,
        /** The successor we wanted has taken the children over. */
        REPLACED,
        /** Another ISAKMP SA with the peer has taken the children over. */
        SUPERSEDED
    }

    /**
     * What phase 1 has agreed on.
     *
     * @param candidates the peers it may be: one for an initiator
     * @param sa the body of the initiator's SA payload
     * @param lifetime seconds; {@code shortened}: the peer would have it live longer
     */
    record Agreed(
            long initiatorCookie,
            long responderCookie,
            List<Profile> candidates,
            Proposal suite,
            AuthenticationMethod method,
            Bytes sa,
            boolean deadPeerDetection,
            NatTraversal natTraversal,
            long lifetime,
            boolean shortened) {
        public Agreed {
            candidates = List.copyOf(candidates);
        }

        /** Whose settings hold until the peer has said who it is. */
        public Profile profile() {
            return candidates.getFirst();
        }
    }

    /** What HASH_I and HASH_R cover besides cookies and identities. */
    record Material(Bytes sa, Bytes ownPublic, Bytes peerPublic) {}

    /** A message of ours that is sent again until the peer's next one comes. */
    record Sent(Bytes datagram, int attempts, long nextAt) {
        public Sent again(long next) {
            return new Sent(datagram, attempts + 1, next);
        }
    }

    /** What we answered to {@code request}: repeated for the identical message, and for no other. */
    record Answer(Bytes request, Bytes reply) {}

    /** R-U-THERE, by its sequence number. */
    record Probe(int sequence, Sent sent) {}

    @Override
    default String label() {
        return switch (this) {
            case Offered _, Exchanging _, Introduced _ -> "initiating";
            case Chosen _, Keyed _, Vouched _ -> "half-open";
            case PhaseTransaction.Authorizing _ -> "authorizing";
            case Identifying _, Vetting _, PhaseTransaction.Proving _ -> "authenticating";
            case PhaseTransaction.Configuring _ -> "configuring";
            case Up _ -> "established";
        };
    }

    /** Whether somebody has begun and is not authenticated. */
    default boolean isHalfOpen() {
        return this instanceof Chosen || this instanceof Keyed || this instanceof Vouched || this instanceof PhaseTransaction.Authorizing
                || this instanceof Vetting vetting && !vetting.sa().initiator();
    }

    /** What we answered to the first message, while that is the last that we have answered. */
    default Optional<Answer> firstAnswer() {
        return switch (this) {
            case Chosen chosen -> Optional.of(chosen.answer());
            case Vouched vouched -> Optional.of(vouched.answer());
            case Offered _, Exchanging _, Identifying _, Introduced _, Keyed _, Vetting _, PhaseTransaction _, Up _ -> Optional.empty();
        };
    }

    /** The cookie that is ours. */
    default long localCookie() {
        return switch (this) {
            case Offered offered -> offered.cookie();
            case Exchanging exchanging -> exchanging.agreed().initiatorCookie();
            case Identifying identifying -> identifying.sa().localCookie();
            case Chosen chosen -> chosen.agreed().responderCookie();
            case Keyed keyed -> keyed.sa().localCookie();
            case Introduced introduced -> introduced.cookie();
            case Vouched vouched -> vouched.sa().localCookie();
            case Vetting vetting -> vetting.sa().localCookie();
            case PhaseTransaction transaction -> transaction.next().sa().localCookie();
            case Up up -> up.sa().localCookie();
        };
    }

    /** What is on its way before both sides are authenticated. */
    default Optional<Sent> outstanding() {
        return switch (this) {
            case Offered offered -> Optional.of(offered.sent());
            case Exchanging exchanging -> Optional.of(exchanging.sent());
            case Identifying identifying -> Optional.of(identifying.sent());
            case Introduced introduced -> Optional.of(introduced.sent());
            case PhaseTransaction transaction -> transaction.waitingForAnswer();
            case Chosen _, Keyed _, Vouched _, Vetting _, Up _ -> Optional.empty();
        };
    }

    /** The same phase with its message sent again. */
    default PhaseV1 withSent(Sent next) {
        return switch (this) {
            case Offered(long cookie, Bytes sa, _, List<Wish> wishes) -> new Offered(cookie, sa, next, wishes);
            case Exchanging(Agreed agreed, Ephemeral half, Bytes nonce, _, List<Wish> wishes) ->
                new Exchanging(agreed, half, nonce, next, wishes);
            case Identifying(IsakmpSa sa, Material material, Bytes iv, _, List<Wish> wishes) ->
                new Identifying(sa, material, iv, next, wishes);
            case Introduced(long cookie, Bytes sa, Ephemeral half, Bytes nonce, Identity local, _, List<Wish> wishes) ->
                new Introduced(cookie, sa, half, nonce, local, next, wishes);
            case PhaseTransaction transaction -> transaction.saidAgain(next);
            case Chosen _, Keyed _, Vouched _, Vetting _, Up _ -> throw new IllegalStateException(label() + " sends nothing by itself");
        };
    }

    /** The children to be made once phase 1 is done. */
    default List<Wish> wishes() {
        return switch (this) {
            case Offered offered -> offered.wishes();
            case Exchanging exchanging -> exchanging.wishes();
            case Identifying identifying -> identifying.wishes();
            case Introduced introduced -> introduced.wishes();
            case Vetting vetting -> vetting.wishes();
            case Chosen _, Keyed _, Vouched _, PhaseTransaction _, Up _ -> List.of();
        };
    }

    /** The same phase with other wishes. */
    default PhaseV1 withWishes(List<Wish> next) {
        return switch (this) {
            case Offered(long cookie, Bytes sa, Sent sent, _) -> new Offered(cookie, sa, sent, next);
            case Exchanging(Agreed agreed, Ephemeral half, Bytes nonce, Sent sent, _) ->
                new Exchanging(agreed, half, nonce, sent, next);
            case Identifying(IsakmpSa sa, Material material, Bytes iv, Sent sent, _) ->
                new Identifying(sa, material, iv, sent, next);
            case Introduced(long cookie, Bytes sa, Ephemeral half, Bytes nonce, Identity local, Sent sent, _) ->
                new Introduced(cookie, sa, half, nonce, local, sent, next);
            case Vetting vetting -> new Vetting(
                    vetting.profile(), vetting.sa(), vetting.local(), vetting.remote(), vetting.closing(), vetting.initialContact(), next,
                    vetting.early(), vetting.deadline());
            case Chosen _, Keyed _, Vouched _, PhaseTransaction _, Up _ -> throw new IllegalStateException(label() + " has no wishes");
        };
    }
}
