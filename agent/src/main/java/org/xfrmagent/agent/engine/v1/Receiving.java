package org.xfrmagent.agent.engine.v1;

import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Sealing.Opened;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.engine.v1.Transitions.Row;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.FragmentPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.IsakmpMessage;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.PayloadType;

/**
 * From a datagram to a handler. An identical message gets the identical answer once more, and causes nothing else (R18); of phase 2
 * nothing is believed before its HASH is verified, and no message id counts twice.
 */
public final class Receiving {
    private Receiving() {}

    public static void datagram(Turn turn, PhaseV1 phase, Input.Datagram input) {
        IsakmpMessage message;
        try {
            message = IsakmpCodec.decode(input.bytes());
        } catch (Malformed malformed) {
            drop(turn, Rule.MALFORMED, String.valueOf(malformed.getMessage()));
            return;
        }
        IsakmpHeader header = message.header();
        if (!isFor(phase, header)) {
            drop(turn, Rule.OUT_OF_PHASE, "a message for other cookies while " + phase.label());
            return;
        }
        if (header.nextPayload() == PayloadType.FRAGMENT.number() && message.body() instanceof IsakmpMessage.Clear(var chain)) {
            piece(turn, phase, chain.first(FragmentPayload.class).orElseThrow(), input.path());
            return;
        }
        Optional<Answer> answer = answered(phase, header, input.bytes());
        if (answer.isPresent()) {
            Fragments.send(turn, answer.get().reply());
            return;
        }
        if (phase instanceof PhaseV1.Vetting vetting && header.encrypted() && header.messageId() != 0) {
            Vetting.early(turn, vetting, input.path(), input.bytes());
            return;
        }
        boolean informational = header.exchange() == IsakmpExchange.INFORMATIONAL.number();
        // An informational message is an exchange of its own, but for the CONNECTED of a quick mode.
        Optional<Quick> exchange = phase instanceof PhaseV1.Up up
                ? up.quick(header.messageId()).filter(quick -> !informational || quick instanceof Quick.Committing)
                : Optional.empty();
        Optional<Row> row = Transitions.find(phase, header.exchange(), exchange, header.encrypted());
        boolean phase2 = informational || phase instanceof PhaseV1.Up || phase instanceof PhaseTransaction;
        if (row.isEmpty() || phase2 == (header.messageId() == 0)) {
            drop(turn, Rule.OUT_OF_PHASE, describe(message, phase));
            return;
        }
        try {
            handle(turn, phase, row.get(), message, exchange, input);
        } catch (Unauthentic unauthentic) {
            drop(turn, Rule.UNAUTHENTIC, String.valueOf(unauthentic.getMessage()));
        }
    }

    /** The last piece to come makes a message, which is no piece again. */
    private static void piece(Turn turn, PhaseV1 phase, FragmentPayload piece, Path path) {
        try {
            Optional<Bytes> whole = Fragments.collect(turn, piece);
            if (whole.isPresent()) {
                if (IsakmpHeader.peek(whole.get()).nextPayload() == PayloadType.FRAGMENT.number()) {
                    throw new Malformed("fragments", "pieces of a piece");
                }
                datagram(turn, phase, new Input.Datagram(path, whole.get()));
            }
        } catch (Malformed malformed) {
            drop(turn, Rule.MALFORMED, String.valueOf(malformed.getMessage()));
        }
    }

    private static void drop(Turn turn, Rule rule, String detail) {
        turn.emit(new Event.Dropped(rule, detail));
    }

    /** In the clear the peer may say why it does not go on; anybody else may say so too, so it is only noted. */
    private static String describe(IsakmpMessage message, PhaseV1 phase) {
        String what = message.header().exchangeType().map(IsakmpExchange::title).orElse("exchange " + message.header().exchange());
        Optional<NotificationPayload> notification = message.body() instanceof IsakmpMessage.Clear(var chain)
                ? chain.first(NotificationPayload.class)
                : Optional.empty();
        return "a message of " + what + notification.map(found -> " with " + NotifyType.nameOf(found.type())).orElse("") + " while "
                + phase.label();
    }

    private static boolean isFor(PhaseV1 phase, IsakmpHeader header) {
        return switch (phase) {
            case PhaseV1.Offered offered -> header.initiatorCookie() == offered.cookie();
            case PhaseV1.Introduced introduced -> header.initiatorCookie() == introduced.cookie();
            case PhaseV1.Exchanging(var agreed, _, _, _, _) -> agreed.initiatorCookie() == header.initiatorCookie()
                    && agreed.responderCookie() == header.responderCookie();
            case PhaseV1.Chosen(var agreed, _, _) -> agreed.initiatorCookie() == header.initiatorCookie()
                    && agreed.responderCookie() == header.responderCookie();
            case PhaseV1.Identifying identifying -> isFor(identifying.sa(), header);
            case PhaseV1.Keyed keyed -> isFor(keyed.sa(), header);
            case PhaseV1.Vouched vouched -> isFor(vouched.sa(), header);
            case PhaseV1.Vetting vetting -> isFor(vetting.sa(), header);
            case PhaseTransaction transaction -> isFor(transaction.next().sa(), header);
            case PhaseV1.Up up -> isFor(up.sa(), header);
        };
    }

    private static boolean isFor(IsakmpSa sa, IsakmpHeader header) {
        return sa.initiatorCookie() == header.initiatorCookie() && sa.responderCookie() == header.responderCookie();
    }

    /** What we answered to this very message, if we have. */
    private static Optional<Answer> answered(PhaseV1 phase, IsakmpHeader header, Bytes datagram) {
        Optional<Answer> found = switch (phase) {
            case PhaseV1.Chosen chosen -> Optional.of(chosen.answer());
            case PhaseV1.Keyed keyed -> Optional.of(keyed.answer());
            case PhaseV1.Vouched vouched -> Optional.of(vouched.answer());
            case PhaseTransaction.Authorizing authorizing when header.messageId() == 0 -> authorizing.next().answer();
            case PhaseTransaction.Authorizing _ -> Optional.empty();
            case PhaseTransaction.Proving proving -> header.messageId() == 0 ? proving.next().answer() : proving.said();
            case PhaseTransaction.Configuring configuring -> answered(configuring.next(), header.messageId());
            case PhaseV1.Up up -> answered(up, header.messageId());
            case PhaseV1.Offered _, PhaseV1.Exchanging _, PhaseV1.Identifying _, PhaseV1.Introduced _, PhaseV1.Vetting _ -> Optional.empty();
        };
        return found.filter(answer -> answer.request().equals(datagram));
    }

    private static Optional<Answer> answered(PhaseV1.Up up, int messageId) {
        return messageId == 0 ? up.answer() : up.quick(messageId).flatMap(Receiving::answer);
    }

    private static Optional<Answer> answer(Quick exchange) {
        return switch (exchange) {
            case Quick.Answered answered -> Optional.of(answered.answer());
            case Quick.Committing committing -> Optional.of(committing.answer());
            case Quick.Done done -> Optional.of(done.answer());
            case Quick.Asked _, Quick.Concluding _, Quick.Answering _, Quick.Told _ -> Optional.empty();
        };
    }

    private static void handle(
            Turn turn, PhaseV1 phase, Row row, IsakmpMessage message, Optional<Quick> exchange, Input.Datagram input)
            throws Unauthentic {
        IsakmpHeader header = message.header();
        Opened opened = open(phase, message, exchange);
        if (phase instanceof PhaseV1.Up up && exchange.isEmpty()) {
            if (up.seen().contains(header.messageId())) {
                throw new Unauthentic("message id " + Integer.toUnsignedString(header.messageId()) + " once more");
            }
            Sealing.verify1(up.sa(), header.messageId(), opened.chain());
            QuickMode.put(turn, up.seen(header.messageId()));
            turn.change(session -> session.heardAt(turn.now()));
            NatMapping.follow(turn, input.path());
        }
        try {
            Grammar.check(opened.chain(), row.required(), row.either());
            row.handler().handle(turn, turn.session().phase(), new Received(header, opened, input.bytes(), input.path(), exchange));
        } catch (Unsigned unsigned) {
            Ending.failed(turn, unsigned.reason());
        } catch (Objection objection) {
            object(turn, phase, header, opened, exchange, objection);
        }
    }

    private static Opened open(PhaseV1 phase, IsakmpMessage message, Optional<Quick> exchange) throws Unauthentic {
        return switch (message.body()) {
            case IsakmpMessage.Clear(var chain) -> new Opened(chain, Bytes.empty());
            case IsakmpMessage.Encrypted(Bytes octets) -> switch (phase) {
                case PhaseV1.Keyed keyed -> Sealing.open(keyed.sa(), message.header(), octets, keyed.iv());
                case PhaseV1.Vouched vouched -> Sealing.open(vouched.sa(), message.header(), octets, vouched.iv());
                case PhaseV1.Identifying identifying ->
                    Sealing.open(
                            identifying.sa(), message.header(), octets,
                            message.header().messageId() == 0
                                    ? identifying.iv()
                                    : Sealing.firstIv(identifying.sa().withLastBlock(identifying.iv()), message.header().messageId()));
                case PhaseV1.Up up -> Sealing.open(
                        up.sa(), message.header(), octets,
                        exchange.filter(_ -> message.header().exchange() != IsakmpExchange.INFORMATIONAL.number())
                                .flatMap(Receiving::iv)
                                .orElseGet(() -> Sealing.firstIv(up.sa(), message.header().messageId())));
                case PhaseTransaction.Proving proving -> Sealing.open(
                        proving.next().sa(), message.header(), octets,
                        Sealing.firstIv(proving.next().sa(), message.header().messageId()));
                case PhaseTransaction.Configuring configuring -> Sealing.open(
                        configuring.next().sa(), message.header(), octets,
                        ModeConfigClient.iv(configuring, message.header().messageId()));
                case PhaseTransaction.Authorizing authorizing -> {
                    PhaseTransaction.Authorizing.Asked asked = authorizing.asked();
                    if (message.header().exchange() == IsakmpExchange.INFORMATIONAL.number()) {
                        yield Sealing.open(
                                authorizing.next().sa(), message.header(), octets,
                                Sealing.firstIv(authorizing.next().sa(), message.header().messageId()));
                    }
                    if (asked.messageId() != message.header().messageId()) {
                        throw new Unauthentic("a transaction that we have not begun, before the user is known");
                    }
                    yield Sealing.open(authorizing.next().sa(), message.header(), octets, asked.iv());
                }
                case PhaseV1.Offered _, PhaseV1.Exchanging _, PhaseV1.Chosen _, PhaseV1.Introduced _, PhaseV1.Vetting _ ->
                    throw new Unauthentic("encrypted before there are keys");
            };
        };
    }

    private static Optional<Bytes> iv(Quick exchange) {
        return switch (exchange) {
            case Quick.Asked asked -> Optional.of(asked.iv());
            case Quick.Told told -> Optional.of(told.iv());
            case Quick.Answered answered -> Optional.of(answered.iv());
            case Quick.Committing committing -> Optional.of(committing.iv());
            case Quick.Concluding _, Quick.Answering _, Quick.Done _ -> Optional.empty();
        };
    }

    /** In phase 1 nobody is authenticated, and nobody is told. In phase 2 the message is authentic, and the peer is. */
    private static void object(
            Turn turn, PhaseV1 phase, IsakmpHeader header, Opened opened, Optional<Quick> exchange, Objection objection) {
        boolean begun = phase instanceof PhaseV1.Up && exchange.isEmpty() && header.exchange() == IsakmpExchange.QUICK.number();
        if (begun) {
            InformationalV1.notify(turn, QuickModes.protocol(opened.chain()), QuickModes.spi(opened.chain()), objection.notifyType());
            turn.emit(new Event.Refused(objection.notifyType().name(), objection.detail()));
        } else {
            drop(turn, phase instanceof PhaseV1.Up ? Rule.MALFORMED : Rule.UNAUTHENTIC, "the peer " + objection.detail());
        }
    }
}
