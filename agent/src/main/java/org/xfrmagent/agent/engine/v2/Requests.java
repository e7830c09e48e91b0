package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Retransmission;

/** Sending requests and responses under an IKE SA, and sending them again (RFC 7296, section 2.1). */
final class Requests {
    private Requests() {}

    /** Sends our next request; there must be none outstanding. */
    static void send(Turn turn, ExchangeType type, Exchange exchange, List<Payload> payloads) {
        Window window = turn.ikeSa().window();
        if (window.outstanding().isPresent()) {
            throw new IllegalStateException("a request is outstanding already");
        }
        List<Bytes> datagrams = Sealing.seal(turn, type, false, window.nextRequest(), payloads);
        Outstanding request = new Outstanding(
                window.nextRequest(), datagrams, exchange, 1, turn.now() + wait(turn.session(), 0, turn.at()));
        IkeSa sa = turn.ikeSa();
        turn.ikeSa(sa.withWindow(sa.window().withOutstanding(request)));
        turn.send(datagrams);
    }

    /** Answers the peer's request that is being worked on. */
    static void respond(Turn turn, ExchangeType type, List<Payload> payloads) {
        List<Bytes> datagrams = Sealing.seal(turn, type, true, turn.ikeSa().window().expected(), payloads);
        IkeSa sa = turn.ikeSa();
        turn.ikeSa(sa.withWindow(sa.window().answered(datagrams)));
        // Section 2.11: "the response must be sent to the address and port from which the request was received".
        turn.send(turn.session().mobility().answerTo().orElse(turn.session().path()), datagrams);
        turn.change(session -> session.withMobility(mobility -> mobility.answering(Optional.empty())));
    }

    /** Sends what is outstanding at once, on the session's path as it is now, and as patiently as if for the first time. */
    static void anew(Turn turn) {
        IkeSa sa = turn.ikeSa();
        sa.window().outstanding().ifPresent(request -> {
            turn.send(request.datagrams());
            Outstanding fresh = new Outstanding(
                    request.messageId(), request.datagrams(), request.exchange(), 1, turn.now() + wait(turn.session(), 0, turn.at()));
            turn.ikeSa(sa.withWindow(sa.window().withOutstanding(fresh)));
        });
    }

    static NotifyPayload notification(Refusal refusal) {
        return refusal.payload();
    }

    /** Tells the user, in the same words as the peer. */
    static void refused(Turn turn, Notify notify, String detail) {
        turn.emit(new Event.Refused(notify.name(), detail));
    }

    /** Milliseconds to wait for an answer after transmission {@code sent} (0: the first). */
    static long wait(Session session, int sent, Moment at) {
        Retransmission policy = policy(session);
        double shortened = 1 - policy.jitterPercent() / 100.0 * at.entropy().nextDouble();
        return Math.max(1, Math.round(policy.waitAfter(sent).toMillis() * shortened));
    }

    static Retransmission policy(Session session) {
        Optional<Profile> profile = session.profile();
        return profile.isPresent() ? profile.get().peer().retransmission() : Defaults.RETRANSMISSION;
    }

    /** Sends an overdue request again; empty when all tries are used up. */
    static Optional<Outstanding> again(Turn turn, Outstanding request) {
        if (request.attempts() > policy(turn.session()).tries()) {
            return Optional.empty();
        }
        turn.send(request.datagrams());
        Ways.probe(turn, request.datagrams());
        turn.emit(new Event.Retransmitted(request.messageId(), request.attempts()));
        return Optional.of(request.again(turn.now() + wait(turn.session(), request.attempts(), turn.at())));
    }
}
