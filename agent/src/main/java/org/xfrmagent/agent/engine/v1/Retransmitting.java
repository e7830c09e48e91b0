package org.xfrmagent.agent.engine.v1;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Retransmission;

/** Sending what waits for an answer, and sending it again. Only who begins an exchange does so by itself (R21). */
final class Retransmitting {
    private Retransmitting() {}

    static Sent send(Turn turn, Bytes datagram) {
        Fragments.send(turn, datagram);
        return sent(turn, datagram);
    }

    /** A message that has been sent already, and now waits for an answer. */
    static Sent sent(Turn turn, Bytes datagram) {
        return new Sent(datagram, 1, turn.now() + wait(turn, 0));
    }

    /** Empty when all tries are used up. */
    static Optional<Sent> again(Turn turn, Sent sent, int messageId) {
        if (sent.attempts() > policy(turn.session()).tries()) {
            return Optional.empty();
        }
        Fragments.send(turn, sent.datagram());
        turn.emit(new Event.Retransmitted(messageId, sent.attempts()));
        return Optional.of(sent.again(turn.now() + wait(turn, sent.attempts())));
    }

    private static long wait(Turn turn, int sent) {
        Retransmission policy = policy(turn.session());
        double shortened = 1 - policy.jitterPercent() / 100.0 * turn.at().entropy().nextDouble();
        return Math.max(1, Math.round(policy.waitAfter(sent).toMillis() * shortened));
    }

    static Retransmission policy(Session session) {
        return session.profile().map(profile -> profile.peer().retransmission()).orElse(Defaults.RETRANSMISSION);
    }
}
