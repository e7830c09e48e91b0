package org.xfrmagent.it.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.SwanctlConf;

/**
 * A gateway with many tunnels, ten with each peer, that is rekeying some of them all the time, and one connection that gets no answer.
 *
 * <pre>
 *   moon ═══════════════ sun            moon: the daemon that is measured; it initiates, and rekeys each child every 20 to 40 s
 *   192.0.2.1      192.0.2.2            sun:  the agent, to which these are the many hosts of one peer that may come from anywhere
 *        └─ ─ ─ ─ ─  192.0.2.66         nobody: a neighbour with an address and no machine
 * </pre>
 */
final class BusyTunnels implements AutoCloseable {
    private static final int EACH = 10;

    /** Behind either gateway; each child is from one to one. The agent's userspace plane protects 1,000 local networks and no more. */
    private static final int NETS = 100;

    private static final int SOFT_SECONDS = 20;
    private static final String MOON = "192.0.2.1";
    private static final String SUN = "192.0.2.2";
    private static final String NOBODY = "192.0.2.66";
    private static final String SUNS_ID = "sun.example.org";
    private static final String PSK = "a shared secret that only the gateways of this benchmark know";

    private final Lab lab = Lab.open();
    private final Host moon = lab.host("moon");
    private final Host sun = lab.host("sun");
    private final Agent suns = new Agent(sun, Plane.USERSPACE).lasting("");

    /** Starts sun. */
    BusyTunnels() {
        lab.link(moon, List.of(MOON + "/24"), sun, List.of(SUN + "/24"));
        lab.ip(moon, "neigh add " + NOBODY + " lladdr 02:00:00:00:00:66 dev sun nud permanent");
        for (int net = 0; net < NETS; net++) {
            // charon's userspace plane has no policy for a network where this host has no address.
            lab.ip(moon, "addr add 10.0.%d.1/24 dev lo".formatted(net));
        }
        lab.up();
        sun.write("/etc/xfrm-agent/moons.psk", PSK + "\n");
        moon.write("/etc/xfrm-agent/sun.psk", PSK + "\n");
        lab.evidence("sun", suns::log);
        lab.closing(suns).start("""
                peers:
                  moons:
                    local: { address: %s, id: %s, auth: psk }
                    remote: { address: "%%any", id: "*.example.org", auth: psk }
                    proposals: [aes128gcm16-prfsha256-x25519]
                limits: { cookies-from: 20000, cookies-from-per-address: 20000, half-open-per-address: 20000, half-open: 20000 }
                secrets:
                  - psk: file:moons.psk
                    ids: ["*.example.org"]
                policies:
                  - name: all
                    match: { local: 11.0.0.0/8, remote: 10.0.0.0/8 }
                    action: protect
                    peer: moons
                    start: by-peer
                    esp: [aes128gcm16]
                """.formatted(SUN, SUNS_ID));
    }

    Host moon() {
        return moon;
    }

    Lab lab() {
        return lab;
    }

    /** moon's connections as swanctl loads them. */
    static String connections(int tunnels) {
        List<String> connections = new ArrayList<>();
        for (int first = 0; first < tunnels; first += EACH) {
            List<String> children = IntStream.range(first, Math.min(tunnels, first + EACH)).mapToObj(BusyTunnels::child).toList();
            connections.add(connection("sun" + first / EACH, SUN, children));
        }
        connections.add(connection("nobody", NOBODY, List.of(child("nothing", "10.0.0.0/24", "11.255.0.0/24", Duration.ofSeconds(SOFT_SECONDS)))));
        return SwanctlConf.of(connections, List.of(SwanctlConf.secret("sun", List.of(SUNS_ID), PSK)));
    }

    /** The same in the agent's words. */
    static String policies(int tunnels) {
        StringBuilder peers = new StringBuilder("peers:\n");
        StringBuilder policies = new StringBuilder("policies:\n");
        for (int number = 0; number < tunnels; number++) {
            String name = "sun" + number / EACH;
            if (number % EACH == 0) {
                peers.append(peer(name, SUN));
            }
            policies.append(policy("net" + number, name, "10.0.%d.0/24".formatted(number / NETS), "11.0.%d.0/24".formatted(number % NETS),
                    SOFT_SECONDS + number % SOFT_SECONDS));
        }
        peers.append(peer("nobody", NOBODY));
        policies.append(policy("nothing", "nobody", "10.0.0.0/24", "11.255.0.0/24", SOFT_SECONDS));
        return peers + "secrets:\n  - psk: file:sun.psk\n    ids: [" + SUNS_ID + "]\n" + policies;
    }

    private static String peer(String name, String address) {
        return """
                  %1$s:
                    local: { address: %2$s, id: %1$s.example.org, auth: psk }
                    remote: { address: %3$s, id: %4$s, auth: psk }
                    proposals: [aes128gcm16-prfsha256-x25519]
                """.formatted(name, MOON, address, SUNS_ID).indent(2);
    }

    private static String policy(String name, String peer, String local, String remote, int softSeconds) {
        return """
                  - name: %s
                    match: { local: %s, remote: %s }
                    action: protect
                    peer: %s
                    start: at-start
                    esp: [aes128gcm16]
                    lifetime: { soft: %ds, hard: 1h }
                """.formatted(name, local, remote, peer, softSeconds).indent(2);
    }

    private static String connection(String name, String address, List<String> children) {
        return SwanctlConf.connection(
                name, new SwanctlConf.End(MOON, name + ".example.org"), new SwanctlConf.End(address, SUNS_ID), """
                        version = 2
                        proposals = aes128gcm16-prfsha256-x25519
                        keyingtries = 0
                        """ + SwanctlConf.children(children));
    }

    private static String child(int number) {
        return child("net" + number, "10.0.%d.0/24".formatted(number / NETS), "11.0.%d.0/24".formatted(number % NETS), Duration.ofSeconds(SOFT_SECONDS + number % SOFT_SECONDS));
    }

    private static String child(String name, String local, String remote, Duration soft) {
        return SwanctlConf.child(name, """
                local_ts = %s
                remote_ts = %s
                esp_proposals = aes128gcm16
                rekey_time = %ds
                rand_time = 0
                life_time = 1h
                start_action = start
                """.formatted(local, remote, soft.toSeconds()));
    }

    /** Children that sun has: moon is not asked, so that its first listing is what it is. */
    int children() {
        return suns.sas().stream().map(IkeSa::children).mapToInt(List::size).sum();
    }

    @Override
    public void close() {
        lab.close();
    }
}
