package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.capture.Packet;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;

/** A gateway that comes up before everything it needs: it goes on trying, keeps its traffic back, and needs nobody's hand. */
@Tag("netns")
@Tag("long")
class StartFaultsTest {
    private static final String LOG = "/run/full/agent.log";
    /** The pauses between attempts grow: 1, 2, 4, 8 s. */
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String NOBODY = "192.0.2.99";

    @Test
    void namesThatNobodyKnowsAFullDiskAndAPeerThatTalksNonsenseAreOnlyDelays() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.AT_START).withLiveness(Duration.ofSeconds(2));
            Host moon = sites.moon();
            Capture wire = sites.eavesdrop();
            Running agent = withoutNameServerNorDisk(sites, tunnel);
            Control control = new Control(moon, Agent.SOCKET);
            Await.until("the agent answers", Duration.ofMinutes(2), control::answers, agent::output);
            Running ping = sites.alice().start("ping", "-n", "-i", "0.2", "-p", TwoSites.canaryPattern(), sites.addresses().bob());

            // The disk has room again, and the log goes on where it was.
            assertThat(moon.read(LOG)).isEmpty();
            moon.shell("rm /run/full/ballast");
            Await.until("the name is not resolved", PATIENCE, () -> moon.read(LOG).contains("'sun.lab.example' "), () -> moon.read(LOG));

            // The name is known, but sun has no IKE daemon: its kernel answers "port unreachable".
            moon.shell("echo '192.0.2.2 sun.lab.example' >>/etc/hosts");
            wire.await("an ICMP error of sun's", packet -> isIcmpOf(sites, packet), PATIENCE);
            // Somebody answers there, with what was asked and with noise.
            Running nonsense = sites.sun().start(
                    "socat", "UDP4-RECVFROM:500,fork", "SYSTEM:tee /dev/null; head -c 300 /dev/urandom");
            wire.await("nonsense", packet -> packet.source().equals(sites.addresses().sun()) && packet.content() instanceof Content.Ike, PATIENCE);
            nonsense.kill();

            Peer sun = sites.with(Kind.AGENT.on(sites.sun(), Plane.best())).start(tunnel.reversed().withStart(Tunnel.Start.BY_COMMAND));
            sun.awaitUp(tunnel, PATIENCE);
            ping.awaitOutput(" bytes from " + sites.addresses().bob(), SOON);

            // sun moves to another address: its name is looked up again.
            sun.kill();
            sites.sun().shell("ip addr add 192.0.2.3/24 dev moon; ip addr del 192.0.2.2/24 dev moon; ip addr add 192.0.2.3/24 dev moon || true;"
                    + " ip route replace default via 192.0.2.1");
            moon.shell("sed -i s/192.0.2.2/192.0.2.3/ /etc/hosts; ip route replace default via 192.0.2.3");
            Tunnel moved = new Tunnel(tunnel.name(), tunnel.local(),
                    new Tunnel.End("sun", "sun.lab", "192.0.2.3", tunnel.remote().subnet()), tunnel.psk(), tunnel.ike(), tunnel.esp(),
                    Tunnel.Start.BY_COMMAND, tunnel.liveness());
            sun.start(moved.reversed());
            sun.awaitUp(moved, PATIENCE);
            sites.awaitPing(SOON);

            ping.stop(SOON);
            nothingOfTheSites(sites, wire.stop());
            agent.terminate();
            assertThat(agent.awaitExit(SOON)).isZero();
        });
    }

    /** As a service whose log goes to a disk that is full, on a host whose name server does not answer. */
    private static Running withoutNameServerNorDisk(TwoSites sites, Tunnel tunnel) {
        Host moon = sites.moon();
        moon.write("/etc/resolv.conf", "nameserver " + NOBODY + "\noptions timeout:1 attempts:1\n");
        moon.write("/etc/xfrm-agent/sun.psk", tunnel.psk() + "\n");
        moon.write(Agent.POLICIES, Agent.yaml(List.of(tunnel)).replace("address: \"192.0.2.2\"", "address: \"sun.lab.example\""));
        moon.directory("/run/xfrm-agent");
        moon.directory("/run/full");
        // Inside the host's own mount namespace: host-init.sh has made sure of it.
        moon.shell("mount -t tmpfs -o size=64k xit-full /run/full; : >" + LOG + "; cat /dev/zero >/run/full/ballast || true");
        sites.lab().evidence("moon: log of the agent", () -> moon.read(LOG));
        return moon.start("bash", "-c", "exec \"$0\" run --policies " + Agent.POLICIES + " --dataplane "
                + (Plane.best() == Plane.KERNEL ? "kernel" : "userspace") + " --control " + Agent.SOCKET + " 2>" + LOG + " >&2", Agent.program());
    }

    private static boolean isIcmpOf(TwoSites sites, Packet packet) {
        return packet.source().equals(sites.addresses().sun()) && packet.content() instanceof Content.Clear;
    }

    /** The gateways' own ICMP errors and moon's questions to the dead name server are no protected traffic. */
    private static void nothingOfTheSites(TwoSites sites, Capture.Wire seen) {
        List<String> gateways = List.of(sites.addresses().moon(), sites.addresses().sun(), "192.0.2.3");
        new Capture.Wire(seen.packets().stream()
                .filter(packet -> !gateways.contains(packet.source()) || packet.content().mayCross())
                .toList()).onlyEspOrIke();
        seen.hides(TwoSites.CANARY);
    }
}
