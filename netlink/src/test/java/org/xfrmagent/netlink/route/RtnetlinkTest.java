package org.xfrmagent.netlink.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;
import static org.xfrmagent.netlink.FreshNamespace.ip;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.xfrmagent.netlink.FreshNamespace;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;

/** Links, addresses, routes and rules of the running kernel, inside a namespace. */
@Tag("netns")
@Timeout(30)
@ExtendWith(FreshNamespace.class)
class RtnetlinkTest {
    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private static int veth(Rtnetlink rtnetlink) throws IOException {
        ip("link add v0 type veth peer name v1");
        int v0 = rtnetlink.links().find("v0").orElseThrow().index();
        rtnetlink.links().setUp(v0, true);
        rtnetlink.links().setUp(rtnetlink.links().find("v1").orElseThrow().index(), true);
        return v0;
    }

    @Test
    void linksAreListedChangedAndDeleted() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            Links links = rtnetlink.links();
            // Some kernels put tunnel devices of their own into each namespace.
            List<String> before = links.list().stream().map(Link::name).toList();
            assertThat(before).contains("lo").doesNotContain("v0", "v1");
            int v0 = veth(rtnetlink);
            links.setMtu(v0, 1400);
            assertThat(links.find("v0")).hasValueSatisfying(link -> {
                assertThat(link.up()).isTrue();
                assertThat(link.mtu()).isEqualTo(1400);
                assertThat(link.kind()).isEqualTo("veth");
            });
            assertThat(links.list()).extracting(Link::name).containsAll(before).contains("v0", "v1");
            links.setUp(v0, false);
            assertThat(links.find("v0").orElseThrow().up()).isFalse();
            assertThat(links.get(links.find("v0").orElseThrow().index()).map(Link::name)).contains("v0");
            assertThat(links.get(Integer.MAX_VALUE)).isEmpty();
            links.delete(v0);
            assertThat(links.find("v0")).isEmpty();
            assertThatThrownBy(() -> links.delete(v0)).hasMessageStartingWith("delete link " + v0 + ": No such device (ENODEV)");
        }
    }

    @Test
    void aVirtualAddressComesAndGoes() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            int v0 = veth(rtnetlink);
            InterfaceAddress four = InterfaceAddress.host(address("10.3.0.1"), v0);
            InterfaceAddress six = InterfaceAddress.host(address("2001:db8::7"), v0);
            rtnetlink.addresses().add(four);
            rtnetlink.addresses().add(six);
            assertThat(rtnetlink.addresses().list()).contains(four, six);
            assertThatThrownBy(() -> rtnetlink.addresses().add(four))
                    .isInstanceOfSatisfying(NetlinkException.class, refused -> assertThat(refused.errno()).isEqualTo(Errno.EEXIST))
                    .hasMessageStartingWith("add address 10.3.0.1/32 on link " + v0);
            rtnetlink.addresses().delete(four);
            assertThat(rtnetlink.addresses().list()).contains(six).doesNotContain(four);
        }
    }

    @Test
    void routesOfATableAreAddedReplacedListedAndDeleted() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            int v0 = veth(rtnetlink);
            rtnetlink.addresses().add(new InterfaceAddress(address("10.1.0.1"), 24, v0));
            Routes routes = rtnetlink.routes();
            Route branch = Route.through(v0, address("10.2.0.0"), 16, 220).withSource(address("10.1.0.1"));
            Route thrown = Route.to(Route.Type.THROW, address("10.2.9.0"), 24, 220);
            Route hole = Route.to(Route.Type.BLACKHOLE, address("10.4.0.0"), 16, 1220);
            routes.add(branch);
            routes.add(thrown);
            routes.add(hole);
            assertThat(routes.list(220)).containsExactlyInAnyOrder(branch, thrown);
            assertThat(routes.list(1220)).containsExactly(hole);
            Route viaGateway = branch.withGateway(address("10.1.0.9"));
            routes.replace(viaGateway);
            assertThat(routes.list(220)).containsExactlyInAnyOrder(viaGateway, thrown);
            routes.delete(thrown);
            routes.delete(viaGateway);
            routes.delete(hole);
            assertThat(routes.list(220)).isEmpty();
            assertThatThrownBy(() -> routes.delete(thrown))
                    .hasMessageStartingWith("delete throw route to 10.2.9.0/24 in table 220: No such process (ESRCH)");
        }
    }

    @Test
    void ipv6RoutesAreNoDifferent() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            int v0 = veth(rtnetlink);
            Route branch = Route.through(v0, address("2001:db8:2::"), 48, 220).withMetric(1024);
            Route hole = Route.to(Route.Type.UNREACHABLE, address("::"), 0, 220).withMetric(2000);
            rtnetlink.routes().add(branch);
            rtnetlink.routes().add(hole);
            assertThat(rtnetlink.routes().list(220)).extracting(Route::destination, Route::prefix, Route::type, Route::metric)
                    .containsExactlyInAnyOrder(
                            tuple(address("2001:db8:2::"), 48, Route.Type.UNICAST, 1024),
                            tuple(address("::"), 0, Route.Type.UNREACHABLE, 2000));
            rtnetlink.routes().delete(branch);
            rtnetlink.routes().delete(hole);
            assertThat(rtnetlink.routes().list(220)).isEmpty();
        }
    }

    @Test
    void aLookupTellsInterfaceGatewayAndSource() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            int v0 = veth(rtnetlink);
            rtnetlink.addresses().add(new InterfaceAddress(address("192.0.2.1"), 24, v0));
            rtnetlink.addresses().add(new InterfaceAddress(address("192.0.2.100"), 24, v0));
            rtnetlink.routes().add(Route.through(v0, address("0.0.0.0"), 0, Route.MAIN).withGateway(address("192.0.2.254")));
            rtnetlink.routes().add(Route.to(Route.Type.UNREACHABLE, address("198.51.100.0"), 24, Route.MAIN));
            Route way = rtnetlink.routes().lookup(address("203.0.113.5"), Optional.empty()).orElseThrow();
            assertThat(way.link()).isEqualTo(v0);
            assertThat(way.gateway()).contains(address("192.0.2.254"));
            assertThat(way.source()).contains(address("192.0.2.1"));
            Route fixed = rtnetlink.routes().lookup(address("192.0.2.7"), Optional.of(address("192.0.2.100"))).orElseThrow();
            assertThat(fixed.gateway()).isEmpty();
            assertThat(rtnetlink.routes().lookup(address("198.51.100.1"), Optional.empty())).isEmpty();
            assertThat(rtnetlink.routes().lookup(address("2001:db8::1"), Optional.empty())).isEmpty();
        }
    }

    @Test
    void rulesAreAddedListedAndDeleted() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open()) {
            Rules rules = rtnetlink.rules();
            for (AddressFamily family : List.of(AddressFamily.INET, AddressFamily.INET6)) {
                List<Rule> before = rules.list(family);
                Rule all = Rule.of(family, 220, 220);
                Rule marked = new Rule(family, 221, 1220, Optional.of(new Rule.Mark(0x2a, 0xff)), true);
                rules.add(all);
                rules.add(marked);
                assertThat(rules.list(family)).contains(all, marked).hasSize(before.size() + 2);
                rules.delete(all);
                rules.delete(marked);
                assertThat(rules.list(family)).isEqualTo(before);
            }
        }
    }

    @Test
    void changesAreTold() throws IOException {
        try (Rtnetlink rtnetlink = Rtnetlink.open();
                RouteEvents events = RouteEvents.open(0)) {
            int v0 = veth(rtnetlink);
            InterfaceAddress virtual = InterfaceAddress.host(address("10.3.0.1"), v0);
            Route route = Route.through(v0, address("10.2.0.0"), 16, 220);
            rtnetlink.addresses().add(virtual);
            rtnetlink.routes().add(route);
            rtnetlink.routes().delete(route);
            rtnetlink.addresses().delete(virtual);
            rtnetlink.links().delete(v0);
            List<RouteEvents.RouteEvent> seen = new ArrayList<>();
            while (seen.stream().noneMatch(each -> each instanceof RouteEvents.LinkChanged change
                    && change.gone()
                    && change.link().index() == v0)) {
                seen.addAll(events.receive(-1));
            }
            assertThat(seen).containsSubsequence(
                    new RouteEvents.AddressChanged(virtual, false),
                    new RouteEvents.RouteChanged(route, false),
                    new RouteEvents.RouteChanged(route, true),
                    new RouteEvents.AddressChanged(virtual, true));
        }
    }
}
