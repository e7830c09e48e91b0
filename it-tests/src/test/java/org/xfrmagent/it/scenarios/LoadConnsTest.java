package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.it.scenarios.Scenario.SOON;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.flow.Flow;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.netns.Running;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.peers.SwanctlConf;
import org.xfrmagent.it.peers.SwanctlConf.End;
import org.xfrmagent.it.peers.TwoSites;

/** What {@code swanctl --load-conns} does to the SAs of a connection that changed or is gone: with the agent what it does with charon. */
@Tag("netns")
class LoadConnsTest {
    private static final int PER_SECOND = 50;
    private static final Pattern ANSWER = Pattern.compile("icmp_seq=(\\d+) ttl");
    private static final String PROPOSAL = "proposals = aes256-sha256-x25519\n";
    private static final String OTHER_PROPOSAL = "proposals = aes128-sha256-x25519\n";
    private static final String BOTH = "proposals = aes256-sha256-x25519,aes128-sha256-x25519\n";

    /** What a step is called, and which SAs there were after it: the child's name, and the step that brought the SA. */
    private record Seen(String step, List<String> sas) {}

    /** A file, step by step, and what became of the SAs. */
    private static final class Story {
        private final TwoSites sites;
        private final Control control;
        private final TreeMap<String, String> bornIn = new TreeMap<>();
        private final List<Seen> seen = new ArrayList<>();

        private Story(TwoSites sites, Control control) {
            this.sites = sites;
            this.control = control;
        }

        /** @param expected when all that follows from it is done */
        private void step(String name, List<String> expected, Runnable what) {
            what.run();
            Await.until(name + ": " + expected, SOON, () -> sas(name).equals(expected), () -> sas(name) + "\n" + sites.lab().report());
            seen.add(new Seen(name, sas(name)));
        }

        private List<String> sas(String step) {
            return control.sas().stream().filter(IkeSa::isEstablished).flatMap(sa -> sa.children().stream()).filter(IkeSa.Child::isInstalled)
                    .map(child -> child.name() + " of " + bornIn.computeIfAbsent(child.spiIn(), _ -> step)).sorted().toList();
        }

        private Result load(String conf) {
            sites.moon().write("/etc/swanctl/swanctl.conf", conf);
            return control.swanctl("--load-conns").orFail();
        }
    }

    /** Three children between the same networks, for UDP, ping and TCP. */
    private static String conf(TwoSites sites, boolean moon, String proposals, String tcp, String startOfTcp) {
        List<String> children = new ArrayList<>();
        List<String> uppers = List.of("udp", "icmp", tcp);
        for (int i = 0; i < uppers.size(); i++) {
            String upper = uppers.get(i);
            String here = moon ? sites.addresses().moonSubnet() : sites.addresses().sunSubnet();
            String there = moon ? sites.addresses().sunSubnet() : sites.addresses().moonSubnet();
            children.add(SwanctlConf.child(List.of("for-udp", "for-ping", "for-tcp").get(i), """
                    local_ts = %s[%s]
                    remote_ts = %s[%s]
                    esp_proposals = aes256gcm16
                    start_action = %s
                    """.formatted(here, upper.replaceFirst("/.*", ""), there, upper, i == 2 ? startOfTcp : List.of("trap", "none").get(i))));
        }
        End atMoon = new End(sites.addresses().moon(), "moon.lab");
        End atSun = new End(sites.addresses().sun(), "sun.lab");
        return SwanctlConf.of(
                List.of(SwanctlConf.connection("site", moon ? atMoon : atSun, moon ? atSun : atMoon, """
                        version = 2
                        dpd_delay = 0
                        """ + proposals + SwanctlConf.children(children))),
                List.of(SwanctlConf.secret("both", List.of("moon.lab", "sun.lab"), "a secret of thirty-two octets, ok")));
    }

    /** Every ping but for the last, which may still have been on its way, was answered. */
    private static void assertNoneLost(Running ping) {
        List<Integer> answered = ANSWER.matcher(ping.output()).results().map(answer -> Integer.valueOf(answer.group(1))).toList();
        assertThat(answered).as(ping::output).isNotEmpty().isEqualTo(IntStream.rangeClosed(1, answered.size()).boxed().toList());
        assertThat(ping.output()).containsAnyOf(answered.size() + " packets transmitted", answered.size() + 1 + " packets transmitted");
    }

    private static List<Seen> play(boolean charon) {
        List<Seen> all = new ArrayList<>();
        Scenario.play(TwoSites::ipv4, sites -> {
            sites.with(new StrongSwan(sites.sun(), Plane.best())).start(conf(sites, false, BOTH, "tcp", "none"));
            String first = conf(sites, true, PROPOSAL, "tcp", "none");
            Control control = charon
                    ? sites.with(new StrongSwan(sites.moon(), Plane.best())).start(first).control()
                    : sites.with(new Agent(sites.moon(), Plane.best())).startAndLoad(first).control();
            Story story = new Story(sites, control);
            story.step("first", List.of("for-ping of first", "for-tcp of first", "for-udp of first"),
                    () -> List.of("for-udp", "for-ping", "for-tcp").forEach(child -> control.initiate(child).orFail()));
            Flow udp = sites.lab().closing(Flow.start(sites.alice(), sites.addresses().alice(), sites.bob(), sites.addresses().bob(), PER_SECOND));
            Running ping = sites.pinging(PER_SECOND);

            List<String> untouched = List.of("for-ping of first", "for-tcp of first", "for-udp of first");
            story.step("the same again", untouched, () -> story.load(first));
            story.step("one changed, which nobody started", untouched, () -> story.load(conf(sites, true, PROPOSAL, "tcp/80", "none")));
            story.step("its successor", List.of("for-ping of first", "for-tcp of first", "for-tcp of its successor", "for-udp of first"),
                    () -> control.initiate("for-tcp").orFail());
            story.step("one changed, which is to start", List.of("for-ping of first", "for-tcp of first", "for-tcp of its successor",
                            "for-tcp of one changed, which is to start", "for-udp of first"),
                    () -> story.load(conf(sites, true, PROPOSAL, "tcp/443", "start")));
            story.step("the one that is to start changed", List.of("for-ping of first", "for-tcp of the one that is to start changed", "for-udp of first"),
                    () -> story.load(conf(sites, true, PROPOSAL, "tcp/8443", "start")));
            story.step("another proposal", List.of("for-ping of first", "for-tcp of another proposal", "for-udp of first"),
                    () -> story.load(conf(sites, true, OTHER_PROPOSAL, "tcp/8443", "start")));
            story.step("nothing is left of it", List.of("for-ping of first", "for-udp of first"), () -> story.load("connections {\n}\n"));
            story.step("rekeyed", List.of("for-ping of first", "for-udp of rekeyed"), () -> control.swanctl("--rekey", "--child", "for-udp").orFail());
            udp.awaitSent(PER_SECOND);
            sites.lab().evidence("flow", udp::toString);
            assertThat(udp.stop().whole().sent()).isPositive();
            ping.interrupt();
            ping.awaitExit(SOON);
            assertNoneLost(ping);
            story.step("the end", List.of(), () -> control.swanctl("--terminate", "--ike", "site").orFail());
            all.addAll(story.seen);
        });
        return all;
    }

    @Test
    void aChangedChildOfThreeLeavesTheOthersAlone() {
        assertThat(play(false)).isEqualTo(play(true));
    }
}
