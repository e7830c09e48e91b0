package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.Tunnel;
import org.xfrmagent.it.peers.TwoSites;
import org.xfrmagent.it.scenarios.Scenario.Kind;

/**
 * A policy with an xfrm interface: the agent on moon makes it, routes into it, and takes it away again; sun is strongSwan with an
 * ordinary policy. Needs a kernel that has such interfaces.
 */
@Tag("newer-kernel")
class InterfaceTest {
    private static final Duration ORDERLY_END = Duration.ofSeconds(10);
    /** The agent looks after its interfaces twice a minute. */
    private static final Duration LOOKED_AFTER = Duration.ofSeconds(90);

    private static final String YAML = """
            peers:
              sun:
                local: { address: 192.0.2.1, id: moon.lab, auth: psk }
                remote: { address: 192.0.2.2, id: sun.lab, auth: psk }
                proposals: [aes256gcm16-prfsha384-x25519]
            secrets:
              - psk: file:sun.psk
                ids: [moon.lab, sun.lab]
            policies:
              - name: site-to-site
                match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                action: protect
                peer: sun
                esp: [aes256gcm16]
                interface: { id: 42, name: to-sun, mtu: 1400 }
            """;

    private static String index(Host host) {
        return host.run("cat", "/sys/class/net/to-sun/ifindex").out().strip();
    }

    /** Asked in a namespace of its own, which ends with the question. */
    private static boolean kernelHasInterfaces() throws Exception {
        return new ProcessBuilder("unshare", "--net", "ip", "link", "add", "probe", "type", "xfrm", "if_id", "1").start().waitFor() == 0;
    }

    @Test
    void theAgentMakesTheInterfaceKeepsItOverItsOwnDeathAndTakesItAway() throws Exception {
        assumeTrue(kernelHasInterfaces(), "this kernel has no xfrm interfaces");
        Scenario.play(TwoSites::ipv4, sites -> {
            Host host = sites.moon();
            Tunnel tunnel = sites.tunnel();
            sites.with(Kind.STRONGSWAN.on(sites.sun(), Plane.KERNEL)).start(tunnel.reversed());
            Agent moon = sites.with(new Agent(host, Plane.KERNEL));
            host.write("/etc/xfrm-agent/sun.psk", tunnel.psk() + "\n");
            moon.start(YAML);
            Capture wire = sites.eavesdrop();

            // The first packet is routed into the interface, meets the policy there, and asks for the tunnel.
            sites.awaitPing(SOON);
            assertThat(sites.ping(4).ok()).isTrue();
            assertThat(host.run("ip", "-s", "-o", "link", "show", "to-sun").all()).contains("mtu 1400").contains("UP");
            assertThat(host.run("ip", "route", "show", "table", "220").all())
                    .contains("10.2.0.0/16 dev to-sun").contains("src 10.1.0.1").contains("blackhole 10.2.0.0/16");

            // Somebody deletes it: nothing leaves in the clear, and it comes back.
            host.run("ip", "link", "delete", "to-sun").orFail();
            assertThat(sites.alice().run("ping", "-n", "-c", "2", "-W", "1", sites.addresses().bob()).ok()).isFalse();
            sites.awaitPing(LOOKED_AFTER);

            // The agent is killed: the interface and the tunnel stay; its successor takes the interface over.
            String index = index(host);
            moon.kill();
            assertThat(sites.ping(4).ok()).isTrue();
            moon.start(YAML);
            assertThat(index(host)).isEqualTo(index);
            sites.awaitPing(SOON);

            assertThat(moon.terminate(ORDERLY_END)).isZero();
            assertThat(host.run("ip", "link", "show", "to-sun").ok()).isFalse();
            assertThat(host.run("ip", "route", "show", "table", "220").all()).doesNotContain("10.2.0.0");
            assertThat(host.run("ip", "rule").all()).doesNotContain("220:");
            wire.stop().onlyEspOrIke();
        });
    }
}
