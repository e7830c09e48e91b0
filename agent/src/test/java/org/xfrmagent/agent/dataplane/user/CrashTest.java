package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.TrafficSelector;

/** The program is killed: its interface is gone at once, and still nothing protected may pass in the clear, out or in. */
@Tag("netns")
@Timeout(60)
class CrashTest {
    private Namespaces hosts = Gateways.nothing();

    @BeforeEach
    void build() throws Exception {
        hosts = new Namespaces("lan", "gw", "far");
        hosts.link("lan", "eth", "gw", "lan");
        hosts.link("gw", "wan", "far", "eth");
        for (String words : List.of(
                "lan eth 10.1.0.2/24 fd01::2/64", "gw lan 10.1.0.1/24 fd01::1/64", "gw wan 192.0.2.1/24 2001:db8::1/64",
                "far eth 192.0.2.2/24 2001:db8::2/64", "far lo 10.2.0.2/32 fd02::2/128")) {
            String[] word = words.split(" ");
            hosts.in(word[0], "ip address add " + word[2] + " dev " + word[1]);
            hosts.in(word[0], "ip address add " + word[3] + " dev " + word[1] + " nodad");
        }
        hosts.in("gw", "sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        for (String words : List.of("lan 10.1.0.1 fd01::1", "gw 192.0.2.2 2001:db8::2", "far 192.0.2.1 2001:db8::1")) {
            String[] word = words.split(" ");
            hosts.in(word[0], "ip route add default via " + word[1]);
            hosts.in(word[0], "ip route add default via " + word[2]);
        }
    }

    @AfterEach
    void tearDown() throws Exception {
        hosts.close();
    }

    /** The program that is killed: it protects both families and says so. */
    static final class Victim {
        private Victim() {}

        public static void main(String[] arguments) throws Exception {
            UserDataPlane plane = open();
            System.out.println(plane.apply(policies()) instanceof Outcome.Applied ? "ready" : "refused");
            Thread.currentThread().join();
        }
    }

    private static UserDataPlane open() throws DataPlaneException {
        return UserDataPlane.open(UserPlaneOptions.with(EspInUdp.none()));
    }

    private static List<Operation> policies() {
        return List.of("10.1.0.0/24 10.2.0.0/24", "fd01::/64 fd02::/64").stream()
                .flatMap(nets -> List.of(Direction.values()).stream().map(direction -> policy(nets.split(" "), direction)))
                .toList();
    }

    private static Operation policy(String[] nets, Direction direction) {
        InetAddress here = Ip.parse("192.0.2.1").orElseThrow();
        InetAddress there = Ip.parse("192.0.2.2").orElseThrow();
        SelectorPair out = new SelectorPair(
                TrafficSelector.of(AddressRange.parse(nets[0])), TrafficSelector.of(AddressRange.parse(nets[1])));
        boolean outwards = direction == Direction.OUT;
        return new Operation.AddPolicy(new PolicySpec(
                direction, outwards ? out : out.reversed(), 1000,
                new PolicySpec.Protect(
                        Optional.of(outwards ? new PolicySpec.Endpoints(here, there) : new PolicySpec.Endpoints(there, here)), Protocol.ESP,
                        1, OptionalInt.empty()),
                OptionalInt.empty()));
    }

    private boolean reaches(String from, String source, String to) throws IOException {
        return hosts.succeeds(from, "ping -c 1 -W 1 -I " + source + " " + to);
    }

    private void assertNothingPasses() throws IOException {
        assertThat(reaches("lan", "10.1.0.2", "10.2.0.2")).as("out, IPv4").isFalse();
        assertThat(reaches("lan", "fd01::2", "fd02::2")).as("out, IPv6").isFalse();
        assertThat(reaches("gw", "10.1.0.1", "10.2.0.2")).as("out from the gateway").isFalse();
        assertThat(received("far")).as("packets that came out").isEqualTo("0");
        assertThat(reaches("far", "10.2.0.2", "10.1.0.2")).as("in, IPv4").isFalse();
        assertThat(reaches("far", "fd02::2", "fd01::2")).as("in, IPv6").isFalse();
        assertThat(received("lan")).as("packets that came in").isEqualTo("0");
        assertThat(reaches("lan", "10.1.0.2", "192.0.2.2")).as("what no policy covers").isTrue();
    }

    /** What a predecessor protected and its successor does not is free after ten seconds, not before. */
    @Test
    void a_successor_with_other_policies_lets_go_in_the_end() throws Exception {
        Process victim = victim();
        try (BufferedReader says = victim.inputReader()) {
            assertThat(says.lines().filter(line -> line.equals("ready")).findFirst()).isPresent();
        }
        victim.destroyForcibly().waitFor();
        AtomicLong nanos = new AtomicLong(1);
        UserPlaneOptions options = new UserPlaneOptions(
                UserPlaneOptions.TUN_NAME, UserPlaneOptions.MTU, UserPlaneOptions.RULE_PRIORITY, UserPlaneOptions.FIRST_TABLE,
                UserPlaneOptions.MARK, EspInUdp.none(), nanos::get);
        try (UserDataPlane successor = hosts.call("gw", () -> UserDataPlane.open(options))) {
            assertThat(reaches("lan", "10.1.0.2", "10.2.0.2")).isFalse();
            assertThat(reaches("far", "10.2.0.2", "10.1.0.2")).isFalse();
            nanos.addAndGet(11_000_000_000L);
            long deadline = System.nanoTime() + 10_000_000_000L;
            while (!reaches("lan", "10.1.0.2", "10.2.0.2")) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
            assertThat(reaches("far", "10.2.0.2", "10.1.0.2")).isTrue();
            assertThat(successor.installed().policies()).isEmpty();
        }
    }

    /** Packets from the protected networks, counted where they arrive. */
    private String received(String host) throws IOException {
        String counters = hosts.in(host, "nft list counters");
        return counters.replaceAll("(?s).*packets (\\d+).*", "$1");
    }

    private void countProtected(String host, String four, String six) throws IOException {
        hosts.in(host, "nft add table inet count");
        hosts.in(host, "nft add counter inet count protected");
        hosts.in(host, "nft add chain inet count arriving { type filter hook prerouting priority -400 ; }");
        hosts.in(host, "nft add rule inet count arriving ip saddr " + four + " ip daddr 10.0.0.0/8 counter name protected");
        hosts.in(host, "nft add rule inet count arriving ip6 saddr " + six + " ip6 daddr fd00::/8 icmpv6 type 128 counter name protected");
    }

    private Process victim() throws IOException {
        return hosts.call("gw", () -> new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--enable-native-access=ALL-UNNAMED", "-cp",
                        System.getProperty("java.class.path"), Victim.class.getName())
                .redirectErrorStream(true)
                .start());
    }

    @Test
    void after_a_kill_nothing_passes_and_a_successor_takes_over() throws Exception {
        assertThat(reaches("lan", "10.1.0.2", "10.2.0.2")).as("without any policy the way is open").isTrue();
        countProtected("far", "10.1.0.0/24", "fd01::/64");
        countProtected("lan", "10.2.0.0/24", "fd02::/64");
        Process victim = victim();
        try (BufferedReader says = victim.inputReader()) {
            assertThat(says.lines().filter(line -> line.equals("ready") || line.equals("refused")).findFirst()).contains("ready");
            assertNothingPasses();
            victim.destroyForcibly().waitFor();
        }
        assertThat(hosts.in("gw", "ip link")).doesNotContain(UserPlaneOptions.TUN_NAME);
        assertNothingPasses();

        try (UserDataPlane successor = hosts.call("gw", CrashTest::open)) {
            assertThat(successor.installed().policies()).isEmpty();
            assertNothingPasses();
            assertThat(successor.apply(policies())).isEqualTo(new Outcome.Applied());
            assertNothingPasses();
        }
        assertThat(hosts.in("gw", "ip rule")).doesNotContain("22000");
        assertThat(hosts.in("gw", "ip xfrm policy count")).contains("IN  0 OUT 0 FWD 0");
        assertThat(reaches("lan", "10.1.0.2", "10.2.0.2")).as("after an orderly end the way is open again").isTrue();
    }
}
