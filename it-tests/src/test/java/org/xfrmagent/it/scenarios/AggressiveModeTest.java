package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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

/** IKEv1's aggressive mode with a pre-shared key: the responder knows the initiator by its identity alone. */
@Tag("netns")
@Tag("lab")
class AggressiveModeTest {
    static List<Pair> pairs() {
        return Scenario.pairs().stream().filter(pair -> pair.initiator() == Kind.AGENT || pair.responder() == Kind.AGENT).toList();
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void trafficBetweenTheSitesCrossesTheWireOnlyAsEsp(Pair pair) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withAggressiveMode();
            Peer sun = pair.sun(sites).start(tunnel.reversed().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            Scenario.upAndDown(sites, moon, sun, tunnel, "IKEv1 aggressive mode");
        });
    }

    /** Another phase 1 takes the child over. */
    @Test
    void phase1IsDoneAgainWithStrongSwan() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withAggressiveMode();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best()));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best()));
            sun.start(tunnel.reversed());
            moon.start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();
            String cookie = cookie(moon);
            String child = moon.child(tunnel).spiIn();
            moon.rekeyIke(tunnel).orFail();
            Await.until("both have the next ISAKMP SA alone", SOON, () -> moon.sas().size() == 1 && sun.sas().size() == 1
                    && !cookie(moon).equals(cookie), sun::log);
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(child);
            assertThat(sun.child(tunnel).spiOut()).isEqualTo(child);
            sites.ping(2).orFail();
            Scenario.met(sites, moon, sun, "IKEv1 aggressive mode, another phase 1");
        });
    }

    private static String cookie(Peer peer) {
        return peer.sas().getFirst().values().getOrDefault("initiator-spi", "none");
    }

    /** The initiator was on the cable and comes back from behind a NAT: another address, another port, the same identity. */
    @ParameterizedTest
    @MethodSource("pairs")
    void anInitiatorWhoseAddressChangedComesBack(Pair pair) {
        Scenario.play(TwoSites::twoWays, sites -> {
            Tunnel tunnel = sites.tunnel().withAggressiveMode().withLocalAnywhere();
            Peer sun = pair.sun(sites).start(tunnel.reversed().withLocalAnywhere().withRemoteAnywhere());
            Peer moon = pair.moon(sites).start(tunnel);
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(2).orFail();

            moon.kill();
            sites.sun().shell("ip route replace default via 198.51.100.1");
            sites.moon().shell("ip link set dev sun down");
            moon.start(tunnel);
            moon.up(tunnel).orFail();
            Await.until("sun has moon behind the NAT", SOON, () -> behindNat(sun).findAny().isPresent(), sun::log);
            sites.awaitPing(SOON);
            assertThat(moon.child(tunnel).encap()).isTrue();
            assertThat(behindNat(sun)).allSatisfy(child -> assertThat(child.encap()).isTrue());
            // strongSwan takes no notice of INITIAL_CONTACT in aggressive mode's third message, and keeps the old one until it is found dead;
            // and sends none.
            if (pair.responder() == Kind.AGENT && pair.initiator() == Kind.AGENT) {
                Await.until("sun has nothing else of moon", SOON, () -> sun.sas().size() == 1, sun::log);
            }
            Scenario.met(sites, moon, sun, "IKEv1 aggressive mode, the initiator's address has changed");
        });
    }

    /** What a peer sends on to the one behind the NAT; an agent still has the child of before there too, as long as nobody deletes it. */
    private static Stream<IkeSa.Child> behindNat(Peer peer) {
        return peer.sas().stream()
                .filter(sa -> sa.values().getOrDefault("remote-host", "").equals("198.51.100.1"))
                .flatMap(sa -> sa.children().stream())
                .filter(child -> child.state().equals("INSTALLED"));
    }
}
