package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Authorizing;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Authorizing.Asked;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Authorizing.Verdict;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Guest;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.DeletePayload;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.policies.model.Ip;

/**
 * The user's password, behind phase 1 and before anything else (draft-ietf-ipsec-isakmp-xauth-06, generic type). We are the gateway:
 *
 * <pre>
 *   HDR*, HASH, ATTR(REQUEST, USER_NAME, USER_PASSWORD)  -->     &lt;--  HDR*, HASH, ATTR(REPLY, USER_NAME, USER_PASSWORD)
 *   HDR*, HASH, ATTR(SET, STATUS)                        -->     &lt;--  HDR*, HASH, ATTR(ACK, STATUS)
 * </pre>
 */
final class Xauth {
    /** In octets; a longer name or password is nobody's. */
    private static final int LONGEST = 256;

    private Xauth() {}

    /** Asks for a name and a password. {@code next}: what the session becomes when they are right. */
    static void ask(Turn turn, PhaseV1.Up next, boolean initialContact) {
        ask(turn, next, initialContact, 0, turn.now() + Constants.PASSWORD_MILLIS, "authenticated " + next.remote() + ", asking for a user");
    }

    private static void ask(Turn turn, PhaseV1.Up next, boolean initialContact, int refused, long deadline, String story) {
        say(
                turn, next, initialContact, refused, deadline, ConfigAttribute.REQUEST,
                List.of(text(ConfigAttribute.XAUTH_USER_NAME), text(ConfigAttribute.XAUTH_USER_PASSWORD)), Optional.empty(), story);
    }

    private static DataAttribute text(int type) {
        return new DataAttribute(type, false, Bytes.empty());
    }

    private static void say(
            Turn turn, PhaseV1.Up up, boolean initialContact, int refused, long deadline, int type, List<DataAttribute> attributes,
            Optional<Verdict> verdict, String story) {
        int messageId = QuickMode.messageId(turn, up);
        int identifier = turn.at().random(2).u16(0);
        Sealed sealed = Sealing.first(
                up.sa(), IsakmpExchange.TRANSACTION, messageId, List.of(new AttributesPayload(type, identifier, attributes)));
        Asked asked = new Asked(messageId, identifier, sealed.lastBlock(), Retransmitting.send(turn, sealed.datagram()), verdict);
        turn.enter(new Authorizing(up.seen(messageId), initialContact, asked, refused, deadline), story);
    }

    /** <pre>  &lt;--  HDR*, HASH, ATTR(REPLY, ...)      or  ATTR(ACK, STATUS)  </pre> */
    static void answered(Turn turn, Authorizing phase, Received received) throws Unauthentic {
        Asked asked = phase.asked();
        Sealing.verify1(phase.next().sa(), asked.messageId(), received.opened().chain());
        AttributesPayload answer = Grammar.required(received.opened().chain(), AttributesPayload.class);
        boolean awaited = !phase.isPending() && answer.type() == (asked.verdict().isPresent() ? ConfigAttribute.ACK : ConfigAttribute.REPLY);
        if (!awaited) {
            turn.emit(new Event.Dropped(Event.Rule.OUT_OF_PHASE, "attributes of type " + answer.type() + " while " + phase.label()));
            return;
        }
        turn.change(session -> session.heardAt(turn.now()));
        switch (asked.verdict().orElse(null)) {
            case Verdict.Welcome(String user, var granted) -> Phase1.up(
                    turn, phase.next().guest(new Guest(user, List.of(), granted)), phase.initialContact(),
                    "let user " + user + " of " + phase.next().remote() + " in");
            case Verdict.Refused(String reason) -> refuse(turn, phase, reason);
            case Verdict.Pending() -> throw new IllegalStateException("an answer to nothing");
            case null -> judge(turn, phase, answer);
        }
    }

    /** The peer has shown its key, so it may take its own ISAKMP SA away; nothing else of it counts yet (R5). */
    static void deleted(Turn turn, PhaseV1.Up next, Received received, String reason) throws Unauthentic {
        Chain chain = received.opened().chain();
        Sealing.verify1(next.sa(), received.header().messageId(), chain);
        boolean own = chain.all(DeletePayload.class).stream()
                .anyMatch(delete -> delete.protocolId() == ProtocolId.ISAKMP && delete.spis().contains(next.sa().cookies()));
        if (own) {
            Ending.failed(turn, reason);
        }
    }

    private static void judge(Turn turn, Authorizing phase, AttributesPayload answer) {
        if (answer.number(ConfigAttribute.XAUTH_STATUS).orElse(1) == 0) {
            refuse(turn, phase, "the user gave up");
            return;
        }
        Bytes name = answer.value(ConfigAttribute.XAUTH_USER_NAME).orElse(Bytes.empty());
        Bytes password = answer.value(ConfigAttribute.XAUTH_USER_PASSWORD).orElse(Bytes.empty());
        boolean barred = turn.neighbours().barred().bars(printable(name));
        if (!barred && Phase1.profile(turn).peer().remote().eap().isRelayed() && isUsable(name, password)) {
            JudgedUser.ask(turn, phase, text(name), password);
            return;
        }
        if (!barred && isRight(turn, name, password)) {
            welcome(turn, phase, text(name), List.of());
            return;
        }
        if (barred) {
            turn.emit(new Event.Refused("XAUTH_STATUS", "user '" + printable(name) + "', whose password is not looked at after so many wrong ones from "
                    + Ip.text(turn.session().path().remote())));
            again(turn, phase);
        } else {
            wrong(turn, phase, text(name), "user '" + printable(name) + "' with a wrong password, or unknown");
        }
    }

    /** @param detail the sentence about it */
    static void wrong(Turn turn, Authorizing phase, String user, String detail) {
        turn.emit(new Event.Refused("XAUTH_STATUS", detail));
        turn.emit(new Event.PasswordShown(printable(user), false));
        again(turn, phase);
    }

    private static void again(Turn turn, Authorizing phase) {
        int refused = phase.refused() + 1;
        if (refused < Constants.WRONG_PASSWORDS) {
            ask(turn, phase.next(), phase.initialContact(), refused, phase.deadline(), "asking for a user again");
        } else {
            verdict(turn, phase, refused, new Verdict.Refused("the user showed no right password in " + refused + " attempts"));
        }
    }

    /** @param granted addresses that it is to have */
    static void welcome(Turn turn, Authorizing phase, String user, List<InetAddress> granted) {
        turn.emit(new Event.PasswordShown(printable(user), true));
        verdict(turn, phase, phase.refused(), new Verdict.Welcome(user, granted));
    }

    static void verdict(Turn turn, Authorizing phase, int refused, Verdict verdict) {
        boolean welcome = verdict instanceof Verdict.Welcome;
        say(
                turn, phase.next(), phase.initialContact(), refused, phase.deadline(), ConfigAttribute.SET,
                List.of(DataAttribute.of(ConfigAttribute.XAUTH_STATUS, welcome ? 1 : 0)), Optional.of(verdict),
                welcome ? "the password is right" : "the user is not let in");
    }

    private static boolean isUsable(Bytes name, Bytes password) {
        return !name.isEmpty() && !password.isEmpty() && name.length() <= LONGEST && password.length() <= LONGEST;
    }

    private static boolean isRight(Turn turn, Bytes name, Bytes password) {
        if (!isUsable(name, password)) {
            return false;
        }
        Secret shown = Secret.copyOf(password);
        boolean right = turn.session().settings().credentials().password(text(name)).filter(shown::equals).isPresent();
        shown.wipe();
        return right;
    }

    private static String text(Bytes octets) {
        return new String(octets.toArray(), StandardCharsets.UTF_8);
    }

    private static String printable(Bytes name) {
        return printable(text(name.slice(0, Math.min(name.length(), 64))));
    }

    private static String printable(String name) {
        return name.substring(0, Math.min(name.length(), 64)).replaceAll("[^\\x21-\\x7e]", "?");
    }

    private static void refuse(Turn turn, Authorizing phase, String reason) {
        giveUp(turn, phase.next(), reason);
    }

    /** Nobody is let in: the peer is told that the ISAKMP SA is gone. */
    static void giveUp(Turn turn, PhaseV1.Up next, String reason) {
        QuickMode.put(turn, next);
        InformationalV1.deleteIsakmp(turn);
        Ending.failed(turn, reason);
    }
}
