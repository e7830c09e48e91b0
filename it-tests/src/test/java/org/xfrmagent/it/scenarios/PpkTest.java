package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** Postquantum pre-shared keys (RFC 8784) with charon, in both roles, with a connection of swanctl.conf. */
@Tag("netns")
class PpkTest {
    private static final String KEY = "secrets {\n  ppk-lab {\n    id = ppk.lab\n    secret = \"thirty-two octets of randomness!\"\n  }\n}\n";

    private static String using(Tunnel tunnel, boolean required) {
        return StrongSwan.connections(List.of(tunnel))
                .replace("version = 2", "version = 2\n    ppk_id = ppk.lab\n    ppk_required = " + (required ? "yes" : "no")) + KEY;
    }

    /** Of the IKE SAs that are up: one that the agent has not gone on with is half-open at charon for a while. */
    private static List<String> ppk(Control control) {
        return control.sas().stream().filter(IkeSa::isEstablished).map(sa -> sa.values().getOrDefault("ppk", "no")).toList();
    }

    /** Through the tunnel as it comes up, and after its IKE SA and its child were rekeyed. */
    private static void isUp(TwoSites sites, Control caller, Control called, String with) {
        Tunnel tunnel = sites.tunnel();
        caller.initiate(tunnel.name()).orFail();
        assertThat(ppk(caller)).containsExactly(with);
        assertThat(ppk(called)).containsExactly(with);
        sites.awaitPing(SOON);
        String spi = caller.sas().getFirst().values().getOrDefault("initiator-spi", "");
        caller.swanctl("--rekey", "--ike", tunnel.remote().name()).orFail();
        Await.until("the IKE SA has a successor", SOON,
                () -> caller.sas().size() == 1 && !spi.equals(caller.sas().getFirst().values().get("initiator-spi")), sites.lab()::report);
        String child = caller.sas().getFirst().children().getFirst().spiIn();
        caller.swanctl("--rekey", "--child", tunnel.name()).orFail();
        Await.until("the child has a successor", SOON, () -> caller.sas().stream().flatMap(sa -> sa.children().stream())
                .anyMatch(now -> now.isInstalled() && !now.spiIn().equals(child)), sites.lab()::report);
        sites.awaitPing(SOON);
        caller.terminateIke(tunnel.remote().name()).orFail();
    }

    @Test
    void theAgentCallsCharon() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(using(sites.tunnel().reversed(), true));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(using(sites.tunnel(), true));
            assertThat(moon.control().swanctl("--list-conns", "--raw").orFail().out()).contains("ppk_id=ppk.lab ppk_required=yes");
            isUp(sites, moon.control(), sun.control(), "yes");
            Scenario.met(sites, moon, sun, "postquantum pre-shared key");

            // charon without the key: a policy that requires it gets no tunnel, another one does, without the key.
            reload(sun, StrongSwan.connections(List.of(sites.tunnel().reversed())));
            assertThat(moon.control().initiate(sites.tunnel().name()).all()).contains("postquantum pre-shared key");
            reload(moon, using(sites.tunnel(), false));
            isUp(sites, moon.control(), sun.control(), "no");
        });
    }

    @Test
    void charonCallsTheAgent() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(using(sites.tunnel().reversed(), true));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(using(sites.tunnel(), false));
            isUp(sites, moon.control(), sun.control(), "yes");
            Scenario.met(sites, moon, sun, "postquantum pre-shared key");

            // Another key: charon's AUTH without it is not enough for a policy that requires it, and enough for one that does not.
            reload(sun, using(sites.tunnel().reversed(), true).replace("id = ppk.lab\n    secret", "id = another.lab\n    secret"));
            assertThat(moon.control().initiate(sites.tunnel().name()).ok()).isFalse();
            Await.until("the agent says why", SOON, () -> sun.log().contains("uses the postquantum pre-shared key ppk.lab, which we do not have for it"), sun::log);
            reload(sun, using(sites.tunnel().reversed(), false).replace("id = ppk.lab\n    secret", "id = another.lab\n    secret"));
            isUp(sites, moon.control(), sun.control(), "no");
        });
    }

    private static void reload(Agent agent, String conf) {
        agent.host().write("/etc/swanctl/swanctl.conf", conf);
        agent.control().swanctl("--load-all", "--noprompt").orFail();
    }

    private static void reload(StrongSwan charon, String conf) {
        charon.host().write("/etc/swanctl/swanctl.conf", conf);
        charon.control().swanctl("--load-all", "--noprompt").orFail();
    }
}
