package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;

/** Whoever knows charon's tools can use them on the agent; and the agent's own commands tell the same. */
@Tag("netns")
class SwanctlTest {
    @Test
    void theRealSwanctlAndTheAgentsOwnCommandsControlTheAgent() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).start(tunnel);

            assertThat(moon.control().swanctl("--version", "--daemon").orFail().out()).contains("xfrm-agent");
            assertThat(moon.control().swanctl("--list-conns").orFail().out())
                    .contains("sun: IKEv2", "local:  192.0.2.1", "remote: 192.0.2.2", "site-to-site: TUNNEL");

            moon.control().swanctl("--initiate", "--child", tunnel.name()).orFail();
            sun.awaitUp(tunnel, SOON);
            assertThat(moon.control().swanctl("--list-sas").orFail().out())
                    .contains("ESTABLISHED", "IKEv2", "INSTALLED, TUNNEL", "ESP:AES_GCM_16-256", "10.1.0.0/16", "10.2.0.0/16");

            Result status = moon.cli("status").orFail();
            assertThat(status.out()).contains("sun", tunnel.name());
            assertThat(moon.cli("status", "--json").orFail().out().strip()).matches("(?s)[\\[{].*[]}]").contains(tunnel.name());

            moon.control().swanctl("--terminate", "--ike", "sun").orFail();
            moon.awaitNoSas(SOON);
            sun.awaitNoSas(SOON);

            moon.cli("up", tunnel.name()).orFail();
            assertThat(moon.has(tunnel)).isTrue();
            moon.cli("down", tunnel.name()).orFail();
            moon.awaitDown(tunnel, SOON);
            sun.awaitDown(tunnel, SOON);

            Result up = moon.cli("up", "no-such-tunnel");
            assertThat(up.status()).isEqualTo(1);
            assertThat(up.err()).contains("no-such-tunnel");
            assertThat(moon.answers()).isTrue();
        });
    }

    /** Each is a connection of its own; none waits for what another has asked for, and all that bring up one child get the same one. */
    @Test
    void eightSwanctlsAtOnceAreAllAnswered() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Tunnel tunnel = sites.tunnel();
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).start(tunnel);
            List<List<String>> questions = List.of(
                    List.of("--initiate", "--child", tunnel.name()), List.of("--list-sas"), List.of("--stats"), List.of("--list-sas"),
                    List.of("--initiate", "--child", tunnel.name()), List.of("--list-sas"), List.of("--stats"), List.of("--list-conns"));

            for (int round = 0; round < 3; round++) {
                List<Running> all = questions.stream().map(question -> ask(moon, question)).toList();
                for (int each = 0; each < all.size(); each++) {
                    assertThat(all.get(each).awaitExit(SOON)).as("%s: %s", questions.get(each), all.get(each).output()).isZero();
                }
                assertThat(all.get(2).output()).contains("uptime");
                assertThat(all.get(7).output()).contains("sun: IKEv2");
                sun.awaitUp(tunnel, SOON);
                assertThat(moon.sas()).singleElement().satisfies(sa -> assertThat(sa.children()).hasSize(1));
            }
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains("ESTABLISHED", "INSTALLED, TUNNEL");
        });
    }

    private static Running ask(Agent agent, List<String> question) {
        List<String> line = new ArrayList<>(List.of("swanctl"));
        line.addAll(question);
        line.addAll(List.of("--uri", "unix://" + agent.control().socket()));
        return agent.control().host().start(line.toArray(String[]::new));
    }
}
