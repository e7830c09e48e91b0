package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.route.Link;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.netlink.route.Rule;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.XfrmInterface;

/** Interfaces and routes of the running kernel, in a namespace. What needs an xfrm interface is skipped where the kernel has none. */
@Tag("netns")
@Tag("newer-kernel")
class KernelWaysTest {
    private static final InetAddress INSIDE = address("10.1.0.1");
    private static final InetAddress SUN = address("192.0.2.2");
    private static final AddressRange BRANCH = AddressRange.parse("10.2.0.0/16");
    private static final AddressRange BRANCH6 = AddressRange.parse("fd02::/32");
    private static final Rule RULE = Rule.of(AddressFamily.INET, 220, 220);

    private final EventLog log = new EventLog(new PrintStream(OutputStream.nullOutputStream()), Clock.systemUTC(), false);
    private Netns here;
    private Rtnetlink rtnetlink;

    private static InetAddress address(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static XfrmInterface named(String name) {
        return new XfrmInterface(42, name, 1400, Optional.empty());
    }

    private static Ways into(XfrmInterface own) {
        return new Ways(List.of(own), List.of(
                new Ways.Into(BRANCH, own.name(), Optional.of(INSIDE)),
                new Ways.Into(BRANCH6, own.name(), Optional.empty()),
                new Ways.Past(AddressRange.of(SUN))));
    }

    @BeforeEach
    void stand() throws IOException {
        here = Netns.create();
        sh("ip link set lo up && ip link add wan type veth peer name far && ip link set wan up && ip link set far up"
                + " && ip addr add 192.0.2.1/24 dev wan && ip addr add 10.1.0.1/32 dev lo"
                + " && ip route add default via 192.0.2.254");
        rtnetlink = here.call(Rtnetlink::open);
    }

    @AfterEach
    void leave() {
        rtnetlink.close();
        here.close();
    }

    private void sh(String script) throws IOException {
        int status = here.call(() -> new ProcessBuilder("sh", "-c", script).inheritIO().start().waitFor());
        assertThat(status).as(script).isZero();
    }

    private void needInterfaces() throws IOException {
        boolean has = here.call(() -> new ProcessBuilder("sh", "-c", "ip link add probe type xfrm if_id 1 2>&1 && ip link delete probe")
                        .start().waitFor()) == 0;
        assumeTrue(has, "this kernel has no xfrm interfaces");
    }

    /** As an agent that starts: it knows nothing of what is there. */
    private void replace(Ways wanted) throws DataPlaneException {
        new KernelWays(rtnetlink, log).replace(wanted);
    }

    private List<Route> table() throws IOException {
        return rtnetlink.routes().list(KernelWays.TABLE);
    }

    @Test
    void aRouteAlongTheWayToThePeerChoosesTheSource() throws Exception {
        Ways along = new Ways(List.of(), List.of(new Ways.Along(BRANCH, SUN, INSIDE), new Ways.Past(AddressRange.parse("10.2.9.0/24"))));
        replace(along);
        Route way = rtnetlink.routes().lookup(address("10.2.0.7"), Optional.empty()).orElseThrow();
        assertThat(way.source()).contains(INSIDE);
        assertThat(rtnetlink.routes().lookup(address("10.2.9.7"), Optional.empty()).orElseThrow().source()).contains(address("192.0.2.1"));
        assertThat(rtnetlink.rules().list(AddressFamily.INET)).contains(RULE);
        assertThat(rtnetlink.rules().list(AddressFamily.INET6)).doesNotContain(Rule.of(AddressFamily.INET6, 220, 220));
        replace(along);
        assertThat(table()).hasSize(2);
        replace(Ways.NONE);
        assertThat(table()).isEmpty();
        assertThat(rtnetlink.rules().list(AddressFamily.INET)).doesNotContain(RULE);
    }

    @Test
    void routesOfOthersInTheTableStay() throws Exception {
        sh("ip route add 10.77.0.0/16 via 192.0.2.254 table 220");
        replace(new Ways(List.of(), List.of(new Ways.Along(BRANCH, SUN, INSIDE))));
        replace(Ways.NONE);
        assertThat(table()).extracting(Route::destination).containsExactly(address("10.77.0.0"));
    }

    @Test
    void anInterfaceAndItsRoutesComeAndGo() throws Exception {
        needInterfaces();
        replace(into(named("ipsec42")));
        Link link = rtnetlink.links().find("ipsec42").orElseThrow();
        assertThat(link.interfaceId()).isEqualTo(42);
        assertThat(link.up()).isTrue();
        assertThat(link.mtu()).isEqualTo(1400);
        assertThat(rtnetlink.routes().lookup(address("10.2.0.7"), Optional.empty()).orElseThrow().link()).isEqualTo(link.index());
        assertThat(rtnetlink.routes().lookup(address("fd02::7"), Optional.empty()).orElseThrow().link()).isEqualTo(link.index());
        assertThat(rtnetlink.routes().lookup(SUN, Optional.empty()).orElseThrow().link()).isNotEqualTo(link.index());
        replace(Ways.NONE);
        assertThat(rtnetlink.links().find("ipsec42")).isEmpty();
        assertThat(table()).isEmpty();
    }

    /** Whoever deletes the interface, or sets it down: the traffic goes nowhere, and not in the clear. */
    @Test
    void withoutTheInterfaceItsTrafficGoesNowhere() throws Exception {
        needInterfaces();
        replace(into(named("ipsec42")));
        sh("ip link set ipsec42 down");
        assertThat(rtnetlink.routes().lookup(address("10.2.0.7"), Optional.empty())).isEmpty();
        sh("ip link delete ipsec42");
        assertThat(rtnetlink.routes().lookup(address("10.2.0.7"), Optional.empty())).isEmpty();
        assertThat(rtnetlink.routes().lookup(address("fd02::7"), Optional.empty())).isEmpty();
        replace(into(named("ipsec42")));
        assertThat(rtnetlink.routes().lookup(address("10.2.0.7"), Optional.empty())).isPresent();
    }

    @Test
    void aSuccessorTakesOverWhatIsStillWantedAndRemovesTheRest() throws Exception {
        needInterfaces();
        replace(into(named("ipsec42")));
        int index = rtnetlink.links().find("ipsec42").orElseThrow().index();
        // The first agent is gone without a word. Its successor wants the same interface and another branch.
        replace(new Ways(List.of(named("ipsec42")), List.of(new Ways.Into(AddressRange.parse("10.3.0.0/16"), "ipsec42", Optional.empty()))));
        assertThat(rtnetlink.links().find("ipsec42").orElseThrow().index()).as("the very same interface").isEqualTo(index);
        assertThat(table()).extracting(Route::destination).containsOnly(address("10.3.0.0"));
        replace(into(named("vpn")));
        assertThat(rtnetlink.links().find("ipsec42")).isEmpty();
        assertThat(rtnetlink.links().find("vpn").orElseThrow().interfaceId()).isEqualTo(42);
    }

    @Test
    void anInterfaceOfSomebodyElseIsUsedAndStays() throws Exception {
        needInterfaces();
        sh("ip link add theirs type xfrm if_id 42 && ip link set theirs up");
        replace(into(named("ipsec42")));
        assertThat(rtnetlink.links().find("ipsec42")).isEmpty();
        int theirs = rtnetlink.links().find("theirs").orElseThrow().index();
        assertThat(rtnetlink.routes().lookup(address("10.2.0.7"), Optional.empty()).orElseThrow().link()).isEqualTo(theirs);
        replace(Ways.NONE);
        assertThat(rtnetlink.links().find("theirs")).isPresent();
    }

    @Test
    void whatCannotBeMadeIsSaidAndLeavesNothing() throws Exception {
        XfrmInterface nowhere = new XfrmInterface(42, "ipsec42", 0, Optional.of("eth7"));
        assertThatThrownBy(() -> replace(into(nowhere))).isInstanceOf(DataPlaneException.class)
                .hasMessage("interface ipsec42 cannot be made: its device is 'eth7', and there is no such interface");
        assertThatThrownBy(() -> replace(into(named("wan")))).isInstanceOf(DataPlaneException.class)
                .hasMessageMatching("interface wan cannot be made: (another interface has this name|this kernel has no xfrm interfaces.*)");
        assertThat(table()).isEmpty();
    }
}
