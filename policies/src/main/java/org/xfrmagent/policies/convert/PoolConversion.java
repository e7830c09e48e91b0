package org.xfrmagent.policies.convert;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.policies.convert.Options.Remark;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;

/** A pool of swanctl.conf(5): its addresses, and attributes by name or number. */
final class PoolConversion {
    /** What a pool tells besides addresses, and its key here. */
    private static final Map<String, String> LISTS = ordered(
            "dns", "dns", "nbns", "nbns", "dhcp", "dhcp", "subnet", "split", "split_include", "split", "split_exclude", "split-exclude");

    /** The same for texts, which have numbers in swanctl.conf: BANNER and DEF_DOMAIN of Unity, INTERNAL_DNS_DOMAIN of RFC 8598. */
    private static final Map<String, String> TEXTS = ordered("28672", "banner", "28674", "domain", "25", "domain");

    /** A name that stands for two numbers: that of the attribute with an IPv4 address, and that with an IPv6 one. */
    private record Numbers(int ipv4, int ipv6) {}

    private static final Map<String, Numbers> NUMBERS =
            Map.of("address", new Numbers(1, 8), "netmask", new Numbers(2, 9), "server", new Numbers(23456, 23457));

    private final Options options;
    private final List<String> addresses;

    PoolConversion(String name, Settings pool) {
        this.options = new Options("pools." + name, pool);
        this.addresses = addresses(pool);
    }

    private static Map<String, String> ordered(String... pairs) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return Collections.unmodifiableMap(map);
    }

    /** What the pool gives, as policies write it. */
    static List<String> addresses(Settings pool) {
        return pool.value("addrs").map(value -> Options.parts(value.text())).orElse(List.of()).stream().map(PoolConversion::range).toList();
    }

    /** {@code 10.3.0.5/24} is what there is of that network from 10.3.0.5 on. */
    private static String range(String addrs) {
        String[] parts = addrs.split("/", 2);
        Optional<InetAddress> first = Ip.parse(parts[0].strip());
        if (parts.length < 2 || first.isEmpty() || !parts[1].strip().matches("\\d{1,3}")
                || Integer.parseInt(parts[1].strip()) > AddressFamily.of(first.get()).bits()) {
            return addrs;
        }
        AddressRange network = AddressRange.prefix(first.get(), Integer.parseInt(parts[1].strip()));
        BigInteger size = network.size();
        boolean begins = network.from().equals(first.get());
        return begins || size.compareTo(BigInteger.TWO) <= 0
                ? addrs
                : Ip.text(first.get()) + "-" + Ip.text(network.at(size.subtract(BigInteger.TWO)));
    }

    /** The keys of the pool, as the inside of a mapping. */
    String keys() {
        options.drop("addrs");
        Map<String, Set<String>> lists = new LinkedHashMap<>();
        LISTS.forEach((attribute, key) -> options.list(attribute).forEach(
                value -> lists.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(value)));
        List<String> parts = new ArrayList<>();
        parts.add("addresses: " + YamlText.list(addresses));
        lists.forEach((key, values) -> parts.add(key + ": " + YamlText.list(List.copyOf(values))));
        Set<String> said = new LinkedHashSet<>();
        TEXTS.forEach((attribute, key) -> options.text(attribute).ifPresent(text -> {
            if (said.add(key)) {
                parts.add(key + ": " + YamlText.scalar(text));
            } else {
                options.note(attribute, "there is one '" + key + "' for both versions of IKE, and another attribute has named it");
            }
        }));
        List<String> attributes = attributes();
        if (!attributes.isEmpty()) {
            parts.add("attributes: [" + String.join(", ", attributes) + "]");
        }
        return String.join(", ", parts);
    }

    private List<String> attributes() {
        List<String> attributes = new ArrayList<>();
        NUMBERS.forEach((name, numbers) -> options.list(name).forEach(value -> attributes.add(attribute(
                Ip.parse(value).map(AddressFamily::of).orElse(AddressFamily.IPV4) == AddressFamily.IPV4 ? numbers.ipv4 : numbers.ipv6, value))));
        options.numbered().forEach((number, value) -> Options.parts(value).forEach(each -> attributes.add(attribute(number, each))));
        return attributes;
    }

    private static String attribute(int number, String value) {
        return "{ type: " + number + ", value: " + YamlText.scalar(value) + " }";
    }

    List<Remark> remarks() {
        return options.remarks();
    }
}
