package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Phase.Retired;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProtocolId;

/**
 * IKE SAs that another one has replaced, until both sides have forgotten them (RFC 7296, section 2.8). The side that made the
 * surviving successor deletes the old one, the side that made a redundant successor deletes that:
 *
 * <pre>
 *   HDR(retired), SK{D(IKE)}  -->       &lt;--  HDR(retired), SK{}
 * </pre>
 */
final class Retirement {
    /** A retired IKE SA is kept so long for the peer's DELETE and its retransmissions. */
    private static final long PATIENCE_MILLIS = 180_000;

    private Retirement() {}

    /** The peer is to delete {@code sa}. What we had asked under it is nobody's concern any more. */
    static void await(Turn turn, IkeSa sa) {
        put(turn, new Retired(sa.withWindow(sa.window().withoutOutstanding()), turn.now() + PATIENCE_MILLIS));
    }

    /** We delete {@code sa}, under which nothing of ours is outstanding. */
    static void delete(Turn turn, IkeSa sa) {
        Window window = sa.window();
        Sealing.Sealed sealed = Sealing.seal(
                turn, sa, ExchangeType.INFORMATIONAL, false, window.nextRequest(), List.of(DeletePayload.ikeSa()));
        Outstanding request = new Outstanding(
                window.nextRequest(), sealed.datagrams(), new Exchange.DeleteIke("replaced"), 1,
                turn.now() + Requests.wait(turn.session(), 0, turn.at()));
        put(turn, new Retired(sealed.sa().withWindow(window.withOutstanding(request)), turn.now() + PATIENCE_MILLIS));
        turn.send(sealed.datagrams());
    }

    /** Adds it, or replaces what was known of it. */
    private static void put(Turn turn, Retired retired) {
        List<Retired> others = without(turn.session().phase(), retired.sa());
        while (others.size() >= Constants.RETIRED_IKE_SAS) {
            turn.afterwards(others.getFirst().sa().keys()::wipe);
            others = others.subList(1, others.size());
        }
        change(turn, Stream.concat(others.stream(), Stream.of(retired)).toList());
    }

    private static void forget(Turn turn, IkeSa sa) {
        turn.afterwards(sa.keys()::wipe);
        change(turn, without(turn.session().phase(), sa));
    }

    private static List<Retired> without(Phase phase, IkeSa sa) {
        return phase.retired().stream().filter(other -> other.sa().localSpi() != sa.localSpi()).toList();
    }

    private static void change(Turn turn, List<Retired> next) {
        turn.change(session -> session.withPhase(session.phase().withRetired(next)));
    }

    // ---- messages

    static Optional<Retired> find(Phase phase, Header header) {
        return phase.retired().stream()
                .filter(old -> header.initiatorSpi() == old.sa().initiatorSpi()
                        && header.responderSpi() == old.sa().responderSpi()
                        && header.initiator() != old.sa().initiator())
                .findFirst();
    }

    static void message(Turn turn, Retired old, Message message, Bytes datagram) {
        IkeSa sa = old.sa();
        Window window = sa.window();
        Header header = message.header();
        try {
            if (header.response()) {
                Sealing.authenticate(sa, message, datagram);
                if (window.outstanding().filter(own -> own.messageId() == header.messageId()).isPresent()) {
                    forget(turn, sa);
                }
            } else if (window.answer().filter(answer -> answer.messageId() == header.messageId()).isPresent()) {
                Sealing.authenticate(sa, message, datagram);
                turn.send(turn.arrival(), window.answer().orElseThrow().datagrams());
            } else if (header.messageId() == window.expected()) {
                request(turn, old, message, datagram);
            } else {
                turn.emit(new Event.Dropped(Rule.OUT_OF_WINDOW, "a request with id " + header.messageId() + " under a replaced IKE SA"));
            }
        } catch (Unauthentic | Malformed wrong) {
            turn.emit(new Event.Dropped(Rule.UNAUTHENTIC, "under a replaced IKE SA: " + wrong.getMessage()));
        }
    }

    private static void request(Turn turn, Retired old, Message message, Bytes datagram) throws Unauthentic {
        if (!(Sealing.open(old.sa(), message, datagram, Optional.empty()) instanceof Sealing.Opened.Complete(List<Payload> payloads))) {
            return;
        }
        boolean informational = message.header().exchange() == ExchangeType.INFORMATIONAL.number();
        // "... it SHOULD return TEMPORARY_FAILURE because it is an IKE SA that it is currently trying to close" (section 2.8.2).
        List<Payload> answer =
                informational ? informational(turn, payloads) : List.of(NotifyPayload.of(Notify.TEMPORARY_FAILURE));
        ExchangeType type = message.header().exchangeType().orElse(ExchangeType.INFORMATIONAL);
        Sealing.Sealed sealed = Sealing.seal(turn, old.sa(), type, true, old.sa().window().expected(), answer);
        Window answered = old.sa().window().startAnswering().answered(sealed.datagrams());
        // Kept until its deadline even when it is deleted: the answer may be lost, and the peer ask again.
        put(turn, new Retired(sealed.sa().withWindow(answered), old.deadline()));
        turn.send(turn.arrival(), sealed.datagrams());
    }

    /** The end of this IKE SA, or of children: a peer that had sent that before it answered our rekeying still means it. */
    private static List<Payload> informational(Turn turn, List<Payload> payloads) {
        boolean end = Payload.all(payloads, DeletePayload.class).stream()
                .anyMatch(payload -> payload.protocolId() == ProtocolId.IKE.number());
        if (end) {
            return List.of();
        }
        Informational.Deletion deletion = Informational.deleteChildren(turn, payloads);
        deletion.apply(turn);
        return deletion.answer();
    }

    // ---- time

    /** When one of them wants a tick. */
    static long nextAt(Phase phase) {
        return phase.retired().stream().mapToLong(Retirement::nextAt).min().orElse(Long.MAX_VALUE);
    }

    private static long nextAt(Retired old) {
        return old.sa().window().outstanding().map(Outstanding::nextAt).orElse(old.deadline());
    }

    static void tick(Turn turn) {
        for (Retired old : new ArrayList<>(turn.session().phase().retired())) {
            if (nextAt(old) > turn.now()) {
                continue;
            }
            IkeSa sa = old.sa();
            Optional<Outstanding> again = sa.window().outstanding().flatMap(due -> Requests.again(turn, due));
            if (again.isEmpty()) {
                forget(turn, sa);
            } else {
                put(turn, new Retired(sa.withWindow(sa.window().withOutstanding(again.get())), old.deadline()));
            }
        }
    }
}
