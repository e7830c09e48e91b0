package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/** Connections whose children have the same selectors, as charon's users have them: one peer stands in for another. */
@Tag("netns")
@Tag("lab")
class StandInTest {
    private static final String SECRET = "a secret of connections that stand in for each other";
    private static final String NETS = "local_ts = %s\nremote_ts = %s\nesp_proposals = aes128gcm16\n";

    private static String connection(String name, String here, String there, boolean atMoon, String child) {
        SwanctlConf.End moon = new SwanctlConf.End(here, "moon.lab");
        SwanctlConf.End sun = new SwanctlConf.End(there, name + ".lab");
        return SwanctlConf.connection(name, atMoon ? moon : sun, atMoon ? sun : moon, "version = 2\n" + SwanctlConf.children(List.of(child)));
    }

    private static String conf(boolean atMoon) {
        String nets = atMoon ? NETS.formatted("10.1.0.0/16", "10.2.0.0/16") : NETS.formatted("10.2.0.0/16", "10.1.0.0/16");
        return SwanctlConf.of(
                List.of(connection("near", "192.0.2.1", "192.0.2.2", atMoon, SwanctlConf.child("first", nets)),
                        connection("far", "%any", "198.51.100.2", atMoon, SwanctlConf.child("second", nets))),
                List.of(SwanctlConf.secret("all", List.of("moon.lab", "near.lab", "far.lab"), SECRET)));
    }

    /**
     * A pair of gateways for one network, which are one host here. Whichever SAs came last carry what moon sends, and it takes what comes by either:
     *
     * <pre>
     *   alice ── moon 192.0.2.1 ═══════════ near ═══════════ 192.0.2.2 sun ── bob
     *                 172.16.0.2 ── router 198.51.100.1 ════ far ═══ 198.51.100.2
     * </pre>
     */
    @Test
    void aGatewayStandsInForAnother() {
        Scenario.play(TwoSites::twoWays, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf(false));
            sites.moon().shell("ip route add 198.51.100.0/24 via 172.16.0.1");
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(conf(true));
            Capture wire = sites.eavesdrop();
            moon.control().initiate("first").orFail();
            sites.ping(2).orFail();
            moon.control().initiate("second").orFail();
            Running ping = sites.pinging(4);
            Await.until("the second carries pings", SOON, () -> packets(moon, "second") >= 4, moon::log);
            assertThat(packets(moon, "first")).isEqualTo(2);

            moon.control().request("terminate", Map.of("ike", "far", "timeout", "60000")).orFail();
            Await.until("the first carries them again", SOON, () -> packets(moon, "first") >= 8, moon::log);
            moon.control().initiate("second").orFail();
            sun.control().request("terminate", Map.of("ike", "near", "timeout", "60000")).orFail();
            Await.until("the second carries them alone", SOON, () -> packets(moon, "second") >= 8 && moon.sas().size() == 1, moon::log);
            ping.stop(SOON);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "two connections with equal selectors");
        });
    }

    /**
     * The same, with a gateway for each way out; only the kernel's plane tells packets by their interface. Where the route leads decides on the
     * gateway, and the first packet on who is asked:
     *
     * <pre>
     *   interface = sun       start_action = trap       near
     *   interface = router    start_action = trap       far
     * </pre>
     */
    @Test
    void eachWayOutHasAGatewayOfItsOwn() {
        assumeTrue(Plane.best() == Plane.KERNEL, "this kernel has no ESP");
        Scenario.play(TwoSites::twoWays, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf(false));
            sites.moon().shell("ip route add 198.51.100.0/24 via 172.16.0.1");
            Agent moon = sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(conf(true)
                    .replaceFirst("local_ts", "interface = sun\nstart_action = trap\nlocal_ts").replaceFirst("(?s)(second .*?)local_ts", "$1interface = router\nstart_action = trap\nlocal_ts"));
            Capture wire = sites.eavesdrop();
            sites.awaitPing(SOON);
            assertThat(moon.control().childValues("state")).containsOnlyKeys("first");
            sites.moon().shell("ip route add 10.2.0.0/16 via 172.16.0.1");
            sites.awaitPing(SOON);
            assertThat(moon.control().childValues("state")).containsOnlyKeys("first", "second");
            long first = packets(moon, "first");
            sites.ping(2).orFail();
            sites.moon().shell("ip route del 10.2.0.0/16 via 172.16.0.1");
            assertThat(packets(moon, "first")).isEqualTo(first);
            // near and far are one host here, whose charon asks for the addresses of the newest in what arrives: it answers none of these.
            assertThat(sites.ping(2).ok()).isFalse();
            assertThat(packets(moon, "first")).isEqualTo(first + 2);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "two connections with equal selectors, for a network interface each");
        });
    }

    private static long packets(Agent agent, String child) {
        return Long.parseLong(agent.control().childValues("packets-out").getOrDefault(child, "0"));
    }

    /**
     * Two connections of one gateway that differ in who calls, with one pool and one network behind the gateway. Who has one address does not
     * get through with the other.
     */
    @Test
    void hostsOfTwoConnectionsShareAPool() {
        Scenario.play(TwoSites::ipv4, sites -> {
            String child = "local_ts = 10.2.0.0/16\nesp_proposals = aes128gcm16\n";
            SwanctlConf.End here = new SwanctlConf.End("192.0.2.2", "sun.lab");
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(SwanctlConf.of(
                    List.of(SwanctlConf.connection("staff", here, new SwanctlConf.End("%any", "moon.lab"), "version = 2\npools = p\n" + SwanctlConf.children(List.of(SwanctlConf.child("a", child)))),
                            SwanctlConf.connection("guests", here, new SwanctlConf.End("%any", "%any"), "version = 2\npools = p\n" + SwanctlConf.children(List.of(SwanctlConf.child("b", child))))),
                    List.of(SwanctlConf.secret("all", List.of("sun.lab"), SECRET))) + SwanctlConf.pools("p", "addrs = 10.3.0.0/29\n"));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(SwanctlConf.of(
                    List.of("moon", "other").stream().map(name -> SwanctlConf.connection(
                            name, new SwanctlConf.End("192.0.2.1", name + ".lab"), here, "version = 2\nvips = 0.0.0.0\n"
                                    + SwanctlConf.children(List.of(SwanctlConf.child("to-" + name, "remote_ts = 10.2.0.0/16\nesp_proposals = aes128gcm16\n"))))).toList(),
                    List.of(SwanctlConf.secret("all", List.of("sun.lab"), SECRET))));
            Capture wire = sites.eavesdrop();
            for (String name : List.of("moon", "other")) {
                moon.control().request("initiate", Map.of("child", "to-" + name, "timeout", "60000")).orFail();
            }
            for (String address : List.of("10.3.0.1", "10.3.0.2")) {
                sites.moon().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "5", "-I", address, "-p", TwoSites.canaryPattern(), sites.addresses().bob()).orFail();
            }
            assertThat(sun.control().childValues("packets-in")).isEqualTo(Map.of("a", "2", "b", "2"));
            if (Plane.best() == Plane.KERNEL) {
                // Who has the second address says that it has the first.
                sites.moon().shell("ip xfrm policy update src 10.3.0.1/32 dst 10.2.0.0/16 dir out priority 1 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x"
                        + moon.control().childValues("spi-out").get("to-other") + " reqid " + moon.control().childValues("reqid").get("to-other") + " mode tunnel");
                assertThat(sites.moon().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", "1", "-I", "10.3.0.1", "-p", TwoSites.canaryPattern(), sites.addresses().bob()).ok()).isFalse();
                assertThat(sun.control().childValues("packets-in")).isEqualTo(Map.of("a", "2", "b", "4"));
                assertThat(sites.bob().shell("nstat -asz IcmpInEchos | tail -1")).as("what bob has heard").contains(" 4 ");
            }
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "two connections for hosts with one pool");
        });
    }

    /**
     * Two users of one policy without a pool, each with a part of it. Who has one part does not get through with an address of the other, and
     * what is for the other leaves by the other's SA only.
     *
     * <pre>
     *   moon 10.3.1.1/24 ──┐
     *                      ├── sun: %any, remote_ts = 10.3.0.0/16 ── bob
     *   other 10.3.2.1/24 ─┘
     * </pre>
     */
    @Test
    void usersWhoNarrowOnePolicyAreApart() {
        Scenario.play(TwoSites::ipv4, sites -> {
            SwanctlConf.End here = new SwanctlConf.End("192.0.2.2", "sun.lab");
            Agent sun = sites.with(new Agent(sites.sun(), Plane.best())).startAndLoad(SwanctlConf.of(
                    List.of(SwanctlConf.connection("staff", here, new SwanctlConf.End("%any", "%any"), "version = 2\n" + SwanctlConf.children(
                            List.of(SwanctlConf.child("net", NETS.formatted("10.2.0.0/16", "10.3.0.0/16")))))),
                    List.of(SwanctlConf.secret("all", List.of("sun.lab"), SECRET))));
            Map<String, String> users = Map.of("moon", "10.3.1", "other", "10.3.2");
            users.values().forEach(net -> sites.moon().shell("ip address add " + net + ".1/32 dev lo"));
            StrongSwan moon = sites.with(new StrongSwan(sites.moon(), Plane.best())).start(SwanctlConf.of(
                    users.entrySet().stream().map(user -> SwanctlConf.connection(
                            user.getKey(), new SwanctlConf.End("192.0.2.1", user.getKey() + ".lab"), here, "version = 2\n" + SwanctlConf.children(
                                    List.of(SwanctlConf.child("to-" + user.getKey(), NETS.formatted(user.getValue() + ".0/24", "10.2.0.0/16")))))).toList(),
                    List.of(SwanctlConf.secret("all", List.of("sun.lab"), SECRET))));
            Capture wire = sites.eavesdrop();
            for (String name : List.of("moon", "other")) {
                moon.control().request("initiate", Map.of("child", "to-" + name, "timeout", "60000")).orFail();
            }
            for (String net : users.values()) {
                ping(sites, net + ".1", "5").orFail();
            }
            Map<String, String> each = Map.of("to-moon", "2", "to-other", "2");
            assertThat(moon.control().childValues("packets-out")).isEqualTo(each);
            assertThat(moon.control().childValues("packets-in")).as("answers, to each by its own SA").isEqualTo(each);
            assertThat(reqids(sun)).hasSize(2).doesNotHaveDuplicates().allSatisfy(reqid -> assertThat(reqid).isGreaterThanOrEqualTo(1 << 30));
            if (Plane.best() == Plane.KERNEL) {
                // Who has the second part says that it has an address of the first.
                sites.moon().shell("ip xfrm policy update src 10.3.1.1/32 dst 10.2.0.0/16 dir out priority 1 tmpl src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x"
                        + moon.control().childValues("spi-out").get("to-other") + " reqid " + moon.control().childValues("reqid").get("to-other") + " mode tunnel");
                assertThat(ping(sites, "10.3.1.1", "1").ok()).isFalse();
                assertThat(moon.control().childValues("packets-out")).isEqualTo(Map.of("to-moon", "2", "to-other", "4"));
                assertThat(moon.control().childValues("packets-in")).isEqualTo(each);
                assertThat(sites.bob().shell("nstat -asz IcmpInEchos | tail -1")).as("what bob has heard").contains(" 4 ");
            }
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "two users who narrow one policy");
        });
    }

    private static Result ping(TwoSites sites, String from, String seconds) {
        return sites.moon().run("ping", "-n", "-c", "2", "-i", "0.25", "-W", seconds, "-I", from, "-p", TwoSites.canaryPattern(), sites.addresses().bob());
    }

    private static List<Integer> reqids(Agent agent) {
        return Pattern.compile("reqid=(\\d+)").matcher(agent.control().swanctl("--list-sas", "--raw").orFail().out()).results()
                .map(found -> Integer.valueOf(found.group(1)))
                .toList();
    }
}
