package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.Payload;

/**
 * From a datagram to a handler. The order matters: nothing is believed before it is authentic, nothing authentic is answered twice
 * (RFC 7296, sections 2.1 to 2.4 and 2.21).
 */
public final class Receiving {
    private Receiving() {}

    public static void datagram(Turn turn, Input.Datagram input) {
        turn.arrived(input.path());
        Message message;
        try {
            message = MessageCodec.decode(input.bytes());
        } catch (Malformed malformed) {
            drop(turn, Rule.MALFORMED, String.valueOf(malformed.getMessage()));
            return;
        }
        Phase phase = turn.session().phase();
        if (phase instanceof Phase.Initiating initiating) {
            init(turn, initiating, message, input);
            return;
        }
        Optional<IkeSa> sa = phase.ikeSa();
        Header header = message.header();
        Optional<Phase.Retired> retired = Retirement.find(phase, header);
        if (retired.isPresent()) {
            Retirement.message(turn, retired.get(), message, input.bytes());
            return;
        }
        if (sa.isEmpty()
                || header.initiatorSpi() != sa.get().initiatorSpi()
                || header.responderSpi() != sa.get().responderSpi()
                || header.initiator() == sa.get().initiator()) {
            drop(turn, Rule.OUT_OF_PHASE, "a message for other SPIs or of the wrong side while " + phase.label());
            return;
        }
        if (header.response()) {
            response(turn, sa.get(), message, input);
        } else {
            request(turn, sa.get(), message, input);
        }
    }

    private static void drop(Turn turn, Rule rule, String detail) {
        turn.emit(new Event.Dropped(rule, detail));
    }

    private static void init(Turn turn, Phase.Initiating phase, Message message, Input.Datagram input) {
        Header header = message.header();
        boolean expected = header.response()
                && !header.initiator()
                && header.messageId() == 0
                && header.exchange() == ExchangeType.IKE_SA_INIT.number()
                && header.initiatorSpi() == phase.spi();
        if (!expected) {
            drop(turn, Rule.OUT_OF_PHASE, "not an answer to our IKE_SA_INIT");
            return;
        }
        turn.change(session -> session.heardAt(turn.now()));
        try {
            IkeSaInit.conclude(turn, phase, message, input.bytes());
        } catch (Refusal wrong) {
            Ending.failed(turn, "the peer's answer to IKE_SA_INIT is wrong: it " + wrong.detail());
        }
    }

    // ---- responses

    private static void response(Turn turn, IkeSa sa, Message message, Input.Datagram input) {
        Header header = message.header();
        Optional<Outstanding> outstanding = sa.window().outstanding().filter(own -> own.messageId() == header.messageId());
        if (outstanding.isEmpty()) {
            drop(turn, Rule.OUT_OF_WINDOW, "a response with id " + header.messageId() + " that we do not wait for");
            return;
        }
        if (!outstanding.get().isOf(header.exchange())) {
            drop(turn, Rule.OUT_OF_PHASE, "a response of exchange " + header.exchange() + " to a request of another");
            return;
        }
        if (sa.window().answering() && outstanding.get().exchange() instanceof Exchange.RekeyIke) {
            // The IKE SA cannot be replaced before our answer under it has left. The peer will answer once more.
            drop(turn, Rule.OUT_OF_PHASE, "the answer to our rekeying of the IKE SA while we answer the peer");
            return;
        }
        try {
            Optional<List<Payload>> payloads = open(turn, sa, message, input);
            if (payloads.isEmpty()) {
                return;
            }
            Exchange exchange = outstanding.get().exchange();
            turn.ikeSa(turn.ikeSa().withWindow(turn.ikeSa().window().concluded()));
            Ways.answered(turn);
            Optional<Transitions.Row> row = Transitions.find(turn.session().phase(), header.exchange(), false);
            if (row.isEmpty()) {
                drop(turn, Rule.OUT_OF_PHASE, "a response of exchange " + header.exchange() + " while " + turn.session().phase().label());
                Ending.wipe(turn, exchange);
                return;
            }
            Grammar.check(payloads.get(), row.get().required());
            row.get().handler().handle(turn, turn.session().phase(), Optional.of(exchange), payloads.get());
        } catch (Unauthentic unauthentic) {
            drop(turn, Rule.UNAUTHENTIC, String.valueOf(unauthentic.getMessage()));
        } catch (Malformed malformed) {
            Ending.down(turn, "the peer sent a response that makes no sense: " + String.valueOf(malformed.getMessage()));
        } catch (Refusal wrong) {
            Ending.wipe(turn, outstanding.get().exchange());
            Ending.down(turn, "the peer sent a response that is wrong: it " + wrong.detail());
        }
    }

    // ---- requests

    private static void request(Turn turn, IkeSa sa, Message message, Input.Datagram input) {
        Header header = message.header();
        Window window = sa.window();
        boolean replay = window.answer().filter(answer -> answer.messageId() == header.messageId()).isPresent();
        if (!replay && header.messageId() != window.expected()) {
            drop(turn, Rule.OUT_OF_WINDOW, "a request with id " + header.messageId() + ", expected " + window.expected());
            return;
        }
        if (!replay && window.answering()) {
            return;
        }
        if (turn.session().phase() instanceof Phase.Authenticating || turn.session().phase() instanceof PhaseEap.Answering) {
            // The peer is done with IKE_AUTH and we wait for its answer, which this has overtaken: it will ask again.
            drop(turn, Rule.OUT_OF_PHASE, "a request before the answer to IKE_AUTH");
            return;
        }
        try {
            if (replay) {
                replay(turn, sa, message, input, window.answer().orElseThrow());
                return;
            }
            Optional<List<Payload>> payloads = open(turn, sa, message, input);
            if (payloads.isPresent()) {
                turn.ikeSa(turn.ikeSa().withWindow(turn.ikeSa().window().startAnswering()));
                answerTo(turn, input.path());
                answer(turn, header, payloads.get());
            }
        } catch (Unauthentic unauthentic) {
            drop(turn, Rule.UNAUTHENTIC, String.valueOf(unauthentic.getMessage()));
        } catch (Malformed malformed) {
            // Section 2.21.3: an authentic request that makes no sense is answered, and is the end of the IKE SA.
            turn.ikeSa(turn.ikeSa().withWindow(turn.ikeSa().window().startAnswering()));
            answerTo(turn, input.path());
            refuse(turn, exchange(header), new Refusal(Notify.INVALID_SYNTAX, String.valueOf(malformed.getMessage())));
        }
    }

    /** The answer may leave later, when a job is done: where it goes is remembered if that is not the session's path. */
    private static void answerTo(Turn turn, Path from) {
        Optional<Path> elsewhere = Optional.of(from).filter(path -> !path.equals(turn.session().path()));
        turn.change(session -> session.withMobility(mobility -> mobility.answering(elsewhere)));
    }

    /** The same answer once more, for the first fragment or the whole of a retransmitted request (RFC 7383, section 2.6.1). */
    private static void replay(Turn turn, IkeSa sa, Message message, Input.Datagram input, Window.Answer answer) throws Unauthentic {
        if (message.fragment().isPresent() && message.fragment().get().number() != 1) {
            return;
        }
        if (message.header().exchange() != ExchangeType.IKE_SA_INIT.number()) {
            Sealing.authenticate(sa, message, input.bytes());
            turn.send(input.path(), answer.datagrams());
        }
    }

    private static void answer(Turn turn, Header header, List<Payload> payloads) {
        OptionalInt critical = Payload.unsupportedCritical(payloads);
        try {
            if (critical.isPresent()) {
                throw new Refusal(
                        Notify.UNSUPPORTED_CRITICAL_PAYLOAD,
                        NotifyData.unsupportedCriticalPayload(critical.getAsInt()).data(),
                        "sent a critical payload of type " + critical.getAsInt() + " that we do not know");
            }
            Transitions.Row row = Transitions.find(turn.session().phase(), header.exchange(), true)
                    .orElseThrow(() -> new Refusal(
                            Notify.INVALID_SYNTAX,
                            "sent exchange " + header.exchange() + " while " + turn.session().phase().label()));
            Grammar.check(payloads, row.required());
            row.handler().handle(turn, turn.session().phase(), Optional.empty(), payloads);
        } catch (Refusal refusal) {
            refuse(turn, exchange(header), refusal);
        }
    }

    private static ExchangeType exchange(Header header) {
        return header.exchangeType().orElse(ExchangeType.INFORMATIONAL);
    }

    /** Answers the request that is being worked on with what it is refused for. */
    static void refuse(Turn turn, ExchangeType type, Refusal refusal) {
        Requests.respond(turn, type, List.of(Requests.notification(refusal)));
        Requests.refused(turn, refusal.notifyType(), refusal.detail());
        boolean fatal = refusal.notifyType() == Notify.INVALID_SYNTAX
                || refusal.notifyType() == Notify.AUTHENTICATION_FAILED
                || !(turn.session().phase() instanceof Phase.Established || turn.session().phase() instanceof Phase.Closing);
        if (fatal && (turn.session().phase() instanceof Phase.Established || turn.session().phase() instanceof Phase.Closing)) {
            Ending.down(turn, "the peer " + refusal.detail());
        } else if (fatal) {
            Ending.failed(turn, "the peer " + refusal.detail());
        }
    }

    /** The payloads of an authentic message; empty while fragments are missing. */
    private static Optional<List<Payload>> open(Turn turn, IkeSa sa, Message message, Input.Datagram input) throws Unauthentic {
        Sealing.Opened opened = Sealing.open(sa, message, input.bytes(), turn.session().reassembly());
        turn.change(session -> session.heardAt(turn.now()));
        follow(turn, message.header(), input.path());
        return switch (opened) {
            case Sealing.Opened.Partial(var soFar) -> {
                turn.change(session -> session.withReassembly(Optional.of(soFar)));
                yield Optional.empty();
            }
            case Sealing.Opened.Complete(List<Payload> payloads) -> {
                turn.change(session -> session.withReassembly(Optional.empty()));
                yield Optional.of(payloads);
            }
        };
    }

    /**
     * Section 2.23: a host that is not behind a NAT sends to where the last authentic, fresh message came from, since the other's
     * mapping may change. A half-open responder follows the initiator to port 4500 in any case. Under MOBIKE only an update moves
     * anything (RFC 4555, section 3.8).
     */
    private static void follow(Turn turn, Header header, Path path) {
        Session was = turn.session();
        boolean halfOpen = was.phase() instanceof Phase.HalfOpen;
        boolean mapped = was.nat().onPeersSideOnly()
                && !was.mobility().agreed()
                && !header.response();
        if ((halfOpen || mapped) && !path.equals(was.path())) {
            turn.change(session -> session.withPath(path));
            turn.emit(new Event.Moved(was, "the peer is now at " + path));
            Relocation.follow(turn);
        }
    }

    /** Octets that a NAT keepalive consists of (RFC 3948, section 2.3); the transport sends them without a non-ESP marker. */
    static final Bytes KEEPALIVE = Bytes.of((byte) 0xff);
}
