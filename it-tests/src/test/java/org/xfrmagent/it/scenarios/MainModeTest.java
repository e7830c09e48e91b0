package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
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
            assertThat(sites.moon().states()).isBlank();
            assertThat(sites.sun().states()).isBlank();
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        });
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
