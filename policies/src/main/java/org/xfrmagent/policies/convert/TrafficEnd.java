package org.xfrmagent.policies.convert;

import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.xfrmagent.policies.model.IpProtocols;

/**
 * One end of a child's traffic (swanctl.conf(5), local_ts and remote_ts).
 *
 * @param bySuffix the addresses that have a protocol and ports in common; none of them where nothing but the protocol says which
 */
record TrafficEnd(Map<Suffix, Set<String>> bySuffix) {
    /** {@code 10.1.0.0/16}, {@code dynamic[tcp/http]}, {@code [udp]} … */
    private static final Pattern SELECTOR = Pattern.compile("([^\\[]*)(?:\\[([^/\\]]*)(?:/([^\\]]*))?])?");

    private static final String DYNAMIC = "dynamic";

    /**
     * What {@code dynamic} means on one side.
     *
     * @param given the addresses inside the tunnel that are given to whoever is there; none: it is the address of its IKE
     * @param hosts the addresses of its IKE, if they are known in advance
     * @param unclear whether addresses are given that are not known here
     */
    record Ends(List<String> given, List<String> hosts, boolean unclear) {}

    /** What follows an address in brackets: a protocol by one name, whether the file names it or numbers it, and ports. */
    record Suffix(Optional<String> protocol, Optional<String> port) {
        private boolean isIcmp() {
            return protocol.flatMap(IpProtocols::number).filter(IpProtocols::isIcmp).isPresent();
        }

        /** strongSwan takes an ICMP type and its code as one number, the type in its upper octet; a smaller one is a type with code 0. */
        private String written() {
            String ports = port.map(word -> "/" + (isIcmp() && word.matches("\\d{1,5}") ? type(Integer.parseInt(word)) : word)).orElse("");
            return protocol.map(name -> "[" + name + ports + "]").orElse("");
        }

        private static String type(int number) {
            return number < 1 << 8 ? number + "(0)" : (number >> 8) + "(" + (number & 0xff) + ")";
        }
    }

    /** @throws IllegalArgumentException with a sentence, if it has no equal */
    static TrafficEnd of(String key, Options options, String mode, Ends ends) {
        List<String> texts = options.list(key);
        Map<Suffix, Set<String>> named = new LinkedHashMap<>();
        for (String text : texts.isEmpty() ? List.of(DYNAMIC) : texts) {
            Matcher parts = SELECTOR.matcher(text);
            if (!parts.matches()) {
                throw new IllegalArgumentException(key + " has '" + text + "', which is no traffic selector");
            }
            String address = parts.group(1).strip();
            Suffix suffix = new Suffix(word(parts.group(2)).map(word -> protocol(key, word)), word(parts.group(3)));
            suffix.port.filter(word -> word.matches("[A-Za-z].*") && IpProtocols.service(word).isEmpty()).ifPresent(word -> {
                throw new IllegalArgumentException(key + " has the port '" + word + "', which has no number here");
            });
            named.computeIfAbsent(suffix, _ -> new LinkedHashSet<>()).add(address.isEmpty() ? DYNAMIC : address);
        }
        boolean alone = named.values().stream().flatMap(Set::stream).allMatch(DYNAMIC::equals);
        Map<Suffix, Set<String>> bySuffix = new LinkedHashMap<>();
        named.forEach((suffix, addresses) -> bySuffix.put(suffix, resolved(key, mode, ends, addresses, alone)));
        return new TrafficEnd(bySuffix);
    }

    private static Optional<String> word(String text) {
        return Optional.ofNullable(text).map(String::strip).filter(word -> !word.isEmpty());
    }

    private static String protocol(String key, String word) {
        return (word.matches("\\d{1,3}") ? Optional.of(Integer.valueOf(word)) : IpProtocols.number(word)).map(IpProtocols::name)
                .orElseThrow(() -> new IllegalArgumentException(key + " has the protocol '" + word + "', which has no number here"));
    }

    private static Set<String> resolved(String key, String mode, Ends ends, Set<String> addresses, boolean alone) {
        Set<String> all = new LinkedHashSet<>(addresses);
        if (all.remove(DYNAMIC)) {
            all.addAll(dynamic(key, mode, ends, alone));
            if (all.isEmpty() && !alone) {
                throw new IllegalArgumentException(key + " is dynamic beside addresses");
            }
        }
        return all;
    }

    /** @param alone whether the side has no other addresses */
    private static List<String> dynamic(String key, String mode, Ends ends, boolean alone) {
        if (mode.equals("transport")) {
            return List.of();
        }
        if (!ends.given().isEmpty()) {
            return ends.given();
        }
        if (mode.equals("tunnel") && alone && !ends.unclear()) {
            return List.of(DYNAMIC);
        }
        if (ends.hosts().isEmpty() || ends.unclear()) {
            throw new IllegalArgumentException(key + " is dynamic, and it is not known in advance which address that will be");
        }
        return ends.hosts();
    }

    // ---- what it says

    boolean hasProtocol() {
        return bySuffix.keySet().stream().anyMatch(suffix -> suffix.protocol.isPresent());
    }

    boolean hasPorts() {
        return bySuffix.keySet().stream().anyMatch(suffix -> suffix.port.isPresent());
    }

    /** The length of the longest prefix; a single address or a range counts as a host. */
    int prefix() {
        return bySuffix.values().stream().flatMap(Set::stream).mapToInt(address -> {
            int slash = address.indexOf('/');
            String bits = slash < 0 ? "" : address.substring(slash + 1);
            return bits.matches("\\d{1,3}") ? Integer.parseInt(bits) : address.contains(":") ? 128 : 32;
        }).max().orElse(32);
    }

    /** Whether some protocol is on both sides. */
    boolean meets(TrafficEnd other) {
        Set<Optional<String>> ours = protocols();
        Set<Optional<String>> theirs = other.protocols();
        return ours.contains(Optional.empty()) || theirs.contains(Optional.empty()) || ours.stream().anyMatch(theirs::contains);
    }

    /** Whether its addresses are those that are given to whoever is there. */
    boolean isGiven(Ends ends) {
        Set<String> all = allAddresses();
        return !ends.given.isEmpty() && !all.isEmpty() && ends.given.containsAll(all);
    }

    /** Whether some family of addresses may be on both sides. */
    boolean shares(TrafficEnd other) {
        return isOfAnyFamily() || other.isOfAnyFamily() || allAddresses().stream().anyMatch(other::hasFamilyOf);
    }

    /** Without the addresses of a family that the other side does not have: they never match a packet. */
    TrafficEnd facing(TrafficEnd other) {
        if (isOfAnyFamily() || other.isOfAnyFamily()) {
            return this;
        }
        Map<Suffix, Set<String>> fitting = new LinkedHashMap<>();
        bySuffix.forEach((suffix, addresses) -> {
            Set<String> left = new LinkedHashSet<>(addresses);
            left.removeIf(address -> !other.hasFamilyOf(address));
            if (!left.isEmpty()) {
                fitting.put(suffix, left);
            }
        });
        return new TrafficEnd(fitting);
    }

    private Set<String> allAddresses() {
        return bySuffix.values().stream().flatMap(Set::stream).collect(toSet());
    }

    private boolean isOfAnyFamily() {
        return bySuffix.values().stream().anyMatch(addresses -> addresses.isEmpty() || addresses.contains(DYNAMIC));
    }

    private boolean hasFamilyOf(String address) {
        return allAddresses().stream().anyMatch(own -> own.contains(":") == address.contains(":"));
    }

    private Set<Optional<String>> protocols() {
        return bySuffix.keySet().stream().map(Suffix::protocol).collect(toSet());
    }

    // ---- in our words

    /**
     * The value of {@code match}: with keys for a protocol and ports that all addresses have, else with these at the addresses.
     *
     * @param device the only interface whose packets match
     * @param label by which the peer tells its SAs from others
     */
    static String match(TrafficEnd local, TrafficEnd remote, Optional<String> device, Optional<String> label) {
        List<String> parts = new ArrayList<>();
        Set<Optional<String>> protocols = new LinkedHashSet<>(local.protocols());
        protocols.addAll(remote.protocols());
        protocols.remove(Optional.<String>empty());
        if (local.isEven() && remote.isEven() && protocols.size() <= 1) {
            add("local", local.addresses(), parts);
            add("remote", remote.addresses(), parts);
            add("protocol", protocols.stream().flatMap(Optional::stream).toList(), parts);
            add("local-port", local.ports(), parts);
            add("remote-port", remote.ports(), parts);
        } else {
            add("local", local.written(), parts);
            add("remote", remote.written(), parts);
        }
        add("device", device.stream().toList(), parts);
        add("label", label.stream().toList(), parts);
        return parts.isEmpty() ? "{}" : "{ " + String.join(", ", parts) + " }";
    }

    private static void add(String key, List<String> values, List<String> parts) {
        if (!values.isEmpty()) {
            parts.add(key + ": " + YamlText.oneOrMore(values));
        }
    }

    /** Whether every address has the protocol and every port. */
    private boolean isEven() {
        boolean alike = bySuffix.values().stream().distinct().count() == 1 && protocols().size() == 1;
        boolean ported = bySuffix.size() == 1 || bySuffix.keySet().stream().allMatch(suffix -> suffix.port.isPresent());
        return alike && ported && bySuffix.keySet().stream().noneMatch(suffix -> suffix.isIcmp() && suffix.port.isPresent());
    }

    private List<String> addresses() {
        return List.copyOf(bySuffix.values().iterator().next());
    }

    private List<String> ports() {
        return bySuffix.keySet().stream().flatMap(suffix -> suffix.port.stream()).toList();
    }

    private List<String> written() {
        return bySuffix.entrySet().stream()
                .flatMap(entry -> entry.getValue().isEmpty()
                        ? Stream.of(DYNAMIC + entry.getKey().written())
                        : entry.getValue().stream().map(address -> address + entry.getKey().written()))
                .toList();
    }
}
