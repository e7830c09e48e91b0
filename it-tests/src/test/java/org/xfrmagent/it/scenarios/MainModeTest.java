package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.capture.Content;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;
import org.xfrmagent.it.scenarios.Scenario.Pair;

/** IKEv1's main mode with a pre-shared key between two sites, either side initiating. */
@Tag("netns")
@Tag("long")
class MainModeTest {
    private static final Duration REPLACED = Duration.ofMinutes(2);

    static List<Pair> pairs() {
        return Scenario.pairs().stream().filter(pair -> pair.initiator() == Kind.AGENT || pair.responder() == Kind.AGENT).toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    @Tag("lab")
    void trafficBetweenTheSitesCrossesTheWireOnlyAsEsp(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Peer sun = pair.sun(sites).start(tunnel.reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            Scenario.upAndDown(sites, moon, sun, tunnel, "IKEv1 main mode");
        });
    }

    /** swanctl.conf(5), version: "The special value 0 uses IKEv2 as initiator, but accepts both versions as responder", and it is the default. */
    @Test
    void aLoadedConnectionThatNamesNoVersionTakesTheCallersAndCallsWithTheNewer() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(StrongSwan.connections(List.of(tunnel)).replace("version = 1", "version = 0"));
            sun.up(tunnel).orFail();
            moon.awaitUp(tunnel, SOON);
            assertThat(moon.sas()).singleElement().satisfies(sa -> assertThat(sa.values()).containsEntry("version", "1"));
            sites.ping(2).orFail();
            sun.control().terminateIke("moon").orFail();
            moon.awaitNoSas(SOON);

            sun.close();
            sun.start(text -> text.replace("version = 1", "version = 2"), tunnel.reversed());
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            assertThat(moon.sas()).singleElement().satisfies(sa -> assertThat(sa.values()).containsEntry("version", "2"));
            sites.ping(2).orFail();
        });
    }

    static List<Pair> withStrongSwan() {
        return pairs().stream().filter(pair -> pair.initiator() != pair.responder()).toList();
    }

    /** Whoever has initiated, each end asks for another child, and then for another phase 1, which takes over the children that there are. */
    @ParameterizedTest
    @MethodSource("withStrongSwan")
    @Tag("lab")
    void bothPhasesAreDoneAgainByEitherEndUnderTraffic(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Peer sun = pair.sun(sites).start(tunnel.reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            Ends ends = new Ends(moon, sun);
            Capture wire = sites.eavesdrop();
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);
            try (Flow flow = Flow.slowly(sites)) {
                for (Peer asks : List.of(moon, sun)) {
                    Set<String> children = ends.children();
                    Scenario.control(asks).request("rekey", Map.of("child", tunnel.name())).orFail();
                    Await.until("both have another child", SOON, () -> ends.haveOtherThan(children), ends::shown);
                    flow.goesOn();

                    Set<String> cookies = Ends.cookies(moon);
                    Set<String> fresh = ends.children();
                    fresh.removeAll(children);
                    String connection = asks.equals(moon) ? tunnel.remote().name() : tunnel.local().name();
                    Scenario.control(asks).request("rekey", Map.of("ike", connection)).orFail();
                    Await.until("both have the next ISAKMP SA", SOON, () -> ends.haveSaOtherThan(cookies), ends::shown);
                    assertThat(ends.children()).containsAll(fresh);
                    flow.goesOn();
                }
                flow.losesNothing();
            }
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, both phases done again by either end under traffic");
        });
    }

    /** charon's limits of both phases are seconds, and the agent's are far away: nobody is told to do anything. */
    @ParameterizedTest
    @MethodSource("withStrongSwan")
    void bothPhasesAreReplacedWhenCharonsLifetimesEnd(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Peer sun = started(pair.sun(sites), tunnel.reversed());
            Peer moon = started(pair.moon(sites), tunnel);
            Ends ends = new Ends(moon, sun);
            Capture wire = sites.eavesdrop();
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.awaitPing(SOON);
            Set<String> cookies = Ends.cookies(moon);
            Set<String> children = ends.children();
            try (Flow flow = Flow.slowly(sites)) {
                Await.until("both have another child and another ISAKMP SA", REPLACED,
                        () -> ends.haveSaOtherThan(cookies) && ends.haveOtherThan(children), ends::shown);
                flow.losesNothing();
            }
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, both phases replaced by the peer's lifetimes under traffic");
        });
    }

    private static Peer started(Peer peer, Tunnel tunnel) {
        if (!(peer instanceof StrongSwan charon)) {
            return peer.start(tunnel);
        }
        return charon.start(conf -> conf
                .replace("keyingtries = 1\n", "keyingtries = 1\nrekey_time = 14s\nover_time = 20s\nrand_time = 0s\n")
                .replace("esp_proposals = aes256-sha256\n", "esp_proposals = aes256-sha256\nrekey_time = 8s\nlife_time = 30s\nrand_time = 0s\n"), tunnel);
    }

    private record Ends(Peer moon, Peer sun) {
        static Set<String> cookies(Peer peer) {
            return peer.sas().stream().filter(IkeSa::isEstablished).map(sa -> sa.values().get("initiator-spi") + "_" + sa.values().get("responder-spi")).collect(Collectors.toSet());
        }

        private static Set<String> spis(Peer peer, Function<IkeSa.Child, String> which) {
            return peer.sas().stream().flatMap(sa -> sa.children().stream()).filter(IkeSa.Child::isInstalled).map(which).collect(Collectors.toSet());
        }

        /** The SPIs that moon receives with; charon keeps what it has replaced until its lifetime ends, and calls it no longer installed. */
        Set<String> children() {
            return spis(moon, IkeSa.Child::spiIn);
        }

        boolean haveOtherThan(Set<String> before) {
            Set<String> fresh = children();
            fresh.removeAll(before);
            fresh.retainAll(spis(sun, IkeSa.Child::spiOut));
            return !fresh.isEmpty();
        }

        /** charon lets an ISAKMP SA that it has replaced live to its end. */
        boolean haveSaOtherThan(Set<String> before) {
            Set<String> fresh = cookies(moon);
            fresh.removeAll(before);
            fresh.retainAll(cookies(sun));
            return !fresh.isEmpty();
        }

        String shown() {
            return "moon: " + moon.sas() + "\nsun: " + sun.sas() + "\n" + moon.log() + "\n" + sun.log();
        }
    }

    @ParameterizedTest
    @MethodSource("withStrongSwan")
    @Tag("lab")
    void aTunnelFromBehindANatGoesInUdp(Pair pair) {
        Scenario.play(TwoSites::behindNat, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Peer sun = pair.sun(sites).start(tunnel.reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            Capture wire = sites.eavesdrop();
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            // A responder sends nothing before it has the initiator's last message.
            sites.awaitPing(SOON);
            sites.ping(4).orFail();
            assertThat(moon.child(tunnel).encap()).isTrue();
            assertThat(sun.child(tunnel).encap()).isTrue();
            Capture.Wire seen = wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertThat(seen.espFrom(sites.addresses().moon())).hasSizeGreaterThanOrEqualTo(4).allMatch(Content.Esp::inUdp);
            assertThat(seen.espFrom(sites.addresses().sun())).hasSizeGreaterThanOrEqualTo(4).allMatch(Content.Esp::inUdp);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, initiator behind NAT");
        });
    }
}
