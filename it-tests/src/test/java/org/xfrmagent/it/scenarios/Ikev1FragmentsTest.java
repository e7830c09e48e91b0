package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** IKEv1's messages in pieces, as strongSwan, Cisco and Windows send them: a main mode whose public values do not fit the path. */
@Tag("netns")
class Ikev1FragmentsTest {
    private static final int PACKET = 512;
    /** Where IKEv1's header says what comes first, and what a piece is. */
    private static final int NEXT_PAYLOAD = 16;
    private static final int FRAGMENT = 132;

    @ParameterizedTest(name = "the agent initiates: {0}")
    @ValueSource(booleans = {true, false})
    void bothSendAndTakePieces(boolean initiates) {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel().withIkev1().withIke("aes256-sha256-modp4096");
            Agent agent = sites.with(new Agent(initiates ? sites.moon() : sites.sun(), Plane.best()));
            StrongSwan charon = sites.with(new StrongSwan(initiates ? sites.sun() : sites.moon(), Plane.best(), "fragment_size = " + PACKET));
            agent.start(yaml -> yaml.replace("    proposals:", "    fragment-size: " + PACKET + "\n    proposals:"),
                    initiates ? tunnel : tunnel.reversed());
            charon.start(conf -> conf.replace("    version = 1", "    version = 1\n    fragmentation = force"),
                    initiates ? tunnel.reversed() : tunnel);
            Capture wire = sites.eavesdrop();

            Peer moon = initiates ? agent : charon;
            Peer sun = initiates ? charon : agent;
            moon.up(tunnel).orFail();
            sun.awaitUp(tunnel.reversed(), SOON);
            sites.ping(2).orFail();
            Capture.Wire seen = wire.stop();
            for (String gateway : List.of(sites.addresses().moon(), sites.addresses().sun())) {
                assertThat(seen.ikeFrom(gateway)).as("IKE from " + gateway)
                        .anyMatch(ike -> ike.message().u8(NEXT_PAYLOAD) == FRAGMENT)
                        .allMatch(ike -> ike.message().length() < PACKET);
            }
            seen.onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "IKEv1 main mode in fragments");
        });
    }
}
