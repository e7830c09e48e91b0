package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.policies.model.AddressRange;

/**
 * From which prefix to which the outbound policies lead packets into the TUN interface, and how many policies each pair has: so one
 * policy more or less is told without a look at the others. While none lets all packets by, this is all that a {@link SteeringPlan} says,
 * and perhaps a little more: a discard in front of an equal protect is passed over.
 */
final class LedPairs {
    /** From one prefix to another. */
    record Pair(AddressRange source, AddressRange destination) {}

    private final Map<Pair, Integer> policies = new HashMap<>();
    private int bypasses;

    /** Pairs that a change brings, and that it takes away. */
    record Difference(List<Pair> fresh, List<Pair> gone) {}

    void replace(List<PolicySpec> all) {
        policies.clear();
        bypasses = 0;
        var _ = change(new Spd.Change(List.of(), all));
    }

    /** Whether all packets between some prefixes are let by: then the order of all decides. */
    boolean isOrdered() {
        return bypasses > 0;
    }

    Difference change(Spd.Change change) {
        Map<Pair, Integer> before = new LinkedHashMap<>();
        change.removed().forEach(policy -> count(policy, -1, before));
        change.added().forEach(policy -> count(policy, 1, before));
        List<Pair> fresh = new ArrayList<>();
        List<Pair> gone = new ArrayList<>();
        before.forEach((pair, then) -> {
            boolean now = policies.containsKey(pair);
            if (now != then > 0) {
                (now ? fresh : gone).add(pair);
            }
        });
        return new Difference(fresh, gone);
    }

    private void count(PolicySpec policy, int more, Map<Pair, Integer> before) {
        if (policy.direction() != Direction.OUT) {
            return;
        }
        switch (policy.verdict()) {
            case PolicySpec.Bypass _ -> bypasses += SteeringPlan.isWhole(policy.selectors()) ? more : 0;
            case PolicySpec.Discard _ -> {}
            case PolicySpec.Protect _ -> {
                for (AddressRange source : policy.selectors().source().range().toPrefixes()) {
                    for (AddressRange destination : policy.selectors().destination().range().toPrefixes()) {
                        Pair pair = new Pair(source, destination);
                        before.putIfAbsent(pair, policies.getOrDefault(pair, 0));
                        policies.merge(pair, more, (was, by) -> was + by == 0 ? null : was + by);
                    }
                }
            }
        }
    }
}
