package org.xfrmagent.agent.engine.v2;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.policies.model.Identity;

/** Our last answer of IKE_AUTH, as the responder: the peer is who it says; what it gets now is an address, if it is to have one, and its first child. */
final class LastAnswer {
    private LastAnswer() {}

    /** It is who it says. If it is to have an address, that is first. */
    static void prepare(Turn turn, Authentication authentication, List<Payload> payloads) {
        if (turn.session().phase() instanceof Phase.HalfOpen) {
            Eap.checkRounds(authentication.profile(), payloads);
            if (authentication.profile().peer().remote().hasSecondRound()) {
                Eap.awaitUser(turn, authentication, payloads);
                return;
            }
        }
        Optional<Job.LeaseAddresses> lease = Addresses.wanted(turn, authentication, payloads);
        if (lease.isEmpty()) {
            establish(turn, authentication, payloads, InnerAddresses.none());
            return;
        }
        lastProof(turn, authentication, payloads);
        turn.start(lease.get(), new Awaiting.LeaseForInitiator(lease.get(), authentication.remote(), payloads));
    }

    /**
     * The pool has answered.
     *
     * @throws Refusal as {@link IkeAuth#respond} does
     */
    static void leased(Turn turn, Transcript transcript, Awaiting.LeaseForInitiator awaited, Result result) {
        Authentication authentication = IkeAuth.authentication(turn, IkeAuth.profile(turn), transcript, awaited.remote());
        if (!IkeAuth.profile(turn).pools().equals(awaited.job().pools())) {
            Addresses.releaseLate(turn, result);
            prepare(turn, authentication, awaited.payloads());
            return;
        }
        try {
            establish(turn, authentication, awaited.payloads(), Addresses.lent(turn, awaited.job(), result));
        } catch (Refusal refused) {
            Addresses.releaseLate(turn, result);
            throw refused;
        }
    }

    /** What our last answer proves us with: after EAP that is its key. */
    private static Proof lastProof(Turn turn, Authentication authentication, List<Payload> asking) {
        return turn.session().phase() instanceof PhaseEap.Asking asked ? Eap.key(authentication, asked, false) : IkeAuth.proof(authentication, asking);
    }

    private static void establish(
            Turn turn, Authentication authentication, List<Payload> payloads, InnerAddresses inner) {
        Profile profile = authentication.profile();
        Identity local = authentication.local();
        Identity remote = authentication.remote();
        Proof proof = lastProof(turn, authentication, payloads);
        Optional<String> user = turn.session().phase().user();
        boolean initialContact = Payload.notification(payloads, Notify.INITIAL_CONTACT).isPresent();
        Admission.checkUnique(turn, profile, local, Addresses.lessee(turn, authentication), initialContact);
        boolean childless = Payload.first(payloads, SaPayload.class).isEmpty();
        Admission.checkChildless(profile, childless);
        IdPayload idResponder = IkeAuth.id(Role.RESPONDER, local);
        List<Payload> prefix = new ArrayList<>(proof instanceof Proof.AfterEap ? List.of() : List.of(idResponder));
        prefix.addAll(authentication.show(proof, idResponder));
        if (!(proof instanceof Proof.AfterEap)) {
            prefix.addAll(Ppk.confirm(turn));
        }
        if (Payload.notification(payloads, Notify.MOBIKE_SUPPORTED).isPresent()) {
            prefix.addAll(Mobike.offer(turn));
        }
        Optional<Duration> term = Eap.term(turn);
        prefix.addAll(Reauthentication.demand(profile, term));
        prefix.addAll(Addresses.reply(profile, inner, payloads));
        if (turn.session().phase() instanceof PhaseEap eap) {
            turn.afterwards(eap::wipe);
        }
        turn.enter(
                new Phase.Established(turn.ikeSa(), local, remote, user, turn.now(), inner, List.of(), term),
                "authenticated " + user.map(name -> "user " + name + " of ").orElse("") + remote + " as " + local);
        RekeyIke.schedule(turn);
        turn.emit(new Event.IkeUp(initialContact));
        Mobike.accept(turn, payloads);
        Transcript transcript = authentication.transcript();
        try {
            Addresses.check(turn.session(), profile, payloads);
            if (childless) {
                Requests.respond(turn, ExchangeType.IKE_AUTH, prefix);
                return;
            }
            Children.respond(
                    turn, payloads, List.copyOf(prefix), transcript.initiatorNonce(), transcript.responderNonce(), KeyExchangeUse.LEFT_OUT,
                    OptionalInt.empty());
        } catch (Refusal refused) {
            // Section 1.2: the IKE SA is set up even if the child is not.
            List<Payload> answer = new ArrayList<>(prefix);
            answer.add(Requests.notification(refused));
            Requests.respond(turn, ExchangeType.IKE_AUTH, answer);
            Requests.refused(turn, refused.notifyType(), refused.detail());
        }
    }
}
