package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.NameServers;
import org.xfrmagent.agent.engine.core.Wishes;
import org.xfrmagent.agent.wire.ConfigAttribute;
import org.xfrmagent.agent.wire.ConfigAttributeType;
import org.xfrmagent.agent.wire.ConfigType;
import org.xfrmagent.agent.wire.ConfigurationPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/** What configuration payloads say (RFC 7296, section 3.15.1), in terms of pools and addresses. */
final class Configuration {
    private static final Bytes HOST_MASK = Bytes.hex("ffffffff");

    /** RFC 4306, section 3.15.1; RFC 7296 has it no more, and there are clients that know it. */
    private static final int INTERNAL_IP6_NBNS = 11;

    /** What is told with an address, whether or not it is asked for: section 3.15.1 has networks in a reply for what is reached through the tunnel. */
    private static final List<ConfigAttributeType> ALWAYS_TOLD =
            List.of(ConfigAttributeType.INTERNAL_IP4_SUBNET, ConfigAttributeType.INTERNAL_IP6_SUBNET);

    private Configuration() {}

    static Optional<ConfigurationPayload> payload(List<Payload> payloads, ConfigType type) {
        return Payload.all(payloads, ConfigurationPayload.class).stream().filter(payload -> payload.cfgType() == type.number()).findFirst();
    }

    // ---- requests

    /** Asks for addresses, and for whoever knows the names there. */
    static ConfigurationPayload request(List<VirtualAddress> wanted) {
        List<ConfigAttribute> attributes = new ArrayList<>();
        for (VirtualAddress each : wanted) {
            attributes.add(address(each.family()).with(each.address().map(Configuration::value).orElse(Bytes.empty())));
        }
        wanted.stream().map(VirtualAddress::family).distinct().forEach(family -> attributes.add(servers(family).with(Bytes.empty())));
        return new ConfigurationPayload(ConfigType.CFG_REQUEST.number(), attributes);
    }

    /** The addresses that it asks for, by name or whichever, in its order; each name once. */
    static List<VirtualAddress> wanted(ConfigurationPayload request) {
        Set<InetAddress> named = new HashSet<>();
        return request.attributes().stream()
                .flatMap(attribute -> Arrays.stream(AddressFamily.values())
                        .filter(family -> attribute.type() == address(family).number())
                        .map(family -> address(attribute, family)
                                .filter(address -> !address.isAnyLocalAddress())
                                .map(VirtualAddress::of)
                                .orElse(VirtualAddress.any(family))))
                .filter(wish -> wish.address().isEmpty() || named.add(wish.address().get()))
                .limit(Wishes.MOST)
                .toList();
    }

    // ---- replies

    /**
     * What it asks for, as far as the pools have it, and what they tell everybody.
     *
     * @param pools from which {@code lent} are
     */
    static ConfigurationPayload reply(ConfigurationPayload request, List<Pool> pools, List<InetAddress> lent) {
        Stream<ConfigAttributeType> asked =
                request.attributes().stream().flatMap(attribute -> ConfigAttributeType.byNumber(attribute.type()).stream());
        List<ConfigAttribute> attributes = new ArrayList<>();
        Stream.concat(asked, ALWAYS_TOLD.stream()).distinct().forEach(type -> told(type, pools, lent).distinct().forEach(attributes::add));
        if (request.attributes().stream().anyMatch(attribute -> attribute.type() == INTERNAL_IP6_NBNS)) {
            pools.stream().flatMap(pool -> of(AddressFamily.IPV6, pool.told().nbns()))
                    .forEach(server -> attributes.add(new ConfigAttribute(INTERNAL_IP6_NBNS, octets(server))));
        }
        pools.stream().flatMap(pool -> pool.told().attributes().stream()).distinct()
                .forEach(each -> attributes.add(new ConfigAttribute(each.type(), Bytes.of(each.value().toArray()))));
        return new ConfigurationPayload(ConfigType.CFG_REPLY.number(), attributes);
    }

    private static Stream<ConfigAttribute> told(ConfigAttributeType type, List<Pool> pools, List<InetAddress> lent) {
        Stream<Pool.Told> told = pools.stream().map(Pool::told);
        return switch (type) {
            case INTERNAL_IP4_ADDRESS -> of(AddressFamily.IPV4, lent).map(address -> type.with(value(address)));
            case INTERNAL_IP6_ADDRESS -> of(AddressFamily.IPV6, lent).map(address -> type.with(value(address)));
            case INTERNAL_IP4_NETMASK -> isNamed(type, pools) ? Stream.empty() : of(AddressFamily.IPV4, lent).map(_ -> type.with(HOST_MASK));
            case INTERNAL_IP4_DNS -> told.flatMap(from -> all(type, from.dns(), AddressFamily.IPV4));
            case INTERNAL_IP6_DNS -> told.flatMap(from -> all(type, from.dns(), AddressFamily.IPV6));
            case INTERNAL_IP4_NBNS -> told.flatMap(from -> all(type, from.nbns(), AddressFamily.IPV4));
            case INTERNAL_IP4_DHCP -> told.flatMap(from -> all(type, from.dhcp(), AddressFamily.IPV4));
            case INTERNAL_IP6_DHCP -> told.flatMap(from -> all(type, from.dhcp(), AddressFamily.IPV6));
            case INTERNAL_IP4_SUBNET -> told.flatMap(from -> networks(from, AddressFamily.IPV4))
                    .map(prefix -> type.with(Bytes.concat(octets(prefix.from()), mask(prefix))));
            case INTERNAL_IP6_SUBNET -> told.flatMap(from -> networks(from, AddressFamily.IPV6))
                    .map(prefix -> type.with(withLength(prefix.from(), prefix.prefixLength().orElseThrow())));
            case INTERNAL_DNS_DOMAIN -> told.flatMap(from -> from.domain().stream())
                    .map(domain -> type.with(Bytes.of(domain.getBytes(StandardCharsets.US_ASCII))));
            case INTERNAL_IP6_LINK, INTERNAL_IP6_PREFIX, APPLICATION_VERSION, SUPPORTED_ATTRIBUTES, P_CSCF_IP4_ADDRESS, P_CSCF_IP6_ADDRESS,
                INTERNAL_DNSSEC_TA, ENCDNS_IP4, ENCDNS_IP6, ENCDNS_DIGEST_INFO -> Stream.empty();
        };
    }

    private static boolean isNamed(ConfigAttributeType type, List<Pool> pools) {
        return pools.stream().flatMap(pool -> pool.told().attributes().stream()).anyMatch(each -> each.type() == type.number());
    }

    private static Stream<AddressRange> networks(Pool.Told told, AddressFamily family) {
        return told.split().stream().filter(network -> network.family() == family).flatMap(network -> network.toPrefixes().stream());
    }

    /** What a reply gives us of what we have asked for: empty if it has no address that we can use. */
    static Optional<InnerAddresses.Given> given(ConfigurationPayload reply, List<VirtualAddress> asked) {
        List<InetAddress> addresses = Wishes.fulfilled(asked, Arrays.stream(AddressFamily.values())
                .flatMap(family -> addresses(reply, address(family)))
                .filter(Configuration::isUsable)
                .toList());
        List<InetAddress> servers = Arrays.stream(AddressFamily.values())
                .flatMap(family -> addresses(reply, servers(family)))
                .distinct()
                .toList();
        List<String> domains = reply.attributes().stream()
                .filter(attribute -> attribute.type() == ConfigAttributeType.INTERNAL_DNS_DOMAIN.number())
                .map(attribute -> new String(attribute.value().toArray(), StandardCharsets.US_ASCII))
                .toList();
        return addresses.isEmpty() ? Optional.empty() : Optional.of(new InnerAddresses.Given(addresses, new NameServers(servers, domains)));
    }

    private static boolean isUsable(InetAddress address) {
        return !address.isAnyLocalAddress() && !address.isLoopbackAddress() && !address.isMulticastAddress() && !address.isLinkLocalAddress();
    }

    // ---- attributes

    private static ConfigAttributeType address(AddressFamily family) {
        return family == AddressFamily.IPV4 ? ConfigAttributeType.INTERNAL_IP4_ADDRESS : ConfigAttributeType.INTERNAL_IP6_ADDRESS;
    }

    private static ConfigAttributeType servers(AddressFamily family) {
        return family == AddressFamily.IPV4 ? ConfigAttributeType.INTERNAL_IP4_DNS : ConfigAttributeType.INTERNAL_IP6_DNS;
    }

    /** The addresses of one kind; what is not as long as that is passed over. */
    private static Stream<InetAddress> addresses(ConfigurationPayload payload, ConfigAttributeType type) {
        return payload.attributes().stream()
                .filter(attribute -> attribute.type() == type.number())
                .flatMap(attribute -> address(attribute, family(type)).stream());
    }

    /** An IPv6 one has the length of a prefix with it, or has not; empty if it is not as long as that. */
    private static Optional<InetAddress> address(ConfigAttribute attribute, AddressFamily family) {
        return Optional.of(attribute.value())
                .filter(value -> value.length() == 4 || value.length() == 16 || value.length() == 17)
                .map(value -> Ip.of(value.length() == 17 ? value.slice(0, 16).toArray() : value.toArray()))
                .filter(address -> AddressFamily.of(address) == family);
    }

    private static AddressFamily family(ConfigAttributeType type) {
        return type == ConfigAttributeType.INTERNAL_IP4_ADDRESS || type == ConfigAttributeType.INTERNAL_IP4_DNS ? AddressFamily.IPV4 : AddressFamily.IPV6;
    }

    private static Stream<InetAddress> of(AddressFamily family, List<InetAddress> addresses) {
        return addresses.stream().filter(address -> AddressFamily.of(address) == family);
    }

    private static Stream<ConfigAttribute> all(ConfigAttributeType type, List<InetAddress> addresses, AddressFamily family) {
        return of(family, addresses).map(address -> type.with(octets(address)));
    }

    /** Of an address attribute: an IPv6 address has the length of its prefix with it, which is all of it. */
    private static Bytes value(InetAddress address) {
        AddressFamily family = AddressFamily.of(address);
        return family == AddressFamily.IPV4 ? octets(address) : withLength(address, family.bits());
    }

    private static Bytes withLength(InetAddress address, int bits) {
        return Bytes.concat(octets(address), Bytes.of((byte) bits));
    }

    private static Bytes mask(AddressRange prefix) {
        int bits = prefix.prefixLength().orElseThrow();
        int mask = bits == 0 ? 0 : -1 << Integer.SIZE - bits;
        return Children.spiOctets(mask);
    }

    private static Bytes octets(InetAddress address) {
        return Bytes.of(address.getAddress());
    }
}
