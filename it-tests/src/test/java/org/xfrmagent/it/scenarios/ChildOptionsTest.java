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
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/** What swanctl.conf(5) has for children beside the usual: moon, the agent, is loaded by swanctl, and sun is charon. */
@Tag("netns")
@Tag("lab")
@Tag("long")
class ChildOptionsTest {
    private static final SwanctlConf.End MOON = new SwanctlConf.End("192.0.2.1", "moon.lab");
    private static final SwanctlConf.End SUN = new SwanctlConf.End("192.0.2.2", "sun.lab");
    private static final String NETS = "local_ts = %s\nremote_ts = %s\n";
    private static final String ALICES = "10.1.0.0/16";
    private static final String BOBS = "10.2.0.0/16";
    private static final String BOBS_SERVICES = "10.2.0.10/32[tcp/9000], 10.2.0.10/32[udp/53], 10.2.0.11/32";

    private static String conf(boolean atMoon, String... children) {
        return SwanctlConf.of(
                List.of(SwanctlConf.connection("other", atMoon ? MOON : SUN, atMoon ? SUN : MOON, "version = 2\n" + SwanctlConf.children(List.of(children)))),
                List.of(SwanctlConf.secret("both", List.of("moon.lab", "sun.lab"), "a shared secret that only these two gateways of the lab know")));
    }

    /**
     * On moon's own plane, a child with HMAC-SHA-256 cut short that is deleted when nobody needs it, and one with selectors of several
     * protocols; charon's own plane has neither the short ICV nor ports, so that it is idleness alone without charon's kernel:
     *
     * <pre>
     *   moon: initiate idle     a ping a second: stays            no ping: D(ESP) -->
     *   moon: initiate several  TSi 10.1/16, TSr 10.2.0.10[tcp/9000] 10.2.0.10[udp/53] 10.2.0.11 -->
     * </pre>
     */
    @Test
    void anIdleChildGoesAndOneChildHasSeveralPorts() {
        Scenario.play(TwoSites::ipv4, sites -> {
            boolean kernel = Plane.best() == Plane.KERNEL;
            String cut = "esp_proposals = aes128-sha256\n" + (kernel ? "sha256_96 = yes\n" : "");
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf(false,
                    SwanctlConf.child("idle", NETS.formatted(BOBS, ALICES) + cut),
                    SwanctlConf.child("several", NETS.formatted(BOBS_SERVICES, ALICES) + "esp_proposals = aes128gcm16\n")));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.USERSPACE)).startAndLoad(conf(true,
                    SwanctlConf.child("idle", NETS.formatted(ALICES, BOBS) + cut + "inactivity = 4s\n"),
                    SwanctlConf.child("several", NETS.formatted(ALICES, BOBS_SERVICES) + "esp_proposals = aes128gcm16\n")));
            Capture wire = sites.eavesdrop();

            moon.control().initiate("idle").orFail();
            Running ping = sites.pinging(4);
            Await.until("twenty pings came back, which takes 5 s", SOON, () -> packetsIn(moon, "idle") >= 20, moon::log);
            ping.stop(SOON);
            Await.until("idle is gone at both ends", SOON, () -> moon.control().childValues("mode").isEmpty() && sun.control().childValues("mode").isEmpty(), moon::log);
            moon.awaitLog(SOON, "no packet went through it for 4 s");
            assertThat(moon.sas()).as("the IKE SA stays").hasSize(1);

            if (!kernel) {
                wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
                Scenario.met(sites, moon, sun, "inactivity");
                return;
            }
            moon.control().initiate("several").orFail();
            assertThat(moon.control().swanctl("--list-sas").orFail().out()).containsPattern(
                    "(?s)several: .*remote 10.2.0.10/32\\[tcp/9000] 10.2.0.10/32\\[udp/domain] 10.2.0.11/32");
            assertThat(sun.control().swanctl("--list-sas").orFail().out()).containsPattern(
                    "(?s)several: .*local  10.2.0.10/32\\[tcp/9000] 10.2.0.10/32\\[udp/domain] 10.2.0.11/32");
            sites.transfer(1);
            assertThat(packetsIn(moon, "several")).isGreaterThan(2);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "HMAC-SHA-256 cut to 96 bits, inactivity, selectors with ports of their own");
        });
    }

    private static long packetsIn(Agent agent, String child) {
        return Long.parseLong(agent.control().childValues("packets-in").getOrDefault(child, "0"));
    }

    /** Only the kernel's plane has marks. alice's packets, and sun's to moon, get the mark that swanctl shows. */
    @Test
    void aChildWithAMarkOfItsOwnCarriesWhatHasTheMark() {
        assumeTrue(Plane.best() == Plane.KERNEL, "this kernel has no ESP");
        Scenario.play(TwoSites::ipv4, sites -> {
            String cut = "esp_proposals = aes128-sha256\nsha256_96 = yes\n";
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.KERNEL)).start(conf(false, SwanctlConf.child("marked", NETS.formatted(BOBS_SERVICES + ", 10.2.0.10[icmp]", ALICES) + cut)));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).startAndLoad(conf(true, SwanctlConf.child("marked", NETS.formatted(ALICES, BOBS_SERVICES + ", 10.2.0.10[icmp]") + cut
                    + "inactivity = 12s\nmark_in = %unique\nmark_in_sa = yes\nmark_out = %unique\npolicies_fwd_out = yes\n")));
            moon.control().initiate("marked").orFail();
            String mark = "0x" + moon.control().childValues("mark-out").get("marked");
            Host host = sites.moon();
            assertThat(host.shell("ip xfrm policy")).as("as charon has it: no template").containsPattern(
                    "src 10.1.0.0/16 dst 10.2.0.10/32 proto icmp \\s+dir fwd priority \\d+ (ptype main )?\\s+mark 0x[0-9a-f]+/0xffffffff \\s+src ");
            assertThat(host.shell("ip xfrm state")).containsPattern("src 192.0.2.2 dst 192.0.2.1\\s(?s:(?!\\nsrc).)*mark 0x[0-9a-f]+/0xffffffff");
            assertThat(KernelSa.isTruncated(host, "hmac(sha256)", 96)).isTrue();
            Capture wire = sites.eavesdrop();
            host.shell("iptables-legacy -t mangle -A PREROUTING -s 10.1.0.0/16 -j MARK --set-mark " + mark);
            assertThat(sites.ping(1).ok()).as("ESP without the mark is nobody's").isFalse();
            host.shell("iptables-legacy -t mangle -A PREROUTING -p esp -j MARK --set-mark " + mark);
            sites.ping(4).orFail();
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            moon.control().swanctl("--rekey", "--child", "marked").orFail();
            Await.until("the successor is told by the same mark", SOON, () -> moon.control().childValues("mark-out").equals(Map.of("marked", mark.substring(2)))
                    && host.shell("ip xfrm state").split("proto esp", -1).length == 3, moon::log);
            sites.ping(4).orFail();
            Await.until("nobody needs it any more", SOON, () -> moon.control().childValues("mode").isEmpty() && sun.control().childValues("mode").isEmpty(), moon::log);
            Scenario.met(sites, moon, sun, "a mark of the child's own, also on the inbound SA; policies for what is forwarded out; inactivity; ports");
        });
    }

    /**
     * Only the kernel's plane tells packets by their interface, those that leave; moon's to sun is called sun. charon judges what arrives
     * by its addresses alone, too:
     *
     * <pre>
     *   alice ── moon 192.0.2.1 ════ ESP ════ 192.0.2.2 sun ── bob     interface = sun at moon, moon at sun
     *                 172.16.0.2 ── router 198.51.100.1 ──┘            what goes this way goes in clear, and its answers are dropped
     * </pre>
     */
    @Test
    void aChildOfAnInterfaceProtectsWhatLeavesByItAlone() {
        assumeTrue(Plane.best() == Plane.KERNEL, "this kernel has no ESP");
        Scenario.play(TwoSites::twoWays, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.KERNEL)).start(conf(false, SwanctlConf.child("net", NETS.formatted(BOBS, ALICES) + "interface = moon\n")));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).startAndLoad(conf(true, SwanctlConf.child("net", NETS.formatted(ALICES, BOBS) + "interface = sun\n")));
            Host host = sites.moon();
            moon.control().initiate("net").orFail();
            assertThat(ofInterfaces(host)).as("as charon has them").isEqualTo(List.of("out sun")).isEqualTo(ofInterfaces(sites.sun()).stream().map(line -> line.replace("moon", "sun")).toList());
            Capture wire = sites.eavesdrop();
            sites.ping(2).orFail();
            assertThat(packetsOut(moon)).isEqualTo(2);

            host.shell("ip route add 10.2.0.0/16 via 172.16.0.1");
            assertThat(sites.ping(2).ok()).isFalse();
            assertThat(packetsOut(moon)).as("by the router in clear").isEqualTo(2);
            assertThat(sites.bob().shell("nstat -asz IcmpInEchos | tail -1")).as("bob has all four").contains(" 4 ");
            host.shell("ip route del 10.2.0.0/16 via 172.16.0.1");

            host.shell("ip link set sun down && ip link set sun name wan");
            moon.awaitLog(SOON, "the network interface sun is gone");
            assertThat(ofInterfaces(host)).isEmpty();
            assertThat(moon.cli("status").orFail().out()).contains("stands by");
            host.shell("ip link set wan name sun && ip link set sun up && ip route add default via 192.0.2.2");
            moon.awaitLog(SOON, "the network interface sun is there");
            sites.ping(2).orFail();
            assertThat(packetsOut(moon)).isEqualTo(4);
            wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
            Scenario.met(sites, moon, sun, "policies of one network interface");
        });
    }

    private static long packetsOut(Agent agent) {
        return Long.parseLong(agent.control().childValues("packets-out").getOrDefault("net", "0"));
    }

    /** The policies in the kernel that are for one interface only: their direction, and which. */
    private static List<String> ofInterfaces(Host host) {
        return Pattern.compile(" dev (\\S+)\\s+dir (\\S+)").matcher(host.shell("ip xfrm policy")).results().map(found -> found.group(2) + " " + found.group(1)).toList();
    }
}
