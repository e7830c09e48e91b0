package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
 * Addresses of IKEv2 with strongSwan (RFC 7296, section 2.19): the host moon asks the gateway sun for one, and speaks for it.
 *
 * <pre>
 *   moon 192.0.2.1 ═══════ 192.0.2.2 sun ──────── bob
 *        10.3.0.1                    10.2.0.1     10.2.0.10
 * </pre>
 */
@Tag("netns")
@Tag("lab")
class Ikev2AddressTest {
    private static final String SECRET = "a secret between a host and its gateway";
    private static final String ADDRESS = "10.3.0.1";

    /** moon's policies, in the agent's words. */
    private static Agent client(TwoSites sites, String address) {
        sites.moon().write("/etc/xfrm-agent/sun.psk", SECRET + "\n");
        return sites.with(new Agent(sites.moon(), Plane.best())).start("""
                peers:
                  sun:
                    local: { address: "%s", id: moon.lab, auth: psk, virtual-address: any }
                    remote: { address: "%s", id: sun.lab, auth: psk }
                secrets:
                  - psk: file:sun.psk
                    ids: [moon.lab, sun.lab]
                policies:
                  - name: office
                    match: { remote: 10.2.0.0/16 }
                    action: protect
                    peer: sun
                    start: by-peer
                """.formatted(address, sites.addresses().sun()));
    }

    /** The gateway's policies, in the agent's words. */
    private static Agent gateway(TwoSites sites) {
        sites.sun().write("/etc/xfrm-agent/moon.psk", SECRET + "\n");
        return sites.with(new Agent(sites.sun(), Plane.best())).start("""
                peers:
                  hosts:
                    local: { address: "%s", id: sun.lab, auth: psk }
                    remote: { address: "%%any", id: moon.lab, auth: psk }
                    pool: hosts
                secrets:
                  - psk: file:moon.psk
                    ids: [moon.lab, sun.lab]
                policies:
                  - name: hosts
                    match: { local: 10.2.0.0/16, remote: 10.3.0.0/24 }
                    action: protect
                    peer: hosts
                    start: by-peer
                pools:
                  hosts: { addresses: [10.3.0.0/24], dns: [10.2.0.53], split: [10.2.0.0/16] }
                """.formatted(sites.addresses().sun()));
    }

    /** moon in swanctl's words. */
    private static String swanctlClient(TwoSites sites, String more) {
        return swanctl("sun", "vips = 0.0.0.0\n" + more, new SwanctlConf.End("%any", "moon.lab"),
                new SwanctlConf.End(sites.addresses().sun(), "sun.lab"), "office", "remote_ts = 10.2.0.0/16");
    }

    /** sun in swanctl's words. */
    private static String swanctlGateway(TwoSites sites) {
        return swanctl("hosts", "pools = hosts", new SwanctlConf.End(sites.addresses().sun(), "sun.lab"), new SwanctlConf.End("%any", "moon.lab"),
                "hosts", "local_ts = 10.2.0.0/16") + SwanctlConf.pools("hosts", "addrs = 10.3.0.0/24\ndns = 10.2.0.53\n");
    }

    private static String swanctl(String name, String options, SwanctlConf.End local, SwanctlConf.End remote, String child, String selectors) {
        String more = "version = 2\nproposals = aes256gcm16-prfsha256-x25519\n" + options + '\n'
                + SwanctlConf.children(List.of(SwanctlConf.child(child, selectors + "\nesp_proposals = aes256gcm16-x25519\n")));
        return SwanctlConf.of(
                List.of(SwanctlConf.connection(name, local, remote, more)),
                List.of(SwanctlConf.secret(name, List.of(local.id(), remote.id()), SECRET)));
    }

    private static void awaitBob(TwoSites sites, Agent agent, String... options) {
        List<String> ping = List.of("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-p", TwoSites.canaryPattern());
        String[] command = Stream.concat(ping.stream(), Stream.of(options)).toArray(String[]::new);
        Await.until("bob answers moon", SOON, () -> sites.moon().run(command).ok(), agent::log);
    }

    /** A program on moon that does not care reaches bob from the address that moon was given; the address goes with the IKE SA. */
    @Test
    void theAgentAsksStrongSwanForItsAddress() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(swanctlGateway(sites));
            Agent moon = client(sites, sites.addresses().moon());
            Capture wire = sites.eavesdrop();
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            assertThat(sites.moon().shell("ip -4 address show")).contains(ADDRESS + "/32");
            awaitBob(sites, moon, sites.addresses().bob());
            assertThat(moon.log()).contains("gave us the address 10.3.0.1 and the name servers 10.2.0.53");
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).contains("[" + ADDRESS + "]", ADDRESS + "/32");

            moon.control().request("rekey", Map.of("ike", "sun")).orFail();
            moon.control().request("rekey", Map.of("child", "office")).orFail();
            awaitBob(sites, moon, sites.addresses().bob());
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertThat(sites.moon().shell("ip -4 address show")).contains(ADDRESS + "/32");

            sun.control().request("terminate", Map.of("ike", "hosts", "timeout", "60000")).orFail();
            Await.until("moon has the address no more", SOON, () -> !sites.moon().shell("ip -4 address show").contains(ADDRESS), moon::log);
            Scenario.met(sites, moon, sun, "IKEv2, an address from the peer's pool");
        });
    }

    /** All of moon's traffic is to go through the tunnel, from the address that moon is given: who manages moon at its own does not lose it. */
    @Test
    void whatHasTheHostsOwnAddressIsLeftAloneAsByCharon() {
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan _ = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(swanctlGateway(sites).replace("local_ts = 10.2.0.0/16", "local_ts = 0.0.0.0/0"));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best()))
                    .startAndLoad(swanctlClient(sites, "").replace("remote_ts = 10.2.0.0/16", "remote_ts = 0.0.0.0/0"));
            assertMoonIsReached(sites, moon);
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            Capture wire = sites.eavesdrop();
            awaitBob(sites, moon, sites.addresses().bob());
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            assertMoonIsReached(sites, moon);
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("moon has the address no more", SOON, () -> !sites.moon().shell("ip -4 address show").contains(ADDRESS), moon::log);
            assertMoonIsReached(sites, moon);
        });
    }

    private static void assertMoonIsReached(TwoSites sites, Agent moon) {
        Await.until("moon answers sun at its own address", SOON,
                () -> sites.sun().run("ping", "-n", "-c", "1", "-W", "2", sites.addresses().moon()).ok(), moon::log);
    }

    /** RFC 4555: moon goes from the cable to a network behind a NAT; its address comes along to the other link, and bob answers it. */
    @Test
    void theAddressComesAlongWhereTheHostMoves() {
        Scenario.play(TwoSites::twoWays, sites -> {
            Agent sun = gateway(sites);
            Agent moon = client(sites, "%any");
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, moon, sites.addresses().bob());
            assertThat(sites.moon().shell("ip -4 address show dev sun")).contains(ADDRESS + "/32");
            Capture wire = sites.eavesdrop();

            sites.sun().shell("ip route replace default via 198.51.100.1");
            sites.moon().shell("ip link set dev sun down");
            Await.until("the address is on the other link", SOON,
                    () -> sites.moon().shell("ip -4 address show dev router").contains(ADDRESS + "/32"), moon::log);
            assertThat(sites.moon().shell("ip -4 address show dev sun")).doesNotContain(ADDRESS);
            awaitBob(sites, moon, sites.addresses().bob());
            assertThat(sun.log()).doesNotContain("10.3.0.2");

            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("moon has the address no more", SOON, () -> !sites.moon().shell("ip -4 address show").contains(ADDRESS), moon::log);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
        });
    }

    @Test
    void strongSwanGetsAnAddress() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = gateway(sites);
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(swanctlClient(sites, ""));
            Capture wire = sites.eavesdrop();
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, sun, "-I", ADDRESS, sites.addresses().bob());
            assertThat(sun.log()).contains("gave peer moon.lab the address 10.3.0.1");
            assertThat(sun.control().swanctl("--list-sas").orFail().out()).contains("[" + ADDRESS + "]", ADDRESS + "/32");

            moon.control().request("rekey", Map.of("ike", "sun")).orFail();
            moon.control().request("rekey", Map.of("child", "office")).orFail();
            awaitBob(sites, sun, "-I", ADDRESS, sites.addresses().bob());
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);

            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            sun.awaitNoSas(SOON);
            Scenario.met(sites, moon, sun, "IKEv2, an address from the pool");
        });
    }

    /** A gateway of charon's, loaded by its own swanctl; strongSwan authenticates itself anew, and keeps its address. */
    @Test
    void aGatewayOfCharonsWithAPoolRunsUnchanged() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(swanctlGateway(sites));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(swanctlClient(sites, "reauth_time = 6s\nrand_time = 0s\n"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, sun, "-I", ADDRESS, sites.addresses().bob());
            String leases = sun.control().swanctl("--list-pools", "--leases").orFail().out();
            assertThat(leases).contains("hosts", "1 / 0 / 254", ADDRESS, "online", "'moon.lab'");
            Await.until("strongSwan has authenticated itself anew", SOON,
                    () -> sun.log().split("gave peer moon.lab the address 10.3.0.1", -1).length > 2, sun::log);
            awaitBob(sites, sun, "-I", ADDRESS, sites.addresses().bob());
            assertThat(sun.control().swanctl("--list-pools", "--leases").orFail().out()).contains(ADDRESS).doesNotContain("10.3.0.2");
            assertThat(sun.log()).doesNotContain("10.3.0.2");
        });
    }
}
