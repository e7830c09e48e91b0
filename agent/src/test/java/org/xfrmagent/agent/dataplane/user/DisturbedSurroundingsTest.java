package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.TrafficSelector;

/** Somebody else at the userspace plane's interface, routes, rules and policies: it is heard of, and all is as before. */
@Tag("netns")
@Timeout(60)
class DisturbedSurroundingsTest {
    private static final InetAddress MOON = Ip.parse("192.0.2.1").orElseThrow();
    private static final InetAddress SUN = Ip.parse("192.0.2.2").orElseThrow();

    private final BlockingQueue<DataPlaneEvent> events = new LinkedBlockingQueue<>();
    private Namespaces hosts = Gateways.nothing();
    private Optional<UserDataPlane> plane = Optional.empty();

    @BeforeEach
    void build() throws Exception {
        hosts = new Namespaces("gw", "far");
        hosts.link("gw", "wan", "far", "eth");
        hosts.in("gw", "ip address add 192.0.2.1/24 dev wan");
        hosts.in("gw", "ip address add 10.1.0.1/32 dev lo");
        hosts.in("gw", "ip address add fd01::1/128 dev lo");
        hosts.in("gw", "ip route add default via 192.0.2.2");
        UserDataPlane opened = hosts.call("gw", () -> UserDataPlane.open(UserPlaneOptions.with(EspInUdp.none())));
        plane = Optional.of(opened);
        opened.listen(events::add);
        List<Operation> policies = List.of(
                // A bypass in front of a protect policy: their rules must stay in this order.
                add("10.1.0.0/16", "10.2.9.0/24", Direction.OUT, 1000, new PolicySpec.Bypass()),
                add("10.1.0.0/16", "10.2.0.0/16", Direction.OUT, 1001, protect(Direction.OUT)),
                add("10.2.0.0/16", "10.1.0.0/16", Direction.IN, 1001, protect(Direction.IN)),
                add("fd01::/32", "fd02::/32", Direction.OUT, 1002, protect(Direction.OUT)),
                add("fd02::/32", "fd01::/32", Direction.FWD, 1002, protect(Direction.FWD)));
        assertThat(opened.apply(policies)).isEqualTo(new Outcome.Applied());
    }

    @AfterEach
    void tearDown() throws Exception {
        plane.ifPresent(UserDataPlane::close);
        hosts.close();
    }

    private static Operation add(String from, String to, Direction direction, int priority, PolicySpec.Verdict verdict) {
        SelectorPair pair = new SelectorPair(
                TrafficSelector.of(AddressRange.parse(from)), TrafficSelector.of(AddressRange.parse(to)));
        return new Operation.AddPolicy(new PolicySpec(direction, pair, priority, verdict, OptionalInt.empty()));
    }

    private static PolicySpec.Protect protect(Direction direction) {
        PolicySpec.Endpoints ends =
                direction == Direction.OUT ? new PolicySpec.Endpoints(MOON, SUN) : new PolicySpec.Endpoints(SUN, MOON);
        return new PolicySpec.Protect(Optional.of(ends), Protocol.ESP, 7, OptionalInt.empty());
    }

    private List<String> repair() throws IOException {
        return hosts.call("gw", () -> plane.orElseThrow().repair());
    }

    /** What others may do to it, without what changes by itself: counters, numbers of interfaces and generations of rules. */
    private String surroundings() throws IOException {
        String rules = hosts.in("gw", "ip rule") + "\n" + hosts.in("gw", "ip -6 rule");
        return String.join("\n", rules.replaceAll("(?m)^22[01]:", "22x:"),
                steeringRoutes("ip route show table all"), steeringRoutes("ip -6 route show table all"),
                sorted(hosts.in("gw", "ip xfrm policy list nosock").replace("\n\t", " ").lines()),
                hosts.in("gw", "ip -o link show type tun").replaceAll("^\\d+", ""),
                hosts.succeeds("gw", "grep -q 1 /proc/sys/net/ipv4/conf/xfrm-agent/disable_policy") ? "exempt" : "not exempt");
    }

    private String steeringRoutes(String listing) throws IOException {
        return sorted(hosts.in("gw", listing).lines().filter(line -> line.contains("table 2200")));
    }

    private static String sorted(Stream<String> lines) {
        return lines.sorted().collect(Collectors.joining("\n"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ip link set xfrm-agent down                                  | the interface xfrm-agent was taken down
            ip link delete xfrm-agent                                    | the interface xfrm-agent was taken down
            ip route flush table 22000                                   | a route into the interface was removed
            ip route replace 10.2.0.0/16 dev wan table 22000             | a route into the interface was added or changed
            ip route add 10.2.0.0/17 dev wan table 22000                 | a route into the interface was added or changed
            ip -6 route delete fd02::/32 dev xfrm-agent table 22001      | a route into the interface was removed
            ip rule delete priority 219                                  | a routing rule was removed
            ip rule delete priority 221 from 10.1.0.0/16 lookup 22000    | a routing rule was removed
            ip rule flush                                                | a routing rule was removed
            ip xfrm policy flush                                         | the policies were flushed
            ip xfrm policy delete src 10.2.0.0/16 dst 10.1.0.0/16 dir in | a policy was deleted
            """)
    void what_others_change_is_heard_of_and_put_back(String command, String heard) throws Exception {
        String before = surroundings();
        boolean flushed = command.endsWith("rule flush");
        hosts.in("gw", command);
        if (flushed) {
            // The system's own rules are not ours to restore.
            hosts.in("gw", "ip rule add priority 32766 table main");
            hosts.in("gw", "ip rule add priority 32767 table default");
        }
        assertThat(surroundings()).isNotEqualTo(before);
        DataPlaneEvent first = events.poll(20, TimeUnit.SECONDS);
        assertThat(first).isEqualTo(new DataPlaneEvent.Disturbed(heard));

        assertThat(repair()).isNotEmpty();

        assertThat(surroundings()).isEqualTo(before);
        assertThat(repair()).isEmpty();
    }

    @Test
    void packets_still_come_to_an_interface_that_was_deleted_and_made_again() throws Exception {
        hosts.in("gw", "ip link delete xfrm-agent");
        assertThat(repair()).anySatisfy(sentence -> assertThat(sentence).contains("deleted the interface xfrm-agent"));
        events.clear();
        assertThat(hosts.succeeds("gw", "ping -c 1 -W 1 10.2.0.2")).as("there is no SA yet").isFalse();
        DataPlaneEvent event = events.poll(20, TimeUnit.SECONDS);
        while (event != null && !(event instanceof DataPlaneEvent.Acquire)) {
            event = events.poll(20, TimeUnit.SECONDS);
        }
        assertThat(event).as("a packet came to the plane, which wants an SA for it").isInstanceOf(DataPlaneEvent.Acquire.class);
    }

    @Test
    void what_is_none_of_the_planes_business_is_no_event() throws Exception {
        hosts.in("gw", "ip route add 10.2.0.0/17 via 192.0.2.2");
        hosts.in("gw", "ip rule add priority 400 from 10.9.0.0/16 lookup main");
        hosts.in("gw", "ip rule delete priority 400");
        hosts.in("gw", "ip xfrm policy add src 10.8.0.0/16 dst 10.9.0.0/16 dir out action block");
        hosts.in("gw", "ip xfrm policy delete src 10.8.0.0/16 dst 10.9.0.0/16 dir out");
        hosts.in("gw", "ip rule delete priority 219");
        assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(new DataPlaneEvent.Disturbed("a routing rule was removed"));
    }
}
