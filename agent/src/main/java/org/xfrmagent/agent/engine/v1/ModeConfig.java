package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Guest;
import org.xfrmagent.agent.engine.core.PhaseV1.Quick;
import org.xfrmagent.agent.engine.core.PhaseV1.Sent;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * An address for the peer, and what it is told with it (draft-ietf-ipsec-isakmp-mode-cfg). We are the gateway; the peer asks ("pull"),
 * or is told unasked ("push"):
 *
 * <pre>
 *   HDR*, HASH, ATTR(REQUEST, IP4_ADDRESS, ...)  -->     &lt;--  HDR*, HASH, ATTR(REPLY, IP4_ADDRESS, ...)
 *
 *   &lt;--  HDR*, HASH, ATTR(SET, IP4_ADDRESS, ...)             HDR*, HASH, ATTR(ACK, IP4_ADDRESS, ...)  -->
 * </pre>
 */
final class ModeConfig {
    private static final Bytes HOST_MASK = Bytes.hex("ffffffff");

    /** What a peer that has not asked is told. */
    private static final List<Integer> TOLD = List.of(
            ConfigAttribute.INTERNAL_IP4_ADDRESS, ConfigAttribute.INTERNAL_IP4_NETMASK, ConfigAttribute.INTERNAL_IP4_DNS,
            ConfigAttribute.INTERNAL_IP4_NBNS, ConfigAttribute.UNITY_BANNER, ConfigAttribute.UNITY_DEF_DOMAIN,
            ConfigAttribute.UNITY_SPLIT_INCLUDE);

    private ModeConfig() {}

    // ---- told unasked

    /** The ISAKMP SA is up. */
    static void begin(Turn turn) {
        Profile profile = Phase1.profile(turn);
        if (profile.pool().isPresent() && profile.peer().config() == ConfigExchange.PUSH) {
            turn.start(new Job.LeaseAddress(profile.pool().get(), lessee(QuickMode.up(turn)), held(turn)), new AwaitingV1.LeaseToTell());
        }
    }

    /** The pool has answered. */
    static void leasedToTell(Turn turn, Result result) {
        Optional<Pool> pool = turn.session().profile().flatMap(Profile::pool);
        keep(turn, pool, result);
        if (pool.isPresent() && turn.session().phase() instanceof PhaseV1.Up up) {
            Optional<InetAddress> address = up.guest().flatMap(Guest::address);
            if (address.isPresent()) {
                tell(turn, pool.get(), address.get());
            } else {
                Ending.terminate(turn, "there is no address for the peer");
            }
        }
    }

    private static void tell(Turn turn, Pool pool, InetAddress address) {
        int messageId = QuickMode.messageId(turn);
        int identifier = turn.at().random(2).u16(0);
        List<DataAttribute> attributes = TOLD.stream().flatMap(type -> attributes(type, pool, address).stream()).toList();
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
        Optional<Pool> pool = turn.session().profile().flatMap(Profile::pool);
        boolean wants = request.value(ConfigAttribute.INTERNAL_IP4_ADDRESS).isPresent();
        if (pool.isEmpty() || !wants || up.guest().flatMap(Guest::address).isPresent()) {
            answer(turn, lease);
        } else {
            turn.start(new Job.LeaseAddress(pool.get(), lessee(up), wanted(request).or(() -> held(turn))), lease);
        }
    }

    private static Lessee lessee(PhaseV1.Up up) {
        return up.guest().<Lessee>map(guest -> new Lessee.User(guest.user())).orElseGet(() -> new Lessee.Identity(up.remote().toString()));
    }

    /** What it has under the ISAKMP SA that this one may follow: the same one, at the same place. */
    private static Optional<InetAddress> held(Turn turn) {
        PhaseV1.Up up = QuickMode.up(turn);
        String user = up.guest().map(Guest::user).orElse("");
        return turn.neighbours().lodgers().stream()
                .filter(other -> other.local().equals(up.local()) && other.remote().equals(up.remote()) && other.user().equals(user)
                        && other.path().equals(turn.session().path()))
                .map(Neighbours.Lodger::address)
                .findFirst();
    }

    private static Optional<InetAddress> wanted(AttributesPayload request) {
        return request.value(ConfigAttribute.INTERNAL_IP4_ADDRESS)
                .filter(value -> value.length() == 4)
                .map(value -> Ip.of(value.toArray()))
                .filter(address -> !address.isAnyLocalAddress());
    }

    /** The pool has answered. */
    static void leased(Turn turn, AwaitingV1.Lease lease, Result result) {
        keep(turn, turn.session().profile().flatMap(Profile::pool), result);
        if (turn.session().phase() instanceof PhaseV1.Up) {
            answer(turn, lease);
        }
    }

    /** The peer has one address, whoever asked for it first. */
    private static void keep(Turn turn, Optional<Pool> pool, Result result) {
        if (result instanceof Result.Leased(InetAddress address)) {
            boolean held = turn.session().phase() instanceof PhaseV1.Up up && up.guest().flatMap(Guest::address).isPresent();
            if (!(turn.session().phase() instanceof PhaseV1.Up up) || pool.isEmpty() || held) {
                pool.ifPresent(from -> release(turn, from, address));
            } else {
                QuickMode.put(turn, up.guest(new Guest(up.guest().map(Guest::user).orElse(""), Optional.of(address))));
                turn.emit(new Event.Remark("gave " + lessee(up).text() + " the address " + Ip.text(address)));
            }
        } else if (result instanceof Result.Failed(String reason)) {
            turn.emit(new Event.Remark("the peer gets no address: " + reason));
        }
    }

    private static void answer(Turn turn, AwaitingV1.Lease lease) {
        PhaseV1.Up up = QuickMode.up(turn);
        Optional<Pool> pool = turn.session().profile().flatMap(Profile::pool);
        Optional<InetAddress> address = up.guest().flatMap(Guest::address);
        List<DataAttribute> attributes = new ArrayList<>();
        if (pool.isPresent() && address.isPresent()) {
            lease.request().attributes().stream()
                    .mapToInt(DataAttribute::type)
                    .distinct()
                    .forEach(type -> attributes.addAll(attributes(type, pool.get(), address.get())));
        }
        Sealed sealed = Sealing.next(
                up.sa(), IsakmpExchange.TRANSACTION, lease.messageId(), lease.iv(),
                List.of(new AttributesPayload(ConfigAttribute.REPLY, lease.request().identifier(), attributes)));
        if (up.quick(lease.messageId()).orElse(null) instanceof Quick.Answering(int id, Bytes request)) {
            QuickMode.put(turn, up.with(new Quick.Done(id, new Answer(request, sealed.datagram()), turn.now() + Constants.REPEAT_MILLIS)));
            Fragments.send(turn, sealed.datagram());
        }
    }

    /** What it asks for, as far as the pool has it. */
    private static List<DataAttribute> attributes(int type, Pool pool, InetAddress address) {
        return switch (type) {
            case ConfigAttribute.INTERNAL_IP4_ADDRESS -> addresses(type, List.of(address));
            case ConfigAttribute.INTERNAL_IP4_NETMASK -> List.of(attribute(type, HOST_MASK));
            case ConfigAttribute.INTERNAL_IP4_DNS -> addresses(type, pool.dns());
            case ConfigAttribute.INTERNAL_IP4_NBNS -> addresses(type, pool.nbns());
            case ConfigAttribute.UNITY_BANNER -> text(type, pool.banner());
            case ConfigAttribute.UNITY_DEF_DOMAIN -> text(type, pool.domain());
            case ConfigAttribute.UNITY_SPLIT_INCLUDE -> split(type, pool.split());
            default -> List.of();
        };
    }

    private static DataAttribute attribute(int type, Bytes value) {
        return new DataAttribute(type, false, value);
    }

    private static List<DataAttribute> addresses(int type, List<InetAddress> addresses) {
        return addresses.stream()
                .filter(address -> AddressFamily.of(address) == AddressFamily.IPV4)
                .map(address -> attribute(type, Bytes.of(address.getAddress())))
                .toList();
    }

    private static List<DataAttribute> text(int type, Optional<String> text) {
        return text.map(words -> attribute(type, Bytes.of(words.getBytes(StandardCharsets.US_ASCII)))).stream().toList();
    }

    /** All networks in one attribute, each as an ID payload's subnet and six octets of zero. */
    private static List<DataAttribute> split(int type, List<AddressRange> networks) {
        List<Bytes> entries = new ArrayList<>();
        for (AddressRange network : networks) {
            IdPayload subnet = Identities.payload(TrafficSelector.of(network));
            if (subnet.data().length() == 8) {
                entries.add(Bytes.concat(subnet.data(), Bytes.hex("000000000000")));
            }
        }
        return entries.isEmpty() ? List.of() : List.of(attribute(type, Bytes.concat(entries.toArray(Bytes[]::new))));
    }

    /** A peer that gets its address from us may only speak for that: the policy's selectors are of all who get one. */
    static void check(Turn turn, Profile peer, TrafficSelector remote) {
        Optional<InetAddress> address = QuickMode.up(turn).guest().flatMap(Guest::address);
        boolean own = address.map(TrafficSelector::of).filter(allowed -> allowed.contains(remote)).isPresent();
        if (peer.pool().isPresent() && !own) {
            throw new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for traffic of " + remote + ", and was given "
                    + address.map(Ip::text).orElse("no address"));
        }
    }

    /** The session is over. */
    static void release(Turn turn, PhaseV1.Up up) {
        Optional<Pool> pool = turn.session().profile().flatMap(Profile::pool);
        up.guest().flatMap(Guest::address).ifPresent(address -> pool.ifPresent(from -> release(turn, from, address)));
    }

    private static void release(Turn turn, Pool pool, InetAddress address) {
        turn.start(new Job.ReleaseAddress(pool.name(), address), new AwaitingV1.Release());
    }
}
