package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.capture.Packet;
import org.xfrmagent.it.flow.Flow;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/**
 * What strongSwan and the agent agree on besides the usual: IKE SAs that begin without a child (RFC 6023), that are followed by freshly
 * authenticated ones (RFC 7296, section 2.8.3) while the traffic goes on, a peer that asks for that (RFC 4478), packets filled up to
 * hide their sizes (RFC 4303, section 2.7), and outer headers that tell nothing of the inner ones.
 */
@Tag("netns")
class ReauthenticationTest {
    private static final int PER_SECOND = 200;
    private static final int FILLED = 600;
    /** Ethernet's and the outer IPv4 header's places in a frame. */
    private static final int TRAFFIC_CLASS = 14 + 1;
    private static final int FRAGMENT_FLAGS = 14 + 6;
    private static final int DONT_FRAGMENT = 0x40;

    private static String agent(String yaml, String peerLines) {
        return yaml.replace("    liveness:", peerLines + "    liveness:")
                .replace("    mode: tunnel\n", "    mode: tunnel\n    tfc: %d\n    copy-dscp: no\n    copy-df: false\n".formatted(FILLED));
    }

    private static String strongSwan(String connections, String peerLines) {
        return connections.replace("    version =", peerLines + "    version =")
                .replace("        local_ts =", "        tfc_padding = %d\n        copy_dscp = no\n        copy_df = no\n        local_ts =".formatted(FILLED));
    }

    /** The agent follows its own plan; strongSwan insists on a beginning without a child. */
    @Test
    void theAgentAuthenticatesItselfAnewWithoutAGapToAPeerThatWantsChildlessBeginnings() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best()));
            sun.start(text -> strongSwan(text, "    childless = force\n"), tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best()));
            moon.start(yaml -> agent(yaml, "    childless: prefer\n    lifetime: { soft: 1h, reauth: 15s }\n"), tunnel);
            crossesAReauthentication(sites, moon, sun, tunnel);
            Scenario.met(sites, moon, sun, "childless, reauthentication, TFC padding, no DSCP, no DF");
        });
    }

    /** strongSwan is told by the agent within which time it wants to see it again, and insists on a beginning without a child. */
    @Test
    void aPeerObeysTheAgentsAuthLifetimeWithoutAGap() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best()));
            sun.start(yaml -> agent(yaml, "    lifetime: { soft: 1h, reauth: 20s }\n"), tunnel.reversed());
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best()));
            moon.start(text -> strongSwan(text, "    childless = force\n    over_time = 5s\n"), tunnel);
            crossesAReauthentication(sites, moon, sun, tunnel);
            assertThat(moon.log()).contains("received AUTH_LIFETIME of 20s");
            Scenario.met(sites, moon, sun, "childless, AUTH_LIFETIME, TFC padding, no DSCP, no DF");
        });
    }

    private static void crossesAReauthentication(TwoSites sites, Peer moon, Peer sun, Tunnel tunnel) {
        moon.up(tunnel).orFail();
        sun.awaitUp(tunnel, SOON);
        String before = spis(moon);
        Capture wire = sites.eavesdrop();
        // With a DSCP, and not to be fragmented.
        Result marked = sites.alice().run("ping", "-n", "-c", "4", "-i", "0.25", "-W", "5", "-Q", "0xb8", "-M", "do", sites.addresses().bob());
        marked.orFail();
        Capture.Wire seen = wire.stop().onlyEspOrIke();
        assertSaysNothing(seen, sites.addresses().moon(), moon);
        assertSaysNothing(seen, sites.addresses().sun(), sun);

        try (Flow there = Flow.start(sites.alice(), sites.addresses().alice(), sites.bob(), sites.addresses().bob(), PER_SECOND);
                Flow back = Flow.start(sites.bob(), sites.addresses().bob(), sites.alice(), sites.addresses().alice(), PER_SECOND)) {
            there.awaitSent(PER_SECOND / 4);
            Await.until("a fresh IKE SA has taken the place of the old one", SOON.plus(SOON),
                    () -> isFresh(moon, before) && isFresh(sun, before) && moon.has(tunnel) && sun.has(tunnel), () -> sites.lab().report());
            there.awaitSent(PER_SECOND / 2);
            Flow.Report onward = there.stop();
            Flow.Report backward = back.stop();
            System.err.println(moon + " → " + sun + "\n  " + onward + "\n  " + backward);
            onward.whole();
            if (moon instanceof Agent && moon.plane() == Plane.KERNEL) {
                backward.whole();
            } else {
                // strongSwan takes its old SAs away in the moment in which it tells or is told of it: what is on its way to it then is lost,
                // and its userspace plane sends nothing for some milliseconds.
                assertThat(backward.missing()).as(backward::toString).isLessThan(PER_SECOND / 20);
            }
        }
        assertThat(spis(moon)).isEqualTo(spis(sun));
    }

    /** The libipsec of strongSwan's userspace plane knows none of it. */
    private static void assertSaysNothing(Capture.Wire seen, String from, Peer sender) {
        if (sender instanceof StrongSwan && sender.plane() == Plane.USERSPACE) {
            return;
        }
        Predicate<Packet> esp = packet -> packet.source().equals(from) && packet.content() instanceof Content.Esp;
        List<Packet> packets = seen.packets().stream().filter(esp).toList();
        assertThat(packets).hasSizeGreaterThanOrEqualTo(4);
        assertThat(packets).allSatisfy(packet -> {
            assertThat(packet.frame().length()).isGreaterThanOrEqualTo(FILLED);
            // In UDP, as libipsec wants it, the userspace plane's outer header is the socket's: it has no DSCP, but always forbids fragments.
            assertThat(packet.frame().u8(TRAFFIC_CLASS)).isZero();
            if (sender.plane() == Plane.KERNEL) {
                assertThat(packet.frame().u8(FRAGMENT_FLAGS) & DONT_FRAGMENT).isZero();
            }
        });
    }

    private static boolean isFresh(Peer peer, String before) {
        return peer.sas().size() == 1 && !spis(peer).equals(before);
    }

    private static String spis(Peer peer) {
        return peer.sas().stream().map(sa -> sa.values().get("initiator-spi") + " " + sa.values().get("responder-spi")).toList().toString();
    }
}
