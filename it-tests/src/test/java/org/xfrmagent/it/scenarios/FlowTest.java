package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.flow.Flow;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** A thousand numbered packets a second in both directions, while everything that a tunnel goes through in a year happens in a minute. */
@Tag("netns")
@Tag("lab")
class FlowTest {
    private static final int PER_SECOND = 1_000;
    /** The lab's guest has one processor, which tcpdump needs as well: at more than this its record gets holes, and proves nothing. */
    private static final int PER_SECOND_IN_THE_GUEST = 250;
    private static final int CHILD_REKEYINGS = 10;

    static List<Pair> pairs() {
        return Scenario.pairs().stream().filter(pair -> pair.initiator() == Kind.AGENT || pair.responder() == Kind.AGENT).toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void noPacketIsLostOverTenChildRekeyingsTwoOfTheIkeSaAndAReload(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withEsp("aes256gcm16-x25519");
            Peer sun = pair.sun(sites).start(tunnel.reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);
            Capture wire = sites.eavesdrop();
            int rate = pair.plane() == Plane.KERNEL ? PER_SECOND_IN_THE_GUEST : PER_SECOND;
            try (Flow there = Flow.start(sites.alice(), sites.addresses().alice(), sites.bob(), sites.addresses().bob(), rate);
                    Flow back = Flow.start(sites.bob(), sites.addresses().bob(), sites.alice(), sites.addresses().alice(), rate)) {
                there.awaitSent(100);
                for (int i = 0; i < CHILD_REKEYINGS; i++) {
                    // Each side asks for half of them.
                    rekeyChild(i % 2 == 0 ? moon : sun, moon, sun, tunnel);
                    switch (i) {
                        case 2 -> rekeyIke(moon, moon, tunnel.remote().name());
                        case 5 -> reload(moon, sun);
                        case 7 -> rekeyIke(sun, moon, tunnel.local().name());
                        default -> {}
                    }
                }
                back.awaitSent(100);
                Flow.Report onward = there.stop();
                Flow.Report backward = back.stop();
                System.err.println(pair + "\n  " + onward + "\n  " + backward);
                wire.stop().onlyEspOrIke().hides(Flow.MARK);
                onward.whole();
                backward.whole();
            }
        });
    }

    private static Control control(Peer peer) {
        return switch (peer) {
            case Agent agent -> agent.control();
            case StrongSwan charon -> charon.control();
            default -> throw new IllegalArgumentException("no vici at " + peer.host());
        };
    }

    /** Both have a new child, and only that. */
    private static void rekeyChild(Peer asks, Peer moon, Peer sun, Tunnel tunnel) {
        String before = moon.child(tunnel).spiIn();
        control(asks).request("rekey", Map.of("child", tunnel.name())).orFail();
        Await.until("the child is rekeyed", SOON, () -> isFresh(moon, tunnel, before) && isFresh(sun, tunnel, before),
                () -> moon.sas() + "\n" + sun.sas() + "\n" + moon.log() + "\n" + sun.log());
        String fresh = moon.child(tunnel).spiIn();
        assertThat(fresh).isEqualTo(sun.child(tunnel).spiOut());
    }

    private static boolean isFresh(Peer peer, Tunnel tunnel, String before) {
        List<String> installed = peer.sas().stream()
                .flatMap(sa -> sa.children().stream())
                .filter(child -> child.name().equals(tunnel.name()) && child.isInstalled())
                .flatMap(child -> Stream.of(child.spiIn(), child.spiOut()))
                .toList();
        return installed.size() == 2 && !installed.contains(before);
    }

    private static void rekeyIke(Peer asks, Peer moon, String connection) {
        String before = spis(moon);
        control(asks).request("rekey", Map.of("ike", connection)).orFail();
        Await.until("the IKE SA is rekeyed", SOON, () -> moon.sas().size() == 1 && !spis(moon).equals(before),
                () -> moon.sas() + "\n" + moon.log());
    }

    private static String spis(Peer peer) {
        return peer.sas().stream().map(sa -> sa.values().get("initiator-spi") + " " + sa.values().get("responder-spi")).toList().toString();
    }

    /** A policy more, in front of the tunnel's: the child's own policies move to another place in the SPD. */
    private static void reload(Peer moon, Peer sun) {
        for (Peer peer : List.of(moon, sun)) {
            if (peer instanceof Agent agent) {
                String yaml = peer.host().read(Agent.POLICIES);
                peer.host().write(Agent.POLICIES, yaml.replace("policies:\n", """
                        policies:
                          - name: one-more
                            match: { local: 10.77.0.0/16, remote: 10.78.0.0/16 }
                            action: discard
                        """));
                agent.control().request("reload-settings", Map.of()).orFail();
            }
        }
    }
}
