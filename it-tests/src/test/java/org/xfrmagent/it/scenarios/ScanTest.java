package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeScan;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** What strangers can learn from us with IKEv1: nothing where no policy has it, and else no more than a peer must be told. */
@Tag("netns")
class ScanTest {
    private static final String NOTHING = "0 returned handshake; 0 returned notify";
    private static final String HANDSHAKE = "1 returned handshake; 0 returned notify";

    /** AES-256, SHA-256, a pre-shared key, group 14. */
    private static final String OURS = "--trans=(1=7,14=256,2=4,3=1,4=14)";

    private static String[] aggressive(String id) {
        return new String[] {OURS, "--aggressive", "--dhgroup=14", "--id=" + id, "--idtype=2"};
    }

    private static Agent sun(TwoSites sites, Tunnel tunnel) {
        return sites.with(new Agent(sites.sun(), Plane.best())).start(tunnel.reversed().withRemoteAnywhere());
    }

    /** RFC 9395. */
    @Test
    void aGatewayOfVersionTwoAnswersNothing() {
        Scenario.play(TwoSites::ipv4, sites -> {
            sun(sites, sites.tunnel());
            IkeScan stranger = new IkeScan(sites.moon());
            assertThat(stranger.ask(sites.addresses().sun())).contains(NOTHING);
            assertThat(stranger.ask(sites.addresses().sun(), OURS)).contains(NOTHING);
            assertThat(stranger.ask(sites.addresses().sun(), aggressive("moon.lab"))).contains(NOTHING);
        });
    }

    /** No notification says what would have been right, and no vendor id who we are. */
    @Test
    void mainModeAnswersOnlyAnOfferOfItsPolicy() {
        Scenario.play(TwoSites::ipv4, sites -> {
            sun(sites, sites.tunnel().withIkev1());
            IkeScan stranger = new IkeScan(sites.moon());
            assertThat(stranger.ask(sites.addresses().sun())).contains(NOTHING);
            assertThat(stranger.ask(sites.addresses().sun(), aggressive("moon.lab"))).contains(NOTHING);
            assertThat(stranger.ask(sites.addresses().sun(), OURS)).contains(HANDSHAKE).doesNotContain("strongSwan").doesNotContain("XAUTH");
        });
    }

    /** Who names the peer gets the hash: that is what a policy has to accept. */
    @Test
    void aggressiveModeAnswersWhoeverNamesThePeer() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sun(sites, sites.tunnel().withAggressiveMode());
            IkeScan stranger = new IkeScan(sites.moon());
            assertThat(stranger.ask(sites.addresses().sun(), aggressive("noon.lab"))).contains(NOTHING);
            assertThat(stranger.ask(sites.addresses().sun(), OURS)).contains(NOTHING);
            assertThat(stranger.ask(sites.addresses().sun(), aggressive("moon.lab"))).contains(HANDSHAKE).contains("Hash(32 bytes)");
            assertThat(sun.log()).contains("calls as noon.lab, which no peer with aggressive mode of that address is");
        });
    }
}
