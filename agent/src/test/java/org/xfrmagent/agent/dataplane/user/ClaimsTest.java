package org.xfrmagent.agent.dataplane.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

/** A change told by what it touches leaves what the policies as a whole would: the fence, and which pairs are led into the interface. */
final class ClaimsTest {
    private static final int CHANGES = 2_000;
    private static final List<Direction> DIRECTIONS = List.of(Direction.values());
    private static final List<PolicySpec.Verdict> VERDICTS = List.of(
            new PolicySpec.Protect(Optional.empty(), Protocol.ESP, 7, OptionalInt.empty()),
            new PolicySpec.Protect(Optional.empty(), Protocol.ESP, 7, OptionalInt.of(0xc000_0001)),
            new PolicySpec.Discard(),
            new PolicySpec.Bypass());

    private static PolicySpec policy(Random random) {
        boolean ipv6 = random.nextInt(8) == 0;
        String net = ipv6 ? "2001:db8:%d::/48" : "10.%d.0.0/16";
        TrafficSelector source = TrafficSelector.of(AddressRange.parse(net.formatted(1 + random.nextInt(2))));
        TrafficSelector destination = TrafficSelector.of(AddressRange.parse(net.formatted(3 + random.nextInt(2))));
        int verdict = random.nextInt(16);
        return new PolicySpec(
                DIRECTIONS.get(random.nextInt(DIRECTIONS.size())), new SelectorPair(source, destination), 2000 + random.nextInt(3),
                VERDICTS.get(verdict < VERDICTS.size() ? verdict : verdict % 2), OptionalInt.empty());
    }

    /** Some policies come, some of those that are there go, as often as not an equal one with another SPI. */
    private static Spd.Change change(Random random, List<PolicySpec> all) {
        List<PolicySpec> removed = new ArrayList<>();
        List<PolicySpec> left = new ArrayList<>(all);
        for (int i = random.nextInt(4); i > 0 && !left.isEmpty(); i--) {
            removed.add(left.remove(random.nextInt(left.size())));
        }
        List<PolicySpec> added = new ArrayList<>();
        for (int i = random.nextInt(left.size() > 30 ? 2 : 4); i > 0; i--) {
            added.add(policy(random));
        }
        return new Spd.Change(removed, added);
    }

    private static Map<XfrmPolicy.Id, XfrmPolicy> held(Claims claims, Set<XfrmPolicy.Id> places) {
        Map<XfrmPolicy.Id, XfrmPolicy> held = new HashMap<>();
        places.forEach(place -> claims.wanted(place).ifPresent(policy -> held.put(place, policy)));
        return held;
    }

    private static Map<XfrmPolicy.Id, XfrmPolicy> whole(OptionalInt mark, List<PolicySpec> all) throws IOException {
        Claims claims = new Claims(mark);
        return held(claims, claims.replace(all));
    }

    @Test
    void theFenceAfterChangesIsTheFenceOfWhatIsThere() throws Exception {
        for (OptionalInt mark : List.of(OptionalInt.empty(), OptionalInt.of(1))) {
            Random random = new Random(1);
            Spd spd = new Spd();
            Claims claims = new Claims(mark);
            Map<XfrmPolicy.Id, XfrmPolicy> fence = new HashMap<>();
            int byWhatTheyTouch = 0;
            for (int i = 0; i < CHANGES; i++) {
                Spd.Change change = change(random, spd.all());
                spd.change(change);
                Optional<Set<XfrmPolicy.Id>> some = claims.change(change);
                byWhatTheyTouch += some.isPresent() ? 1 : 0;
                Set<XfrmPolicy.Id> touched = new LinkedHashSet<>(some.isPresent() ? some.get() : claims.replace(spd.all()));
                if (some.isEmpty()) {
                    touched.addAll(fence.keySet());
                }
                fence.keySet().removeAll(touched);
                fence.putAll(held(claims, touched));
                assertThat(fence).isEqualTo(whole(mark, spd.all()));
            }
            assertThat(byWhatTheyTouch).isGreaterThan(CHANGES / 2);
        }
    }

    @Test
    void thePairsAfterChangesAreThoseOfThePlan() {
        Random random = new Random(2);
        Spd spd = new Spd();
        LedPairs led = new LedPairs();
        Set<LedPairs.Pair> pairs = new HashSet<>();
        int unordered = 0;
        for (int i = 0; i < CHANGES; i++) {
            Spd.Change change = change(random, spd.all());
            spd.change(change);
            LedPairs.Difference difference = led.change(change);
            difference.gone().forEach(pair -> assertThat(pairs.remove(pair)).as("%s was there", pair).isTrue());
            difference.fresh().forEach(pair -> assertThat(pairs.add(pair)).as("%s is new", pair).isTrue());
            List<PolicySpec> all = spd.all();
            assertThat(led.isOrdered()).as("one that lets some ports by is of no account to the plan").isEqualTo(all.stream().anyMatch(each ->
                    each.direction() == Direction.OUT && each.verdict() instanceof PolicySpec.Bypass && SteeringPlan.isWhole(each.selectors())));
            if (!led.isOrdered()) {
                unordered++;
                assertThat(pairs).containsAll(planned(all));
                List<PolicySpec> protecting = all.stream().filter(each -> each.verdict() instanceof PolicySpec.Protect).toList();
                assertThat(pairs).isEqualTo(planned(protecting));
            }
        }
        assertThat(unordered).isPositive();
    }

    private static Set<LedPairs.Pair> planned(List<PolicySpec> policies) {
        Set<LedPairs.Pair> pairs = new HashSet<>();
        for (SteeringPlan.Step step : SteeringPlan.of(policies).steps()) {
            if (step instanceof SteeringPlan.Into(AddressRange source, Set<AddressRange> destinations)) {
                destinations.forEach(destination -> pairs.add(new LedPairs.Pair(source, destination)));
            }
        }
        return pairs;
    }
}
