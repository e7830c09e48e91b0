package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddress;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lessee;
import org.xfrmagent.agent.engine.core.Narrowing;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ConfigAttribute;
import org.xfrmagent.agent.wire.ConfigAttributeType;
import org.xfrmagent.agent.wire.ConfigType;
import org.xfrmagent.agent.wire.ConfigurationPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * An address inside the tunnel for the initiator of an IKE SA (RFC 7296, sections 2.19 and 3.15), and what it is told with it:
 *
 * <pre>
 *   HDR, SK{..., AUTH, CP(CFG_REQUEST), SA, TSi, TSr}  -->
 *              &lt;--  HDR, SK{..., AUTH, CP(CFG_REPLY), SA, TSi, TSr}
 *         or   &lt;--  HDR, SK{..., AUTH, N(INTERNAL_ADDRESS_FAILURE)}        there is none left
 *         or   &lt;--  HDR, SK{..., AUTH, N(FAILED_CP_REQUIRED)}              it has to ask, and did not
 * </pre>
 *
 * <p>Its children speak for that address only. It stays with the IKE SA, and with whatever that is rekeyed to.
 */
final class Addresses {
    private static final Bytes HOST_MASK = Bytes.hex("ffffffff");

    private static final List<ConfigAttributeType> ASKED_FOR =
            List.of(ConfigAttributeType.INTERNAL_IP4_ADDRESS, ConfigAttributeType.INTERNAL_IP4_DNS);

    private Addresses() {}

    // ---- initiator: this host is to have one

    /** Whether this host is to be given an address, and has none yet. */
    static boolean isAwaited(Session session) {
        return session.profile().filter(Addresses::asks).isPresent() && !(session.phase() instanceof Phase.Established);
    }

    static boolean asks(Profile profile) {
        return profile.peer().local().virtualAddress().isPresent();
    }

    /** Our request; it names the address that we have already, under another IKE SA with the peer, or that the policy names. */
    static List<Payload> ask(Turn turn, Profile profile) {
        return profile.peer().local().virtualAddress()
                .map(wanted -> turn.neighbours().given()
                        .or(() -> wanted instanceof Host.Address(InetAddress address) ? Optional.of(address) : Optional.empty())
                        .map(Addresses::octets)
                        .orElse(Bytes.empty()))
                .<List<Payload>>map(wanted -> List.of(new ConfigurationPayload(
                        ConfigType.CFG_REQUEST.number(),
                        ASKED_FOR.stream()
                                .map(type -> type.with(type == ConfigAttributeType.INTERNAL_IP4_ADDRESS ? wanted : Bytes.empty()))
                                .toList())))
                .orElse(List.of());
    }

    /** What the answer gives us, if we have asked. */
    static InnerAddress accept(Profile profile, List<Payload> answer) {
        Optional<ConfigurationPayload> reply = asks(profile) ? configuration(answer, ConfigType.CFG_REPLY) : Optional.empty();
        return reply.flatMap(told -> addresses(told, ConfigAttributeType.INTERNAL_IP4_ADDRESS).filter(Addresses::isUsable).findFirst()
                        .<InnerAddress>map(address -> new InnerAddress.Given(
                                address, addresses(told, ConfigAttributeType.INTERNAL_IP4_DNS).toList())))
                .orElse(new InnerAddress.None());
    }

    private static boolean isUsable(InetAddress address) {
        return !address.isAnyLocalAddress() && !address.isLoopbackAddress() && !address.isMulticastAddress() && !address.isLinkLocalAddress();
    }

    /** Why the answer gives us none, as far as it says. */
    static String why(List<Payload> answer) {
        return Payload.all(answer, NotifyPayload.class).stream()
                .filter(NotifyPayload::isError)
                .map(error -> ": it says " + Notify.nameOf(error.type()))
                .findFirst()
                .orElse("");
    }

    /** The IKE SA is up. The host has the address before a child is installed: jobs are done in order. */
    static void take(Turn turn, Profile profile) {
        if (turn.session().phase().inner() instanceof InnerAddress.Given(InetAddress address, List<InetAddress> dns)) {
            turn.emit(new Event.Remark("the peer gave us the address " + Ip.text(address)
                    + (dns.isEmpty() ? "" : dns.stream().map(Ip::text).collect(Collectors.joining(" ", " and the name servers ", "")))));
            turn.start(
                    new Job.TakeAddress(address, turn.session().path().remote(), profile.behind(AddressFamily.of(address))),
                    new Awaiting.HostAddress(address));
        }
    }

    /** This host has the address, or cannot have it. */
    static void taken(Turn turn, InetAddress address, Result result) {
        if (result instanceof Result.Failed(String reason) && turn.session().phase() instanceof Phase.Established phase) {
            turn.change(session -> session.withPhase(phase.with(new InnerAddress.None())));
            turn.queueFirst(new Task.DeleteIke("this host cannot have the address " + Ip.text(address) + ": " + reason));
        }
    }

    /** RFC 4555: the peer is reached by another link or router from now on, and so is what is behind it. */
    static void follow(Turn turn) {
        turn.session().phase().inner().ours().ifPresent(address -> turn.session().profile().ifPresent(profile -> turn.start(
                new Job.TakeAddress(address, turn.session().path().remote(), profile.behind(AddressFamily.of(address))),
                new Awaiting.HostAddressMoved(address))));
    }

    static void moved(Turn turn, InetAddress address, Result result) {
        if (result instanceof Result.Taken) {
            turn.start(new Job.DropAddress(address), new Awaiting.AddressGone());
        } else if (result instanceof Result.Failed(String reason)) {
            turn.emit(new Event.Remark("the address " + Ip.text(address) + " stays where it was: " + reason));
        }
    }

    // ---- responder: the peer is to have one

    /** What the pool is to be asked for, if the peer asks us. */
    static Optional<Job.LeaseAddress> wanted(Turn turn, Authentication peer, List<Payload> request) {
        Optional<Pool> pool = peer.profile().pool();
        Optional<ConfigurationPayload> asked = configuration(request, ConfigType.CFG_REQUEST)
                .filter(payload -> asksFor(payload, ConfigAttributeType.INTERNAL_IP4_ADDRESS));
        if (pool.isEmpty() || asked.isEmpty()) {
            return Optional.empty();
        }
        Optional<InetAddress> named = Eap.granted(turn, AddressFamily.IPV4)
                .or(() -> addresses(asked.get(), ConfigAttributeType.INTERNAL_IP4_ADDRESS).filter(address -> !address.isAnyLocalAddress()).findFirst());
        return Optional.of(new Job.LeaseAddress(
                pool.get(), lessee(turn, peer), named.or(() -> held(turn, peer))));
    }

    static Lessee lessee(Turn turn, Authentication peer) {
        return turn.session().phase().user().<Lessee>map(Lessee.User::new).orElseGet(() -> new Lessee.Identity(peer.remote().toString()));
    }

    /** What it has under the IKE SA that this one may follow: the same peer, at the same place. */
    private static Optional<InetAddress> held(Turn turn, Authentication peer) {
        return turn.neighbours().lodgers().stream()
                .filter(other -> other.local().equals(peer.local()) && other.remote().equals(peer.remote())
                        && other.user().equals(turn.session().phase().user().orElse(""))
                        && other.path().equals(turn.session().path()))
                .map(Neighbours.Lodger::address)
                .findFirst();
    }

    /** The pool has answered. */
    static InnerAddress lent(Turn turn, Job.LeaseAddress job, Result result) {
        if (result instanceof Result.Leased(InetAddress address)) {
            turn.emit(new Event.Remark("gave " + job.lessee().text() + " the address " + Ip.text(address)));
            return new InnerAddress.Lent(job.pool().name(), address);
        }
        if (result instanceof Result.Failed(String reason)) {
            turn.emit(new Event.Remark("the peer gets no address: " + reason));
        }
        return new InnerAddress.None();
    }

    /** Nobody waits for it any more. */
    static void releaseLate(Turn turn, Job.LeaseAddress job, Result result) {
        if (result instanceof Result.Leased(InetAddress address)) {
            release(turn, job.pool().name(), address);
        }
    }

    /** The answer to its request. */
    static List<Payload> reply(Profile profile, InnerAddress inner, List<Payload> request) {
        Optional<ConfigurationPayload> asked = configuration(request, ConfigType.CFG_REQUEST);
        if (profile.pool().isEmpty() || asked.isEmpty() || !(inner instanceof InnerAddress.Lent(_, InetAddress address))) {
            return List.of();
        }
        Pool pool = profile.pool().get();
        List<ConfigAttribute> attributes = asked.get().attributes().stream()
                .flatMap(attribute -> ConfigAttributeType.byNumber(attribute.type()).stream())
                .distinct()
                .flatMap(type -> told(type, pool, address))
                .collect(Collectors.toCollection(ArrayList::new));
        if (!asksFor(asked.get(), ConfigAttributeType.INTERNAL_IP4_SUBNET)) {
            // Section 3.15.1 has it in a reply for what is reached through the tunnel, whether or not it was asked for.
            told(ConfigAttributeType.INTERNAL_IP4_SUBNET, pool, address).forEach(attributes::add);
        }
        return List.of(new ConfigurationPayload(ConfigType.CFG_REPLY.number(), attributes));
    }

    /** What it asks for, as far as the pool has it. */
    private static Stream<ConfigAttribute> told(ConfigAttributeType type, Pool pool, InetAddress address) {
        return switch (type) {
            case INTERNAL_IP4_ADDRESS -> Stream.of(type.with(octets(address)));
            case INTERNAL_IP4_NETMASK -> Stream.of(type.with(HOST_MASK));
            case INTERNAL_IP4_DNS -> all(type, pool.dns(), AddressFamily.IPV4);
            case INTERNAL_IP4_NBNS -> all(type, pool.nbns(), AddressFamily.IPV4);
            case INTERNAL_IP6_DNS -> all(type, pool.dns(), AddressFamily.IPV6);
            case INTERNAL_IP4_SUBNET -> pool.split().stream()
                    .filter(network -> network.family() == AddressFamily.IPV4)
                    .flatMap(network -> network.toPrefixes().stream())
                    .map(prefix -> type.with(Bytes.concat(octets(prefix.from()), mask(prefix))));
            case INTERNAL_DNS_DOMAIN -> pool.domain().stream()
                    .map(domain -> type.with(Bytes.of(domain.getBytes(StandardCharsets.US_ASCII))));
            case INTERNAL_IP4_DHCP, INTERNAL_IP6_ADDRESS, INTERNAL_IP6_DHCP, INTERNAL_IP6_SUBNET, INTERNAL_IP6_LINK, INTERNAL_IP6_PREFIX,
                APPLICATION_VERSION, SUPPORTED_ATTRIBUTES, P_CSCF_IP4_ADDRESS, P_CSCF_IP6_ADDRESS, INTERNAL_DNSSEC_TA, ENCDNS_IP4, ENCDNS_IP6,
                ENCDNS_DIGEST_INFO -> Stream.empty();
        };
    }

    private static Stream<ConfigAttribute> all(ConfigAttributeType type, List<InetAddress> addresses, AddressFamily family) {
        return addresses.stream().filter(address -> AddressFamily.of(address) == family).map(address -> type.with(octets(address)));
    }

    private static Bytes mask(AddressRange prefix) {
        int bits = prefix.prefixLength().orElseThrow();
        int mask = bits == 0 ? 0 : -1 << Integer.SIZE - bits;
        return Children.spiOctets(mask);
    }

    /**
     * The IKE SA is up: may the first child be?
     *
     * @throws Refusal with what section 2.19 has for a peer that gets no address, or did not ask
     */
    static void check(Session session, Profile peer, List<Payload> request) {
        if (configuration(request, ConfigType.CFG_REQUEST).isPresent() && lacks(session, peer)) {
            throw new Refusal(Notify.INTERNAL_ADDRESS_FAILURE, "asks for an address, and gets none");
        }
        check(session, peer);
    }

    /** @throws Refusal if the peer was to have an address from us, and has none to speak for */
    static void check(Session session, Profile peer) {
        if (lacks(session, peer)) {
            throw new Refusal(Notify.FAILED_CP_REQUIRED, "has no address of the pool '" + peer.pool().map(Pool::name).orElse("")
                    + "', without which it can have no child");
        }
    }

    private static boolean lacks(Session session, Profile peer) {
        return peer.pool().isPresent() && !session.initiator() && session.phase().inner().theirs().isEmpty();
    }

    // ---- what children speak for

    /** Our side of a policy. An address that we were given is all that we speak for, if the policy covers it. */
    static List<TrafficSelector> local(Session session, ChildProfile child) {
        Selectors ours = child.policy().match().local();
        Optional<InetAddress> given = session.phase().inner().ours();
        if (given.isPresent()) {
            return granted(session, ours.at(given.get()));
        }
        if (isAwaited(session) && ours instanceof Selectors.Dynamic(List<Selectors.Upper> upper)) {
            // Section 2.19: whichever address it will be.
            return upper.stream().map(each -> each.at(AddressRange.ALL_IPV4)).toList();
        }
        return ours.at(session.path().local());
    }

    /** What is ours of the selectors that the peer grants us. */
    static List<TrafficSelector> granted(Session session, List<TrafficSelector> selectors) {
        List<TrafficSelector> narrowed = session.phase().inner().ours()
                .map(given -> Narrowing.narrow(selectors, List.of(TrafficSelector.of(given))))
                .orElse(selectors);
        return narrowed.isEmpty() ? selectors : narrowed;
    }

    /** The peer's side of a policy: that is of all who get an address, and each may speak for its own only. */
    static List<TrafficSelector> remote(Session session, ChildProfile child) {
        Selectors theirs = child.policy().match().remote();
        return session.phase().inner().theirs()
                .map(lent -> Narrowing.narrow(theirs.at(lent), List.of(TrafficSelector.of(lent))))
                .orElseGet(() -> theirs.at(session.path().remote()));
    }

    // ---- the end

    /** The session does not need its address any more. */
    static void release(Turn turn) {
        if (!(turn.session().phase() instanceof Phase.Established phase)) {
            return;
        }
        switch (phase.inner()) {
            case InnerAddress.None() -> {}
            case InnerAddress.Lent(String pool, InetAddress address) -> release(turn, pool, address);
            case InnerAddress.Given(InetAddress address, _) -> turn.start(new Job.DropAddress(address), new Awaiting.AddressGone());
        }
    }

    private static void release(Turn turn, String pool, InetAddress address) {
        turn.start(new Job.ReleaseAddress(pool, address), new Awaiting.AddressGone());
    }

    // ---- attributes

    private static Optional<ConfigurationPayload> configuration(List<Payload> payloads, ConfigType type) {
        return Payload.all(payloads, ConfigurationPayload.class).stream().filter(payload -> payload.cfgType() == type.number()).findFirst();
    }

    private static boolean asksFor(ConfigurationPayload payload, ConfigAttributeType type) {
        return payload.attributes().stream().anyMatch(attribute -> attribute.type() == type.number());
    }

    /** The IPv4 addresses of one kind; what is not as long as that is passed over. */
    private static Stream<InetAddress> addresses(ConfigurationPayload payload, ConfigAttributeType type) {
        return payload.attributes().stream()
                .filter(attribute -> attribute.type() == type.number() && attribute.value().length() == 4)
                .map(attribute -> Ip.of(attribute.value().toArray()));
    }

    private static Bytes octets(InetAddress address) {
        return Bytes.of(address.getAddress());
    }
}
