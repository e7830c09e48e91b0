package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Configuring;
import org.xfrmagent.agent.engine.core.PhaseTransaction.Configuring.Stage;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Wishes;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * The other side of {@link ModeConfig}: the gateway gives us the address that our children speak for, so there are none before this
 * host has it. Asked for ("pull"), or told unasked ("push"); whichever the policy expects, the gateway may do the other.
 *
 * <pre>
 *   HDR*, HASH, ATTR(REQUEST, IP4_ADDRESS, ...)  -->     &lt;--  HDR*, HASH, ATTR(REPLY, IP4_ADDRESS, ...)
 *
 *   &lt;--  HDR*, HASH, ATTR(SET, IP4_ADDRESS, ...)             HDR*, HASH, ATTR(ACK, IP4_ADDRESS, ...)  -->
 * </pre>
 */
final class ModeConfigClient {
    private ModeConfigClient() {}

    /** Both sides are authenticated: comes up, or, where we are to be given an address, sees to that first. */
    static void begin(Turn turn, PhaseV1.Up next, boolean initialContact, String story) {
        Peer peer = Phase1.profile(turn).peer();
        List<VirtualAddress> wanted = peer.local().virtualAddresses();
        if (wanted.isEmpty()) {
            Phase1.up(turn, next, initialContact, story);
            return;
        }
        // A transaction before this one shows that the peer has what came before it.
        Optional<Bytes> last = next.sa().initiator() && next.seen().isEmpty() ? next.answer().map(Answer::reply) : Optional.empty();
        long deadline = turn.now() + Constants.ADDRESS_MILLIS;
        if (peer.config() == ConfigExchange.PUSH) {
            Optional<Sent> waits = last.map(message -> Retransmitting.sent(turn, message));
            turn.enter(new Configuring(next, initialContact, new Stage.Awaited(waits), deadline), story + ", waiting to be given an address");
        } else {
            ask(turn, next, initialContact, again(turn, wanted), last, deadline, story);
        }
    }

    /** What we want, with the addresses that we have already under another ISAKMP SA. */
    private static List<VirtualAddress> again(Turn turn, List<VirtualAddress> wanted) {
        return Wishes.naming(wanted, turn.neighbours().given());
    }

    private static void ask(
            Turn turn, PhaseV1.Up next, boolean initialContact, List<VirtualAddress> wanted, Optional<Bytes> last, long deadline,
            String story) {
        int messageId = QuickMode.messageId(turn, next);
        int identifier = turn.at().random(2).u16(0);
        List<DataAttribute> attributes = Configuration.request(wanted);
        Sealed sealed = Sealing.first(
                next.sa(), IsakmpExchange.TRANSACTION, messageId,
                List.of(new AttributesPayload(ConfigAttribute.REQUEST, identifier, attributes)));
        Stage asked = new Stage.Asked(messageId, identifier, sealed.lastBlock(), Retransmitting.send(turn, sealed.datagram()), last);
        turn.enter(new Configuring(next.seen(messageId), initialContact, asked, deadline), story + ", asking for an address");
    }

    /** Nothing answers the last message of aggressive mode: while the peer answers nothing at all, that may be what it lacks. */
    static void sayLastAgain(Turn turn, Configuring phase) {
        if (phase.stage() instanceof Stage.Asked(_, _, _, _, Optional<Bytes> last)) {
            last.ifPresent(message -> Fragments.send(turn, message));
        }
    }

    /** Of a transaction's message. */
    static Bytes iv(Configuring phase, int messageId) {
        return phase.stage() instanceof Stage.Asked asked && asked.messageId() == messageId
                ? asked.iv()
                : Sealing.firstIv(phase.next().sa(), messageId);
    }

    /** <pre>  &lt;--  HDR*, HASH, ATTR(REPLY, ...)      or  ATTR(SET, ...)  </pre> */
    static void told(Turn turn, Configuring phase, Received received) throws Unauthentic {
        Chain chain = received.opened().chain();
        int messageId = received.header().messageId();
        Sealing.verify1(phase.next().sa(), messageId, chain);
        AttributesPayload payload = Grammar.required(chain, AttributesPayload.class);
        boolean answers = phase.stage() instanceof Stage.Asked asked && asked.messageId() == messageId;
        if (!answers && phase.next().seen().contains(messageId)) {
            throw new Unauthentic("message id " + Integer.toUnsignedString(messageId) + " once more");
        }
        turn.change(session -> session.heardAt(turn.now()));
        boolean settled = phase.stage() instanceof Stage.Taking;
        if (!settled && answers && payload.type() == ConfigAttribute.REPLY) {
            take(turn, phase, phase.next(), payload);
        } else if (!settled && !answers && payload.type() == ConfigAttribute.SET) {
            take(turn, phase, acknowledge(turn, phase.next().seen(messageId), received, payload), payload);
        } else {
            turn.emit(new Event.Dropped(Event.Rule.OUT_OF_PHASE, "attributes of type " + payload.type() + " while " + phase.label()));
        }
    }

    private static PhaseV1.Up acknowledge(Turn turn, PhaseV1.Up next, Received received, AttributesPayload set) {
        List<DataAttribute> taken = Configuration.taken(set, Phase1.profile(turn).peer().local().virtualAddresses());
        int messageId = received.header().messageId();
        Sealed sealed = Sealing.next(
                next.sa(), IsakmpExchange.TRANSACTION, messageId, received.opened().lastBlock(),
                List.of(new AttributesPayload(ConfigAttribute.ACK, set.identifier(), taken)));
        Fragments.send(turn, sealed.datagram());
        return next.with(new Quick.Done(
                messageId, new Answer(received.datagram(), sealed.datagram()), turn.now() + Constants.REPEAT_MILLIS));
    }

    private static void take(Turn turn, Configuring phase, PhaseV1.Up next, AttributesPayload told) {
        Optional<InnerAddresses.Given> given = Configuration.given(told, Phase1.profile(turn).peer().local().virtualAddresses());
        if (given.isEmpty()) {
            Xauth.giveUp(turn, next, "the gateway gave us no address");
            return;
        }
        List<InetAddress> addresses = given.get().addresses();
        List<InetAddress> before = turn.neighbours().given();
        if (!addresses.containsAll(before)) {
            // The children of the ISAKMP SA that this one follows speak for the addresses it has: they cannot move over.
            Xauth.giveUp(turn, next, "the gateway gave us " + InnerAddresses.text(addresses) + ", and we still have " + InnerAddresses.text(before));
            return;
        }
        turn.change(session -> session.withPhase(new Configuring(next, phase.initialContact(), new Stage.Taking(given.get()), phase.deadline())));
        turn.start(
                new Job.TakeAddresses(given.get(), turn.session().path().remote(), Phase1.profile(turn).behind()),
                new AwaitingV1.Taking(addresses));
    }

    /** This host has the addresses, or cannot have them. */
    static void taken(Turn turn, List<InetAddress> addresses, Result result) {
        if (!(turn.session().phase() instanceof Configuring(PhaseV1.Up next, boolean contact, Stage.Taking(InnerAddresses.Given given), _))) {
            if (result instanceof Result.Taken) {
                drop(turn, addresses);
            }
        } else if (result instanceof Result.Failed(String reason)) {
            Xauth.giveUp(turn, next, "this host cannot have " + InnerAddresses.text(addresses) + ": " + reason);
        } else {
            Phase1.up(turn, next.given(given), contact, next.remote() + " gave us " + InnerAddresses.text(addresses) + given.servers().text());
        }
    }

    /** The session is over. */
    static void drop(Turn turn, PhaseV1.Up up) {
        up.given().ifPresent(given -> drop(turn, given.addresses()));
    }

    private static void drop(Turn turn, List<InetAddress> addresses) {
        turn.start(new Job.DropAddresses(addresses), new AwaitingV1.Release());
    }
}
