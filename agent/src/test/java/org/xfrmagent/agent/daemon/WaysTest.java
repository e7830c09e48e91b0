package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.XfrmInterface;

/** Which interfaces and routes a policy file asks for. */
class WaysTest {
    private static final InetAddress SUN = address("192.0.2.2");
    private static final InetAddress INSIDE = address("10.1.0.1");
    private static final Map<String, Ends> ENDS = Map.of("sun", new Ends(address("192.0.2.1"), SUN));

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static AddressRange prefix(String text) {
        return AddressRange.parse(text);
    }

    private static Ways ways(String policies) {
        return Ways.of(Yaml.read(Yaml.SUN + "policies:\n" + policies), ENDS, List.of(address("192.0.2.1"), INSIDE));
    }

    private static String protect(String match, String more) {
        return "  - { name: lans, match: { " + match + " }, action: protect, peer: sun, " + more + " }\n";
    }

    @Test
    void anInterfaceBringsItsRoutesFromAnAddressThatThePolicyCovers() {
        assertThat(ways(protect("local: 10.1.0.0/16, remote: 10.2.0.0/16", "interface: 42"))).isEqualTo(new Ways(
                List.of(new XfrmInterface(42, "ipsec42", 0, Optional.empty())),
                List.of(new Ways.Into(prefix("10.2.0.0/16"), "ipsec42", Optional.of(INSIDE)))));
    }

    @Test
    void anInterfaceForEverythingLeavesThePeerAndEarlierBypassesAside() {
        Ways ways = ways("""
                  - { name: printers, match: { remote: 198.51.100.0/24 }, action: bypass }
                  - { name: web, match: { remote: 203.0.113.0/24, protocol: tcp }, action: bypass }
                """ + protect("", "interface: { id: 7, name: wan7, mtu: 1400, device: eth0 }"));
        assertThat(ways.interfaces()).containsExactly(new XfrmInterface(7, "wan7", 1400, Optional.of("eth0")));
        assertThat(ways.routes()).contains(
                new Ways.Past(prefix("198.51.100.0/24")),
                new Ways.Into(prefix("0.0.0.0/1"), "wan7", Optional.of(address("192.0.2.1"))),
                new Ways.Into(prefix("128.0.0.0/1"), "wan7", Optional.of(address("192.0.2.1"))),
                new Ways.Past(prefix("192.0.2.2")))
                .doesNotContain(new Ways.Past(prefix("203.0.113.0/24")));
    }

    @Test
    void withoutAnInterfaceTheRouteOnlyChoosesTheSource() {
        assertThat(ways(protect("local: 10.1.0.0/16, remote: 10.2.0.0/16", "routes: auto")).routes())
                .containsExactly(new Ways.Along(prefix("10.2.0.0/16"), SUN, INSIDE));
        assertThat(ways(protect("local: 10.9.0.0/16, remote: 10.2.0.0/16", "routes: auto"))).as("no address of ours is covered")
                .isEqualTo(Ways.NONE);
    }

    @Test
    void nothingIsRoutedUnlessAsked() {
        assertThat(ways(protect("local: 10.1.0.0/16, remote: 10.2.0.0/16", "interface-id: 42"))).isEqualTo(Ways.NONE);
        assertThat(ways(protect("local: 10.1.0.0/16, remote: 10.2.0.0/16", "interface: 42, routes: none")).routes()).isEmpty();
        assertThat(ways(protect("remote: 10.2.0.0/16", "reqid: 1"))).isEqualTo(Ways.NONE);
    }
}
