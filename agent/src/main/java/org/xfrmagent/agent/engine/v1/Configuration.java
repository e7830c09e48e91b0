package org.xfrmagent.agent.engine.v1;

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
import org.xfrmagent.agent.wire.v1.AttributesPayload;
import org.xfrmagent.agent.wire.v1.ConfigAttribute;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/** What Mode Config says (draft-ietf-ipsec-isakmp-mode-cfg, section 3.3, and Unity's attributes), in terms of pools and addresses. */
final class Configuration {
    private static final Bytes HOST_MASK = Bytes.hex("ffffffff");
    private static final Bytes ANY_PROTOCOL_AND_PORTS = Bytes.hex("000000000000");

    /** What a peer that has not asked is told. */
    private static final List<Integer> TOLD = List.of(
            ConfigAttribute.INTERNAL_IP4_ADDRESS, ConfigAttribute.INTERNAL_IP6_ADDRESS, ConfigAttribute.INTERNAL_IP4_NETMASK,
            ConfigAttribute.INTERNAL_IP4_DNS, ConfigAttribute.INTERNAL_IP6_DNS, ConfigAttribute.INTERNAL_IP4_NBNS, ConfigAttribute.INTERNAL_IP6_NBNS,
            ConfigAttribute.INTERNAL_IP4_DHCP, ConfigAttribute.INTERNAL_IP6_DHCP, ConfigAttribute.UNITY_BANNER, ConfigAttribute.UNITY_DEF_DOMAIN,
            ConfigAttribute.UNITY_SPLIT_INCLUDE, ConfigAttribute.UNITY_LOCAL_LAN);

    private Configuration() {}

    // ---- what we ask for

    static List<DataAttribute> request(List<VirtualAddress> wanted) {
        List<DataAttribute> attributes = new ArrayList<>();
        for (VirtualAddress each : wanted) {
            attributes.add(attribute(address(each.family()), each.address().map(Configuration::octets).orElse(Bytes.empty())));
        }
        wanted.stream().map(VirtualAddress::family).distinct()
                .forEach(family -> besides(family).forEach(type -> attributes.add(attribute(type, Bytes.empty()))));
        return attributes;
    }

    private static List<Integer> besides(AddressFamily family) {
        return family == AddressFamily.IPV4
                ? List.of(ConfigAttribute.INTERNAL_IP4_NETMASK, ConfigAttribute.INTERNAL_IP4_DNS, ConfigAttribute.INTERNAL_IP4_NBNS)
                : List.of(ConfigAttribute.INTERNAL_IP6_DNS, ConfigAttribute.INTERNAL_IP6_NBNS);
    }

    /** An acknowledgement of what we take names it, without values (section 3.2). */
    static List<DataAttribute> taken(AttributesPayload set, List<VirtualAddress> wanted) {
        List<Integer> ours = request(wanted).stream().map(DataAttribute::type).toList();
        return set.attributes().stream().map(DataAttribute::type).distinct().filter(ours::contains)
                .map(type -> attribute(type, Bytes.empty()))
                .toList();
    }

    /** What we are told of what we want: empty if there is no address that we can use. */
    static Optional<InnerAddresses.Given> given(AttributesPayload told, List<VirtualAddress> wanted) {
        List<InetAddress> addresses = Wishes.fulfilled(wanted, Arrays.stream(AddressFamily.values())
                .flatMap(family -> addresses(told, address(family)))
                .filter(Configuration::isUsable)
                .toList());
        List<InetAddress> servers = Stream.of(ConfigAttribute.INTERNAL_IP4_DNS, ConfigAttribute.INTERNAL_IP6_DNS)
                .flatMap(type -> addresses(told, type))
                .distinct()
                .toList();
        List<String> domains = told.value(ConfigAttribute.UNITY_DEF_DOMAIN).stream()
                .map(value -> new String(value.toArray(), StandardCharsets.US_ASCII))
                .toList();
        return addresses.isEmpty() ? Optional.empty() : Optional.of(new InnerAddresses.Given(addresses, new NameServers(servers, domains)));
    }

    private static boolean isUsable(InetAddress address) {
        return !address.isAnyLocalAddress() && !address.isLoopbackAddress() && !address.isMulticastAddress() && !address.isLinkLocalAddress();
    }

    // ---- what we are asked for

    /** The addresses that are asked for, by name or whichever, in this order; each name once. */
    static List<VirtualAddress> wanted(AttributesPayload request) {
        Set<InetAddress> named = new HashSet<>();
        return request.attributes().stream()
                .flatMap(attribute -> Arrays.stream(AddressFamily.values())
                        .filter(family -> attribute.type() == address(family))
                        .map(family -> address(attribute, attribute.type())
                                .filter(address -> !address.isAnyLocalAddress())
                                .map(VirtualAddress::of)
                                .orElse(VirtualAddress.any(family))))
                .filter(wish -> wish.address().isEmpty() || named.add(wish.address().get()))
                .limit(Wishes.MOST)
                .toList();
    }

    /** What it asks for, as far as the pools have it, and what they tell everybody. */
    static List<DataAttribute> reply(AttributesPayload request, List<Pool> pools, List<InetAddress> lent) {
        return attributes(request.attributes().stream().map(DataAttribute::type).distinct().toList(), pools, lent);
    }

    static List<DataAttribute> unasked(List<Pool> pools, List<InetAddress> lent) {
        return attributes(TOLD, pools, lent);
    }

    private static List<DataAttribute> attributes(List<Integer> types, List<Pool> pools, List<InetAddress> lent) {
        Stream<DataAttribute> named = types.stream().flatMap(type -> told(type, pools, lent).distinct());
        Stream<DataAttribute> numbered = pools.stream().flatMap(pool -> pool.told().attributes().stream()).distinct()
                .map(each -> attribute(each.type(), Bytes.of(each.value().toArray())));
        return lent.isEmpty() ? List.of() : Stream.concat(named, numbered).toList();
    }

    private static Stream<DataAttribute> told(int type, List<Pool> pools, List<InetAddress> lent) {
        Stream<Pool.Told> told = pools.stream().map(Pool::told);
        return switch (type) {
            case ConfigAttribute.INTERNAL_IP4_ADDRESS -> all(type, lent, AddressFamily.IPV4);
            case ConfigAttribute.INTERNAL_IP6_ADDRESS -> all(type, lent, AddressFamily.IPV6);
            case ConfigAttribute.INTERNAL_IP4_NETMASK -> isNumbered(type, pools)
                    ? Stream.empty()
                    : all(type, lent, AddressFamily.IPV4).map(_ -> attribute(type, HOST_MASK));
            case ConfigAttribute.INTERNAL_IP4_DNS -> told.flatMap(from -> all(type, from.dns(), AddressFamily.IPV4));
            case ConfigAttribute.INTERNAL_IP6_DNS -> told.flatMap(from -> all(type, from.dns(), AddressFamily.IPV6));
            case ConfigAttribute.INTERNAL_IP4_NBNS -> told.flatMap(from -> all(type, from.nbns(), AddressFamily.IPV4));
            case ConfigAttribute.INTERNAL_IP6_NBNS -> told.flatMap(from -> all(type, from.nbns(), AddressFamily.IPV6));
            case ConfigAttribute.INTERNAL_IP4_DHCP -> told.flatMap(from -> all(type, from.dhcp(), AddressFamily.IPV4));
            case ConfigAttribute.INTERNAL_IP6_DHCP -> told.flatMap(from -> all(type, from.dhcp(), AddressFamily.IPV6));
            case ConfigAttribute.INTERNAL_IP4_SUBNET -> told.flatMap(from -> prefixes(from.split(), AddressFamily.IPV4))
                    .map(prefix -> attribute(type, Bytes.concat(octets(prefix.from()), mask(prefix))));
            case ConfigAttribute.INTERNAL_IP6_SUBNET -> told.flatMap(from -> prefixes(from.split(), AddressFamily.IPV6))
                    .map(prefix -> attribute(type, Bytes.concat(octets(prefix.from()), Bytes.of((byte) bits(prefix)))));
            case ConfigAttribute.UNITY_BANNER -> told.flatMap(from -> text(type, from.banner()));
            case ConfigAttribute.UNITY_DEF_DOMAIN -> told.flatMap(from -> text(type, from.domain()));
            case ConfigAttribute.UNITY_SPLIT_INCLUDE -> networks(type, told.flatMap(from -> prefixes(from.split(), AddressFamily.IPV4)));
            case ConfigAttribute.UNITY_LOCAL_LAN -> networks(type, told.flatMap(from -> prefixes(from.splitExclude(), AddressFamily.IPV4)));
            default -> Stream.empty();
        };
    }

    private static boolean isNumbered(int type, List<Pool> pools) {
        return pools.stream().flatMap(pool -> pool.told().attributes().stream()).anyMatch(each -> each.type() == type);
    }

    // ---- attributes

    private static int address(AddressFamily family) {
        return family == AddressFamily.IPV4 ? ConfigAttribute.INTERNAL_IP4_ADDRESS : ConfigAttribute.INTERNAL_IP6_ADDRESS;
    }

    private static Stream<InetAddress> addresses(AttributesPayload told, int type) {
        return told.attributes().stream().filter(attribute -> attribute.type() == type).flatMap(attribute -> address(attribute, type).stream());
    }

    /** An IPv6 one may have the length of its prefix with it, as in IKEv2; empty if it is not as long as that. */
    private static Optional<InetAddress> address(DataAttribute attribute, int type) {
        boolean ipv6 = type == ConfigAttribute.INTERNAL_IP6_ADDRESS || type == ConfigAttribute.INTERNAL_IP6_DNS;
        return Optional.of(attribute.value())
                .filter(value -> ipv6 ? value.length() == 16 || value.length() == 17 : value.length() == 4)
                .map(value -> Ip.of(ipv6 ? value.slice(0, 16).toArray() : value.toArray()))
                .filter(address -> AddressFamily.of(address) == (ipv6 ? AddressFamily.IPV6 : AddressFamily.IPV4));
    }

    private static DataAttribute attribute(int type, Bytes value) {
        return new DataAttribute(type, false, value);
    }

    private static Stream<DataAttribute> all(int type, List<InetAddress> addresses, AddressFamily family) {
        return addresses.stream().filter(address -> AddressFamily.of(address) == family).map(address -> attribute(type, octets(address)));
    }

    private static Stream<DataAttribute> text(int type, Optional<String> text) {
        return text.map(words -> attribute(type, Bytes.of(words.getBytes(StandardCharsets.US_ASCII)))).stream();
    }

    private static Stream<AddressRange> prefixes(List<AddressRange> networks, AddressFamily family) {
        return networks.stream().filter(network -> network.family() == family).flatMap(network -> network.toPrefixes().stream());
    }

    /** All networks in one attribute, each with its mask and six octets of zero. */
    private static Stream<DataAttribute> networks(int type, Stream<AddressRange> prefixes) {
        List<Bytes> entries = prefixes.map(prefix -> Bytes.concat(octets(prefix.from()), mask(prefix), ANY_PROTOCOL_AND_PORTS)).toList();
        return entries.isEmpty() ? Stream.empty() : Stream.of(attribute(type, Bytes.concat(entries.toArray(Bytes[]::new))));
    }

    private static Bytes mask(AddressRange prefix) {
        return Bytes.of(AddressRange.prefix(AddressRange.ALL_IPV4.to(), bits(prefix)).from().getAddress());
    }

    private static int bits(AddressRange prefix) {
        return prefix.prefixLength().orElseThrow();
    }

    private static Bytes octets(InetAddress address) {
        return Bytes.of(address.getAddress());
    }
}
