package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.TwoSites;

/**
 * The SPD of RFC 4301, section 4.4.1, as packets meet it: the first policy of the file that matches decides, in both directions.
 *
 * <pre>
 *   alice ───── moon ═════ sun ───── bob        UDP to bob, by port:
 *                │                                5022        bypassed
 *             mallory                             5023, 8005  discarded, the second in the middle of a protected range
 *        who says she is bob                      8000-8010   protected, a child of its own
 *                                                 all other   discarded
 * </pre>
 */
@Tag("netns")
@Tag("lab")
class PolicyOrderTest {
    private static final String SECRET = "a shared secret that only these two gateways of the lab know";
    private static final List<Integer> PORTS = List.of(5022, 5023, 7999, 8000, 8005, 8007, 8008, 8010, 8011);
    private static final Set<Integer> ARRIVE = Set.of(5022, 8000, 8007, 8008, 8010);
    private static final int AT_ALICE = 9_999;

    private static String yaml(boolean atMoon) {
        String networks = atMoon ? "local: 10.1.0.0/16, remote: 10.2.0.0/16" : "local: 10.2.0.0/16, remote: 10.1.0.0/16";
        String bobsPort = atMoon ? "remote-port" : "local-port";
        String us = atMoon ? "192.0.2.1, id: moon.lab" : "192.0.2.2, id: sun.lab";
        String them = atMoon ? "192.0.2.2, id: sun.lab" : "192.0.2.1, id: moon.lab";
        return """
                peers:
                  other:
                    local: { address: %s, auth: psk }
                    remote: { address: %s, auth: psk }
                secrets:
                  - psk: file:other.psk
                    ids: [moon.lab, sun.lab]
                policies:
                  - { name: in-the-clear, match: { %3$s, protocol: udp, %4$s: 5022 }, action: bypass }
                  - { name: not-this-one, match: { %3$s, protocol: udp, %4$s: 8005 }, action: discard }
                  - { name: range, match: { %3$s, protocol: udp, %4$s: 8000-8010 }, action: protect, peer: other }
                  - { name: pings, match: { %3$s, protocol: icmp }, action: protect, peer: other }
                  - { name: nothing-else, match: { %3$s }, action: discard }
                """.formatted(us, them, networks, bobsPort);
    }

    private static Agent start(TwoSites sites, Host host) {
        host.write("/etc/xfrm-agent/other.psk", SECRET + "\n");
        return sites.with(new Agent(host, Plane.best())).start(yaml(host == sites.moon()));
    }

    @Test
    void theFirstPolicyThatMatchesDecidesInBothDirections() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Host mallory = mallory(sites);
            Agent sun = start(sites, sites.sun());
            Agent moon = start(sites, sites.moon());
            for (String policy : List.of("range", "pings")) {
                moon.control().initiate(policy).orFail();
            }
            assertThat(moon.sas()).as("two children of one IKE SA").singleElement().satisfies(sa -> assertThat(sa.children()).hasSize(2));
            PORTS.forEach(port -> listen(sites.bob(), port));
            listen(sites.alice(), AT_ALICE);
            Capture wire = sites.eavesdrop();

            sites.ping(2).orFail();
            say(sites.alice(), PORTS.stream().map(port -> "echo to-" + port + " >/dev/udp/" + sites.addresses().bob() + "/" + port));
            Await.until("what may arrive has arrived", SOON, () -> heard(sites.bob()).containsAll(ARRIVE), () -> heard(sites.bob()).toString());
            sites.ping(1).orFail();
            assertThat(heard(sites.bob())).isEqualTo(new TreeSet<>(ARRIVE));
            Capture.Wire seen = wire.stop();
            assertThat(clear(seen)).as("what everybody can read").isNotEmpty().allMatch(what -> what.contains("5022"));
            // Three pings and four datagrams of the range.
            assertThat(seen.espFrom(sites.addresses().moon())).hasSizeGreaterThanOrEqualTo(7);
            Set<Integer> children = seen.espFrom(sites.addresses().moon()).stream().map(Content.Esp::spi).collect(Collectors.toSet());
            assertThat(children).as("an SA for each policy").hasSize(2);

            // Clear text with bob's address: only where the policy lets bob speak so.
            say(mallory, Stream.of(8000, 7777, 5022).map(port -> "echo from-" + port + " | socat -u - UDP4-SENDTO:" + sites.addresses().alice()
                    + ":" + AT_ALICE + ",bind=" + sites.addresses().bob() + ":" + port));
            Await.until("the bypassed one has arrived", SOON, () -> sites.alice().read(file(AT_ALICE)).contains("from-5022"), sites.lab()::report);
            assertThat(sites.alice().read(file(AT_ALICE)).strip()).isEqualTo("from-5022");
            if (Plane.best() == Plane.KERNEL) {
                assertThat(priorities(sites.moon())).as("the kernel has them in the file's order").isSorted();
            }
            Scenario.met(sites, moon, sun, "ports, ranges, order of bypass, discard and protect");
        });
    }

    /** A host beside moon that has bob's address too. moon believes any source: only the policies are to stand in her way. */
    private static Host mallory(TwoSites sites) {
        Host mallory = sites.lab().host("mallory");
        sites.lab().link(mallory, List.of("203.0.113.2/24"), sites.moon(), List.of("203.0.113.1/24"));
        sites.lab().ip(mallory, "addr add " + sites.addresses().bob() + "/32 dev lo");
        sites.lab().ip(mallory, "route add 10.1.0.0/16 via 203.0.113.1");
        sites.lab().up();
        sites.moon().shell("for each in /proc/sys/net/ipv4/conf/*/rp_filter; do echo 0 >$each; done");
        return mallory;
    }

    private static String file(int port) {
        return "/run/heard-" + port;
    }

    private static void listen(Host host, int port) {
        host.start("socat", "-d", "-d", "-u", "UDP4-RECV:" + port, "CREATE:" + file(port)).awaitOutput("starting data transfer loop", SOON);
    }

    private static void say(Host host, Stream<String> lines) {
        host.shell(lines.collect(Collectors.joining("\n")));
    }

    /** The ports to which something came. */
    private static Set<Integer> heard(Host host) {
        return PORTS.stream().filter(port -> !host.read(file(port)).isBlank()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> clear(Capture.Wire seen) {
        return seen.packets().stream()
                .flatMap(packet -> packet.content() instanceof Content.Clear(String what) ? Stream.of(what) : Stream.of())
                .toList();
    }

    /** The first priority of each policy out of moon, in the order of the file: by the ports that only it has. */
    private static List<Integer> priorities(Host host) {
        List<String> out = host.xfrm().lines().map(String::strip).toList();
        return Stream.of("dport 5022", "dport 8005", "dport 8000", "proto icmp", "dst 10.2.0.0/16")
                .map(selector -> IntStream.range(0, out.size() - 1)
                        .filter(i -> out.get(i).startsWith("src 10.1.0.0/16 dst 10.2.0.0/16") && (out.get(i) + " ").contains(selector + " ")
                                && (!selector.equals("dst 10.2.0.0/16") || !out.get(i).contains("proto")))
                        .map(i -> Integer.parseInt(out.get(i + 1).replaceFirst(".*priority (\\d+).*", "$1")))
                        .min()
                        .orElseThrow(() -> new AssertionError("no policy with '" + selector + "' in:\n" + String.join("\n", out))))
                .toList();
    }
}
