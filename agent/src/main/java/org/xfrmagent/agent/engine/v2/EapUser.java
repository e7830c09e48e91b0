package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapOutcome;
import org.xfrmagent.agent.eap.EapPacket;
import org.xfrmagent.agent.eap.EapPeer;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseEap.Talk;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.EapPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Side;

/**
 * The other side of {@link Eap}: we are the user. The gateway has shown who it is before it hears anything of EAP from us, and shows in the
 * end that it was the one that we spoke with.
 */
final class EapUser {
    private EapUser() {}

    /** The gateway is {@code remote}, and its answer {@code payloads} to our message without AUTH begins with EAP. */
    static void begin(Turn turn, Phase.Authenticating phase, Exchange.Authenticate exchange, Identity remote, List<Payload> payloads) {
        if (Payload.first(payloads, EapPayload.class).isEmpty()) {
            IkeAuth.rejectResponder(turn, "the gateway does not ask our user, expected EAP in its answer");
            return;
        }
        PhaseEap.Answering answering = answering(turn, phase, exchange, remote, payloads);
        turn.enter(answering, "authenticated the gateway " + remote + ", answering as user " + user(turn));
        hear(turn, answering, peer(turn), Eap.packet(payloads));
    }

    /** RFC 4739: the gateway believes us, and is now told of our user. */
    static void introduce(Turn turn, Phase.Authenticating phase, Exchange.Authenticate exchange, Identity remote, List<Payload> payloads) {
        turn.enter(
                answering(turn, phase, exchange, remote, payloads), "authenticated the gateway " + remote + ", which is to believe user " + user(turn) + " too");
        Authentication authentication = IkeAuth.authentication(turn, IkeAuth.profile(turn), phase.transcript(), remote);
        Requests.send(turn, ExchangeType.IKE_AUTH, new Exchange.Converse(), List.of(IkeAuth.id(Role.INITIATOR, authentication.local())));
    }

    private static PhaseEap.Answering answering(
            Turn turn, Phase.Authenticating phase, Exchange.Authenticate exchange, Identity remote, List<Payload> payloads) {
        IdPayload idResponder = Payload.first(payloads, IdPayload.class).orElseThrow(() -> new IllegalStateException("a gateway that is nobody"));
        return new PhaseEap.Answering(
                phase.sa(), phase.transcript(), phase.wishes(), exchange.offer(), remote, idResponder, new Talk.Awaited<>(),
                turn.now() + Constants.EAP_MILLIS);
    }

    private static String user(Turn turn) {
        return IkeAuth.profile(turn).peer().local().user().orElseThrow(() -> new IllegalStateException("EAP without a user"));
    }

    private static EapPeer peer(Turn turn) {
        Side ours = IkeAuth.profile(turn).peer().local();
        return EapPeer.begin(new EapPeer.Setup(user(turn), Eap.types(ours.eap().methods())));
    }

    private static void hear(Turn turn, PhaseEap.Answering phase, EapPeer peer, EapPacket packet) {
        EapOutcome<EapPeer> outcome = peer.step(packet, Eap.users(turn), turn.at()::random);
        if (packet instanceof EapPacket.Failure && outcome instanceof EapOutcome.Failure<EapPeer>(String reason, _, _)) {
            // The gateway has said so, and forgotten us.
            Ending.failed(turn, reason);
        } else {
            proceed(turn, phase, outcome);
        }
    }

    /** <pre>  &lt;--  HDR, SK{EAP}  or  HDR, SK{AUTH, [CP], SA, TSi, TSr}  </pre> */
    static void conclude(Turn turn, PhaseEap.Answering phase, Exchange exchange, List<Payload> payloads) {
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        boolean goesOn = exchange instanceof Exchange.Converse
                ? Payload.first(payloads, EapPayload.class).isPresent()
                : Payload.first(payloads, AuthPayload.class).isPresent();
        if (!goesOn) {
            Ending.failed(turn, error.isPresent()
                    ? "the gateway answered EAP with " + Notify.nameOf(error.get().type())
                    : "the gateway's answer has neither EAP nor AUTH");
            return;
        }
        switch (phase.talk()) {
            case Talk.Awaited<EapPeer>() -> hear(turn, phase, peer(turn), Eap.packet(payloads));
            case Talk.Going<EapPeer>(EapPeer peer) -> hear(turn, phase, peer, Eap.packet(payloads));
            case Talk.Done<EapPeer>(EapProof proof) -> settle(turn, phase, proof, payloads);
        }
    }

    /** The work outside is done. */
    static void answered(Turn turn, PhaseEap.Answering phase, EapWork.Result result) {
        if (phase.talk() instanceof Talk.Going<EapPeer>(EapPeer peer)) {
            proceed(turn, phase, peer.resume(result));
        }
    }

    private static void proceed(Turn turn, PhaseEap.Answering phase, EapOutcome<EapPeer> outcome) {
        switch (outcome) {
            case EapOutcome.Reply<EapPeer>(EapPeer next, EapPacket packet, _) -> {
                put(turn, phase.at(new Talk.Going<>(next)));
                Requests.send(turn, ExchangeType.IKE_AUTH, new Exchange.Converse(), List.of(new EapPayload(packet.encode())));
            }
            case EapOutcome.Waits<EapPeer>(EapPeer next, EapWork work) -> {
                put(turn, phase.at(new Talk.Going<>(next)));
                turn.start(Eap.work(turn, work), new Awaiting.EapOfOurs());
            }
            case EapOutcome.Success<EapPeer>(EapProof proof, _, _) -> {
                put(turn, phase.at(new Talk.Done<>(proof)));
                Authentication authentication = authentication(turn, phase);
                IdPayload idInitiator = IkeAuth.id(Role.INITIATOR, authentication.local());
                Requests.send(
                        turn, ExchangeType.IKE_AUTH, new Exchange.ShowKey(),
                        authentication.show(Eap.key(authentication, proof, true), idInitiator));
            }
            case EapOutcome.Failure<EapPeer>(String reason, _, _) -> IkeAuth.rejectResponder(turn, reason);
        }
    }

    /** The gateway's last AUTH, and what it grants with it. */
    private static void settle(Turn turn, PhaseEap.Answering phase, EapProof proof, List<Payload> payloads) {
        Authentication authentication = authentication(turn, phase);
        AuthPayload auth = Payload.first(payloads, AuthPayload.class).orElseThrow(() -> new IllegalStateException("AUTH was looked for"));
        if (!Eap.key(authentication, proof, false).verifies(auth, authentication.octets(false, phase.idResponder()))) {
            IkeAuth.rejectResponder(turn, "the gateway is not believed: its AUTH is not made with the key that EAP has left with us");
            return;
        }
        proof.msk().ifPresent(turn::wipe);
        turn.change(session -> session.withPhase(new Phase.Authenticating(turn.ikeSa(), phase.transcript(), phase.wishes(), Long.MAX_VALUE)));
        IkeAuth.authenticated(turn, new Exchange.Authenticate(phase.offer()), phase.remote(), payloads);
    }

    private static Authentication authentication(Turn turn, PhaseEap.Answering phase) {
        return IkeAuth.authentication(turn, IkeAuth.profile(turn), phase.transcript(), phase.remote());
    }

    private static void put(Turn turn, PhaseEap.Answering phase) {
        turn.change(session -> session.withPhase(phase.with(turn.ikeSa())));
    }
}
