package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.PolicySet;

class BaseSpdTest {
    private static final Ends ENDS = new Ends(Ip.parse("192.0.2.1").orElseThrow(), Ip.parse("192.0.2.2").orElseThrow());

    private final SettingsBuilder builder = new SettingsBuilder(Settings.Ports.STANDARD);

    private Settings settings(PolicySet policies) {
        return builder.build(policies, (_, _) -> Optional.empty());
    }

    private List<String> spd(String yaml, Map<String, Ends> ends) {
        PolicySet policies = Yaml.read(yaml);
        return BaseSpd.of(policies, settings(policies), ends).stream().map(BaseSpdTest::line).toList();
    }

    private static String line(PolicySpec spec) {
        String verdict = switch (spec.verdict()) {
            case PolicySpec.Bypass _ -> "bypass";
            case PolicySpec.Discard _ -> "discard";
            case PolicySpec.Protect protect -> "protect " + protect.protocol() + " " + protect.reqid()
                    + protect.endpoints().map(ends -> " " + Ip.text(ends.source()) + ">" + Ip.text(ends.destination())).orElse("")
                    + (protect.spi().isPresent() ? " with an SPI" : "");
        };
        return spec.priority() + " " + spec.direction() + " " + spec.selectors() + spec.device().map(name -> " by " + name).orElse("") + ": " + verdict;
    }

    /** The kernel does not know any more by what interface a packet has arrived. */
    @Test
    void aPolicyOfAnInterfaceIsForWhatLeavesByIt() {
        String yaml = Yaml.SUN + """
                policies:
                  - { name: lans, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, device: wan }, action: protect, peer: sun, forward-out: true }
                  - { name: rest, match: { local: 10.1.0.0/16, remote: 10.0.0.0/8, device: dsl }, action: discard }
                """;
        assertThat(spd(yaml, Map.of("sun", ENDS))).containsExactly(
                "100002 OUT 10.1.0.0/16 -> 10.2.0.0/16 by wan: protect ESP 4500001 192.0.2.1>192.0.2.2",
                "100002 IN 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100002 FWD 10.1.0.0/16 -> 10.2.0.0/16: bypass",
                "100002 FWD 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100004 OUT 10.1.0.0/16 -> 10.0.0.0/8 by dsl: discard",
                "100004 IN 10.0.0.0/8 -> 10.1.0.0/16: discard",
                "100004 FWD 10.0.0.0/8 -> 10.1.0.0/16: discard");
    }

    @Test
    void everyPolicyOfTheFileIsThereInItsOrderBeforeAnySa() {
        String yaml = Yaml.SUN + """
                policies:
                  - name: ssh
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, protocol: tcp, local-port: 22 }
                    action: bypass
                  - name: lans
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                    action: protect
                    peer: sun
                  - name: rest
                    match: { local: 10.1.0.0/16, remote: 10.0.0.0/8 }
                    action: discard
                """;
        assertThat(spd(yaml, Map.of("sun", ENDS))).containsExactly(
                "100002 OUT 10.1.0.0/16[tcp/22] -> 10.2.0.0/16[tcp]: bypass",
                "100002 IN 10.2.0.0/16[tcp] -> 10.1.0.0/16[tcp/22]: bypass",
                "100002 FWD 10.2.0.0/16[tcp] -> 10.1.0.0/16[tcp/22]: bypass",
                "100004 OUT 10.1.0.0/16 -> 10.2.0.0/16: protect ESP 4500001 192.0.2.1>192.0.2.2",
                "100004 IN 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100004 FWD 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100006 OUT 10.1.0.0/16 -> 10.0.0.0/8: discard",
                "100006 IN 10.0.0.0/8 -> 10.1.0.0/16: discard",
                "100006 FWD 10.0.0.0/8 -> 10.1.0.0/16: discard");
    }

    /** RFC 9478: no packet carries a label, so what two policies protect goes through the SAs of either. */
    @Test
    void policiesThatDifferInTheirLabelsAreOneEntry() {
        String policy = "  - { name: %s, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16%s }, action: protect, peer: sun, start: %s }\n";
        String red = policy.formatted("red", ", label: red", "by-peer");
        String other = "  - { name: other, match: { remote: 10.3.0.0/16 }, action: protect, peer: sun }\n";
        String blue = policy.formatted("blue", ", label: blue", "on-traffic");
        String yaml = Yaml.SUN + "policies:\n" + red + other + blue;
        assertThat(spd(yaml, Map.of("sun", ENDS))).containsExactly(
                "100002 OUT 10.1.0.0/16 -> 10.2.0.0/16: protect ESP 4500001 192.0.2.1>192.0.2.2",
                "100002 IN 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100002 FWD 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100004 OUT 0.0.0.0/0 -> 10.3.0.0/16: protect ESP 4500002 192.0.2.1>192.0.2.2",
                "100004 IN 10.3.0.0/16 -> 0.0.0.0/0: protect ESP 4500002 192.0.2.2>192.0.2.1",
                "100004 FWD 10.3.0.0/16 -> 0.0.0.0/0: protect ESP 4500002 192.0.2.2>192.0.2.1");
        Settings both = settings(Yaml.read(yaml));
        assertThat(both.profile("sun").orElseThrow().children()).extracting(ChildProfile::reqid).containsExactly(4_500_001, 4_500_002, 4_500_001);
        assertThat(both.profile("sun").orElseThrow().children()).extracting(ChildProfile::priority).containsExactly(100_002, 100_004, 100_002);
        assertThat(both.owner(4_500_001, Optional.empty())).hasValueSatisfying(owner -> assertThat(owner.child().name()).as("that traffic asks for").isEqualTo("blue"));
        // One goes, comes back, and is what it was.
        assertThat(settings(Yaml.read(Yaml.SUN + "policies:\n" + other + blue)).profile("sun").orElseThrow().children())
                .extracting(ChildProfile::reqid).containsExactly(4_500_002, 4_500_001);
        assertThat(settings(Yaml.read(Yaml.SUN + "policies:\n" + blue + other + red)).profile("sun").orElseThrow().children())
                .extracting(ChildProfile::reqid).containsExactly(4_500_001, 4_500_002, 4_500_001);
        assertThat(settings(Yaml.read(Yaml.SUN + "policies:\n" + policy.formatted("fresh", "", "by-peer"))).profile("sun").orElseThrow().children())
                .as("no number twice").extracting(ChildProfile::reqid).doesNotContain(4_500_001, 4_500_002);
    }

    /** What one peer protects another may: the entry is that of the first that can be called, and who comes later leaves the others their SAs. */
    @Test
    void policiesThatDifferInTheirPeersAreOneEntry() {
        String peers = Yaml.SUN.replace("secrets:", "  venus:\n    local: { address: 192.0.2.1, id: moon.example.org, auth: psk }\n"
                + "    remote: { address: '%any', id: venus.example.org, auth: psk }\nsecrets:")
                .replace("sun.example.org]", "sun.example.org, venus.example.org]");
        String policy = "  - { name: %s, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }, action: protect, peer: %s, start: by-peer }\n";
        String net = policy.formatted("net", "sun");
        String too = policy.formatted("too", "venus");
        assertThat(settings(Yaml.read(peers + "policies:\n" + net)).profile("sun").orElseThrow().children()).extracting(ChildProfile::reqid).containsExactly(4_500_001);
        String yaml = peers + "policies:\n" + too + net;
        assertThat(spd(yaml, Map.of("sun", ENDS))).containsExactly(
                "100002 OUT 10.1.0.0/16 -> 10.2.0.0/16: protect ESP 4500001 192.0.2.1>192.0.2.2",
                "100002 IN 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100002 FWD 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1");
        assertThat(settings(Yaml.read(yaml)).profiles()).allSatisfy(profile -> assertThat(profile.children()).singleElement().satisfies(child -> {
            assertThat(child.reqid()).isEqualTo(4_500_001);
            assertThat(child.priority()).isEqualTo(100_002);
        }));
    }

    @Test
    void policiesThatDifferInTheirInterfacesAreOneEntryForWhatArrives() {
        String yaml = Yaml.SUN + """
                policies:
                  - { name: one, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, device: wan }, action: protect, peer: sun }
                  - { name: two, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, device: dsl }, action: protect, peer: sun }
                """;
        assertThat(spd(yaml, Map.of("sun", ENDS))).containsExactly(
                "100002 OUT 10.1.0.0/16 -> 10.2.0.0/16 by wan: protect ESP 4500001 192.0.2.1>192.0.2.2",
                "100002 IN 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100002 FWD 10.2.0.0/16 -> 10.1.0.0/16: protect ESP 4500001 192.0.2.2>192.0.2.1",
                "100002 OUT 10.1.0.0/16 -> 10.2.0.0/16 by dsl: protect ESP 4500001 192.0.2.1>192.0.2.2");
        assertThat(settings(Yaml.read(yaml)).owner(4_500_001, Optional.of("dsl"))).hasValueSatisfying(owner -> assertThat(owner.child().name()).isEqualTo("two"));
    }

    @Test
    void transportModeHasNoEndpointsAndNothingToForward() {
        String yaml = Yaml.SUN + """
                policies:
                  - name: hosts
                    match: { protocol: udp, remote-port: 514 }
                    action: protect
                    peer: sun
                    mode: transport
                """;
        assertThat(spd(yaml, Map.of("sun", ENDS))).containsExactly(
                "100002 OUT 192.0.2.1/32[udp] -> 192.0.2.2/32[udp/514]: protect ESP 4500001",
                "100002 IN 192.0.2.2/32[udp/514] -> 192.0.2.1/32[udp]: protect ESP 4500001");
    }

    @Test
    void whileThePeersAddressIsUnknownItsTrafficIsDiscarded() {
        String yaml = Yaml.SUN.replace("address: 192.0.2.2", "address: \"%any\"") + """
                policies:
                  - name: lans
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                    action: protect
                    peer: sun
                    start: by-peer
                """;
        assertThat(spd(yaml, Map.of())).containsExactly(
                "100002 OUT 10.1.0.0/16 -> 10.2.0.0/16: discard",
                "100002 IN 10.2.0.0/16 -> 10.1.0.0/16: discard",
                "100002 FWD 10.2.0.0/16 -> 10.1.0.0/16: discard");
    }

    @Test
    void aHostMayAlwaysTalkToItself() {
        String yaml = Yaml.SUN + """
                policies:
                  - name: no-telnet
                    match: { protocol: tcp, remote-port: 23 }
                    action: discard
                """;
        assertThat(spd(yaml, Map.of())).contains(
                "100000 OUT 127.0.0.0/8 -> 127.0.0.0/8: bypass",
                "100000 IN 127.0.0.0/8 -> 127.0.0.0/8: bypass",
                "100000 OUT ::1/128 -> ::1/128: bypass",
                "100000 IN ::1/128 -> ::1/128: bypass");
    }

    /** Else a protected peer on the same link could not be found, to negotiate the SA that its advertisement would need. */
    @Test
    void neighbourDiscoveryComesBeforeWhatIsProtected() {
        String sun6 = Yaml.SUN.replace("192.0.2.1", "\"2001:db8::1\"").replace("192.0.2.2", "\"2001:db8::2\"");
        Ends ends6 = new Ends(Ip.parse("2001:db8::1").orElseThrow(), Ip.parse("2001:db8::2").orElseThrow());
        String hosts = """
                  - name: hosts
                    action: protect
                    peer: sun
                    mode: transport
                    match: { %s }
                """;
        List<String> exempt = List.of(
                "100000 OUT ::/0[icmpv6/133-137] -> ::/0[icmpv6/133-137]: bypass",
                "100000 IN ::/0[icmpv6/133-137] -> ::/0[icmpv6/133-137]: bypass");
        String everything = hosts.formatted("local: \"2001:db8::1\", remote: \"2001:db8::2\"");
        assertThat(spd(sun6 + "policies:\n" + everything, Map.of("sun", ends6))).containsAll(exempt);
        assertThat(spd(sun6 + "policies:\n" + everything, Map.of())).as("while the peer cannot be called").containsAll(exempt);
        assertThat(spd(sun6 + "policies:\n" + hosts.formatted("protocol: tcp"), Map.of("sun", ends6))).doesNotContainAnyElementsOf(exempt);
        String own = "  - { name: own, match: { protocol: icmpv6, icmp-type: 133-137 }, action: discard }\n";
        assertThat(spd(sun6 + "policies:\n" + own + everything, Map.of("sun", ends6))).doesNotContainAnyElementsOf(exempt);
    }

    /** It comes with its SAs, and what is behind it decides until then. */
    @Test
    void aPolicyThatHoldsNothingIsNotThereBeforeItsSas() {
        String whole = "  - { name: whole, match: { remote: 0.0.0.0/0 }, action: protect, peer: sun, start: by-peer, hold: false }\n";
        String rest = "  - { name: rest, match: { remote: 10.2.0.0/16 }, action: discard }\n";
        for (Map<String, Ends> known : List.of(Map.of("sun", ENDS), Map.<String, Ends>of())) {
            assertThat(spd(Yaml.SUN + "policies:\n" + whole + rest, known)).containsExactly(
                    "100004 OUT 0.0.0.0/0 -> 10.2.0.0/16: discard",
                    "100004 IN 10.2.0.0/16 -> 0.0.0.0/0: discard",
                    "100004 FWD 10.2.0.0/16 -> 0.0.0.0/0: discard");
        }
    }

    @Test
    void aReqidStaysWithItsPolicyWhateverHappensToTheOthers() {
        String first = "  - { name: a, match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }, action: protect, peer: sun }\n";
        String second = "  - { name: b, match: { local: 10.1.0.0/16, remote: 10.3.0.0/16 }, action: protect, peer: sun }\n";
        String third = "  - { name: c, match: { local: 10.1.0.0/16, remote: 10.4.0.0/16 }, action: protect, peer: sun, reqid: 77 }\n";
        assertThat(reqids(Yaml.SUN + "policies:\n" + first + second + third)).containsExactly("a 4500001 100002", "b 4500002 100004", "c 77 100006");
        assertThat(reqids(Yaml.SUN + "policies:\n" + second)).containsExactly("b 4500002 100002");
        assertThat(reqids(Yaml.SUN + "policies:\n" + second + first)).containsExactly("b 4500002 100002", "a 4500001 100004");
    }

    private List<String> reqids(String yaml) {
        List<ChildProfile> children = settings(Yaml.read(yaml)).profiles().getFirst().children();
        return children.stream().map(child -> child.name() + " " + child.reqid() + " " + child.priority()).toList();
    }
}
