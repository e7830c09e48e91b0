package org.xfrmagent.agent.engine.v1;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Guest;
import org.xfrmagent.agent.engine.core.PhaseV1.Quick;
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
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * An address for a peer that asks, and what it is told with it (draft-ietf-ipsec-isakmp-mode-cfg; "pull"). We are the gateway:
 *
 * <pre>
 *   HDR*, HASH, ATTR(REQUEST, IP4_ADDRESS, ...)  -->     &lt;--  HDR*, HASH, ATTR(REPLY, IP4_ADDRESS, ...)
 * </pre>
 */
final class ModeConfig {
    private static final Bytes HOST_MASK = Bytes.hex("ffffffff");

    private ModeConfig() {}

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
            turn.start(new Job.LeaseAddress(pool.get(), lessee(up), wanted(request)), lease);
        }
    }

    private static Lessee lessee(PhaseV1.Up up) {
        return up.guest().<Lessee>map(guest -> new Lessee.User(guest.user())).orElseGet(() -> new Lessee.Identity(up.remote().toString()));
    }

    private static Optional<InetAddress> wanted(AttributesPayload request) {
        return request.value(ConfigAttribute.INTERNAL_IP4_ADDRESS)
                .filter(value -> value.length() == 4)
                .map(value -> Ip.of(value.toArray()))
                .filter(address -> !address.isAnyLocalAddress());
    }

    /** The pool has answered. */
    static void leased(Turn turn, AwaitingV1.Lease lease, Result result) {
        Optional<Pool> pool = turn.session().profile().flatMap(Profile::pool);
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
        if (turn.session().phase() instanceof PhaseV1.Up) {
            answer(turn, lease);
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
