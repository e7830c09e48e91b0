package org.xfrmagent.netlink.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.netlink.Golden;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.StructReader;

/** What {@code ip link}, {@code address}, {@code route} and {@code rule} send is what we send, octet for octet. */
class RouteGoldenTest {
    private static final Golden GOLDEN = Golden.load("route");
    private static final int V0 = 10;

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    static Stream<Arguments> requests() {
        Route branch = Route.through(V0, address("10.2.0.0"), 16, 220);
        InterfaceAddress virtual = InterfaceAddress.host(address("10.3.0.1"), V0);
        Rule marked = new Rule(AddressFamily.INET6, 221, 1220, Optional.of(new Rule.Mark(0x2a, 0xff)), true);
        Rule all = Rule.of(AddressFamily.INET, 220, 220);
        return Stream.of(
                Arguments.of("ip link set v0 up", Links.upRequest(V0, true)),
                Arguments.of("ip link set v0 mtu 1400", Links.mtuRequest(V0, 1400)),
                Arguments.of("ip link delete v0", Links.deleteRequest(V0)),
                Arguments.of("ip link add ipsec7 link v0 type xfrm dev v0 if_id 0x17", Links.xfrmRequest("ipsec7", 0x17, V0)),
                Arguments.of("ip address add 10.3.0.1/32 dev v0", Addresses.addRequest(virtual)),
                Arguments.of(
                        "ip address add 2001:db8::7/128 dev v0 nodad",
                        Addresses.addRequest(InterfaceAddress.host(address("2001:db8::7"), V0))),
                Arguments.of("ip address delete 10.3.0.1/32 dev v0", Addresses.deleteRequest(virtual)),
                Arguments.of(
                        "ip route add 10.2.0.0/16 dev v0 src 10.1.0.1 table 220 metric 7 proto static scope link",
                        Routes.addRequest(branch.withSource(address("10.1.0.1")).withMetric(7))),
                Arguments.of(
                        "ip route replace 10.2.0.0/16 via 192.0.2.2 dev v0 table 220 proto static",
                        Routes.replaceRequest(branch.withGateway(address("192.0.2.2")))),
                Arguments.of(
                        "ip route add throw 10.2.9.0/24 table 220 proto static",
                        Routes.addRequest(Route.to(Route.Type.THROW, address("10.2.9.0"), 24, 220))),
                Arguments.of(
                        "ip route add blackhole 2001:db8:2::/48 table 1220 proto static",
                        Routes.addRequest(Route.to(Route.Type.BLACKHOLE, address("2001:db8:2::"), 48, 1220))),
                Arguments.of("ip rule add priority 220 table 220", Rules.addRequest(all)),
                Arguments.of("ip -6 rule add not fwmark 0x2a/0xff priority 221 table 1220", Rules.addRequest(marked)),
                Arguments.of("ip rule delete priority 220 table 220", Rules.deleteRequest(all)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("requests")
    void isSentAsIpSendsIt(String command, NetlinkRequest request) throws IOException {
        assertThat(Golden.describe(request)).isEqualTo(GOLDEN.describe(command));
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        Route route = Route.through(V0, address("10.2.0.0"), 16, 1220)
                .withGateway(address("192.0.2.2"))
                .withSource(address("10.1.0.1"))
                .withMetric(7);
        assertThat(Route.read(new StructReader(route.body(false).toArray()))).isEqualTo(route);
    }
}
