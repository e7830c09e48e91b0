package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.capture.Packet;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/**
 * What a gateway meets in a year: the link fails, everybody dies at once, somebody else cleans up the kernel, events are lost. A flow
 * runs all the time; nothing of it is seen in clear, and the tunnel comes back by itself.
 */
@Tag("netns")
@Tag("lab")
@Tag("long")
class FaultsTest {
    private static final Duration LIVENESS = Duration.ofSeconds(2);
    private static final Duration NOTICED = Duration.ofSeconds(60);
    /** Somebody else's change is mended within this time, on a slow guest too. */
    private static final Duration MENDED = Duration.ofSeconds(10);
    /** Between a flush of all policies and their return nothing stands between clear text and the wire. */
    private static final Duration LONGEST_GAP = Duration.ofSeconds(1);

    /** In the lab's guest the start of another agent, twice, would be half of the time. */
    static List<Pair> pairs() {
        Pair withAnother = new Pair(Kind.AGENT, Kind.STRONGSWAN, Plane.best());
        return Plane.best() == Plane.KERNEL
                ? List.of(withAnother)
                : List.of(new Pair(Kind.AGENT, Kind.AGENT, Plane.best()), withAnother);
    }

    /** A running lab; moon is an agent that keeps the tunnel up. */
    private record Stage(TwoSites sites, Agent moon, Peer sun, Tunnel tunnel, Flow flow) {
        void comesBack() {
            moon.awaitUp(tunnel, NOTICED);
            sun.awaitUp(tunnel, SOON);
            flow.goesOn(NOTICED);
        }

        /** moon's log from here on says this soon. */
        void mendedAfter(int logged, String words) {
            Await.until("moon says \"" + words + "\"", MENDED, () -> moon.log().substring(logged).contains(words), moon::log);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void nothingLeavesInClearWhateverFailsAndTheTunnelComesBackByItself(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.AT_START).withLiveness(LIVENESS);
            Peer sun = pair.sun(sites).start(sites.tunnel().reversed());
            Agent moon = sites.with(new Agent(sites.moon(), pair.plane()));
            moon.start(tunnel).awaitUp(tunnel, NOTICED);
            sites.awaitPing(SOON);
            Capture wire = sites.eavesdrop();
            try (Flow flow = Flow.slowly(sites)) {
                Stage stage = new Stage(sites, moon, sun, tunnel, flow);
                theLinkFails(stage);
                if (pair.plane() == Plane.KERNEL) {
                    theStatesAreFlushed(stage);
                } else {
                    theInterfaceIsTakenDown(stage);
                }
                eventsAreLost(stage);
                bothAreKilled(stage);
            }
            nothingOfTheSites(sites, wire.stop());
            thePoliciesAreFlushed(sites, moon);
            Scenario.met(sites, moon, sun, "link down, both killed, kernel flushed, events lost: nothing in clear, back by itself");
        });
    }

    /** The gateways' own ICMP errors ("no such port" where a daemon was) are nobody's secret; everything else must be protected. */
    private static void nothingOfTheSites(TwoSites sites, Capture.Wire seen) {
        List<String> gateways = List.of(sites.addresses().moon(), sites.addresses().sun());
        new Capture.Wire(seen.packets().stream()
                .filter(packet -> !gateways.contains(packet.source()) || packet.content().mayCross())
                .toList()).onlyEspOrIke();
        seen.hides(TwoSites.CANARY);
        assertThat(seen.espFrom(sites.addresses().moon())).isNotEmpty();
    }

    private static void theLinkFails(Stage on) {
        on.sites.moon().shell("ip link set dev sun down");
        Await.until("moon notices", NOTICED, () -> !on.moon.has(on.tunnel), on.moon::log);
        on.sites.moon().shell("ip link set dev sun up; ip route add default via " + on.sites.addresses().sun());
        on.comesBack();
    }

    /** The child is made anew, over the same IKE SA. */
    private static void theStatesAreFlushed(Stage on) {
        String before = on.moon.child(on.tunnel).spiIn();
        on.sites.moon().shell("ip xfrm state flush");
        Await.until("moon has another child", SOON, () -> on.moon.has(on.tunnel) && !on.moon.child(on.tunnel).spiIn().equals(before),
                on.moon::log);
        on.flow.goesOn();
        String second = on.moon.child(on.tunnel).spiIn();
        // charon does not look after its SAs, and nobody else can tell that it lost them: its own liveness answers.
        Host forgetful = on.sun instanceof Agent ? on.sites.sun() : on.sites.moon();
        forgetful.shell("ip xfrm state deleteall");
        on.flow.goesOn(NOTICED);
        assertThat(on.moon.child(on.tunnel).spiIn()).isNotEqualTo(second);
    }

    private static void theInterfaceIsTakenDown(Stage on) {
        for (String disturbance : List.of("ip link set dev xfrm-agent down", "ip link delete dev xfrm-agent")) {
            int logged = on.moon.log().length();
            on.sites.moon().shell(disturbance);
            on.mendedAfter(logged, "is as it should be again");
            on.flow.goesOn();
        }
    }

    /** More than its socket's buffer holds while the agent is held up; the policy that then goes is one of many events that are lost. */
    private static void eventsAreLost(Stage on) {
        int logged = on.moon.log().length();
        on.moon.pause();
        try {
            Crowding.ofPolicies(on.sites.moon());
            on.sites.moon().shell("ip xfrm policy delete src 10.2.0.0/16 dst 10.1.0.0/16 dir fwd");
        } finally {
            on.moon.resume();
        }
        on.mendedAfter(logged, "events were lost");
        on.mendedAfter(logged, "put back");
        on.flow.goesOn();
        assertThat(on.moon.has(on.tunnel)).isTrue();
    }

    private static void bothAreKilled(Stage on) {
        on.moon.kill();
        on.sun.kill();
        if (on.moon.plane() == Plane.KERNEL) {
            // What they left in the kernel goes on encrypting.
            on.flow.goesOn();
        }
        on.sun.start(on.sites.tunnel().reversed());
        on.moon.start(on.tunnel);
        on.comesBack();
    }

    /** Nothing can hold clear text back after this, so what is asked is how long that lasts. */
    private static void thePoliciesAreFlushed(TwoSites sites, Agent moon) {
        Capture wire = sites.eavesdrop();
        long millis;
        try (Flow flow = Flow.between(sites)) {
            int logged = moon.log().length();
            long flushed = System.nanoTime();
            sites.moon().shell("ip xfrm policy flush");
            Await.until("the policies are back", MENDED, () -> moon.log().substring(logged).contains("put back"), moon::log);
            millis = (System.nanoTime() - flushed) / 1_000_000;
            flow.goesOn();
        }
        List<Packet> clear = wire.stop().packets().stream()
                .filter(packet -> packet.content() instanceof Content.Clear && packet.source().equals(sites.addresses().alice()))
                .toList();
        Duration gap = clear.isEmpty() ? Duration.ZERO : Duration.ofNanos(1000 * (clear.getLast().micros() - clear.getFirst().micros()));
        System.out.printf(Locale.ROOT, "policies flushed, %s plane: back after %d ms; %d packets in clear during %d ms%n",
                moon.plane().name().toLowerCase(Locale.ROOT), millis, clear.size(), gap.toMillis());
        assertThat(gap).isLessThan(LONGEST_GAP);
    }
}
