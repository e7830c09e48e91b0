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
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** A thousand numbered packets a second in both directions, while everything that a tunnel goes through in a year happens in a minute. */
@Tag("netns")
@Tag("lab")
@Tag("long")
class FlowTest {
    private static final int PER_SECOND = 1_000;
    /** Where moon moves to. */
    private static final String LATER = "192.0.2.11";
    private static final int CHILD_REKEYINGS = 10;

    /** The agent with itself, because strongSwan loses packets of its own when it moves; and with strongSwan. */
    static List<Pair> pairs() {
        return Stream.concat(
                        Stream.of(new Pair(Kind.AGENT, Kind.AGENT, Plane.best())),
                        Scenario.pairs().stream().filter(pair -> pair.initiator() != pair.responder()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void noPacketIsLostOverTenChildRekeyingsTwoOfTheIkeSaAReloadAndAMove(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withLocalAnywhere().withEsp("aes256gcm16-x25519");
            Peer sun = pair.sun(sites).start(sites.tunnel().withEsp("aes256gcm16-x25519").reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);
            // The lab's guest has one processor, which tcpdump needs as well.
            Capture wire = pair.plane() == Plane.KERNEL ? sites.eavesdropOnOthers() : sites.eavesdrop();
            try (Flow there = Flow.start(sites.alice(), sites.addresses().alice(), sites.bob(), sites.addresses().bob(), PER_SECOND);
                    Flow back = Flow.start(sites.bob(), sites.addresses().bob(), sites.alice(), sites.addresses().alice(), PER_SECOND)) {
                Moving moving = new Moving(there, back);
                there.awaitSent(100);
                for (int i = 0; i < CHILD_REKEYINGS; i++) {
                    // Each side asks for half of them.
                    rekeyChild(i % 2 == 0 ? moon : sun, moon, sun, tunnel);
                    switch (i) {
                        case 2 -> rekeyIke(moon, moon, tunnel.remote().name());
                        case 4 -> moving.during(() -> move(sites, moon, sun));
                        case 5 -> reload(moon, sun);
                        case 6 -> sites.moon().shell("ip addr del 192.0.2.1/24 dev sun; ip route replace default via 192.0.2.2 dev sun");
                        case 7 -> rekeyIke(sun, moon, tunnel.local().name());
                        default -> {}
                    }
                }
                back.awaitSent(100);
                Flow.Report onward = there.stop();
                Flow.Report backward = back.stop();
                System.err.println(pair + "\n  " + onward + "\n  " + backward);
                wire.stop().withoutErrorsFrom(sites.addresses().sun(), LATER).onlyEspOrIke().hides(Flow.MARK);
                if (pair.initiator() == pair.responder()) {
                    onward.whole();
                    backward.whole();
                } else {
                    moving.assertNothingElseIsMissing();
                }
                Scenario.met(sites, moon, sun, "a steady flow over rekeyings, a reload and a move");
            }
        });
    }

    /**
     * moon's address has a successor, and is on its way out: both serve until both ends have moved. What tells the agent is that the old
     * one is deprecated (RFC 4862, section 5.5.4); strongSwan goes by the route.
     */
    private static void move(TwoSites sites, Peer moon, Peer sun) {
        sites.moon().shell("""
                ip addr add %1$s/32 dev sun
                ip route add 192.0.2.2/32 dev sun src %1$s
                ip addr change 192.0.2.1/24 dev sun preferred_lft 0""".formatted(LATER));
        sites.sun().shell("ip route replace default via " + LATER);
        Await.until("both ends have moved", SOON, () -> isAt(moon, "local-host") && isAt(sun, "remote-host"), () -> sites.lab().report());
    }

    private static boolean isAt(Peer peer, String end) {
        return peer.sas().stream().anyMatch(sa -> LATER.equals(sa.values().get(end)));
    }

    /**
     * What a flow lost while one end moved. strongSwan takes its SAs out before it puts them in again at the new address, and what comes
     * in between is lost; on its userspace plane it makes fresh ones. That is not ours to judge; what happens before and after is.
     */
    private static final class Moving {
        private static final int SETTLING = 200;

        private final Flow there;
        private final Flow back;
        private int[] before = {0, 0};
        private int[] after = {0, 0};

        Moving(Flow there, Flow back) {
            this.there = there;
            this.back = back;
        }

        void during(Runnable move) {
            before = new int[] {there.sent(), back.sent()};
            move.run();
            there.awaitSent(SETTLING);
            after = new int[] {there.sent(), back.sent()};
        }

        void assertNothingElseIsMissing() {
            System.err.println("  in the move: " + there.missing(before[0], after[0]) + " and " + back.missing(before[1], after[1]));
            assertThat(there.missing(0, before[0])).as("%s, before the move", there).isZero();
            assertThat(there.missing(after[0], there.sent())).as("%s, after the move", there).isZero();
            assertThat(back.missing(0, before[1])).as("%s, before the move", back).isZero();
            assertThat(back.missing(after[1], back.sent())).as("%s, after the move", back).isZero();
        }
    }

    /** Both have a new child, and only that. */
    private static void rekeyChild(Peer asks, Peer moon, Peer sun, Tunnel tunnel) {
        String before = moon.child(tunnel).spiIn();
        Scenario.control(asks).request("rekey", Map.of("child", tunnel.name())).orFail();
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
        Scenario.control(asks).request("rekey", Map.of("ike", connection)).orFail();
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
