package org.xfrmagent.agent.engine.v1;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Probe;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.DeletePayload;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.OakleyAttribute;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.ProtocolId;

/**
 * Single messages without an answer (RFC 2409, section 5.7): deletes, notifications, dead peer detection (RFC 3706).
 *
 * <pre>
 *   HDR*, HASH(1), D                       -->
 *   HDR*, HASH(1), N(R_U_THERE)            -->     &lt;--  HDR*, HASH(1), N(R_U_THERE_ACK)
 * </pre>
 */
final class InformationalV1 {
    private InformationalV1() {}

    // ---- sending

    private static Bytes seal(Turn turn, Payload payload) {
        PhaseV1.Up up = QuickMode.up(turn);
        int messageId = QuickMode.messageId(turn);
        QuickMode.put(turn, up.seen(messageId));
        return seal(up.sa(), messageId, payload);
    }

    private static Bytes seal(IsakmpSa sa, int messageId, Payload payload) {
        return Sealing.first(sa, IsakmpExchange.INFORMATIONAL, messageId, List.of(payload)).datagram();
    }

    private static void send(Turn turn, Payload payload) {
        Fragments.send(turn, seal(turn, payload));
    }

    static void notify(Turn turn, int protocol, Bytes spi, NotifyType type) {
        send(turn, NotificationPayload.of(protocol, spi, type, Bytes.empty()));
    }

    /** About the quick mode of that message id, by which the peer knows it. */
    static void notify(Turn turn, int messageId, int protocol, Bytes spi, NotifyType type) {
        Payload notification = NotificationPayload.of(protocol, spi, type, Bytes.empty());
        Fragments.send(turn, seal(QuickMode.up(turn).sa(), messageId, notification));
    }

    /** Tells the peer that a child is gone: by the SPI that we receive on (RFC 2408, section 3.15). */
    static void delete(Turn turn, ChildSa child) {
        delete(turn, Ipsec.protocol(child.profile()), child.inbound().spi());
    }

    static void delete(Turn turn, int protocol, int inboundSpi) {
        send(turn, new DeletePayload(protocol, List.of(Children.octets(inboundSpi))));
    }

    static void deleteIsakmp(Turn turn) {
        send(turn, new DeletePayload(ProtocolId.ISAKMP, List.of(QuickMode.up(turn).sa().cookies())));
    }

    /** Asks whether the peer lives (RFC 3706, section 5.3). */
    static void probe(Turn turn) {
        PhaseV1.Up up = QuickMode.up(turn);
        if (up.probe().isPresent()) {
            return;
        }
        int sequence = up.nextProbe();
        Bytes datagram = seal(turn, alive(up.sa(), NotifyType.R_U_THERE, sequence));
        QuickMode.put(turn, QuickMode.up(turn).probing(
                Optional.of(new Probe(sequence, Retransmitting.send(turn, datagram))), sequence + 1));
    }

    private static NotificationPayload alive(IsakmpSa sa, NotifyType type, int sequence) {
        return NotificationPayload.of(ProtocolId.ISAKMP, sa.cookies(), type, new ByteWriter(4).i32(sequence).toBytes());
    }

    /** Tells the initiator that we end the ISAKMP SA before the time that it wants (RFC 2407, section 4.6.3.1). */
    static void responderLifetime(Turn turn) {
        IsakmpSa sa = QuickMode.up(turn).sa();
        ByteWriter seconds = new ByteWriter(12);
        Lifetime.write(seconds, OakleyAttribute.LIFE_TYPE, OakleyAttribute.SECONDS, OakleyAttribute.LIFE_DURATION, sa.lifetime());
        send(turn, NotificationPayload.of(ProtocolId.ISAKMP, sa.cookies(), NotifyType.RESPONDER_LIFETIME, seconds.toBytes()));
    }

    // ---- receiving

    /** The message is authentic, and new. */
    static void receive(Turn turn, Chain chain) {
        turn.change(session -> session.heardAt(turn.now()));
        for (DeletePayload delete : chain.all(DeletePayload.class)) {
            deleted(turn, delete);
            if (turn.session().isClosed()) {
                return;
            }
        }
        for (NotificationPayload notification : chain.all(NotificationPayload.class)) {
            notified(turn, notification);
            if (turn.session().isClosed()) {
                return;
            }
        }
    }

    private static void deleted(Turn turn, DeletePayload delete) {
        for (Bytes spi : delete.spis()) {
            if (delete.protocolId() == ProtocolId.ISAKMP) {
                if (spi.equals(QuickMode.up(turn).sa().cookies())) {
                    Ending.down(turn, "the peer deleted the ISAKMP SA", Event.End.CLOSED);
                    return;
                }
            } else {
                deleteChild(turn, delete.protocolId(), spi);
            }
        }
    }

    private static void deleteChild(Turn turn, int protocol, Bytes spi) {
        boolean whole = spi.length() == Integer.BYTES;
        (whole ? turn.session().children().withSpi(spi.i32(0)) : List.<ChildSa>of()).stream()
                .filter(child -> is(child, protocol, spi))
                .findFirst()
                .ifPresent(child -> Children.remove(turn, child, "the peer deleted it", Event.End.CLOSED));
        // It may be the child that we are just installing.
        turn.change(session -> session.withAwaiting(awaiting ->
                awaiting instanceof AwaitingV1.InstallOfOffer(int id, ChildSa child, _) && is(child, protocol, spi)
                        ? new AwaitingV1.InstallOfOffer(id, child, true)
                        : awaiting));
    }

    private static boolean is(ChildSa child, int protocol, Bytes spi) {
        return Ipsec.protocol(child.profile()) == protocol && Children.octets(child.outbound().spi()).equals(spi);
    }

    private static void notified(Turn turn, NotificationPayload notification) {
        Optional<NotifyType> type = NotifyType.byNumber(notification.type());
        if (notification.isError()) {
            refused(turn, notification);
        } else if (type.isPresent()) {
            switch (type.get()) {
                case R_U_THERE -> acknowledge(turn, notification);
                case R_U_THERE_ACK -> acknowledged(turn, notification);
                case INITIAL_CONTACT -> forgetOlder(turn);
                case RESPONDER_LIFETIME -> shorten(turn, notification);
                default -> {}
            }
        }
    }

    /** The responder ends the ISAKMP SA before the time that we wanted: so do we, and are done with another phase 1 by then. */
    private static void shorten(Turn turn, NotificationPayload notification) {
        PhaseV1.Up up = QuickMode.up(turn);
        IsakmpSa sa = up.sa();
        boolean about = notification.protocolId() == ProtocolId.ISAKMP
                && (notification.spi().isEmpty() || notification.spi().equals(sa.cookies()));
        long seconds = Lifetime.of(
                        attributes(notification.data()), OakleyAttribute.LIFE_TYPE, OakleyAttribute.LIFE_DURATION, OakleyAttribute.SECONDS)
                .orElse(sa.lifetime());
        if (about && sa.initiator() && seconds < sa.lifetime()) {
            QuickMode.put(turn, up.with(sa.withLifetime(seconds)));
            Phase1.renewInTime(turn);
        }
    }

    /** The peer began anew (RFC 2407, section 4.6.3.3): what it had with us before this ISAKMP SA, it has forgotten. */
    private static void forgetOlder(Turn turn) {
        long since = QuickMode.up(turn).since();
        turn.session().children().stream()
                .filter(child -> child.since() < since)
                .toList()
                .forEach(child -> Children.remove(turn, child, "the peer began anew"));
    }

    /** RFC 3706, section 5.4: the cookies must be this SA's. */
    private static void acknowledge(Turn turn, NotificationPayload probe) {
        IsakmpSa sa = QuickMode.up(turn).sa();
        if (probe.spi().equals(sa.cookies()) && probe.data().length() == 4) {
            send(turn, alive(sa, NotifyType.R_U_THERE_ACK, probe.data().i32(0)));
        }
    }

    private static void acknowledged(Turn turn, NotificationPayload ack) {
        PhaseV1.Up up = QuickMode.up(turn);
        boolean ours = ack.data().length() == 4
                && up.probe().filter(probe -> probe.sequence() == ack.data().i32(0)).isPresent();
        if (ours) {
            QuickMode.put(turn, up.probing(Optional.empty(), up.nextProbe()));
        }
    }

    /** The peer refuses a quick mode of ours: the one that it names by its SPI, or the only one. */
    private static void refused(Turn turn, NotificationPayload error) {
        List<Quick.Asked> asked = QuickMode.up(turn).quick().stream()
                .filter(Quick.Asked.class::isInstance)
                .map(Quick.Asked.class::cast)
                .toList();
        Optional<Quick.Asked> named = asked.stream()
                .filter(exchange -> Children.octets(exchange.offer().spi()).equals(error.spi()))
                .findFirst();
        Optional<Quick.Asked> meant = named.isPresent() || asked.size() != 1 ? named : Optional.of(asked.getFirst());
        String name = NotifyType.nameOf(error.type());
        if (meant.isPresent()) {
            QuickModeInitiator.failed(turn, meant.get(), "the peer refused it with " + name + hint(error, meant.get()));
        } else {
            turn.emit(new Event.Remark("the peer says " + name));
        }
    }

    private static String hint(NotificationPayload error, Quick.Asked asked) {
        if (error.is(NotifyType.INVALID_ID_INFORMATION)) {
            return ": we asked for " + asked.offer().local() + " === " + asked.offer().remote();
        }
        return error.is(NotifyType.NO_PROPOSAL_CHOSEN) ? ": we offered " + Ipsec.suites(asked.offer().profile()) : "";
    }

    /** The attributes of a RESPONDER_LIFETIME; none if they cannot be read. */
    static List<DataAttribute> attributes(Bytes data) {
        try {
            return DataAttribute.list(data);
        } catch (Malformed unreadable) {
            return List.of();
        }
    }
}
