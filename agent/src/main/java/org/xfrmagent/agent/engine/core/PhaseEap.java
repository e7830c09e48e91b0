package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.eap.EapPeer;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapServer;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Identity;

/**
 * The phases of an IKE_AUTH of several exchanges, in which a user shows by EAP who it is (RFC 7296, section 2.16). The gateway has
 * shown its AUTH in the first; the user is nobody before its own has come in the last.
 */
public sealed interface PhaseEap extends Phase {
    IkeSa sa();

    Transcript transcript();

    /** When it is too late, in {@link Moment#millis}. */
    long deadline();

    PhaseEap with(IkeSa next);

    /** The keys of a conversation that nobody needs any more. */
    void wipe();

    /** How far a conversation is. */
    sealed interface Talk<S> {
        /** The peer is known, and says in a second round who its user is (RFC 4739). */
        record Awaited<S>() implements Talk<S> {}

        record Going<S>(S end) implements Talk<S> {}

        /** EAP is through, and the AUTH payloads that rest on it are still to come. */
        record Done<S>(EapProof proof) implements Talk<S> {}
    }

    /**
     * We are the gateway.
     *
     * @param remote who the peer says it is in IKE
     * @param idInitiator as it has said it of its user, in the round that this is
     * @param request its first message, which our last one answers
     * @param candidates the peers of the policies that it may be by that, the first being the one that it is taken for
     */
    record Asking(
            IkeSa sa, Transcript transcript, Identity remote, IdPayload idInitiator, List<Payload> request, List<Profile> candidates,
            Talk<EapServer> talk, long deadline)
            implements PhaseEap {
        public Asking {
            request = List.copyOf(request);
            candidates = List.copyOf(candidates);
        }

        /** The user, as shown; its AUTH has still to come. */
        @Override
        public Optional<String> user() {
            return talk instanceof Talk.Done<EapServer>(EapProof proof) ? Optional.of(proof.identity()) : Optional.empty();
        }

        public Asking saying(IdPayload id) {
            return new Asking(sa, transcript, remote, id, request, candidates, talk, deadline);
        }

        public Asking at(Talk<EapServer> next) {
            return new Asking(sa, transcript, remote, idInitiator, request, candidates, next, deadline);
        }

        @Override
        public Asking with(IkeSa next) {
            return new Asking(next, transcript, remote, idInitiator, request, candidates, talk, deadline);
        }

        @Override
        public void wipe() {
            switch (talk) {
                case Talk.Awaited<EapServer>() -> {}
                case Talk.Going<EapServer>(EapServer server) -> server.wipe();
                case Talk.Done<EapServer>(EapProof proof) -> proof.msk().ifPresent(msk -> msk.wipe());
            }
        }
    }

    /**
     * We are the user.
     *
     * @param offer the child that our first message asks for
     * @param remote who the gateway is, as it has shown
     * @param idResponder as it has said it
     */
    record Answering(
            IkeSa sa, Transcript transcript, List<Input.Wish> wishes, Optional<ChildOffer> offer, Identity remote, IdPayload idResponder,
            Talk<EapPeer> talk, long deadline)
            implements PhaseEap {
        public Answering {
            wishes = List.copyOf(wishes);
        }

        public Answering wishing(List<Input.Wish> next) {
            return new Answering(sa, transcript, next, offer, remote, idResponder, talk, deadline);
        }

        public Answering at(Talk<EapPeer> next) {
            return new Answering(sa, transcript, wishes, offer, remote, idResponder, next, deadline);
        }

        @Override
        public Answering with(IkeSa next) {
            return new Answering(next, transcript, wishes, offer, remote, idResponder, talk, deadline);
        }

        @Override
        public void wipe() {
            switch (talk) {
                case Talk.Awaited<EapPeer>() -> {}
                case Talk.Going<EapPeer>(EapPeer peer) -> peer.wipe();
                case Talk.Done<EapPeer>(EapProof proof) -> proof.msk().ifPresent(msk -> msk.wipe());
            }
        }
    }
}
