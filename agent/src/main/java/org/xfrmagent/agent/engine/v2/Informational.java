package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v2.Collisions.Asked;
import org.xfrmagent.agent.engine.v2.Collisions.Verdict;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProtocolId;

/**
 * Deletes, notifications and "are you there?" (RFC 7296, section 1.4).
 *
 * <pre>
 *   HDR, SK{}                 -->          &lt;--  HDR, SK{}
 *   HDR, SK{D(ESP, spi...)}   -->          &lt;--  HDR, SK{D(ESP, the other halves)}
 *   HDR, SK{D(IKE)}           -->          &lt;--  HDR, SK{}
 * </pre>
 */
final class Informational {
    private Informational() {}

    // ---- initiator

    static void liveness(Turn turn) {
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.Liveness(), Mobike.probe(turn));
    }

    static void delete(Turn turn, ChildSa child, String reason) {
        Succession.setState(turn, child.serial(), ChildSa.State.DELETING);
        DeletePayload delete =
                new DeletePayload(child.suite().protocol().ikev2(), List.of(Children.spiOctets(child.inbound().spi())));
        Requests.send(
                turn, ExchangeType.INFORMATIONAL, new Exchange.DeleteChildren(List.of(child.serial()), reason), List.of(delete));
    }

    static void disown(Turn turn, ProtocolId protocol, int inboundSpi) {
        DeletePayload delete = new DeletePayload(protocol.number(), List.of(Children.spiOctets(inboundSpi)));
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.Disown(), List.of(delete));
    }

    /** The peer confirmed, or has removed them before us: either way they are gone. */
    static void concludeDelete(Turn turn, Exchange.DeleteChildren exchange) {
        for (int serial : exchange.serials()) {
            turn.session().child(serial).ifPresent(child -> Ending.uninstall(turn, child, exchange.reason()));
        }
    }

    // ---- responder

    static void respond(Turn turn, List<Payload> payloads) {
        Optional<NotifyPayload> failed = Payload.notification(payloads, Notify.AUTHENTICATION_FAILED);
        if (failed.isPresent()) {
            Requests.respond(turn, ExchangeType.INFORMATIONAL, List.of());
            Ending.down(turn, "the peer rejected our authentication (AUTHENTICATION_FAILED)", Event.End.CLOSED);
            return;
        }
        List<DeletePayload> deletes = Payload.all(payloads, DeletePayload.class);
        if (deletes.stream().anyMatch(delete -> delete.protocolId() == ProtocolId.IKE.number())) {
            Requests.respond(turn, ExchangeType.INFORMATIONAL, List.of());
            if (Collisions.judge(new Asked.DeleteIke(), turn.session()) == Verdict.TAKE_THEIRS) {
                RekeyIke.takeRival(turn);
            } else {
                Ending.down(turn, "the peer deleted the IKE SA", Event.End.CLOSED);
            }
            return;
        }
        Reauthentication.obey(turn, payloads);
        Redirection.obey(turn, payloads);
        Deletion deletion = deleteChildren(turn, payloads);
        for (NotifyPayload notify : Payload.all(payloads, NotifyPayload.class)) {
            if (notify.isError()) {
                turn.emit(new Event.Remark("the peer says " + Notify.nameOf(notify.type())));
            }
        }
        List<Payload> answer = new ArrayList<>(deletion.answer());
        answer.addAll(Mobike.respond(turn, payloads));
        if (deletion.operations().isEmpty()) {
            Requests.respond(turn, ExchangeType.INFORMATIONAL, answer);
        } else {
            turn.start(new Job.Apply(deletion.operations()), new Awaiting.RemovalForAnswer(List.copyOf(answer)));
        }
    }

    /**
     * What a DELETE comes to. The answer leaves when the operations are done: it says that we do not send on those SAs any more, and
     * the peer stops receiving on them.
     */
    record Deletion(List<Operation> operations, List<Payload> answer) {
        void apply(Turn turn) {
            if (!operations.isEmpty()) {
                turn.start(new Job.Apply(operations), new Awaiting.Change("removing what the peer deleted"));
            }
        }
    }

    /** Takes the children that the peer deletes off the session. */
    static Deletion deleteChildren(Turn turn, List<Payload> payloads) {
        List<Operation> operations = new ArrayList<>();
        List<Payload> answer = new ArrayList<>();
        for (DeletePayload delete : Payload.all(payloads, DeletePayload.class)) {
            List<Bytes> ours = new ArrayList<>();
            for (Bytes spi : delete.spis()) {
                Optional<ChildSa> found = child(turn, delete.protocolId(), spi);
                Asked asked = found.isPresent() ? new Asked.DeleteChild(found.get()) : new Asked.DeleteUnknownChild();
                Verdict verdict = Collisions.judge(asked, turn.session());
                if (verdict == Verdict.REMEMBER) {
                    Succession.noteDeletion(turn, spi);
                }
                if (found.isPresent() && verdict != Verdict.CROSSING) {
                    ours.add(Children.spiOctets(found.get().inbound().spi()));
                }
                found.ifPresent(child -> operations.addAll(Ending.take(turn, child, "the peer deleted it", Event.End.CLOSED)));
            }
            if (!ours.isEmpty()) {
                answer.add(new DeletePayload(delete.protocolId(), ours));
            }
        }
        return new Deletion(List.copyOf(operations), List.copyOf(answer));
    }

    /** The child that the peer receives on {@code spi}: the SPI that it names children by (sections 1.3.3 and 1.4.1). */
    static Optional<ChildSa> child(Turn turn, int protocolId, Bytes spi) {
        return spi.length() != Integer.BYTES ? Optional.empty()
                : turn.session().children().withSpi(spi.i32(0)).stream()
                        .filter(child -> child.suite().protocol().ikev2() == protocolId && child.outbound().spi() == spi.i32(0))
                        .findFirst();
    }
}
