package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
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
@Tag("lab")
class MainModeTest {
    static List<Pair> pairs() {
        return Scenario.pairs().stream().filter(pair -> pair.initiator() == Kind.AGENT || pair.responder() == Kind.AGENT).toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void trafficBetweenTheSitesCrossesTheWireOnlyAsEsp(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            Peer sun = pair.sun(sites).start(tunnel.reversed());
            Peer moon = pair.moon(sites).start(tunnel);
            Capture wire = sites.eavesdrop();

            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();
            IkeSa.Child atMoon = moon.child(tunnel);
            IkeSa.Child atSun = sun.child(tunnel);
            assertThat(atMoon.spiOut()).isEqualTo(atSun.spiIn());
            assertThat(atMoon.spiIn()).isEqualTo(atSun.spiOut());

            moon.down(tunnel).orFail();
            sun.awaitDown(tunnel, SOON);
            moon.awaitDown(tunnel, SOON);
            sites.moon().awaitNoStates(SOON);
            sites.sun().awaitNoStates(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
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

    /** Fresh keys for the child, then another phase 1 that takes the child over, with traffic before and after each. */
    @Test
    void bothPhasesAreDoneAgainWithStrongSwan() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best()));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best()));
            sun.start(tunnel.reversed());
            moon.start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();

            String first = moon.child(tunnel).spiIn();
            moon.rekey(tunnel).orFail();
            Await.until("both have the next child alone", SOON, () -> alone(moon, sun, tunnel, first), sun::log);
            sites.ping(2).orFail();

            String cookie = cookie(moon);
            String child = moon.child(tunnel).spiIn();
            moon.rekeyIke(tunnel).orFail();
            Await.until("both have the next ISAKMP SA alone", SOON, () -> moon.sas().size() == 1 && sun.sas().size() == 1
                    && !cookie(moon).equals(cookie), sun::log);
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(child);
            assertThat(sun.child(tunnel).spiOut()).isEqualTo(child);
            sites.ping(2).orFail();
        });
    }

    private static String cookie(Peer peer) {
        return peer.sas().getFirst().values().getOrDefault("initiator-spi", "none");
    }

    private static boolean alone(Peer moon, Peer sun, Tunnel tunnel, String before) {
        List<IkeSa.Child> atMoon = moon.sas().stream().flatMap(sa -> sa.children().stream()).toList();
        List<IkeSa.Child> atSun = sun.sas().stream().flatMap(sa -> sa.children().stream()).toList();
        return atMoon.size() == 1 && atSun.size() == 1
                && atMoon.getFirst().name().equals(tunnel.name())
                && !atMoon.getFirst().spiIn().equals(before)
                && atMoon.getFirst().spiIn().equals(atSun.getFirst().spiOut());
    }

    @Test
    void aTunnelFromBehindANatGoesInUdp() {
        Scenario.play(TwoSites::behindNat, sites -> {
            Pair pair = Scenario.pairs().stream()
                    .filter(each -> each.initiator() == Kind.AGENT && each.responder() == Kind.STRONGSWAN)
                    .findFirst()
                    .orElseThrow();
            Tunnel tunnel = sites.tunnel().withIkev1();
            Peer sun = pair.sun(sites).start(tunnel.reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();
        });
    }
}
