package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.interop.Encounters;
import org.xfrmagent.it.interop.Family;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.OpenIked;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** With OpenIKED at the other end. The agent is moon throughout; iked is sun, and starts anew for each test, as its configuration must. */
@Tag("lab")
@Tag("long")
@TestInstance(Lifecycle.PER_CLASS)
class OpenIkedTest {
    private static final int TRANSFERRED = 4;
    private static final Duration LIVENESS = Duration.ofSeconds(2);
    private static final Duration NOTICED = Duration.ofSeconds(60);
    private static final Duration IKE_LIFETIME = Duration.ofSeconds(20);
    private static final Duration CHILD_LIFETIME = Duration.ofSeconds(50);

    private TwoSites sites;
    private Tunnel tunnel;
    private Agent moon;

    private static Tunnel forOpenIked(Tunnel tunnel) {
        return tunnel.withIke("aes256-sha256-x25519").withEsp("aes256-sha1-x25519");
    }

    @BeforeAll
    void startTheAgent() {
        sites = TwoSites.ipv4();
        tunnel = forOpenIked(sites.tunnel()).withLiveness(LIVENESS);
        moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).start(tunnel);
    }

    @AfterAll
    void end() {
        sites.close();
    }

    /** A test that fails in the middle of a tunnel's life must not leave it to the next; iked has ended by now, and moon asks after it. */
    @AfterEach
    void noTunnel() {
        moon.awaitNoSas(NOTICED);
    }

    @Test
    void theAgentInitiatesAndRekeysAndDeletes() {
        Scenario.shown(sites, () -> {
            OpenIked sun = new OpenIked(sites.sun());
            try (sun) {
                sites.with(sun).start(tunnel.reversed());
                Capture wire = sites.eavesdrop();
                moon.up(tunnel).orFail();
                sun.awaitUp(tunnel, SOON);
                trafficPasses(sun);
                // As libreswan, it may send with a new child before its answer can have told us the keys.
                try (Flow flow = Flow.between(sites)) {
                    nextChild(sun, () -> moon.rekey(tunnel).orFail());
                    flow.losesNothingOnItsWayToBob();
                }
                try (Flow flow = Flow.between(sites)) {
                    nextIke(sun, () -> moon.rekeyIke(tunnel).orFail());
                    flow.losesNothing();
                }
                moon.down(tunnel).orFail();
                sun.awaitDown(tunnel, SOON);
                moon.awaitDown(tunnel, SOON);
                // An SA that has been replaced goes some seconds later than its child.
                for (Host gateway : List.of(sites.moon(), sites.sun())) {
                    gateway.awaitNoStates(NOTICED);
                }
                wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
                Scenario.met(sites, moon, sun, "traffic, rekeying by the agent, deletion");
            }
        });
    }

    @Test
    void openIkedInitiatesAndRekeysAndDeletes() {
        Scenario.shown(sites, () -> {
            OpenIked sun = new OpenIked(sites.sun()).withLifetimes(IKE_LIFETIME, CHILD_LIFETIME);
            try (sun) {
                Capture wire = sites.eavesdrop();
                sites.with(sun).start(tunnel.reversed().withStart(Tunnel.Start.AT_START));
                sun.awaitUp(tunnel, SOON);
                moon.awaitUp(tunnel, SOON);
                trafficPasses(sun);
                try (Flow flow = Flow.between(sites)) {
                    nextIke(sun, () -> {});
                    flow.losesNothing();
                }
                // It has the old child deleted before it puts the new one into its kernel: what we send with that one meanwhile is lost there.
                try (Flow flow = Flow.between(sites)) {
                    nextChild(sun, () -> {});
                    flow.goesOn();
                }
                sun.down(tunnel.reversed()).orFail();
                moon.awaitLog(SOON, "the peer deleted the IKE SA");
                wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
                Encounters.note(sun, moon, Mode.TUNNEL, Protocol.ESP, Family.IPV4, "traffic, rekeying by the initiator, deletion");
            }
        });
    }

    private void trafficPasses(OpenIked sun) {
        sites.ping(2).orFail();
        sites.transfer(TRANSFERRED);
        IkeSa.Child atSun = sun.child(tunnel);
        Scenario.assertSameSas(moon, sun, tunnel);
        assertThat(atSun.bytesIn()).isGreaterThan(TRANSFERRED << 20);
    }

    private void nextChild(OpenIked sun, Runnable rekey) {
        String before = moon.child(tunnel).spiIn();
        rekey.run();
        Await.until("both have the next child alone", NOTICED, () -> {
            List<IkeSa.Child> atMoon = Scenario.children(moon);
            List<IkeSa.Child> atSun = Scenario.children(sun);
            return atMoon.size() == 1 && atSun.size() == 1 && !atMoon.getFirst().spiIn().equals(before)
                    && atMoon.getFirst().spiIn().equals(atSun.getFirst().spiOut());
        }, () -> "moon: " + moon.sas() + "\nsun: " + sun.sas());
    }

    private void nextIke(OpenIked sun, Runnable rekey) {
        List<String> before = initiatorSpis(moon);
        rekey.run();
        Await.until("both have the next IKE SA", NOTICED, () -> {
            List<String> now = initiatorSpis(moon);
            return now.size() == 1 && !now.equals(before) && initiatorSpis(sun).containsAll(now);
        }, () -> "moon: " + moon.sas() + "\nsun: " + sun.sas());
    }

    private static List<String> initiatorSpis(Peer peer) {
        return peer.sas().stream().filter(IkeSa::isEstablished).map(sa -> sa.values().getOrDefault("initiator-spi", "")).toList();
    }

    /** The agent keeps the tunnel up whichever end dies; here over IPv6. */
    @Test
    void aTunnelComesBackAfterEitherEndWasKilled() {
        Scenario.play(TwoSites::ipv6, ipv6 -> {
            Tunnel passive = forOpenIked(ipv6.tunnel());
            OpenIked iked = ipv6.with(new OpenIked(ipv6.sun())).start(passive.reversed());
            Agent agent = ipv6.with(new Agent(ipv6.moon(), Plane.KERNEL));
            Tunnel kept = passive.withStart(Tunnel.Start.AT_START).withLiveness(LIVENESS);
            Scenario.comesBackAfterEitherEndWasKilled(ipv6, agent, iked, kept, passive.reversed(), NOTICED);
        });
    }

    @Test
    void theUserspacePlaneTalksToItsKernel() {
        Scenario.play(TwoSites::ipv4, own -> {
            Tunnel their = forOpenIked(own.tunnel());
            OpenIked iked = own.with(new OpenIked(own.sun())).start(their.reversed());
            Agent agent = own.with(new Agent(own.moon(), Plane.USERSPACE)).start(their);
            Capture wire = own.eavesdrop();
            agent.up(their).orFail();
            iked.awaitUp(their, SOON);
            own.moon().awaitNoStates(SOON);
            own.ping(2).orFail();
            own.transfer(1);
            iked.down(their.reversed()).orFail();
            agent.awaitNoSas(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(own, agent, iked, "traffic both ways, deletion by the responder");
        });
    }
}
