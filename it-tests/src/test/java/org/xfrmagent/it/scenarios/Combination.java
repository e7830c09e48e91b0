package org.xfrmagent.it.scenarios;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * One way to protect traffic (RFC 4301 sections 3.1 and 3.2), with addresses that no other combination has:
 *
 * <pre>
 *   tunnel      alice 10.1.0.10 ── moon 192.0.2.1   ═══ 192.0.2.2   sun ── 10.2.NUMBER.10    bob
 *                     fd01::10         2001:db8::1 ═══ 2001:db8::2         fd02:0:NUMBER::10
 *   transport          moon 192.0.2.100+NUMBER ═══ 192.0.2.200+NUMBER sun
 *                      2001:db8::a:NUMBER ═══ 2001:db8::b:NUMBER
 * </pre>
 *
 * The tunnels over one outer family are children of one IKE SA; each pair of hosts in transport mode has an IKE SA of its own.
 *
 * @param number from 1 on
 * @param proposal of the child, as all daemons here write it
 */
record Combination(int number, Mode mode, Protocol protocol, String proposal, Family family) {
    private static final List<String> OTHER_MACS = List.of("sha1", "sha384", "sha512", "aesxcbc", "aescmac");

    /** Every mode, protocol and pair of families; in tunnels, every integrity algorithm that AH may have, too. */
    static List<Combination> all() {
        List<Combination> all = new ArrayList<>();
        for (Family family : Family.values()) {
            all.add(new Combination(all.size() + 1, Mode.TUNNEL, Protocol.ESP, "aes256gcm16", family));
            all.add(new Combination(all.size() + 1, Mode.TUNNEL, Protocol.AH, "sha256", family));
        }
        for (Family family : List.of(Family.IPV4, Family.IPV6)) {
            all.add(new Combination(all.size() + 1, Mode.TRANSPORT, Protocol.ESP, "aes256gcm16", family));
            all.add(new Combination(all.size() + 1, Mode.TRANSPORT, Protocol.AH, "sha256", family));
            for (String mac : OTHER_MACS) {
                all.add(new Combination(all.size() + 1, Mode.TUNNEL, Protocol.AH, mac, family));
            }
        }
        return List.copyOf(all);
    }

    /** The child's name at both ends. */
    String name() {
        String families = family.word().toLowerCase(Locale.ROOT).replace(' ', '-');
        return "%s-%s-%s-%s".formatted(protocol, mode.word(), proposal, families).toLowerCase(Locale.ROOT);
    }

    /** The IKE SA's name at both ends. */
    String peer() {
        return mode == Mode.TUNNEL ? "gateways-" + (outerIpv6() ? "ipv6" : "ipv4") : "hosts-" + number;
    }

    boolean outerIpv6() {
        return family == Family.IPV6 || family == Family.IPV4_IN_IPV6;
    }

    boolean innerIpv6() {
        return family == Family.IPV6 || family == Family.IPV6_IN_IPV4;
    }

    /** Where moon's IKE daemon is. */
    String moon() {
        if (mode == Mode.TUNNEL) {
            return outerIpv6() ? "2001:db8::1" : "192.0.2.1";
        }
        return outerIpv6() ? "2001:db8::a:" + number : "192.0.2." + (100 + number);
    }

    String sun() {
        if (mode == Mode.TUNNEL) {
            return outerIpv6() ? "2001:db8::2" : "192.0.2.2";
        }
        return outerIpv6() ? "2001:db8::b:" + number : "192.0.2." + (200 + number);
    }

    /** What moon's side of the child covers. */
    String moonSelector() {
        if (mode == Mode.TRANSPORT) {
            return moon();
        }
        return innerIpv6() ? "fd01::/32" : "10.1.0.0/16";
    }

    String sunSelector() {
        if (mode == Mode.TRANSPORT) {
            return sun();
        }
        return innerIpv6() ? "fd02:0:" + number + "::/48" : "10.2." + number + ".0/24";
    }

    /** Who pings: alice or, in transport mode, moon. */
    String source() {
        if (mode == Mode.TRANSPORT) {
            return moon();
        }
        return innerIpv6() ? "fd01::10" : "10.1.0.10";
    }

    /** Whom. */
    String target() {
        if (mode == Mode.TRANSPORT) {
            return sun();
        }
        return innerIpv6() ? "fd02:0:" + number + "::10" : "10.2." + number + ".10";
    }

    /** What AH says comes next in a tunnel. */
    int tunnelledHeader() {
        return innerIpv6() ? 41 : 4;
    }

    @Override
    public String toString() {
        return name();
    }
}
