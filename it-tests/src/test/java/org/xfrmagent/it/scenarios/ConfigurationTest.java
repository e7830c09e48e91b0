package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.function.BiConsumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;

/** Mistakes in a policy file, as its author meets them: `check` and `run` say where, what and why, and nothing is installed. */
@Tag("netns")
class ConfigurationTest {
    private static final String SOUND = """
            peers:
              sun:
                local: { address: 192.0.2.1, id: moon.lab, auth: psk }
                remote: { address: 192.0.2.2, id: sun.lab, auth: psk }
            secrets:
              - psk: file:sun.psk
                ids: [moon.lab, sun.lab]
            policies:
              - name: site-to-site
                match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                action: protect
                peer: sun
            """;

    @Test
    void aSoundFilePasses() {
        with(SOUND, (agent, host) -> assertThat(agent.check(Agent.POLICIES).orFail().status()).isZero());
    }

    @Test
    void allMistakesOfAFileAreShownAtOnceWithTheirPlaces() {
        String wrong = SOUND.replace("action: protect", "action: protekt").replace("remote: 10.2.0.0/16", "remote: 10.2.0.0/99");
        with(wrong, (agent, host) -> {
            Result check = agent.check(Agent.POLICIES);
            assertThat(check.status()).isEqualTo(1);
            assertThat(check.err())
                    .containsPattern("policies\\.yaml:10:\\d+: .*10\\.2\\.0\\.0/99")
                    .containsPattern("policies\\.yaml:11:\\d+: .*protekt.*protect");
            refusesToRun(agent, host, "protekt");
        });
    }

    @Test
    void multicastCannotBeProtectedBecauseIkeKeysTwoHosts() {
        with(SOUND.replace("10.2.0.0/16", "239.1.0.0/16"), (agent, host) -> {
            Result check = agent.check(Agent.POLICIES);
            assertThat(check.status()).isEqualTo(1);
            assertThat(check.err()).containsPattern("policies\\.yaml:10:\\d+: ").containsIgnoringCase("multicast");
            refusesToRun(agent, host, "multicast");
        });
    }

    @Test
    void aSecretFileThatOthersCanReadIsRefused() {
        with(SOUND, (agent, host) -> {
            host.shell("chmod 644 /etc/xfrm-agent/sun.psk");
            refusesToRun(agent, host, "sun.psk");
        });
    }

    @Test
    void anUnknownOptionIsAUsageError() {
        with(SOUND, (agent, host) -> assertThat(host.run(Agent.program(), "run", "--no-such-option").status()).isEqualTo(2));
    }

    private static void with(String yaml, BiConsumer<Agent, Host> test) {
        try (Lab lab = Lab.open()) {
            Host host = lab.host("moon");
            lab.ip(host, "addr add 192.0.2.1/24 dev lo");
            lab.up();
            host.write("/etc/xfrm-agent/sun.psk", "a secret of the lab that nobody else has\n");
            host.write(Agent.POLICIES, yaml);
            test.accept(lab.closing(new Agent(host, Plane.best())), host);
        }
    }

    private static void refusesToRun(Agent agent, Host host, String reason) {
        Running run = agent.run();
        assertThat(run.awaitExit(SOON)).isEqualTo(1);
        assertThat(run.output()).containsIgnoringCase(reason).doesNotContain("a secret of the lab");
        assertThat(host.xfrm()).isBlank();
    }
}
