package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** {@code swanctl --redirect} (RFC 5685): sun has two addresses, and sends moon from one to the other. Charon is the client, or the gateway. */
@Tag("netns")
class RedirectTest {
    private static final String OTHER = "192.0.2.22";

    private static String gateway(TwoSites sites) {
        Tunnel tunnel = sites.tunnel().reversed();
        String here = sites.addresses().sun();
        sites.sun().shell("ip address add " + OTHER + "/24 dev $(ip -o -4 address show to " + here + " | awk '{print $2}')");
        return StrongSwan.connections(List.of(tunnel)).replace("local_addrs = " + here, "local_addrs = " + here + ", " + OTHER);
    }

    private static void play(TwoSites sites, Peer moon, Peer sun) {
        Control client = Scenario.control(moon);
        Control gateway = Scenario.control(sun);
        client.initiate(sites.tunnel().name()).orFail();
        sites.awaitPing(SOON);
        assertThat(gateway.swanctl("--redirect", "--ike", "nobody", "--gateway", OTHER).all()).contains("no matching SAs to redirect found");
        assertThat(gateway.swanctl("--redirect", "--peer-id", "moon.lab", "--gateway", OTHER).orFail().out()).contains("redirect completed successfully");
        Await.until("moon has gone to the other address", SOON, () -> client.sas().size() == 1
                && OTHER.equals(client.sas().getFirst().values().get("remote-host")) && gateway.sas().size() == 1, sites.lab()::report);
        assertThat(client.sas().getFirst().children()).hasSize(1);
        sites.awaitPing(SOON);
        Scenario.met(sites, moon, sun, "redirected to another address of the gateway");
    }

    @Test
    void theAgentGoesWhereCharonSendsIt() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(gateway(sites));
            play(sites, sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(StrongSwan.connections(List.of(sites.tunnel()))), sun);
        });
    }

    @Test
    void charonGoesWhereTheAgentSendsIt() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(gateway(sites));
            play(sites, sites.with(new StrongSwan(sites.moon(), Plane.best())).start(StrongSwan.connections(List.of(sites.tunnel()))), sun);
        });
    }
}
