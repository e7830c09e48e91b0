package org.xfrmagent.it.scenarios;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.netns.Link;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * Two gateways with both address families and a pair of addresses per combination, and the configurations for them: one start of two
 * daemons serves all combinations.
 */
record Matrix(Lab lab, Host alice, Host moon, Host sun, Host bob, Link wire, List<Combination> combinations) implements AutoCloseable {
    private static final String PSK = "a shared secret that only these two gateways of the lab know";
    private static final int PORT = 9000;
    private static final int TRANSFERRED_KIB = 128;

    /** What a transfer moves at least. */
    static final long TRANSFERRED = TRANSFERRED_KIB * 1024L;

    static Matrix of(List<Combination> combinations) {
        Lab lab = Lab.open();
        try {
            Host alice = lab.host("alice");
            Host moon = lab.host("moon");
            Host sun = lab.host("sun");
            Host bob = lab.host("bob");
            List<String> moons = new ArrayList<>(List.of("192.0.2.1/24", "2001:db8::1/64"));
            List<String> suns = new ArrayList<>(List.of("192.0.2.2/24", "2001:db8::2/64"));
            List<String> insides = new ArrayList<>(List.of("10.2.0.1/24", "fd02::1/48"));
            List<String> bobs = new ArrayList<>(List.of("10.2.0.10/24", "fd02::10/48"));
            for (Combination each : combinations) {
                if (each.mode() == Mode.TRANSPORT) {
                    moons.add(each.moon() + (each.outerIpv6() ? "/64" : "/24"));
                    suns.add(each.sun() + (each.outerIpv6() ? "/64" : "/24"));
                } else {
                    // A gateway has an address in each of its networks: charon's userspace plane takes it as the source of a route.
                    insides.add(each.target().replaceFirst("10$", "1") + (each.innerIpv6() ? "/48" : "/24"));
                    bobs.add(each.target() + (each.innerIpv6() ? "/48" : "/24"));
                }
            }
            Link wire = lab.link(moon, moons, sun, suns);
            lab.link(alice, List.of("10.1.0.10/16", "fd01::10/32"), moon, List.of("10.1.0.1/16", "fd01::1/32"));
            lab.link(sun, insides, bob, bobs);
            // Clear text would arrive too: what keeps it off the wire is the policy alone.
            Map<Host, List<String>> routers = Map.of(alice, List.of("10.1.0.1", "fd01::1"), moon, List.of("192.0.2.2", "2001:db8::2"),
                    sun, List.of("192.0.2.1", "2001:db8::1"), bob, List.of("10.2.0.1", "fd02::1"));
            routers.forEach((host, addresses) -> addresses.forEach(address -> lab.ip(host, "route add default via " + address)));
            lab.up();
            return new Matrix(lab, alice, moon, sun, bob, wire, combinations);
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    Capture eavesdrop() {
        return lab.closing(Capture.on(wire));
    }

    /** Listeners at sun and bob that answer with the checksum of what they were sent; and what alice and moon will send. */
    void listen() {
        for (Host host : List.of(sun, bob)) {
            host.start("socat", "-d", "-d", "TCP6-LISTEN:" + PORT + ",fork,reuseaddr,ipv6only=0,backlog=64", "EXEC:sha256sum")
                    .awaitOutput("listening on", Await.SOON);
        }
        for (Host host : List.of(alice, moon)) {
            host.shell("head -c " + TRANSFERRED_KIB + "K /dev/urandom >/run/sent");
        }
    }

    /**
     * Through every combination at once, some pings and a TCP transfer.
     *
     * @return what did not work, in words, by combination
     */
    Map<Combination, String> talk() {
        Map<Combination, String> troubles = new LinkedHashMap<>();
        troubles.putAll(talk(alice, Mode.TUNNEL));
        troubles.putAll(talk(moon, Mode.TRANSPORT));
        return troubles;
    }

    private Map<Combination, String> talk(Host from, Mode mode) {
        List<Combination> these = combinations.stream().filter(each -> each.mode() == mode).toList();
        String calls = these.stream()
                .map(each -> (each.innerIpv6() ? "one %d %s %s TCP6:[%2$s] [%3$s] &\n" : "one %d %s %s TCP4:%2$s %3$s &\n")
                        .formatted(each.number(), each.target(), each.source()))
                .collect(Collectors.joining());
        String said = from.shell("""
                expected=$(sha256sum </run/sent)
                one() {
                  ping -n -q -c 3 -i 0.2 -W 5 -I $3 $2 >/run/ping.$1 2>&1 || echo "$1 no ping: $(tail -n 2 /run/ping.$1 | xargs)"
                  received=$(socat -t 60 - $4:%d,bind=$5,connect-timeout=60 </run/sent 2>&1) || received="an error: $received"
                  [ "$received" = "$expected" ] || echo "$1 of a TCP transfer arrived: $received"
                }
                %swait
                """.formatted(PORT, calls));
        Map<Combination, String> troubles = new LinkedHashMap<>();
        said.lines().forEach(line -> these.stream()
                .filter(each -> line.startsWith(each.number() + " "))
                .forEach(each -> troubles.merge(each, line.substring(line.indexOf(' ') + 1), (one, other) -> one + "; " + other)));
        return troubles;
    }

    /** Each IKE SA's name with one of its children. */
    Map<String, Combination> peers() {
        Map<String, Combination> peers = new LinkedHashMap<>();
        combinations.forEach(each -> peers.putIfAbsent(each.peer(), each));
        return peers;
    }

    /** The agent's policies, at moon or at sun. */
    String yaml(boolean atMoon) {
        StringBuilder yaml = new StringBuilder("peers:\n");
        peers().forEach((name, each) -> yaml.append("""
                  %s:
                    local: { address: "%s", id: %s, auth: psk }
                    remote: { address: "%s", id: %s, auth: psk }
                    proposals: [aes256gcm16-prfsha384-x25519]
                """.formatted(name, atMoon ? each.moon() : each.sun(), id(name, atMoon), atMoon ? each.sun() : each.moon(),
                id(name, !atMoon)).indent(2)));
        yaml.append("secrets:\n  - psk: file:lab.psk\n    ids: [").append(ids()).append("]\npolicies:\n");
        for (Combination each : combinations) {
            yaml.append("""
                    - name: %s
                      match: { local: "%s", remote: "%s" }
                      action: protect
                      peer: %s
                      mode: %s
                      %s: [%s]
                      start: by-peer
                    """.formatted(each.name(), atMoon ? each.moonSelector() : each.sunSelector(),
                    atMoon ? each.sunSelector() : each.moonSelector(), each.peer(), each.mode().word(),
                    each.protocol().name().toLowerCase(Locale.ROOT), each.proposal()).indent(2));
        }
        return yaml.toString();
    }

    /** The secret, beside the agent's policies. */
    static void writeSecret(Host host) {
        host.write("/etc/xfrm-agent/lab.psk", PSK + "\n");
    }

    /** The same in strongSwan's words. */
    String connections(boolean atMoon) {
        List<String> connections = new ArrayList<>();
        peers().forEach((name, first) -> {
            SwanctlConf.End moon = new SwanctlConf.End(first.moon(), id(name, true));
            SwanctlConf.End sun = new SwanctlConf.End(first.sun(), id(name, false));
            List<String> children = combinations.stream().filter(each -> each.peer().equals(name)).map(each -> SwanctlConf.child(each.name(), """
                    local_ts = %s
                    remote_ts = %s
                    mode = %s
                    %s_proposals = %s
                    """.formatted(atMoon ? each.moonSelector() : each.sunSelector(), atMoon ? each.sunSelector() : each.moonSelector(), each.mode().word(),
                    each.protocol() == Protocol.AH ? "ah" : "esp", each.proposal()))).toList();
            connections.add(SwanctlConf.connection(name, atMoon ? moon : sun, atMoon ? sun : moon,
                    "version = 2\nproposals = aes256gcm16-prfsha384-x25519\n" + SwanctlConf.children(children)));
        });
        return SwanctlConf.of(connections, List.of(SwanctlConf.secret("lab", List.of(ids().split(", ")), PSK)));
    }

    /** Different for each IKE SA: equal identities would replace one by the other (RFC 7296 section 2.4). */
    private static String id(String peer, boolean ofMoon) {
        return (ofMoon ? "moon." : "sun.") + peer + ".lab";
    }

    private String ids() {
        return peers().keySet().stream().map(name -> id(name, true) + ", " + id(name, false)).collect(Collectors.joining(", "));
    }

    @Override
    public void close() {
        lab.close();
    }
}
