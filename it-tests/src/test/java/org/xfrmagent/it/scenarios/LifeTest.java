package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** A tunnel's life from the first packet to the end of a daemon: traffic wakes it, death is noticed, an orderly end leaves nothing. */
@Tag("netns")
@Tag("long")
class LifeTest {
    /** Liveness is asked for after 2 s; the retransmissions give up 16 s later. */
    private static final Duration LIVENESS = Duration.ofSeconds(2);
    private static final Duration NOTICED = Duration.ofMinutes(2);
    /** What the agent promises is 5 s; a loaded guest may need longer to let a process go. */
    private static final Duration ORDERLY_END = Duration.ofSeconds(10);

    static List<Pair> pairs() {
        return Scenario.pairs();
    }

    /** kernel-libipsec cannot wait for traffic, so strongSwan initiates this way on the kernel's plane only. */
    static List<Pair> pairsThatWaitForTraffic() {
        return Scenario.pairs().stream()
                .filter(pair -> pair.initiator() == Kind.AGENT || pair.plane() == Plane.KERNEL)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("pairsThatWaitForTraffic")
    @Tag("lab")
    void theFirstPacketBringsTheTunnelUpAndDoesNotLeaveInClear(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.ON_TRAFFIC);
            Peer sun = pair.sun(sites).start(sites.tunnel().reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            Capture wire = sites.eavesdrop();

            sites.awaitPing(SOON);

            assertThat(moon.has(tunnel)).isTrue();
            assertThat(sun.has(tunnel)).isTrue();
            wire.stop().onlyEspOrIke();
            Scenario.met(sites, moon, sun, "traffic brings the tunnel up");
        });
    }

    @Test
    @Tag("lab")
    void whileThePeerIsSilentProtectedTrafficIsHeldBack() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.ON_TRAFFIC);
            sites.with(Kind.AGENT.on(sites.moon(), Plane.best())).start(tunnel);
            Capture wire = sites.eavesdrop();

            assertThat(sites.alice().run("ping", "-n", "-c", "3", "-W", "1", sites.addresses().bob()).ok()).isFalse();

            wire.await("an IKE request", packet -> packet.content() instanceof Content.Ike, SOON);
            // sun's own ICMP errors ("no such port") are not protected traffic.
            new Capture.Wire(wire.stop().packets().stream()
                    .filter(packet -> !packet.source().equals(sites.addresses().sun()))
                    .toList()).onlyEspOrIke();
        });
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void aKilledResponderIsNoticedAndTheTunnelComesBackByItself(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.AT_START).withLiveness(LIVENESS);
            Peer sun = pair.sun(sites).start(sites.tunnel().reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);

            sun.kill();
            Await.until("moon notices that sun is dead", NOTICED, () -> !moon.has(tunnel), moon::log);
            sun.start(sites.tunnel().reversed());

            moon.awaitUp(tunnel, NOTICED);
            sun.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);
            Scenario.met(sites, moon, sun, "responder killed and restarted");
        });
    }

    @ParameterizedTest
    @MethodSource("pairs")
    @Tag("lab")
    void aKilledInitiatorReplacesItsOldTunnelWhenItIsBack(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withStart(Tunnel.Start.AT_START);
            Peer sun = pair.sun(sites).start(sites.tunnel().reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.awaitUp(tunnel, SOON);
            sun.awaitUp(tunnel, SOON);
            String before = sun.child(tunnel).spiIn();

            moon.kill();
            moon.start(tunnel);

            moon.awaitUp(tunnel, NOTICED);
            // INITIAL_CONTACT (RFC 7296 section 2.4) tells sun that its old SA is worthless.
            Await.until("sun has the new tunnel only", SOON, () -> sun.sas().size() == 1 && sun.has(tunnel)
                    && !sun.child(tunnel).spiIn().equals(before), sun::log);
            sites.awaitPing(SOON);
            Scenario.met(sites, moon, sun, "initiator killed and restarted");
        });
    }

    @ParameterizedTest
    @MethodSource("pairs")
    @Tag("lab")
    void sigtermTellsThePeerAndLeavesNothingInTheKernel(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Peer sun = pair.sun(sites).start(tunnel.reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);

            assertThat(moon.terminate(ORDERLY_END)).as("exit status after SIGTERM").isZero();

            // Far sooner than liveness would find out: 30 s of silence and 16 s of repetitions.
            sun.awaitNoSas(Duration.ofSeconds(30));
            assertThat(sites.moon().xfrm()).isBlank();
            assertThat(sun.terminate(ORDERLY_END)).isZero();
            assertThat(sites.sun().xfrm()).isBlank();
            Scenario.met(sites, moon, sun, "orderly end leaves nothing");
        });
    }
}
