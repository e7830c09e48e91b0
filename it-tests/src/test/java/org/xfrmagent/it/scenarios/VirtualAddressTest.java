package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/**
 * Mode Config with strongSwan: the host moon speaks for the address that the gateway sun gives it, asked for ("pull") or told unasked
 * ("push").
 *
 * <pre>
 *   moon 192.0.2.1 ═══════ 192.0.2.2 sun ──────── bob
 *        10.3.0.1                    10.2.0.1     10.2.0.10
 * </pre>
 */
@Tag("netns")
@Tag("lab")
class VirtualAddressTest {
    private static final String SECRET = "a secret between a host and its gateway";
    private static final String ADDRESS = "10.3.0.1";

    /** moon's policies, in the agent's words. */
    private static Agent client(TwoSites sites, String config) {
        sites.moon().write("/etc/xfrm-agent/sun.psk", SECRET + "\n");
        return sites.with(new Agent(sites.moon(), Plane.best())).start("""
                peers:
                  sun:
                    ike: v1-main
                    local: { address: "%s", id: moon.lab, auth: psk, virtual-address: any }
                    remote: { address: "%s", id: sun.lab, auth: psk }
                    proposals: [aes256-sha256-modp2048]
                    config: %s
                secrets:
                  - psk: file:sun.psk
                    ids: [moon.lab, sun.lab]
                policies:
                  - name: office
                    match: { remote: 10.2.0.0/16 }
                    action: protect
                    peer: sun
                    esp: [aes256-sha256]
                    start: by-peer
                """.formatted(sites.addresses().moon(), sites.addresses().sun(), config));
    }

    /** The gateway's policies, in the agent's words. */
    private static Agent gateway(TwoSites sites, String config) {
        sites.sun().write("/etc/xfrm-agent/moon.psk", SECRET + "\n");
        return sites.with(new Agent(sites.sun(), Plane.best())).start("""
                peers:
                  moon:
                    ike: v1-main
                    local: { address: "%s", id: sun.lab, auth: psk }
                    remote: { address: "%s", id: moon.lab, auth: psk }
                    proposals: [aes256-sha256-modp2048]
                    pool: hosts
                    config: %s
                secrets:
                  - psk: file:moon.psk
                    ids: [moon.lab, sun.lab]
                policies:
                  - name: hosts
                    match: { local: 10.2.0.0/16, remote: 10.3.0.0/24 }
                    action: protect
                    peer: moon
                    esp: [aes256-sha256]
                    start: by-peer
                pools:
                  hosts: { addresses: [10.3.0.0/24], dns: [10.2.0.53] }
                """.formatted(sites.addresses().sun(), sites.addresses().moon(), config));
    }

    /** moon in swanctl's words. */
    private static String swanctlClient(TwoSites sites, String pull) {
        return swanctl("sun", new SwanctlConf.End(sites.addresses().moon(), "moon.lab"), new SwanctlConf.End(sites.addresses().sun(), "sun.lab"),
                pull, "vips = 0.0.0.0", "office", "remote_ts = 10.2.0.0/16");
    }

    /** sun in swanctl's words. */
    private static String swanctlGateway(TwoSites sites, String pull) {
        return swanctl("moon", new SwanctlConf.End(sites.addresses().sun(), "sun.lab"), new SwanctlConf.End(sites.addresses().moon(), "moon.lab"),
                pull, "pools = hosts", "hosts", "local_ts = 10.2.0.0/16")
                + SwanctlConf.pools("hosts", "addrs = 10.3.0.0/24\ndns = 10.2.0.53\n");
    }

    private static String swanctl(
            String name, SwanctlConf.End local, SwanctlConf.End remote, String pull, String addresses, String child, String selectors) {
        String more = "version = 1\nproposals = aes256-sha256-modp2048\npull = " + pull + '\n' + addresses + '\n'
                + SwanctlConf.children(List.of(SwanctlConf.child(child, selectors + "\nesp_proposals = aes256-sha256\n")));
        return SwanctlConf.of(
                List.of(SwanctlConf.connection(name, local, remote, more)),
                List.of(SwanctlConf.secret(name, List.of(local.id(), remote.id()), SECRET)));
    }

    /** A program on moon that does not care reaches bob from the address that moon was given. */
    private static void assertBobIsReached(TwoSites sites, Agent moon) {
        assertThat(sites.moon().shell("ip -4 address show")).contains(ADDRESS + "/32");
        Capture wire = sites.eavesdrop();
        Await.until("bob answers moon", SOON, () -> sites.moon().run(
                "ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-p", TwoSites.canaryPattern(), sites.addresses().bob()).ok(), moon::log);
        wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains(ADDRESS + "/32");
    }

    private static void assertTheAddressGoes(TwoSites sites, Agent moon) {
        Await.until("moon has the address no more", SOON, () -> !sites.moon().shell("ip -4 address show").contains(ADDRESS), moon::log);
        assertThat(sites.moon().shell("ip route show table 220 2>/dev/null || true")).doesNotContain(ADDRESS);
    }

    @Test
    void theAgentAsksStrongSwanForItsAddress() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(swanctlGateway(sites, "yes"));
            Agent moon = client(sites, "pull");
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            assertBobIsReached(sites, moon);
            assertThat(moon.log()).contains("gave us the address 10.3.0.1 and the name servers 10.2.0.53");
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            assertTheAddressGoes(sites, moon);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, Mode Config, pull");
        });
    }

    /** As a client of charon's is configured, loaded by its own swanctl. */
    @Test
    void theAgentIsToldItsAddressByStrongSwan() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(swanctlGateway(sites, "no"));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(swanctlClient(sites, "no"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            assertBobIsReached(sites, moon);
            sun.control().request("terminate", Map.of("ike", "moon", "timeout", "60000")).orFail();
            assertTheAddressGoes(sites, moon);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, Mode Config, push");
        });
    }

    @Test
    void theAgentTellsStrongSwanItsAddress() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites, "push");
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(swanctlClient(sites, "no"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            Await.until("bob answers moon", SOON, () -> sites.moon().run(
                    "ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", ADDRESS, sites.addresses().bob()).ok(), sun::log);
            assertThat(sun.log()).contains("gave peer moon.lab the address 10.3.0.1");
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("sun has nothing of moon", SOON, () -> sun.sas().isEmpty(), sun::log);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, Mode Config, push");
        });
    }

    /** A daemon that is killed leaves the address; its successor does not keep what nobody gives it. */
    @Test
    void whatAKilledAgentLeavesGoesWithItsSuccessor() {
        Scenario.play(TwoSites::ipv4, sites -> {
            sites.with(new StrongSwan(sites.sun(), Plane.best())).start(swanctlGateway(sites, "yes"));
            Agent moon = client(sites, "pull");
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            assertThat(sites.moon().shell("ip -4 address show")).contains(ADDRESS + "/32");
            moon.running().kill();
            assertThat(sites.moon().shell("ip -4 address show")).contains(ADDRESS + "/32");
            moon.startOn(Agent.POLICIES);
            assertTheAddressGoes(sites, moon);
        });
    }
}
