package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Mobility;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Session.Nat;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Ip;

/**
 * MOBIKE (RFC 4555): the outer addresses of an IKE SA and its tunnels change, the tunnels stay. The initiator decides, and moves at
 * once; the responder follows as soon as it has seen that the peer really is there.
 *
 * <pre>
 *   HDR, SK{N(UPDATE_SA_ADDRESSES), N(NAT_D_S), N(NAT_D_D)}  -->
 *                                             &lt;--  HDR, SK{N(NAT_D_S), N(NAT_D_D)}
 *                                        or   &lt;--  HDR, SK{N(UNACCEPTABLE_ADDRESSES) | N(UNEXPECTED_NAT_DETECTED)}
 *                                             &lt;--  HDR, SK{N(COOKIE2)}
 *   HDR, SK{N(COOKIE2)}  -->
 * </pre>
 *
 * The initiator here is who began the first of a series of IKE SAs (section 1.3), whoever rekeyed it since.
 */
final class Mobike {
    /** Unpredictable, 8 to 64 octets (section 4.2.5). */
    private static final int COOKIE_OCTETS = 32;

    private Mobike() {}

    // ---- negotiation, in IKE_AUTH

    static List<Payload> offer(Turn turn) {
        boolean enabled = turn.session().profile().filter(profile -> profile.peer().mobike()).isPresent();
        return enabled ? List.of(NotifyPayload.of(Notify.MOBIKE_SUPPORTED)) : List.of();
    }

    static void accept(Turn turn, List<Payload> payloads) {
        boolean agreed = !offer(turn).isEmpty() && Payload.notification(payloads, Notify.MOBIKE_SUPPORTED).isPresent();
        if (agreed) {
            turn.change(session -> session.withMobility(Mobility::agree));
            learnAddresses(turn, payloads);
            if (!turn.session().initiator()) {
                // Only the initiator chooses between paths, so only the responder's further addresses are of use to anybody.
                Ways.look(turn);
            }
        }
    }

    // ---- initiator

    /** The path is another from now on. Whatever is on its way to the peer goes there at once; the peer is told when we receive there. */
    static void move(Turn turn, Path next, String why) {
        Path before = turn.session().path();
        // Its list is of addresses besides the one in use, which now becomes one of the others.
        List<InetAddress> others = with(before.remote(), turn.session().mobility().peers()).stream()
                .filter(address -> !address.equals(next.remote()))
                .limit(Ways.MOST)
                .toList();
        Session was = turn.session();
        turn.change(session -> session.withPath(next).withMobility(mobility -> mobility.withPeers(others)));
        turn.emit(new Event.Moved(was, "moving from " + before + " to " + next + ": " + why));
        turn.forget(Task.UpdateAddresses.class, _ -> true);
        Addresses.follow(turn);
        Relocation.followAndTell(turn);
        Requests.anew(turn);
    }

    static void update(Turn turn) {
        Path path = turn.session().path();
        List<Payload> payloads = new ArrayList<>();
        payloads.add(NotifyPayload.of(Notify.UPDATE_SA_ADDRESSES));
        payloads.addAll(natDetection(turn, path));
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.UpdateAddresses(path), payloads);
    }

    static void announce(Turn turn, List<InetAddress> addresses) {
        List<Payload> payloads = new ArrayList<>();
        addresses.forEach(address -> payloads.add(NotifyData.additionalAddress(address)));
        if (addresses.isEmpty()) {
            payloads.add(NotifyPayload.of(Notify.NO_ADDITIONAL_ADDRESSES));
        }
        turn.change(session -> session.withMobility(mobility -> mobility.announcing(addresses)));
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.Announce(), payloads);
    }

    private static void concludeUpdate(Turn turn, Path told, List<Payload> payloads) {
        if (!told.equals(turn.session().path())) {
            // Section 3.5: we have moved again, and another update is on its way.
            return;
        }
        if (Payload.notification(payloads, Notify.UNACCEPTABLE_ADDRESSES).isPresent()) {
            Ways.unacceptable(turn);
            return;
        }
        adopt(turn, told, payloads);
        Relocation.follow(turn);
    }

    /** Section 3.8: asks along with "are you there?" how the peer sees us, so that another mapping of the NAT is noticed. */
    static List<Payload> probe(Turn turn) {
        Session session = turn.session();
        return session.mobility().agreed() && session.initiator() && session.nat().local()
                ? natDetection(turn, session.path())
                : List.of();
    }

    private static void concludeProbe(Turn turn, List<Payload> payloads) {
        Optional<Bytes> now = seen(payloads);
        Optional<Bytes> before = turn.session().mobility().seenAs();
        if (now.isPresent() && turn.session().mobility().agreed() && turn.session().initiator()) {
            turn.change(session -> session.withMobility(mobility -> mobility.seenAs(now)));
            if (before.isPresent() && !before.equals(now)) {
                turn.emit(new Event.Remark("a NAT has changed the mapping of " + turn.session().path()));
                turn.queueFirst(new Task.UpdateAddresses());
            }
        }
    }

    // ---- responder

    /** What the answer to an INFORMATIONAL says of addresses. */
    static List<Payload> respond(Turn turn, List<Payload> payloads) {
        List<Payload> answer = new ArrayList<>();
        Payload.notification(payloads, Notify.COOKIE2).ifPresent(answer::add);
        Session session = turn.session();
        if (!session.mobility().agreed() || !(session.phase() instanceof Phase.Established)) {
            return answer;
        }
        Path asked = session.mobility().answerTo().orElse(session.path());
        learnAddresses(turn, payloads);
        if (Payload.notification(payloads, Notify.UPDATE_SA_ADDRESSES).isPresent() && !session.initiator()) {
            Optional<Notify> refusal = refusal(payloads, asked);
            if (refusal.isPresent()) {
                answer.add(NotifyPayload.of(refusal.get()));
                Requests.refused(turn, refusal.get(), "the peer wants to move to " + asked);
                return answer;
            }
            follow(turn, asked, payloads);
        }
        if (seen(payloads).isPresent()) {
            answer.addAll(natDetection(turn, asked));
        }
        return answer;
    }

    private static Optional<Notify> refusal(List<Payload> payloads, Path path) {
        Optional<NotifyPayload> noNats = Payload.notification(payloads, Notify.NO_NATS_ALLOWED);
        if (noNats.isPresent() && !noNats.get().data().equals(inTheClear(path))) {
            return Optional.of(Notify.UNEXPECTED_NAT_DETECTED);
        }
        InetAddress remote = path.remote();
        boolean nowhere = remote.isAnyLocalAddress() || remote.isLoopbackAddress() || remote.isMulticastAddress() || remote.equals(path.local());
        return nowhere ? Optional.of(Notify.UNACCEPTABLE_ADDRESSES) : Optional.empty();
    }

    /** NO_NATS_ALLOWED's data for a request that came on {@code path}: source and destination address, then the ports (section 4.2.6). */
    private static Bytes inTheClear(Path path) {
        return new ByteWriter(36)
                .bytes(path.remote().getAddress())
                .bytes(path.local().getAddress())
                .u16(path.remotePort())
                .u16(path.localPort())
                .toBytes();
    }

    /**
     * The peer has moved. IKE goes to the new address at once; traffic goes there when the peer has proved that it receives there, lest
     * somebody turns our stream on a third party (section 3.7). For another port of the same host no proof is needed.
     */
    private static void follow(Turn turn, Path path, List<Payload> payloads) {
        Session was = turn.session();
        Path before = was.path();
        turn.change(session -> session.withPath(path).withMobility(mobility -> mobility.answering(Optional.empty())));
        adopt(turn, path, payloads);
        if (!path.equals(before)) {
            turn.emit(new Event.Moved(was, "the peer has moved from " + before + " to " + path));
        }
        if (!path.local().equals(before.local())) {
            // Which of our addresses is one besides the path's has changed.
            Ways.look(turn);
        }
        if (path.remote().equals(before.remote()) && !isChecking(turn.session())) {
            Relocation.follow(turn);
        } else {
            turn.queueFirst(new Task.ReturnRoutability());
        }
    }

    static void check(Turn turn) {
        Bytes cookie = turn.at().random(COOKIE_OCTETS);
        Requests.send(
                turn, ExchangeType.INFORMATIONAL, new Exchange.ReturnRoutability(turn.session().path(), cookie),
                List.of(NotifyPayload.of(Notify.COOKIE2, cookie)));
    }

    /** Section 3.7: "if the values do not match, the IKE_SA MUST be closed". */
    private static void concludeCheck(Turn turn, Exchange.ReturnRoutability check, List<Payload> payloads) {
        boolean proved = Payload.notification(payloads, Notify.COOKIE2).filter(own -> own.data().equals(check.cookie())).isPresent();
        if (!proved) {
            turn.queueFirst(new Task.DeleteIke("the peer did not prove that it is at " + Ip.text(check.path().remote())));
        } else if (!check.path().equals(turn.session().path())) {
            // It has moved on: the proof is of another place.
            turn.queueFirst(new Task.ReturnRoutability());
        } else {
            Relocation.follow(turn);
        }
    }

    /** Whether traffic waits for the peer's proof. */
    static boolean isChecking(Session session) {
        return session.tasks().has(new Task.ReturnRoutability())
                || session.phase().ikeSa()
                        .flatMap(sa -> sa.window().outstanding())
                        .filter(request -> request.exchange() instanceof Exchange.ReturnRoutability)
                        .isPresent();
    }

    // ---- both

    /** Reads the answer to a request of this file, or to "are you there?". */
    static void conclude(Turn turn, Exchange exchange, List<Payload> payloads) {
        switch (exchange) {
            case Exchange.UpdateAddresses(Path path) -> concludeUpdate(turn, path, payloads);
            case Exchange.ReturnRoutability check -> concludeCheck(turn, check, payloads);
            case Exchange.Liveness _ -> concludeProbe(turn, payloads);
            default -> {}
        }
    }

    /** Section 3.6: the list is complete, whatever was known before. */
    private static void learnAddresses(Turn turn, List<Payload> payloads) {
        List<NotifyPayload> told = Payload.all(payloads, NotifyPayload.class).stream()
                .filter(notify -> notify.is(Notify.ADDITIONAL_IP4_ADDRESS) || notify.is(Notify.ADDITIONAL_IP6_ADDRESS))
                .toList();
        if (told.isEmpty() && Payload.notification(payloads, Notify.NO_ADDITIONAL_ADDRESSES).isEmpty()) {
            return;
        }
        List<InetAddress> addresses = told.stream().map(NotifyData::address).distinct().limit(Ways.MOST).toList();
        List<InetAddress> before = turn.session().mobility().peers();
        turn.change(session -> session.withMobility(mobility -> mobility.withPeers(addresses)));
        Path arrival = turn.arrival();
        boolean elsewhere = !arrival.remote().equals(turn.session().path().remote());
        if (!elsewhere || !turn.session().initiator() || !(turn.session().phase() instanceof Phase.Established)) {
            return;
        }
        if (before.contains(arrival.remote())) {
            // Only we may move, so that is how a responder asks for it: it calls from another of the addresses that it told us.
            move(turn, arrival, "the peer calls from there");
        } else {
            // The address that we use may be gone. What answers a question that goes everywhere is where the peer is.
            turn.change(session -> session.withMobility(mobility -> mobility.withPeers(with(arrival.remote(), addresses))));
            Ways.look(turn);
            turn.queue(new Task.Liveness());
        }
    }

    private static List<InetAddress> with(InetAddress first, List<InetAddress> rest) {
        List<InetAddress> all = new ArrayList<>(rest);
        all.remove(first);
        all.addFirst(first);
        return all;
    }

    /** What the peer's NAT detection says of {@code path} (section 3.5: "enables or disables NAT Traversal"). */
    private static void adopt(Turn turn, Path path, List<Payload> payloads) {
        Optional<Bytes> seen = seen(payloads);
        if (seen.isEmpty()) {
            return;
        }
        IkeSa sa = turn.ikeSa();
        Nat found = NatDetection.accept(sa.initiatorSpi(), sa.responderSpi(), path, payloads);
        Nat nat = pretends(turn) ? new Nat(true, found.remote()) : found;
        turn.change(session -> session.withNat(nat).withMobility(mobility -> mobility.seenAs(seen)));
    }

    private static Optional<Bytes> seen(List<Payload> payloads) {
        return Payload.notification(payloads, Notify.NAT_DETECTION_DESTINATION_IP).map(NotifyPayload::data);
    }

    private static List<Payload> natDetection(Turn turn, Path path) {
        IkeSa sa = turn.ikeSa();
        return NatDetection.offer(sa.initiatorSpi(), sa.responderSpi(), path, pretends(turn));
    }

    private static boolean pretends(Turn turn) {
        return turn.session().profile().filter(profile -> profile.peer().forceEncapsulation()).isPresent();
    }
}
