package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** A set-up that runs under charon runs unchanged under the agent: no policy file, only {@code swanctl --load-all}. */
@Tag("netns")
@Tag("lab")
class LoadAllTest {
    @Test
    void aSiteToSiteSetUpOfCharonsRunsUnchanged() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(StrongSwan.connections(List.of(tunnel)));
            Capture wire = sites.eavesdrop();

            assertThat(moon.control().swanctl("--list-conns").orFail().out())
                    .contains("sun: IKEv2", "local:  192.0.2.1", "remote: 192.0.2.2", "site-to-site: TUNNEL");
            moon.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
            sun.awaitUp(tunnel, SOON);
            sites.ping(4).orFail();
            IkeSa.Child before = moon.child(tunnel);

            // The same file again changes nothing; a child more leaves the others alone.
            moon.control().swanctl("--load-all", "--noprompt").orFail();
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            String more = StrongSwan.connections(List.of(tunnel)).replace("children {",
                    "children {\n      other { local_ts = 10.8.0.0/16\n        remote_ts = 10.9.0.0/16 }");
            sites.moon().write("/etc/swanctl/swanctl.conf", more);
            moon.control().swanctl("--load-all", "--noprompt").orFail();
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            assertThat(moon.control().swanctl("--list-conns").orFail().out()).contains("other: TUNNEL");

            // What cannot be done is refused by its name, and what there is stays.
            sites.moon().write("/etc/swanctl/swanctl.conf", more.replace("10.9.0.0/16", "10.9.0.0/16\n        hw_offload = packet"));
            assertThat(moon.control().swanctl("--load-conns").all()).contains("hw_offload");
            assertThat(moon.child(tunnel).spiIn()).isEqualTo(before.spiIn());
            sites.ping(4).orFail();

            // What the file does not have any more is unloaded, and its tunnel goes.
            sites.moon().write("/etc/swanctl/swanctl.conf", "connections {\n}\n");
            moon.control().swanctl("--load-conns").orFail();
            moon.awaitNoSas(SOON);
            sun.awaitNoSas(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "swanctl.conf of charon's, loaded by swanctl");
        });
    }
}
