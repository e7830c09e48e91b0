package org.xfrmagent.agent.engine.v1;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Proving;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;

/**
 * The other side of {@link Xauth}: we are the user, with the password that the policies have for it. A gateway that asks again has not
 * taken it, and has no other from us.
 */
final class XauthUser {
    private XauthUser() {}

    /** {@code next}: what the session becomes when the gateway lets us in. */
    static void await(Turn turn, PhaseV1.Up next, boolean initialContact) {
        // Of aggressive mode, which nothing answers but the question for our user.
        Optional<Sent> last = next.sa().initiator() ? next.answer().map(answer -> Retransmitting.sent(turn, answer.reply())) : Optional.empty();
        turn.enter(
                new Proving(next, initialContact, Optional.empty(), last, turn.now() + Constants.PASSWORD_MILLIS),
                "authenticated " + next.remote() + ", waiting to be asked for our user");
    }

    /** <pre>  HDR*, HASH, ATTR(REQUEST, ...)      or  ATTR(SET, STATUS)  --&gt;  </pre> */
    static void told(Turn turn, Proving phase, Received received) throws Unauthentic {
        Chain chain = received.opened().chain();
        int messageId = received.header().messageId();
        Sealing.verify1(phase.next().sa(), messageId, chain);
        if (phase.next().seen().contains(messageId)) {
            throw new Unauthentic("message id " + Integer.toUnsignedString(messageId) + " once more");
        }
        turn.change(session -> session.heardAt(turn.now()));
        AttributesPayload payload = Grammar.required(chain, AttributesPayload.class);
        PhaseV1.Up next = phase.next().seen(messageId);
        if (payload.type() == ConfigAttribute.REQUEST) {
            show(turn, phase, next, received, payload);
        } else if (payload.type() == ConfigAttribute.SET && payload.number(ConfigAttribute.XAUTH_STATUS).isPresent()) {
            settle(turn, phase, next, received, payload);
        } else {
            turn.emit(new Event.Dropped(Event.Rule.OUT_OF_PHASE, "attributes of type " + payload.type() + " while " + phase.label()));
        }
    }

    private static void show(Turn turn, Proving phase, PhaseV1.Up next, Received received, AttributesPayload request) {
        String user = Phase1.profile(turn).peer().local().user().orElseThrow(() -> new IllegalStateException("XAUTH without a user"));
        Optional<Secret> password = turn.session().settings().credentials().password(user);
        if (password.isEmpty() || phase.said().isPresent()) {
            Xauth.giveUp(turn, next, password.isEmpty()
                    ? "there is no password for user " + user
                    : "the gateway asks user " + user + " for a password again: it does not take the one we have");
            return;
        }
        Answer said = answer(next, received, new AttributesPayload(ConfigAttribute.REPLY, request.identifier(), List.of(
                new DataAttribute(ConfigAttribute.XAUTH_USER_NAME, false, Bytes.of(user.getBytes(StandardCharsets.UTF_8))),
                new DataAttribute(ConfigAttribute.XAUTH_USER_PASSWORD, false, Bytes.wrap(password.get().copy())))));
        turn.enter(
                new Proving(next, phase.initialContact(), Optional.of(said), Optional.empty(), phase.deadline()), "showed the password of user " + user);
        Fragments.send(turn, said.reply());
    }

    private static Answer answer(PhaseV1.Up next, Received received, AttributesPayload payload) {
        Sealed sealed = Sealing.next(
                next.sa(), IsakmpExchange.TRANSACTION, received.header().messageId(), received.opened().lastBlock(), List.of(payload));
        return new Answer(received.datagram(), sealed.datagram());
    }

    private static void settle(Turn turn, Proving phase, PhaseV1.Up next, Received received, AttributesPayload verdict) {
        Answer ack = answer(next, received, new AttributesPayload(
                ConfigAttribute.ACK, verdict.identifier(), List.of(new DataAttribute(ConfigAttribute.XAUTH_STATUS, false, Bytes.empty()))));
        Fragments.send(turn, ack.reply());
        if (verdict.number(ConfigAttribute.XAUTH_STATUS).orElse(0) != 1) {
            Xauth.giveUp(turn, next, "the gateway does not let our user in");
            return;
        }
        long until = turn.now() + Constants.REPEAT_MILLIS;
        ModeConfigClient.begin(
                turn, next.with(new Quick.Done(received.header().messageId(), ack, until)), phase.initialContact(),
                "the gateway " + next.remote() + " lets our user in");
    }
}
