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
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/**
 * swanctl.conf(5)'s {@code dynamic}, what local_ts and remote_ts are that nobody writes: in a tunnel without virtual addresses the
 * address of that end's IKE.
 *
 * <pre>
 *   moon 192.0.2.1 (agent) ═══════ 192.0.2.2 sun (charon)
 *     to-the-hosts    192.0.2.1/32 === 192.0.2.2/32
 *     to-a-network    192.0.2.1/32 === 10.2.0.0/16
 * </pre>
 */
@Tag("netns")
@Tag("lab")
class DynamicSelectorsTest {
    /** Otherwise what charon's userspace plane routes into its tunnel has IKE's own messages among it (strongswan.conf(5), allow_peer_ts). */
    private static final String AROUND_THE_TUNNEL = """
            plugins {
              kernel-libipsec { allow_peer_ts = yes }
              kernel-netlink { fwmark = !0x42 }
              socket-default { fwmark = 0x42 }
            }
            """;

    private static String conf(boolean atMoon) {
        SwanctlConf.End moon = new SwanctlConf.End("192.0.2.1", "moon.lab");
        SwanctlConf.End sun = new SwanctlConf.End("192.0.2.2", "sun.lab");
        return SwanctlConf.of(
                List.of(SwanctlConf.connection("other", atMoon ? moon : sun, atMoon ? sun : moon, "version = 2\n" + SwanctlConf.children(List.of(
                        SwanctlConf.child("to-the-hosts", "esp_proposals = aes128gcm16\n"),
                        SwanctlConf.child("to-a-network", (atMoon ? "remote_ts" : "local_ts") + " = 10.2.0.0/16\nesp_proposals = aes128gcm16\n"))))),
                List.of(SwanctlConf.secret("both", List.of("moon.lab", "sun.lab"), "a shared secret that only these two gateways of the lab know")));
    }

    @Test
    void anEndThatNobodyNamesIsTheAddressOfItsIke() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best(), AROUND_THE_TUNNEL)).start(conf(false));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(conf(true));
            for (Control initiator : List.of(moon.control(), sun.control())) {
                for (String child : List.of("to-the-hosts", "to-a-network")) {
                    initiator.initiate(child).orFail();
                }
                Await.until("both have both children", SOON, () -> installed(moon.sas()) == 2 && installed(sun.sas()) == 2, moon::log);
                assertThat(moon.control().childValues("local-ts")).containsOnlyKeys("to-the-hosts", "to-a-network");
                assertThat(moon.control().swanctl("--list-sas").orFail().out()).containsPattern("(?s)to-the-hosts: .*local +192.0.2.1/32\\s+remote 192.0.2.2/32")
                        .containsPattern("(?s)to-a-network: .*local +192.0.2.1/32\\s+remote 10.2.0.0/16");
                assertThat(sun.control().swanctl("--list-sas").orFail().out()).containsPattern("(?s)to-the-hosts: .*local +192.0.2.2/32\\s+remote 192.0.2.1/32");
                sites.moon().run("ping", "-c", "3", "-W", "5", "192.0.2.2").orFail();
                Await.until("the packets came through the tunnel", SOON, () -> packets(moon.sas(), "to-the-hosts") >= 3, moon::log);
                initiator.swanctl("--terminate", "--ike", "other").orFail();
                moon.awaitNoSas(SOON);
                sun.awaitNoSas(SOON);
            }
        });
    }

    private static long installed(List<IkeSa> sas) {
        return sas.stream().flatMap(sa -> sa.children().stream()).filter(IkeSa.Child::isInstalled).count();
    }

    private static long packets(List<IkeSa> sas, String child) {
        return sas.stream().flatMap(sa -> sa.children().stream()).filter(each -> each.name().equals(child)).mapToLong(IkeSa.Child::packetsIn).sum();
    }
}
