package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Two planes, a LAN behind each, and a look at the wire between them:
 *
 * <pre>
 *   west-lan          west                         east          east-lan
 *   10.1.0.2 ── 10.1.0.1 │ 192.0.2.1 ════════ 192.0.2.2 │ 10.2.0.1 ── 10.2.0.2
 *   fd01::2  ── fd01::1  │ 2001:db8::1        2001:db8::2 │ fd02::1 ── fd02::2
 * </pre>
 */
@Tag("netns")
@Timeout(90)
class TunnelTest {
    @TempDir
    private Path folder = Path.of(".");

    private Namespaces hosts = Gateways.nothing();
    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void build() throws Exception {
        hosts = new Namespaces("west-lan", "west", "east", "east-lan");
        hosts.link("west-lan", "eth", "west", "lan");
        hosts.link("west", "wan", "east", "wan");
        hosts.link("east-lan", "eth", "east", "lan");
        address("west-lan", "eth", "10.1.0.2/24", "fd01::2/64");
        address("west", "lan", "10.1.0.1/24", "fd01::1/64");
        address("west", "wan", "192.0.2.1/24", "2001:db8::1/64");
        address("east", "wan", "192.0.2.2/24", "2001:db8::2/64");
        address("east", "lan", "10.2.0.1/24", "fd02::1/64");
        address("east-lan", "eth", "10.2.0.2/24", "fd02::2/64");
        gateway("west-lan", "10.1.0.1", "fd01::1");
        gateway("east-lan", "10.2.0.1", "fd02::1");
        // Without a tunnel the packets would go straight through: so a ping proves nothing, and the wire has to be looked at.
        gateway("west", "192.0.2.2", "2001:db8::2");
        gateway("east", "192.0.2.1", "2001:db8::1");
        for (String host : List.of("west", "east")) {
            hosts.in(host, "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        }
    }

    private void address(String host, String device, String four, String six) throws IOException {
        hosts.in(host, "ip address add " + four + " dev " + device);
        hosts.in(host, "ip address add " + six + " dev " + device + " nodad");
    }

    private void gateway(String host, String four, String six) throws IOException {
        hosts.in(host, "ip route add default via " + four);
        hosts.in(host, "ip route add default via " + six);
    }

    @AfterEach
    void tearDown() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        hosts.close();
    }

    private record Gateway(String host, InetAddress outer, UserDataPlane plane) {}

    private Gateway gateway(String host, InetAddress outer) throws Exception {
        Port4500 port = new Port4500(hosts, host, outer);
        open.add(port);
        UserDataPlane plane = hosts.call(host, () -> UserDataPlane.open(UserPlaneOptions.with(port)));
        open.add(plane);
        port.leadsTo(plane);
        return new Gateway(host, outer, plane);
    }

    private static InetAddress ip(String text) {
        return Ip.parse(text).orElseThrow();
    }

    private static SelectorPair nets(String west, String east) {
        return new SelectorPair(
                TrafficSelector.of(AddressRange.parse(west)), TrafficSelector.of(AddressRange.parse(east)));
    }

    private static void apply(Gateway at, List<Operation> operations) {
        assertThat(at.plane.apply(operations)).isEqualTo(new Outcome.Applied());
    }

    /** What must pass for two hosts of one IPv6 link to find each other (RFC 4861): a plane has no opinion of its own about it. */
    private static List<Operation> neighbourDiscovery() {
        TrafficSelector messages = new TrafficSelector(IpProtocols.ICMPV6, 133 << 8, 137 << 8 | 0xff, AddressRange.ALL_IPV6);
        return Stream.of(Direction.IN, Direction.OUT)
                .<Operation>map(direction -> new Operation.AddPolicy(new PolicySpec(
                        direction, new SelectorPair(messages, messages), 1, new PolicySpec.Bypass(), OptionalInt.empty())))
                .toList();
    }

    private void connect(TunnelKind kind, Gateway west, Gateway east, SelectorPair westToEast) {
        connect(kind, west, east, westToEast, 0xc0000001);
    }

    private void connect(TunnelKind kind, Gateway west, Gateway east, SelectorPair westToEast, int spi) {
        SaSpec[] eastwards = {
            kind.sa(west.outer, east.outer, Direction.OUT, spi), kind.sa(west.outer, east.outer, Direction.IN, spi)
        };
        SaSpec[] westwards = {
            kind.sa(east.outer, west.outer, Direction.OUT, spi + 1), kind.sa(east.outer, west.outer, Direction.IN, spi + 1)
        };
        apply(west, List.of(new Operation.AddSa(eastwards[0]), new Operation.AddSa(westwards[1])));
        apply(west, kind.policies(west.outer, east.outer, westToEast));
        apply(east, List.of(new Operation.AddSa(westwards[0]), new Operation.AddSa(eastwards[1])));
        apply(east, kind.policies(east.outer, west.outer, westToEast.reversed()));
    }

    private boolean ping(String from, String to) throws IOException {
        return hosts.succeeds(from, "ping -c 3 -i 0.2 -W 2 " + to);
    }

    /** Sends {@code size} octets from {@code client} and reads their echo. */
    private void echo(String client, String clientAddress, String server, String serverAddress, int size) throws Exception {
        ServerSocket listening = hosts.call(server, () -> new ServerSocket(0, 1, ip(serverAddress)));
        try (listening) {
            Thread.ofPlatform().daemon().start(() -> {
                try (Socket accepted = listening.accept()) {
                    accepted.getInputStream().transferTo(accepted.getOutputStream());
                } catch (IOException ended) {
                    // The client sees it.
                }
            });
            byte[] sent = new byte[size];
            new Random(7).nextBytes(sent);
            byte[] received = hosts.call(client, () -> {
                try (Socket socket = new Socket()) {
                    socket.bind(new InetSocketAddress(ip(clientAddress), 0));
                    socket.connect(new InetSocketAddress(ip(serverAddress), listening.getLocalPort()), 10_000);
                    socket.setSoTimeout(20_000);
                    OutputStream out = socket.getOutputStream();
                    Thread.ofPlatform().daemon().start(() -> {
                        try {
                            out.write(sent);
                            socket.shutdownOutput();
                        } catch (IOException ended) {
                            // The reader sees it.
                        }
                    });
                    InputStream in = socket.getInputStream();
                    return in.readAllBytes();
                }
            });
            assertThat(received).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @CsvSource({
        // protocol, algorithms, ESN, in UDP, outer, inner
        "ESP, aes128gcm16,      false, false, 4, 4",
        "ESP, aes256gcm16,      true,  true,  4, 4",
        "ESP, aes128-sha256,    true,  false, 4, 6",
        "ESP, chacha20poly1305, false, false, 6, 4",
        "ESP, aes256ctr-sha512, false, true,  6, 6",
        "ESP, aes128ccm16,      false, false, 6, 6",
        "AH,  sha256,           true,  false, 4, 4",
        "AH,  sha1,             false, false, 6, 6",
    })
    void lan_to_lan(Protocol protocol, String algorithms, boolean esn, boolean udp, int outer, int inner) throws Exception {
        Gateway west = gateway("west", ip(outer == 4 ? "192.0.2.1" : "2001:db8::1"));
        Gateway east = gateway("east", ip(outer == 4 ? "192.0.2.2" : "2001:db8::2"));
        SelectorPair nets = inner == 4 ? nets("10.1.0.0/24", "10.2.0.0/24") : nets("fd01::/64", "fd02::/64");
        connect(new TunnelKind(protocol, Mode.TUNNEL, algorithms, esn, udp), west, east, nets);
        String westHost = inner == 4 ? "10.1.0.2" : "fd01::2";
        String eastHost = inner == 4 ? "10.2.0.2" : "fd02::2";
        Wire wire = new Wire(hosts, folder);

        assertThat(ping("west-lan", eastHost)).as("west to east: %s, %s", west.plane.drops().nonZero(), east.plane.drops().nonZero())
                .isTrue();
        assertThat(ping("east-lan", westHost)).isTrue();
        echo("west-lan", westHost, "east-lan", eastHost, 2 << 20);

        String outside = protocol == Protocol.AH ? "proto 51 or ip6 proto 51" : udp ? "udp port 4500" : "proto 50 or ip6 proto 50";
        assertThat(wire.everythingBut(outside)).isEmpty();
        assertThat(east.plane.installed().sas()).allSatisfy(sa -> assertThat(sa.usage().packets()).isGreaterThan(100));
        assertThat(west.plane.drops().nonZero()).doesNotContainKeys(DropReason.INTERNAL, DropReason.NOT_AUTHENTIC, DropReason.REPLAY);
    }

    @ParameterizedTest
    @CsvSource({"ESP, aes128gcm16, false, 4", "ESP, aes128-sha256, true, 4", "ESP, aes128gcm16, false, 6", "AH, sha256, false, 4", "AH, sha256, false, 6"})
    void host_to_host_in_transport_mode(Protocol protocol, String algorithms, boolean udp, int family) throws Exception {
        String westAddress = family == 4 ? "192.0.2.1" : "2001:db8::1";
        String eastAddress = family == 4 ? "192.0.2.2" : "2001:db8::2";
        Gateway west = gateway("west", ip(westAddress));
        Gateway east = gateway("east", ip(eastAddress));
        String bits = family == 4 ? "/32" : "/128";
        connect(new TunnelKind(protocol, Mode.TRANSPORT, algorithms, false, udp), west, east, nets(westAddress + bits, eastAddress + bits));
        apply(west, neighbourDiscovery());
        apply(east, neighbourDiscovery());
        Wire wire = new Wire(hosts, folder);
        assertThat(ping("west", eastAddress)).as("%s, %s", west.plane.drops().nonZero(), east.plane.drops().nonZero()).isTrue();
        echo("west", westAddress, "east", eastAddress, 1 << 20);
        String outside = protocol == Protocol.AH ? "proto 51 or ip6 proto 51" : udp ? "udp port 4500" : "proto 50 or ip6 proto 50";
        assertThat(wire.everythingBut(outside)).isEmpty();
    }

    @Test
    void the_gateways_themselves_speak_through_the_tunnel_with_their_inner_addresses() throws Exception {
        Gateway west = gateway("west", ip("192.0.2.1"));
        Gateway east = gateway("east", ip("192.0.2.2"));
        connect(new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false), west, east, nets("10.1.0.0/24", "10.2.0.0/24"));
        Wire wire = new Wire(hosts, folder);
        connect(new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes256gcm16", false, false), west, east, nets("fd01::/64", "fd02::/64"), 0xc0000011);
        // No source address is given: the route chooses the one inside the selector.
        assertThat(ping("west", "10.2.0.1")).isTrue();
        assertThat(ping("east", "10.1.0.2")).isTrue();
        assertThat(ping("west", "fd02::1")).isTrue();
        assertThat(ping("east", "fd01::2")).isTrue();
        assertThat(wire.everythingBut("proto 50")).isEmpty();
    }

    @Test
    void without_an_sa_nothing_leaves_and_an_sa_is_asked_for() throws Exception {
        Gateway west = gateway("west", ip("192.0.2.1"));
        List<DataPlaneEvent> events = new java.util.concurrent.CopyOnWriteArrayList<>();
        west.plane.listen(events::add);
        TunnelKind kind = new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false);
        apply(west, kind.policies(ip("192.0.2.1"), ip("192.0.2.2"), nets("10.1.0.0/24", "10.2.0.0/24")));
        Wire wire = new Wire(hosts, folder);
        assertThat(ping("west-lan", "10.2.0.2")).isFalse();
        assertThat(wire.everythingBut("proto 50")).isEmpty();
        assertThat(events).hasSize(1).first().isInstanceOfSatisfying(
                DataPlaneEvent.Acquire.class, acquire -> assertThat(acquire.packet().toString()).contains("icmp/8(0)"));
        assertThat(west.plane.drops().get(DropReason.NO_SA)).isEqualTo(3);
    }

    @Test
    void clear_text_with_a_protected_source_does_not_get_in() throws Exception {
        for (String inner : List.of("10.1.0.2", "10.1.0.1", "fd01::2", "fd01::1")) {
            assertThat(ping("east-lan", inner)).as("before the policy %s is reachable in the clear", inner).isTrue();
        }
        Gateway west = gateway("west", ip("192.0.2.1"));
        TunnelKind kind = new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false);
        apply(west, kind.policies(ip("192.0.2.1"), ip("192.0.2.2"), nets("10.1.0.0/24", "10.2.0.0/24")));
        apply(west, kind.policies(ip("192.0.2.1"), ip("192.0.2.2"), nets("fd01::/64", "fd02::/64")));
        // One-way packets, so that the blocked way back does not hide an open way in.
        String before = counters("west-lan");
        String gateway = counters("west");
        for (String inner : List.of("10.1.0.2", "10.1.0.1", "fd01::2", "fd01::1")) {
            assertThat(ping("east-lan", inner)).as(inner).isFalse();
        }
        assertThat(counters("west-lan")).as("packets that came to the LAN").isEqualTo(before);
        assertThat(counters("west")).as("packets that came to the gateway").isEqualTo(gateway);
        // What no policy covers goes on as before.
        assertThat(ping("east", "10.1.0.2")).isTrue();
    }

    /** ICMP and ICMPv6 echo requests received. */
    private String counters(String host) throws IOException {
        String four = hosts.in(host, "cat /proc/net/snmp");
        String six = hosts.in(host, "cat /proc/net/snmp6");
        String header = four.lines().filter(line -> line.startsWith("Icmp: ")).toList().get(0);
        String values = four.lines().filter(line -> line.startsWith("Icmp: ")).toList().get(1);
        int column = Arrays.asList(header.split(" ")).indexOf("InEchos");
        return values.split(" ")[column] + " " + six.lines().filter(line -> line.startsWith("Icmp6InEchos ")).findFirst().orElse("");
    }

    @Test
    void bypass_and_discard_in_front_of_a_tunnel() throws Exception {
        Gateway west = gateway("west", ip("192.0.2.1"));
        Gateway east = gateway("east", ip("192.0.2.2"));
        connect(new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false), west, east, nets("10.1.0.0/24", "10.2.0.0/24"));
        hosts.in("east", "ip address add 10.2.0.77/32 dev lo");
        hosts.in("east", "ip address add 10.2.0.66/32 dev lo");
        for (Gateway at : List.of(west, east)) {
            boolean there = at.equals(west);
            for (Direction direction : Direction.values()) {
                boolean turned = there == (direction == Direction.OUT);
                SelectorPair clear = nets("10.1.0.0/24", "10.2.0.77/32");
                SelectorPair never = nets("10.1.0.0/24", "10.2.0.66/32");
                apply(at, List.of(
                        new Operation.AddPolicy(new PolicySpec(
                                direction, turned ? clear : clear.reversed(), 10, new PolicySpec.Bypass(), OptionalInt.empty())),
                        new Operation.AddPolicy(new PolicySpec(
                                direction, turned ? never : never.reversed(), 11, new PolicySpec.Discard(), OptionalInt.empty()))));
            }
        }
        Wire wire = new Wire(hosts, folder);
        assertThat(ping("west-lan", "10.2.0.77")).isTrue();
        assertThat(ping("west-lan", "10.2.0.66")).isFalse();
        assertThat(ping("west-lan", "10.2.0.2")).isTrue();
        List<String> clear = wire.everythingBut("proto 50");
        assertThat(clear).isNotEmpty().allSatisfy(line -> assertThat(line).contains("10.2.0.77"));
    }

    /** Only TCP port 7 is protected; the rest of the same flow comes into the interface too and is sent on from there. */
    @Test
    void what_a_port_policy_does_not_cover_goes_on_in_the_clear() throws Exception {
        Gateway west = gateway("west", ip("192.0.2.1"));
        TunnelKind kind = new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false);
        SelectorPair echo = new SelectorPair(
                new TrafficSelector(6, 0, 65535, AddressRange.parse("10.1.0.0/24")),
                new TrafficSelector(6, 7, 7, AddressRange.parse("10.2.0.0/24")));
        apply(west, kind.policies(ip("192.0.2.1"), ip("192.0.2.2"), echo));
        assertThat(ping("west-lan", "10.2.0.2")).isTrue();
        assertThat(west.plane.drops().nonZero()).doesNotContainKey(DropReason.NO_SA);
    }

    @Test
    void packets_that_do_not_fit_are_answered_with_the_size_that_does() throws Exception {
        Gateway west = gateway("west", ip("192.0.2.1"));
        Gateway east = gateway("east", ip("192.0.2.2"));
        connect(new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false), west, east, nets("10.1.0.0/24", "10.2.0.0/24"));
        // 1372 + 28 octets fit the TUN interface and, with ESP around them, not the wire any more.
        hosts.in("west", "ip link set wan mtu 1300");
        hosts.in("east", "ip link set wan mtu 1300");
        assertThat(hosts.succeeds("west-lan", "ping -c 1 -W 1 -M do -s 1372 10.2.0.2")).isFalse();
        assertThat(west.plane.drops().get(DropReason.NOT_SENT)).as("the first one finds out").isEqualTo(1);
        assertThat(hosts.succeeds("west-lan", "ping -c 1 -W 1 -M do -s 1372 10.2.0.2")).isFalse();
        assertThat(west.plane.drops().get(DropReason.TOO_BIG)).as("the second is answered").isEqualTo(1);
        // 1300 − 20 (IP) − 8 (SPI, number) − 8 (IV) − 16 (ICV) = 1248, less the trailer of 2: the LAN has been told exactly that.
        assertThat(hosts.in("west-lan", "ip route get 10.2.0.2")).contains("mtu 1246");
        assertThat(hosts.succeeds("west-lan", "ping -c 1 -W 1 -M do -s 1218 10.2.0.2")).isTrue();
        echo("west-lan", "10.1.0.2", "east-lan", "10.2.0.2", 1 << 20);
    }

    @Test
    void closing_leaves_nothing_behind() throws Exception {
        String before = state("west");
        Gateway west = gateway("west", ip("192.0.2.1"));
        TunnelKind kind = new TunnelKind(Protocol.ESP, Mode.TUNNEL, "aes128gcm16", false, false);
        apply(west, kind.policies(ip("192.0.2.1"), ip("192.0.2.2"), nets("10.1.0.0/24", "10.2.0.0/24")));
        apply(west, kind.policies(ip("192.0.2.1"), ip("192.0.2.2"), nets("fd01::/64", "fd02::/64")));
        assertThat(state("west")).isNotEqualTo(before);
        west.plane.close();
        assertThat(state("west")).isEqualTo(before);
    }

    private String state(String host) throws IOException {
        return hosts.in(host, "ip rule") + hosts.in(host, "ip -6 rule") + hosts.in(host, "ip route show table all")
                + hosts.in(host, "ip xfrm policy count") + hosts.in(host, "ip -br link") + hosts.in(host, "nft list ruleset");
    }
}
