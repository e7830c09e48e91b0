package org.xfrmagent.policies.model;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** The names of upper-layer protocols and services that a policy may use instead of numbers (IANA protocol and service registries). */
public final class IpProtocols {
    public static final int ANY = 0;
    public static final int ICMP = 1;
    public static final int TCP = 6;
    public static final int UDP = 17;
    public static final int ICMPV6 = 58;

    private static final Map<String, Integer> BY_NAME = new TreeMap<>(Map.ofEntries(
            Map.entry("any", ANY), Map.entry("icmp", ICMP), Map.entry("igmp", 2), Map.entry("ipip", 4), Map.entry("tcp", TCP),
            Map.entry("udp", UDP), Map.entry("dccp", 33), Map.entry("ipv6", 41), Map.entry("gre", 47), Map.entry("esp", 50),
            Map.entry("ah", 51), Map.entry("icmpv6", ICMPV6), Map.entry("ospf", 89), Map.entry("pim", 103), Map.entry("vrrp", 112),
            Map.entry("l2tp", 115), Map.entry("sctp", 132), Map.entry("mh", 135), Map.entry("udplite", 136)));
    private static final Set<Integer> WITH_PORTS = Set.of(TCP, UDP, 33, 132, 136);

    private static final Map<String, Integer> SERVICES = new TreeMap<>(Map.ofEntries(
            Map.entry("ftp", 21), Map.entry("ssh", 22), Map.entry("telnet", 23), Map.entry("smtp", 25), Map.entry("dns", 53),
            Map.entry("domain", 53), Map.entry("http", 80), Map.entry("kerberos", 88), Map.entry("pop3", 110), Map.entry("ntp", 123),
            Map.entry("imap", 143), Map.entry("snmp", 161), Map.entry("bgp", 179), Map.entry("ldap", 389), Map.entry("https", 443),
            Map.entry("isakmp", 500), Map.entry("syslog", 514), Map.entry("ldaps", 636), Map.entry("imaps", 993),
            Map.entry("l2f", 1701), Map.entry("radius", 1812), Map.entry("nfs", 2049), Map.entry("mysql", 3306),
            Map.entry("rdp", 3389), Map.entry("ipsec-nat-t", 4500), Map.entry("vxlan", 4789), Map.entry("postgresql", 5432)));

    private IpProtocols() {}

    public static Optional<Integer> number(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /** The name of {@code protocol}, or its number in digits. */
    public static String name(int protocol) {
        return BY_NAME.entrySet().stream().filter(entry -> entry.getValue() == protocol).map(Map.Entry::getKey).findFirst()
                .orElse(Integer.toString(protocol));
    }

    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    public static Optional<Integer> service(String name) {
        return Optional.ofNullable(SERVICES.get(name));
    }

    public static Set<String> services() {
        return SERVICES.keySet();
    }

    /** Whether packets of {@code protocol} have two port fields. */
    public static boolean hasPorts(int protocol) {
        return WITH_PORTS.contains(protocol);
    }

    public static boolean isIcmp(int protocol) {
        return protocol == ICMP || protocol == ICMPV6;
    }
}
