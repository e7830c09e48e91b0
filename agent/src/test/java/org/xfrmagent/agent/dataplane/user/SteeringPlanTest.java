package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

class SteeringPlanTest {
    private static final PolicySpec.Verdict PROTECT =
            new PolicySpec.Protect(Optional.empty(), Protocol.ESP, 1, OptionalInt.empty());

    private static PolicySpec policy(PolicySpec.Verdict verdict, String from, String to) {
        return new PolicySpec(
                Direction.OUT,
                new SelectorPair(TrafficSelector.of(AddressRange.parse(from)), TrafficSelector.of(AddressRange.parse(to))), 1, verdict,
                OptionalInt.empty());
    }

    private static SteeringPlan.Into into(String from, String... to) {
        return new SteeringPlan.Into(
                AddressRange.parse(from), new LinkedHashSet<>(Arrays.stream(to).map(AddressRange::parse).toList()));
    }

    private static SteeringPlan.Past past(String from, String to) {
        return new SteeringPlan.Past(AddressRange.parse(from), AddressRange.parse(to));
    }

    @Test
    void policies_with_the_same_local_side_share_a_table() {
        assertThat(SteeringPlan.of(List.of(
                        policy(PROTECT, "10.1.0.0/16", "10.2.0.0/16"), policy(PROTECT, "10.9.0.0/16", "10.2.0.0/16"),
                        policy(PROTECT, "10.1.0.0/16", "10.3.0.0/16"))).steps())
                .containsExactly(into("10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"), into("10.9.0.0/16", "10.2.0.0/16"));
    }

    @Test
    void a_bypass_stands_in_front_of_what_it_is_taken_out_of() {
        assertThat(SteeringPlan.of(List.of(
                        policy(PROTECT, "10.1.0.0/16", "10.3.0.0/16"), policy(new PolicySpec.Bypass(), "10.1.0.0/16", "10.2.5.0/24"),
                        policy(PROTECT, "10.1.0.0/16", "10.2.0.0/16"))).steps())
                .containsExactly(into("10.1.0.0/16", "10.3.0.0/16"), past("10.1.0.0/16", "10.2.5.0/24"), into("10.1.0.0/16", "10.2.0.0/16"));
    }

    @Test
    void a_bypass_that_nothing_follows_needs_no_rule() {
        assertThat(SteeringPlan.of(List.of(
                        policy(PROTECT, "10.1.0.0/16", "10.2.0.0/16"), policy(new PolicySpec.Bypass(), "0.0.0.0/0", "0.0.0.0/0"))).steps())
                .containsExactly(into("10.1.0.0/16", "10.2.0.0/16"));
    }

    @Test
    void ranges_become_prefixes() {
        assertThat(SteeringPlan.of(List.of(policy(PROTECT, "10.1.0.0/16", "10.2.0.1-10.2.0.3"))).steps())
                .containsExactly(into("10.1.0.0/16", "10.2.0.1/32", "10.2.0.2/31"));
    }

    @Provide
    Arbitrary<List<PolicySpec>> policies() {
        Arbitrary<String> nets = Arbitraries.of(
                "10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/17", "10.1.1.0/24", "10.2.0.0/16", "10.2.1.0/24", "10.2.1.1/32", "0.0.0.0/0");
        Arbitrary<PolicySpec.Verdict> verdicts = Arbitraries.of(PROTECT, PROTECT, new PolicySpec.Bypass(), new PolicySpec.Discard());
        return Combinators.combine(verdicts, nets, nets).as(SteeringPlanTest::policy).list().ofMaxSize(8);
    }

    /** What matters: a protected packet is always led in; and one that a whole bypass covers never is. */
    @Property
    void leads_in_what_is_protected_and_nothing_that_is_let_by(@ForAll("policies") List<PolicySpec> policies) {
        SteeringPlan plan = SteeringPlan.of(policies);
        Spd spd = new Spd();
        List<PolicySpec> numbered = new ArrayList<>();
        for (PolicySpec policy : policies) {
            numbered.add(new PolicySpec(
                    Direction.OUT, policy.selectors(), numbered.size(), policy.verdict(), OptionalInt.empty()));
        }
        spd.change(new Spd.Change(List.of(), numbered));
        for (String from : List.of("10.1.0.1", "10.1.200.1", "10.1.1.1", "10.2.1.1", "192.0.2.1")) {
            for (String to : List.of("10.2.1.1", "10.2.1.2", "10.2.9.9", "10.1.0.1", "8.8.8.8")) {
                byte[] octets = Packets.udp(from, to, 1, 2);
                PacketSelectors packet = PacketSelectors.of(octets, 0, octets.length).orElseThrow();
                Optional<PolicySpec.Verdict> verdict = spd.lookup(Direction.OUT, packet).map(PolicySpec::verdict);
                boolean ledIn = ledIn(plan, packet);
                if (verdict.isPresent() && verdict.get() instanceof PolicySpec.Protect) {
                    assertThat(ledIn).as("%s in %s", packet, plan).isTrue();
                } else if (verdict.isEmpty() || verdict.get() instanceof PolicySpec.Bypass) {
                    assertThat(ledIn).as("%s in %s", packet, plan).isFalse();
                }
            }
        }
    }

    /** As the kernel goes through the rules. */
    private static boolean ledIn(SteeringPlan plan, PacketSelectors packet) {
        for (SteeringPlan.Step step : plan.steps()) {
            if (step.source().contains(packet.source())) {
                switch (step) {
                    case SteeringPlan.Past past when past.destination().contains(packet.destination()) -> {
                        return false;
                    }
                    case SteeringPlan.Past past -> {}
                    case SteeringPlan.Into into -> {
                        if (into.destinations().stream().anyMatch(destination -> destination.contains(packet.destination()))) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }
}
