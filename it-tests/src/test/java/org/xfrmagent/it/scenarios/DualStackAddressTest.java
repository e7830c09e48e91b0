package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/**
 * An address of each family with strongSwan: moon asks the gateway sun for an IPv4 and an IPv6 address, of two pools, and speaks for both
 * through one tunnel over IPv4.
 *
 * <pre>
 *   moon 192.0.2.1 ═══════ 192.0.2.2 sun ──────── bob
 *        10.3.0.1                    10.2.0.1     10.2.0.10
 *        fd03::1                     fd02::1      fd02::10
 * </pre>
 */
@Tag("netns")
@Tag("lab")
@Tag("long")
class DualStackAddressTest {
    private static final String SECRET = "a secret between a host and its gateway";
    private static final String IPV4 = "10.3.0.1";
    private static final String IPV6 = "fd03::1";
    private static final String BOB_IPV6 = "fd02::10";

    /** With IPv6 beside IPv4, as far as bob. */
    private static TwoSites network() {
        TwoSites sites = TwoSites.ipv4();
        sites.moon().shell("ip address add 2001:db8::1/32 dev sun nodad && ip -6 route add default via 2001:db8::2");
        sites.sun().shell("ip address add 2001:db8::2/32 dev moon nodad && ip address add fd02::1/64 dev bob nodad"
                + " && ip -6 route add default via 2001:db8::1");
        sites.bob().shell("ip address add " + BOB_IPV6 + "/64 dev sun nodad && ip -6 route add default via fd02::1");
        return sites;
    }

    /** sun in swanctl's words. */
    private static String gateway(TwoSites sites, int version, String pools) {
        String more = "version = " + version + "\nproposals = aes256-sha256-modp2048\npools = " + pools + '\n' + SwanctlConf.children(
                List.of(SwanctlConf.child("hosts", "local_ts = 10.2.0.0/16, fd02::/64\nesp_proposals = aes256-sha256\n")));
        return SwanctlConf.of(
                        List.of(SwanctlConf.connection(
                                "hosts", new SwanctlConf.End(sites.addresses().sun(), "sun.lab"), new SwanctlConf.End("%any", "%any"), more)),
                        List.of(SwanctlConf.secret("hosts", List.of("sun.lab"), SECRET)))
                + SwanctlConf.pools("four", "addrs = " + IPV4 + "\ndns = 10.2.0.53\n") + SwanctlConf.pools("six", "addrs = fd03::/126\ndns = fd02::53\n");
    }

    /** moon in swanctl's words. */
    private static String client(TwoSites sites, int version, String id, String vips, String remote) {
        String more = "version = " + version + "\nproposals = aes256-sha256-modp2048\nkeyingtries = 1\nvips = " + vips + '\n' + SwanctlConf.children(
                List.of(SwanctlConf.child("office", "remote_ts = " + remote + "\nesp_proposals = aes256-sha256\n")));
        return SwanctlConf.of(
                List.of(SwanctlConf.connection("sun", new SwanctlConf.End("%any", id), new SwanctlConf.End(sites.addresses().sun(), "sun.lab"), more)),
                List.of(SwanctlConf.secret("sun", List.of("sun.lab"), SECRET)));
    }

    private static String client(TwoSites sites) {
        return client(sites, 2, "moon.lab", "0.0.0.0, ::", "10.2.0.0/16, fd02::/64");
    }

    private static void awaitBob(TwoSites sites, Agent agent, String bob, String... options) {
        List<String> ping = new ArrayList<>(List.of("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-p", TwoSites.canaryPattern()));
        ping.addAll(List.of(options));
        ping.add(bob);
        Await.until("bob answers moon at " + bob, SOON, () -> sites.moon().run(ping.toArray(String[]::new)).ok(), agent::log);
    }

    @Test
    void strongSwanGetsAnAddressOfEachFamily() {
        Scenario.play(DualStackAddressTest::network, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(gateway(sites, 2, "four, six"));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(client(sites));
            Capture wire = sites.eavesdrop();
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, sun, sites.addresses().bob(), "-I", IPV4);
            awaitBob(sites, sun, BOB_IPV6, "-I", IPV6);
            assertThat(sun.log()).contains("gave peer moon.lab the addresses 10.3.0.1 and fd03::1");
            assertThat(sun.control().swanctl("--list-sas", "--raw").orFail().out()).contains("remote-vips=[10.3.0.1 fd03::1]");
            assertThat(sun.control().swanctl("--list-pools", "--leases").orFail().out().lines().map(line -> line.strip().replaceAll(" +", " "))).containsExactly(
                    "four 10.3.0.1 1 / 0 / 1", "10.3.0.1 online 'moon.lab'", "six fd03:: 1 / 0 / 2", "fd03::1 online 'moon.lab'");
            assertThat(sun.control().request("unload-pool", Map.of("name", "six")).ok()).isFalse();

            moon.control().request("rekey", Map.of("ike", "sun")).orFail();
            awaitBob(sites, sun, BOB_IPV6, "-I", IPV6);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            sun.awaitNoSas(SOON);
            assertThat(sun.control().swanctl("--list-pools").orFail().out()).contains("0 / 1 / 1", "0 / 1 / 2");
            assertThat(sun.control().request("unload-pool", Map.of("name", "four")).ok()).as("it stays for the connection").isTrue();
            Scenario.met(sites, moon, sun, "IKEv2, an IPv4 and an IPv6 address from two pools");
        });
    }

    /** A gateway of charon's that the agent calls. It gives an identity one address of a family, and gives that twice if it is asked for two. */
    @Test
    void theAgentAsksStrongSwanForAnAddressOfEachFamily() {
        Scenario.play(DualStackAddressTest::network, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(gateway(sites, 2, "four, six"));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(client(sites, 2, "moon.lab", "0.0.0.0, ::, 0.0.0.0", "10.2.0.0/16, fd02::/64"));
            Capture wire = sites.eavesdrop();
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            assertThat(sites.moon().shell("ip address show")).contains(IPV4 + "/32", IPV6 + "/128");
            awaitBob(sites, moon, sites.addresses().bob());
            awaitBob(sites, moon, BOB_IPV6);
            assertThat(moon.log()).contains("gave us the addresses 10.3.0.1 and fd03::1 and the name servers 10.2.0.53 fd02::53");
            assertThat(moon.control().swanctl("--list-sas", "--raw").orFail().out()).contains("local-vips=[10.3.0.1 fd03::1]");

            moon.control().request("rekey", Map.of("ike", "sun")).orFail();
            awaitBob(sites, moon, BOB_IPV6);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            sun.control().request("terminate", Map.of("ike", "hosts", "timeout", "60000")).orFail();
            Await.until("moon has the addresses no more", SOON, () -> !sites.moon().shell("ip address show").contains(IPV6), moon::log);
            assertThat(sites.moon().shell("ip address show")).doesNotContain(IPV4);
            Scenario.met(sites, moon, sun, "IKEv2, an IPv4 and an IPv6 address from the peer's pools");
        });
    }

    /** The one that is named, and whichever. charon's child of the addresses has a selector for each. */
    @Test
    void strongSwanGetsTwoAddressesOfOneFamily() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(gateway(sites, 2, "four").replace("addrs = " + IPV4, "addrs = 10.3.0.0/29"));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(client(sites, 2, "moon.lab", "10.3.0.6, 0.0.0.0", "10.2.0.0/16"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, sun, sites.addresses().bob(), "-I", IPV4);
            awaitBob(sites, sun, sites.addresses().bob(), "-I", "10.3.0.6");
            assertThat(sun.control().swanctl("--list-sas", "--raw").orFail().out())
                    .contains("remote-vips=[10.3.0.6 10.3.0.1]").contains("remote-ts=[10.3.0.6/32 10.3.0.1/32]");
            assertThat(sun.control().swanctl("--list-pools", "--leases").orFail().out().lines().map(line -> line.strip().replaceAll(" +", " ")).filter(line -> !line.startsWith("six")))
                    .containsExactly("four 10.3.0.0 2 / 0 / 6", "10.3.0.1 online 'moon.lab'", "10.3.0.6 online 'moon.lab'");
            Scenario.met(sites, moon, sun, "IKEv2, two IPv4 addresses from a pool");
        });
    }

    @Test
    void theAgentGetsTwoAddressesOfOneFamily() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(gateway(sites, 2, "four").replace("addrs = " + IPV4, "addrs = 10.3.0.0/29"));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(client(sites, 2, "moon.lab", "10.3.0.6, 0.0.0.0", "10.2.0.0/16"));
            Capture wire = sites.eavesdrop();
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, moon, sites.addresses().bob(), "-I", IPV4);
            awaitBob(sites, moon, sites.addresses().bob(), "-I", "10.3.0.6");
            assertThat(moon.control().swanctl("--list-sas", "--raw").orFail().out()).contains("local-vips=[10.3.0.6 10.3.0.1]");
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            sun.control().request("terminate", Map.of("ike", "hosts", "timeout", "60000")).orFail();
            Await.until("moon has the addresses no more", SOON, () -> !sites.moon().shell("ip address show").contains("10.3.0."), moon::log);
        });
    }

    /** RFC 7296, section 2.19: INTERNAL_ADDRESS_FAILURE. */
    @Test
    void aPoolThatIsUsedUpIsToldAsSuch() {
        Scenario.play(DualStackAddressTest::network, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(gateway(sites, 2, "four"));
            String first = client(sites, 2, "moon.lab", "0.0.0.0", "10.2.0.0/16");
            String second = client(sites, 2, "other.lab", "0.0.0.0", "10.2.0.0/16").replaceFirst("sun \\{", "second {").replace("office {", "more {");
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(first + second.substring(0, second.indexOf("secrets {")));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            Result refused = moon.control().swanctl("--initiate", "--child", "more");
            assertThat(refused.ok()).isFalse();
            assertThat(refused.out()).contains("INTERNAL_ADDRESS_FAILURE");
            assertThat(sun.log()).contains("the peer gets no address: no IPv4 address is left in four");
            assertThat(sun.control().swanctl("--list-pools").orFail().out()).contains("1 / 0 / 1");
        });
    }

    /** Mode Config has an IPv6 address as well. */
    @Test
    void anIpv6AddressIsGivenInIkev1() {
        Scenario.play(DualStackAddressTest::network, sites -> {
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(gateway(sites, 1, "six"));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(client(sites, 1, "moon.lab", "::", "fd02::/64"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, sun, BOB_IPV6, "-I", IPV6);
            assertThat(sun.control().swanctl("--list-sas", "--raw").orFail().out()).contains("remote-vips=[fd03::1]");
            Scenario.met(sites, moon, sun, "IKEv1 main mode, Mode Config, an IPv6 address, pull");
        });
    }

    @Test
    void theAgentAsksForAnIpv6AddressInIkev1() {
        Scenario.play(DualStackAddressTest::network, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(gateway(sites, 1, "six").replace("10.2.0.0/16, fd02", "fd02"));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(client(sites, 1, "moon.lab", "::", "fd02::/64"));
            moon.control().request("initiate", Map.of("child", "office", "timeout", "60000")).orFail();
            awaitBob(sites, moon, BOB_IPV6);
            moon.control().request("terminate", Map.of("ike", "sun", "timeout", "60000")).orFail();
            Await.until("moon has the address no more", SOON, () -> !sites.moon().shell("ip address show").contains(IPV6), moon::log);
            Scenario.met(sites, moon, sun, "IKEv1 main mode, Mode Config, an IPv6 address, pull");
        });
    }
}
