package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

class SpdTest {
    private final Spd spd = new Spd();

    private static TrafficSelector selector(int protocol, int start, int end, String range) {
        return new TrafficSelector(protocol, start, end, AddressRange.parse(range));
    }

    private static PolicySpec policy(int priority, TrafficSelector from, TrafficSelector to, PolicySpec.Verdict verdict) {
        return new PolicySpec(Direction.OUT, new SelectorPair(from, to), priority, verdict, OptionalInt.empty());
    }

    private static PolicySpec policy(int priority, String from, String to, PolicySpec.Verdict verdict) {
        return policy(priority, selector(0, 0, 65535, from), selector(0, 0, 65535, to), verdict);
    }

    private static PolicySpec.Protect protect(int reqid) {
        return new PolicySpec.Protect(Optional.empty(), org.xfrmagent.policies.algorithm.Protocol.ESP, reqid, OptionalInt.empty());
    }

    private void add(PolicySpec... policies) {
        spd.change(new Spd.Change(List.of(), List.of(policies)));
    }

    private Optional<PolicySpec> lookup(byte[] packet) {
        return spd.lookup(Direction.OUT, PacketSelectors.of(packet, 0, packet.length).orElseThrow());
    }

    @Test
    void the_lowest_priority_wins_and_then_the_newest() {
        PolicySpec wide = policy(20, "10.0.0.0/8", "10.0.0.0/8", protect(1));
        PolicySpec narrow = policy(20, "10.1.0.0/16", "10.2.0.0/16", protect(2));
        PolicySpec first = policy(10, "10.1.1.0/24", "10.2.0.0/16", new PolicySpec.Bypass());
        add(wide);
        add(narrow);
        add(first);
        assertThat(lookup(Packets.udp("10.1.1.1", "10.2.0.1", 1, 2))).contains(first);
        assertThat(lookup(Packets.udp("10.1.2.1", "10.2.0.1", 1, 2))).contains(narrow);
        assertThat(lookup(Packets.udp("10.3.2.1", "10.2.0.1", 1, 2))).contains(wide);
        assertThat(lookup(Packets.udp("11.3.2.1", "10.2.0.1", 1, 2))).isEmpty();
        spd.change(new Spd.Change(List.of(narrow), List.of()));
        assertThat(lookup(Packets.udp("10.1.2.1", "10.2.0.1", 1, 2))).contains(wide);
    }

    @Test
    void ports_icmp_types_and_ranges_are_compared() {
        PolicySpec ssh = policy(
                1, selector(6, 0, 65535, "10.1.0.0/16"), selector(6, 22, 22, "10.2.0.0/16"), new PolicySpec.Bypass());
        PolicySpec echo = policy(
                2, selector(1, 8 << 8, 8 << 8 | 255, "10.1.0.0/16"), selector(1, 8 << 8, 8 << 8 | 255, "10.2.0.0/16"), protect(3));
        PolicySpec odd = policy(3, "10.1.0.5-10.1.0.9", "10.2.0.0/16", protect(4));
        add(ssh, echo, odd);
        assertThat(lookup(Packets.tcp("10.1.0.1", "10.2.0.1", 4000, 22))).contains(ssh);
        assertThat(lookup(Packets.tcp("10.1.0.1", "10.2.0.1", 22, 4000))).isEmpty();
        assertThat(lookup(Packets.icmp("10.1.0.1", "10.2.0.1", 8, 0))).contains(echo);
        assertThat(lookup(Packets.icmp("10.1.0.1", "10.2.0.1", 0, 0))).isEmpty();
        assertThat(lookup(Packets.udp("10.1.0.5", "10.2.0.1", 1, 2))).contains(odd);
        assertThat(lookup(Packets.udp("10.1.0.9", "10.2.0.1", 1, 2))).contains(odd);
        assertThat(lookup(Packets.udp("10.1.0.10", "10.2.0.1", 1, 2))).isEmpty();
    }

    @Test
    void the_same_number_in_the_other_family_is_another_address() {
        add(policy(1, "::/0", "::/0", protect(1)));
        assertThat(lookup(Packets.udp("10.1.0.5", "10.2.0.1", 1, 2))).isEmpty();
        assertThat(lookup(Packets.udp("::a01:5", "::a02:1", 1, 2))).isPresent();
    }

    /** Whether a later fragment of TCP belongs to port 22 nobody can see: it must not leave in the clear, nor under another's SA. */
    @Test
    void a_later_fragment_that_a_port_policy_might_cover_is_discarded() {
        PolicySpec ssh = policy(1, selector(6, 0, 65535, "10.1.0.0/16"), selector(6, 22, 22, "10.2.0.0/16"), protect(1));
        PolicySpec rest = policy(2, "10.1.0.0/16", "10.2.0.0/16", new PolicySpec.Bypass());
        add(ssh, rest);
        byte[] fragment = Packets.laterFragment(Packets.tcp("10.1.0.1", "10.2.0.1", 4000, 80));
        assertThat(lookup(fragment).map(PolicySpec::verdict)).contains(new PolicySpec.Discard());
        byte[] other = Packets.laterFragment(Packets.udp("10.1.0.1", "10.2.0.1", 4000, 80));
        assertThat(lookup(other)).contains(rest);
        // Its own selector for what cannot be seen (RFC 4301, section 7.2).
        PolicySpec opaque = policy(0, selector(6, 65535, 0, "10.1.0.0/16"), selector(6, 65535, 0, "10.2.0.0/16"), protect(2));
        add(opaque);
        assertThat(lookup(fragment)).contains(opaque);
    }

    @Test
    void a_thousand_policies_are_asked_in_order_and_remembered() {
        List<PolicySpec> policies = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            policies.add(policy(i, "10.1.0.0/16", "10." + (i / 250 + 2) + "." + i % 250 + ".0/24", protect(i + 1)));
        }
        spd.change(new Spd.Change(List.of(), policies));
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 1000; i++) {
                byte[] packet = Packets.udp("10.1.0.1", "10." + (i / 250 + 2) + "." + i % 250 + ".9", 1, 2);
                assertThat(lookup(packet)).contains(policies.get(i));
            }
        }
        assertThat(spd.inForce()).hasSize(1000);
    }

    @Test
    void the_order_is_kept_over_thousands_of_changes() {
        Random random = new Random(1);
        List<PolicySpec> expected = new ArrayList<>();
        for (int i = 0; i < 6_000; i++) {
            boolean grows = random.nextInt(3_000) > i - 3_000;
            if (grows || expected.isEmpty()) {
                PolicySpec policy = policy(random.nextInt(900), "10.1.0.0/16", "10.2.0.0/16", protect(1 + random.nextInt(2)));
                int place = (int) expected.stream().filter(other -> other.priority() < policy.priority()).count();
                expected.add(place, policy);
                add(policy);
            } else {
                PolicySpec policy = expected.get(random.nextInt(expected.size()));
                expected.remove(policy);
                spd.change(new Spd.Change(List.of(policy), List.of()));
                assertThat(spd.contains(policy)).isEqualTo(expected.contains(policy));
            }
            if (i % 100 == 0) {
                assertThat(spd.ordered(Direction.OUT)).isEqualTo(expected);
            }
        }
        for (PolicySpec policy : List.copyOf(expected)) {
            spd.change(new Spd.Change(List.of(policy), List.of()));
        }
        assertThat(spd.all()).isEmpty();
    }

    @Test
    void more_flows_than_are_remembered_do_no_harm() {
        PolicySpec all = policy(1, "10.1.0.0/16", "10.2.0.0/16", protect(1));
        add(all);
        for (int i = 0; i < Spd.MOST_FLOWS + 10; i++) {
            assertThat(lookup(Packets.udp("10.1.0.1", "10.2.0.1", i & 0xffff, i >>> 16))).contains(all);
        }
    }
}
