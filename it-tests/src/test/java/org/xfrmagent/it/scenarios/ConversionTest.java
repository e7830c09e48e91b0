package org.xfrmagent.it.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Await;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Lab;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.peers.Agent;
import org.xfrmagent.it.peers.Control;
import org.xfrmagent.it.peers.IkeSa;
import org.xfrmagent.it.peers.Peer;
import org.xfrmagent.it.peers.Plane;
import org.xfrmagent.it.peers.StrongSwan;
import org.xfrmagent.it.scenarios.SetUp.Begins;

/**
 * What {@code xfrm-agent convert} makes of a swanctl.conf and of an ipsec.conf with its ipsec.secrets does under the agent what the originals
 * do under charon: against one peer, the same SAs, selectors and policies, of many kinds of set-ups at once.
 */
@Tag("netns")
@Tag("lab")
class ConversionTest {
    /** What no two SAs have in common. That the userspace plane of either daemon puts ESP in UDP or does not is no matter of the configuration. */
    private static final Set<String> OF_THEIR_OWN = Set.of("uniqueid", "initiator-spi", "responder-spi", "spi-in", "spi-out", "established", "rekey-time",
            "reauth-time", "life-time", "install-time", "reqid", "bytes-in", "bytes-out", "packets-in", "packets-out", "use-in", "use-out", "encap",
            "tasks-active", "tasks-passive", "tasks-queued", "nat-any", "nat-local", "nat-remote", "nat-fake", "cpi-in", "cpi-out", "local-port", "remote-port",
            "state");

    /** Where the agent differs on purpose, and why. Nothing else may. */
    private static final List<Accepted> ACCEPTED = List.of(
            new Accepted("list-conn event/shunts/.*", "a shunt has no connection here"),
            new Accepted("list-conn event/.*/dpd_timeout = .*", "it has no effect on IKEv2, with charon either"),
            new Accepted("src .* proto [a-z]+ sport 0 dport 0 .* action block", "later fragments have no ports: the agent does not let them pass in clear"),
            new Accepted("src ::/0 dst ::/0 proto ipv6-icmp type 13[346] .*", "neighbours are found outside of every tunnel"),
            new Accepted("src (10.1.18.0/24 dst 10.2.18.53/32|10.2.18.53/32 dst 10.1.18.0/24) proto udp .*",
                    "a range of ports is several policies here, and a policy for all ports with charon"));

    /** @param lines a regular expression */
    private record Accepted(String lines, String reason) {}

    /** What a daemon at moon has made of it all. */
    private record Seen(List<String> connections, List<String> sas, List<String> policies, List<String> kernel) {
        static Seen at(Host moon, Control control) {
            return new Seen(fields(control, "--list-conns"), fields(control, "--list-sas"), fields(control, "--list-pols"), kernel(moon));
        }

        private static List<String> fields(Control control, String question) {
            return Answer.parse(control.swanctl(question, "--pretty").orFail().out()).fields().stream()
                    .filter(field -> !OF_THEIR_OWN.contains(field.name()))
                    // A child SA is listed under its name and number.
                    .map(field -> field.path().replaceAll("(?<=/child-sas/.{0,80})-\\d+(?=/|$)", "-N") + " = " + field.value())
                    // A shunt belongs to no peer here.
                    .map(line -> line.replaceFirst("^(list-policy event)/spd/", "$1/shunts/").replaceFirst("/ike = spd$", "/ike = shunts"))
                    .sorted()
                    .toList();
        }

        /** The kernel's policies, a line each, without numbers that no two SAs have in common. */
        private static List<String> kernel(Host moon) {
            return Stream.of(moon.shell("ip xfrm policy list nosock").split("\n(?=src )"))
                    .map(policy -> policy.replaceAll("priority \\d+|reqid \\d+|spi 0x[0-9a-f]+|ptype main", "")
                            // The agent lets packets in from wherever the SA says that they come.
                            .replaceAll("(?s)(dir (?:in|fwd) .*tmpl) src \\S+", "$1").replaceAll("\\s+", " ").strip())
                    .sorted()
                    .toList();
        }
    }

    private static Lab network(List<SetUp> setUps, List<Host> hosts) {
        Lab lab = Lab.open();
        try {
            Host moon = lab.host("moon");
            Host sun = lab.host("sun");
            List<String> moons = new ArrayList<>();
            List<String> suns = new ArrayList<>();
            for (SetUp each : setUps) {
                moons.add("192.0.2." + each.number() + "/24");
                suns.add("192.0.2." + (100 + each.number()) + "/24");
                moons.add("2001:db8::" + each.number() + "/64");
                suns.add("2001:db8::1" + each.number() + "/64");
            }
            lab.link(moon, moons, sun, suns);
            // Addresses in each of its networks: charon's userspace plane takes one as the source of a route.
            for (SetUp each : setUps) {
                int network = each.number();
                for (String inside : List.of(network + ".1", network + ".130", 100 + network + ".1")) {
                    lab.ip(moon, "addr add 10.1." + inside + "/32 dev lo");
                }
                for (String inside : List.of(network + ".1", network + ".17", network + ".53", network + ".130", 100 + network + ".1", 200 + network + ".7")) {
                    lab.ip(sun, "addr add 10.2." + inside + "/32 dev lo");
                }
            }
            lab.ip(moon, "addr add fd01:15::1/128 dev lo");
            lab.ip(sun, "addr add fd02:15::1/128 dev lo");
            for (String gateway : List.of("192.0.2.111", "2001:db8::111")) {
                lab.ip(moon, "route add default via " + gateway);
            }
            for (String gateway : List.of("192.0.2.11", "2001:db8::11")) {
                lab.ip(sun, "route add default via " + gateway);
            }
            lab.up();
            hosts.add(moon);
            hosts.add(sun);
            return lab;
        } catch (RuntimeException | AssertionError failure) {
            lab.close();
            throw failure;
        }
    }

    @Test
    void whatIsConvertedComesUpAsTheOriginalDoes() {
        Plane plane = Plane.best();
        List<SetUp> setUps = SetUp.all().stream().filter(each -> each.runsOn(plane)).toList();
        assertThat(setUps).hasSizeGreaterThanOrEqualTo(12);
        List<Host> hosts = new ArrayList<>();
        try (Lab lab = network(setUps, hosts)) {
            try {
                compare(lab, hosts.getFirst(), hosts.getLast(), plane, setUps);
            } catch (Throwable failure) {
                System.err.println(lab.report());
                throw failure;
            }
        }
    }

    private static void compare(Lab lab, Host moon, Host sun, Plane plane, List<SetUp> setUps) {
        StrongSwan peer = lab.closing(new StrongSwan(sun, plane).start(SetUp.peers(setUps)));
        lab.evidence("sun: log of charon", peer::log);

        StrongSwan charon = lab.closing(new StrongSwan(moon, plane));
        lab.evidence("moon: log of charon", charon::log);
        charon.startWithStarter(SetUp.swanctlConf(setUps), SetUp.ipsecConf(setUps), SetUp.ipsecSecrets(setUps));
        bringUp(setUps, charon, charon.control(), peer);
        Seen original = Seen.at(moon, charon.control());
        assertThat(List.of(original.connections(), original.sas(), original.policies())).as("what charon has told").noneMatch(List::isEmpty);
        charon.close();
        peer.awaitNoSas(Scenario.SOON);

        String remarks = convert(moon, "/etc/swanctl/swanctl.conf", "-o", "/etc/xfrm-agent/swanctl")
                + convert(moon, "/etc/ipsec.conf", "/etc/ipsec.secrets", "-o", "/etc/xfrm-agent/ipsec");
        assertThat(remarks).doesNotContain("dscp");
        lab.evidence("moon: converted", () -> remarks + moon.shell("cat /etc/xfrm-agent/*/policies.yaml"));
        assertThat(moon.shell("stat -c %a /etc/xfrm-agent/*/*.psk").lines()).isNotEmpty().containsOnly("600");
        Agent agent = lab.closing(new Agent(moon, plane));
        lab.evidence("moon: log of the agent", agent::log);
        agent.startOn("/etc/xfrm-agent/swanctl", "/etc/xfrm-agent/ipsec");
        bringUp(setUps, agent, agent.control(), peer);
        Seen converted = Seen.at(moon, agent.control());

        SoftAssertions softly = new SoftAssertions();
        softly.assertThat(differences(original.connections(), converted.connections())).as("connections").isEmpty();
        softly.assertThat(differences(original.sas(), converted.sas())).as("SAs").isEmpty();
        softly.assertThat(differences(original.policies(), converted.policies())).as("policies").isEmpty();
        if (plane == Plane.KERNEL) {
            softly.assertThat(differences(original.kernel(), converted.kernel())).as("the kernel's policies").isEmpty();
        }
        softly.assertAll();
    }

    private static List<String> differences(List<String> charons, List<String> agents) {
        List<String> missing = new ArrayList<>(charons);
        agents.forEach(missing::remove);
        List<String> more = new ArrayList<>(agents);
        charons.forEach(more::remove);
        for (List<String> lines : List.of(missing, more)) {
            lines.removeIf(line -> ACCEPTED.stream().anyMatch(each -> line.matches(each.lines())));
        }
        return Stream.concat(missing.stream().map("charon alone has "::concat), more.stream().map("the agent alone has "::concat)).toList();
    }

    /** @return what it said */
    private static String convert(Host moon, String... arguments) {
        List<String> line = new ArrayList<>(List.of(Agent.program(), "convert"));
        line.addAll(List.of(arguments));
        Result result = moon.run(line.toArray(String[]::new)).orFail();
        return result.err();
    }

    private static void bringUp(List<SetUp> setUps, Peer moon, Control control, StrongSwan sun) {
        SoftAssertions softly = new SoftAssertions();
        for (SetUp each : setUps) {
            for (String child : each.children()) {
                if (each.begins() != Begins.MOON_BY_ITSELF) {
                    Control initiator = each.begins() == Begins.SUN_BY_COMMAND ? sun.control() : control;
                    softly.assertThatCode(() -> initiator.initiate(child).orFail()).as("%s of %s comes up", child, moon.version()).doesNotThrowAnyException();
                }
            }
        }
        softly.assertAll();
        List<String> expected = setUps.stream().flatMap(each -> each.children().stream()).sorted().toList();
        Await.until(moon.version() + " has every child", Scenario.SOON, () -> installed(moon).equals(expected), () -> expected + "\n" + installed(moon));
    }

    private static List<String> installed(Peer peer) {
        return peer.sas().stream().flatMap(sa -> sa.children().stream()).filter(IkeSa.Child::isInstalled).map(IkeSa.Child::name).sorted().toList();
    }
}
