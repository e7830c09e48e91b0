package org.xfrmagent.agent.engine.v1;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.NotifyType;

/**
 * The commit bit (RFC 2408, section 3.1): whoever has not set it waits for the other's CONNECTED before it sends on a fresh child. It comes
 * in an informational exchange with quick mode's message id; others send it as quick mode's fourth message.
 *
 * <pre>
 *   HDR*, HASH(1), ...         -->       &lt;--  HDR* with C, HASH(2), ...
 *   HDR*, HASH(3)              -->       &lt;--  HDR*, HASH, N(CONNECTED)
 * </pre>
 *
 * Nothing authenticates a header, so that anybody on the way may set the bit. Therefore it costs two seconds at most: when no CONNECTED comes,
 * we go on without. We never set it.
 */
final class Commitment {
    private Commitment() {}

    /**
     * The child {@code serial} receives, and sends when the peer is ready.
     *
     * @param iv of a fourth message
     * @param answer our last message, in case the peer asks for it once more
     */
    static void await(Turn turn, int messageId, Bytes iv, int serial, Answer answer) {
        QuickMode.put(turn, QuickMode.up(turn).with(
                new Quick.Committing(messageId, iv, serial, answer, turn.now() + Constants.COMMIT_MILLIS)));
    }

    /** Tells an initiator that has set the bit, and may mean by it that it waits for us. */
    static void say(Turn turn, Quick.Answered answered) {
        turn.session().child(answered.serial()).ifPresent(child -> InformationalV1.notify(
                turn, answered.messageId(), Ipsec.protocol(child.profile()), Children.octets(child.inbound().spi()), NotifyType.CONNECTED));
    }

    /** <pre>  &lt;--  HDR*, HASH, N(CONNECTED)  </pre> */
    static void connected(Turn turn, Quick.Committing exchange, Received received) throws Unauthentic {
        Sealing.verify1(QuickMode.up(turn).sa(), exchange.messageId(), received.opened().chain());
        if (received.opened().chain().notification(NotifyType.CONNECTED).isEmpty()) {
            throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent something else than CONNECTED");
        }
        turn.change(session -> session.heardAt(turn.now()));
        goOn(turn, exchange);
    }

    static void overdue(Turn turn, Quick.Committing exchange) {
        turn.emit(new Event.Remark("the peer has set the commit bit and does not say that it is connected: going on without"));
        goOn(turn, exchange);
    }

    private static void goOn(Turn turn, Quick.Committing exchange) {
        QuickMode.put(turn, QuickMode.up(turn).with(
                new Quick.Done(exchange.messageId(), exchange.answer(), turn.now() + Constants.REPEAT_MILLIS)));
        Children.switchOver(turn, exchange.serial());
    }
}
