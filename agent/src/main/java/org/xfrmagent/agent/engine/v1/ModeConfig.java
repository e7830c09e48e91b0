package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Guest;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Wishes;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.VirtualAddress;

/**
 * Addresses for the peer, and what it is told with them (draft-ietf-ipsec-isakmp-mode-cfg). We are the gateway; the peer asks ("pull"),
 * or is told unasked ("push"):
 *
 * <pre>
 *   HDR*, HASH, ATTR(REQUEST, IP4_ADDRESS, ...)  -->     &lt;--  HDR*, HASH, ATTR(REPLY, IP4_ADDRESS, ...)
 *
 *   &lt;--  HDR*, HASH, ATTR(SET, IP4_ADDRESS, ...)             HDR*, HASH, ATTR(ACK, IP4_ADDRESS, ...)  -->
 * </pre>
 */
final class ModeConfig {
    private ModeConfig() {}

    // ---- told unasked

    /** The ISAKMP SA is up. */
    static void begin(Turn turn) {
        Profile profile = Phase1.profile(turn);
        if (!profile.pools().isEmpty() && profile.peer().config() == ConfigExchange.PUSH) {
            lease(turn, profile.pools(), every(profile.pools()), new AwaitingV1.LeaseToTell());
        }
    }

    /** One of each family that there is. */
    private static List<VirtualAddress> every(List<Pool> pools) {
        return Arrays.stream(AddressFamily.values())
                .filter(family -> pools.stream().flatMap(pool -> pool.addresses().stream()).anyMatch(range -> range.family() == family))
                .map(VirtualAddress::any)
                .toList();
    }

    private static void lease(Turn turn, List<Pool> pools, List<VirtualAddress> wanted, AwaitingV1 awaiting) {
        List<InetAddress> granted = QuickMode.up(turn).guest().map(Guest::granted).orElse(List.of());
        List<VirtualAddress> named = Wishes.namingOpen(Wishes.naming(wanted, granted), held(turn));
        turn.start(new Job.LeaseAddresses(pools, lessee(QuickMode.up(turn)), named), awaiting);
    }

    private static List<Pool> pools(Turn turn) {
        return turn.session().profile().map(Profile::pools).orElse(List.of());
    }

    /** The pools have answered. */
    static void leasedToTell(Turn turn, Result result) {
        keep(turn, every(pools(turn)), result);
        if (!pools(turn).isEmpty() && turn.session().phase() instanceof PhaseV1.Up up) {
            if (up.inner() instanceof InnerAddresses.Lent(List<Lease> leases)) {
                tell(turn, leases);
            } else {
                Ending.terminate(turn, "there is no address for the peer");
            }
        }
    }

    private static void tell(Turn turn, List<Lease> leases) {
        int messageId = QuickMode.messageId(turn);
        int identifier = turn.at().random(2).u16(0);
        List<DataAttribute> attributes = Configuration.unasked(
                Phase1.profile(turn).pools(leases), leases.stream().map(Lease::address).toList());
        Sealed sealed = Sealing.first(
                QuickMode.up(turn).sa(), IsakmpExchange.TRANSACTION, messageId,
                List.of(new AttributesPayload(ConfigAttribute.SET, identifier, attributes)));
        Sent sent = Retransmitting.send(turn, sealed.datagram());
        QuickMode.put(turn, QuickMode.up(turn).seen(messageId).with(new Quick.Told(messageId, identifier, sealed.lastBlock(), sent)));
    }

    static void tellAgain(Turn turn, Quick.Told told) {
        Retransmitting.again(turn, told.sent(), told.messageId())
                .ifPresentOrElse(
                        again -> QuickMode.put(turn, QuickMode.up(turn)
                                .with(new Quick.Told(told.messageId(), told.identifier(), told.iv(), again))),
                        () -> Ending.terminate(turn, "the peer does not take the address that it is told: it may be one that asks for it"));
    }

    /** <pre>  HDR*, HASH, ATTR(ACK, IP4_ADDRESS, ...)  --&gt;  </pre> */
    static void taken(Turn turn, Quick.Told told, Received received) throws Unauthentic {
        PhaseV1.Up up = QuickMode.up(turn);
        Sealing.verify1(up.sa(), told.messageId(), received.opened().chain());
        AttributesPayload answer = Grammar.required(received.opened().chain(), AttributesPayload.class);
        if (answer.type() != ConfigAttribute.ACK) {
            throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent attributes of type " + answer.type() + " for an acknowledgement");
        }
        turn.change(session -> session.heardAt(turn.now()));
        QuickMode.put(turn, up.without(told.messageId()));
    }

    // ---- asked for

    /** The message is authentic, and new. */
    static void asked(Turn turn, Received received) {
        PhaseV1.Up up = QuickMode.up(turn);
        AttributesPayload request = Grammar.required(received.opened().chain(), AttributesPayload.class);
        if (request.type() != ConfigAttribute.REQUEST || up.quick().size() >= Constants.QUICK_MODES) {
            throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent attributes of type " + request.type() + " that we do not wait for");
        }
        int messageId = received.header().messageId();
        QuickMode.put(turn, up.with(new Quick.Answering(messageId, received.datagram())));
        AwaitingV1.Lease lease = new AwaitingV1.Lease(messageId, request, received.opened().lastBlock());
        List<VirtualAddress> lacking = Wishes.open(Configuration.wanted(request), up.inner().theirs());
        if (pools(turn).isEmpty() || lacking.isEmpty()) {
            answer(turn, lease);
        } else {
            lease(turn, pools(turn), lacking, lease);
        }
    }

    private static Lessee lessee(PhaseV1.Up up) {
        return up.guest().<Lessee>map(guest -> new Lessee.User(guest.user())).orElseGet(() -> new Lessee.Identity(up.remote().toString()));
    }

    /** What it has under the ISAKMP SA that this one may follow: the same one, at the same place. */
    private static List<InetAddress> held(Turn turn) {
        PhaseV1.Up up = QuickMode.up(turn);
        String user = up.guest().map(Guest::user).orElse("");
        return turn.neighbours().lodgers().stream()
                .filter(other -> other.local().equals(up.local()) && other.remote().equals(up.remote()) && other.user().equals(user)
                        && other.path().equals(turn.session().path()))
                .map(Neighbours.Lodger::addresses)
                .findFirst()
                .orElse(List.of());
    }

    /** The pools have answered. */
    static void leased(Turn turn, AwaitingV1.Lease lease, Result result) {
        keep(turn, Configuration.wanted(lease.request()), result);
        if (turn.session().phase() instanceof PhaseV1.Up) {
            answer(turn, lease);
        }
    }

    /** @param wanted in all: what another question has brought meanwhile counts as well */
    private static void keep(Turn turn, List<VirtualAddress> wanted, Result result) {
        if (result instanceof Result.Leased(List<Lease> leases)) {
            List<InetAddress> open = turn.session().phase() instanceof PhaseV1.Up up && !pools(turn).isEmpty()
                    ? Wishes.fulfilled(Wishes.open(wanted, up.inner().theirs()), leases.stream().map(Lease::address).toList())
                    : List.of();
            List<Lease> fresh = leases.stream().filter(lease -> open.contains(lease.address())).toList();
            List<Lease> superfluous = leases.stream().filter(lease -> !fresh.contains(lease)).toList();
            if (!superfluous.isEmpty()) {
                release(turn, superfluous);
            }
            if (!fresh.isEmpty()) {
                PhaseV1.Up up = QuickMode.up(turn);
                List<Lease> all = Stream.concat(up.guest().stream().flatMap(guest -> guest.leases().stream()), fresh.stream()).toList();
                QuickMode.put(turn, up.guest(new Guest(up.guest().map(Guest::user).orElse(""), all, up.guest().map(Guest::granted).orElse(List.of()))));
                turn.emit(new Event.Remark("gave " + lessee(up).text() + " " + InnerAddresses.text(fresh.stream().map(Lease::address).toList())));
            }
        } else if (result instanceof Result.Failed(String reason)) {
            turn.emit(new Event.Remark("the peer gets no address: " + reason));
        }
    }

    private static void answer(Turn turn, AwaitingV1.Lease lease) {
        PhaseV1.Up up = QuickMode.up(turn);
        List<DataAttribute> attributes = up.inner() instanceof InnerAddresses.Lent(List<Lease> leases)
                ? Configuration.reply(lease.request(), Phase1.profile(turn).pools(leases), up.inner().theirs())
                : List.of();
        Sealed sealed = Sealing.next(
                up.sa(), IsakmpExchange.TRANSACTION, lease.messageId(), lease.iv(),
                List.of(new AttributesPayload(ConfigAttribute.REPLY, lease.request().identifier(), attributes)));
        if (up.quick(lease.messageId()).orElse(null) instanceof Quick.Answering(int id, Bytes request)) {
            QuickMode.put(turn, up.with(new Quick.Done(id, new Answer(request, sealed.datagram()), turn.now() + Constants.REPEAT_MILLIS)));
            Fragments.send(turn, sealed.datagram());
        }
    }

    /** A peer that gets its addresses from us may only speak for those: the policy's selectors are of all who get one. */
    static void check(Turn turn, Profile peer, TrafficSelector remote) {
        List<InetAddress> lent = QuickMode.up(turn).inner().theirs();
        boolean own = lent.stream().map(TrafficSelector::of).anyMatch(allowed -> allowed.contains(remote));
        if (!peer.pools().isEmpty() && !own) {
            throw new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for traffic of " + remote + ", and was given "
                    + (lent.isEmpty() ? "no address" : InnerAddresses.text(lent)));
        }
    }

    /** The session is over. */
    static void release(Turn turn, PhaseV1.Up up) {
        if (up.inner() instanceof InnerAddresses.Lent(List<Lease> leases)) {
            release(turn, leases);
        }
    }

    private static void release(Turn turn, List<Lease> leases) {
        turn.start(new Job.ReleaseAddresses(leases), new AwaitingV1.Release());
    }
}
