package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.capture.Capture;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.TwoSites;

/** IPComp before ESP (RFC 3173): what alice and bob say to each other over and over becomes short, and arrives as it was. */
@Tag("netns")
@Tag("lab")
class CompressionTest {
    private static final SwanctlConf.End MOON = new SwanctlConf.End("192.0.2.1", "moon.lab");
    private static final SwanctlConf.End SUN = new SwanctlConf.End("192.0.2.2", "sun.lab");
    private static final String ALICES = "local_ts = 10.1.0.0/16\nremote_ts = 10.2.0.0/16\nesp_proposals = aes128gcm16\n";
    private static final String BOBS = "local_ts = 10.2.0.0/16\nremote_ts = 10.1.0.0/16\nesp_proposals = aes128gcm16\n";
    private static final String COMPRESSED = "ipcomp = yes\n";
    /** Octets of an ICMP message's data; with its headers 28 more. */
    private static final int DATA = 1200;

    private static String conf(boolean atMoon, String more) {
        return conf(atMoon, 2, more);
    }

    private static String conf(boolean atMoon, int version, String more) {
        return SwanctlConf.of(
                List.of(SwanctlConf.connection("other", atMoon ? MOON : SUN, atMoon ? SUN : MOON,
                        "version = " + version + "\nproposals = aes128-sha256-modp2048\n" + SwanctlConf.children(List.of(
                                SwanctlConf.child("net", (atMoon ? ALICES : BOBS) + more),
                                SwanctlConf.child("hosts", "mode = transport\nesp_proposals = aes128gcm16\n" + COMPRESSED))))),
                List.of(SwanctlConf.secret("both", List.of("moon.lab", "sun.lab"), "a shared secret that only these two gateways of the lab know")));
    }

    private static void reload(Control control, boolean atMoon, int version, String more) {
        control.host().write("/etc/swanctl/swanctl.conf", conf(atMoon, version, more));
        control.swanctl("--load-conns").orFail();
    }

    private static Result ping(TwoSites sites, int count) {
        return ping(sites.alice(), sites.addresses().bob(), count);
    }

    private static Result ping(Host from, String to, int count) {
        return from.run("ping", "-n", "-c", Integer.toString(count), "-i", "0.25", "-W", "5", "-s", Integer.toString(DATA), "-p",
                TwoSites.canaryPattern(), to);
    }

    /** The child's packets have become much shorter than they were, in both directions. */
    private static void assertCompressed(Control control, String child, int packets) {
        for (String way : List.of("in", "out")) {
            // Counters are of a moment ago.
            Await.until(packets + " packets " + way + " of " + child, SOON, () -> number(control, "packets-" + way, child) >= packets,
                    () -> control.swanctl("--list-sas").all());
            assertThat(number(control, "bytes-" + way, child)).as("octets %s of %s", way, child)
                    .isPositive().isLessThan(number(control, "packets-" + way, child) * DATA / 4);
        }
    }

    private static long number(Control control, String key, String child) {
        return Long.parseLong(control.childValues(key).getOrDefault(child, "0"));
    }

    private static void assertSameCpis(Control one, Control other, String child) {
        String in = one.childValues("cpi-in").getOrDefault(child, "none");
        String out = one.childValues("cpi-out").getOrDefault(child, "none");
        assertThat(List.of(in, out)).allMatch(cpi -> cpi.matches("[0-9a-f]{4}"));
        assertThat(other.childValues("cpi-in")).containsEntry(child, out);
        assertThat(other.childValues("cpi-out")).containsEntry(child, in);
    }

    /** A fresh pair of SAs and CPIs takes over, and nothing of the old ones stays. */
    private static void rekey(Control by, Control other, Agent moon) {
        String before = by.childValues("cpi-in").getOrDefault("net", "none");
        by.swanctl("--rekey", "--child", "net").orFail();
        Predicate<Control> fresh = control -> !control.childValues("cpi-in").getOrDefault("net", before).equals(before)
                && !control.childValues("cpi-out").getOrDefault("net", before).equals(before);
        Await.until("net has fresh CPIs at both ends", SOON, () -> fresh.test(by) && fresh.test(other), moon::log);
    }

    /**
     * The agent on its own plane; sun is charon with the kernel's, or without that another agent:
     *
     * <pre>
     *   alice: ping with 1,200 octets of the same  --&gt;  moon: ESP of some 80 octets  --&gt;  sun  --&gt;  bob
     * </pre>
     */
    @Test
    void theAgentsOwnPlaneCompresses() {
        Scenario.play(TwoSites::ipv4, sites -> {
            Control sun = sun(sites, COMPRESSED);
            Agent moon = sites.with(new Agent(sites.moon(), Plane.USERSPACE)).startAndLoad(conf(true, COMPRESSED));
            compresses(sites, moon, sun);
        });
    }

    private static Control sun(TwoSites sites, String more) {
        return Plane.best() == Plane.KERNEL
                ? sites.with(new StrongSwan(sites.sun(), Plane.KERNEL)).start(conf(false, more)).control()
                : sites.with(new Agent(sites.sun(), Plane.USERSPACE)).startAndLoad(conf(false, more)).control();
    }

    private static void compresses(TwoSites sites, Agent moon, Control sun) {
        Capture wire = sites.eavesdrop();
        moon.control().initiate("net").orFail();
        assertSameCpis(moon.control(), sun, "net");
        assertThat(moon.control().swanctl("--list-sas").orFail().out()).containsPattern("in  c[0-9a-f]{7}/[0-9a-f]{4},");
        ping(sites, 2).orFail();
        assertCompressed(moon.control(), "net", 2);
        assertCompressed(sun, "net", 2);
        // Too short to become shorter.
        sites.ping(2).orFail();

        rekey(moon.control(), sun, moon);
        ping(sites, 2).orFail();
        assertSameCpis(moon.control(), sun, "net");
        assertCompressed(moon.control(), "net", 2);
        rekey(sun, moon.control(), moon);
        ping(sites, 2).orFail();
        assertCompressed(moon.control(), "net", 2);
        moon.control().terminateIke("other").orFail();

        sun.initiate("net").orFail();
        assertSameCpis(moon.control(), sun, "net");
        ping(sites, 2).orFail();
        assertCompressed(moon.control(), "net", 2);
        sun.terminateIke("other").orFail();

        moon.control().initiate("hosts").orFail();
        assertSameCpis(moon.control(), sun, "hosts");
        ping(sites.moon(), sites.addresses().sun(), 2).orFail();
        assertCompressed(moon.control(), "hosts", 2);
        moon.control().terminateIke("other").orFail();
        moon.awaitNoSas(SOON);

        // In quick mode it is a proposal beside that of ESP.
        reload(moon.control(), true, 1, COMPRESSED);
        reload(sun, false, 1, COMPRESSED);
        for (Control by : List.of(moon.control(), sun)) {
            by.initiate("net").orFail();
            assertSameCpis(moon.control(), sun, "net");
            ping(sites, 2).orFail();
            assertCompressed(moon.control(), "net", 2);
            if (by.equals(sun)) {
                rekey(sun, moon.control(), moon);
                ping(sites, 2).orFail();
            }
            by.terminateIke("other").orFail();
            Await.until("both ends are rid of net", SOON, () -> moon.control().childValues("mode").isEmpty() && sun.childValues("mode").isEmpty(), moon::log);
        }
        wire.stop().onlyEspOrIke().hides(TwoSites.CANARY);
    }

    /** On the kernel's plane, also with a peer that does not compress: one who is not answered goes on without. */
    @Test
    void theKernelCompressesAsCharonHasIt() {
        assumeTrue(Plane.best() == Plane.KERNEL, "this kernel has no ESP");
        Scenario.play(TwoSites::ipv4, sites -> {
            StrongSwan sun = sites.with(new StrongSwan(sites.sun(), Plane.KERNEL)).start(conf(false, COMPRESSED));
            Agent moon = sites.with(new Agent(sites.moon(), Plane.KERNEL)).startAndLoad(conf(true, COMPRESSED));
            compresses(sites, moon, sun.control());
            sites.moon().awaitNoStates(SOON);

            for (int version : new int[] {2, 1}) {
                reload(moon.control(), true, version, COMPRESSED);
                reload(sun.control(), false, version, "");
                moon.control().initiate("net").orFail();
                assertThat(moon.control().childValues("cpi-in")).isEqualTo(Map.of("net", ""));
                ping(sites, 2).orFail();
                Await.until("whole packets are counted", SOON, () -> number(moon.control(), "bytes-out", "net") > 2 * DATA, moon::log);
                moon.control().terminateIke("other").orFail();
            }
            Scenario.met(sites, moon, sun, "IPComp, rekeyed by both, in tunnel and transport mode; IKEv1 likewise");
        });
    }
}
