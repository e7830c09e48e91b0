package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Which packets the kernel must route into the TUN interface, as the steps that the routing rules take in order. It goes by addresses
 * alone: a later fragment shows no ports, and behind a port rule it would leave in the clear. So more than the protected packets may
 * come into the interface, never fewer; the SPD there sends the rest on.
 *
 * @param steps the first whose source (and, for a pass, destination) covers the packet decides, unless its table has no route
 */
record SteeringPlan(List<Step> steps) {
    /** One rule. All ranges are prefixes. */
    sealed interface Step {
        AddressRange source();
    }

    /** Packets from {@code source} to one of {@code destinations} go into the interface. */
    record Into(AddressRange source, Set<AddressRange> destinations) implements Step {
        Into {
            destinations = new LinkedHashSet<>(destinations);
        }
    }

    /** Packets from {@code source} to {@code destination} are not for the interface, whatever the steps behind say. */
    record Past(AddressRange source, AddressRange destination) implements Step {}

    /** @param policies in the order they are asked; those of other directions are passed over */
    static SteeringPlan of(List<PolicySpec> policies) {
        List<Step> steps = new ArrayList<>();
        for (PolicySpec policy : Spd.inForce(policies)) {
            if (policy.direction() != Direction.OUT) {
                continue;
            }
            TrafficSelector from = policy.selectors().source();
            TrafficSelector to = policy.selectors().destination();
            switch (policy.verdict()) {
                case PolicySpec.Protect protect -> {
                    for (AddressRange source : from.range().toPrefixes()) {
                        into(steps, source, to.range().toPrefixes());
                    }
                }
                case PolicySpec.Bypass bypass -> {
                    if (isWhole(policy.selectors())) {
                        for (AddressRange source : from.range().toPrefixes()) {
                            to.range().toPrefixes().forEach(destination -> steps.add(new Past(source, destination)));
                        }
                    }
                }
                // The kernel's SPD drops these on their way into the interface.
                case PolicySpec.Discard discard -> {}
            }
        }
        while (!steps.isEmpty() && steps.getLast() instanceof Past) {
            steps.removeLast(); // Nothing follows that it could be past
        }
        return new SteeringPlan(List.copyOf(steps));
    }

    /** Whether a bypass lets everything by between its addresses; what is only a part of the flow is sorted out behind the interface. */
    static boolean isWhole(SelectorPair flow) {
        return flow.source().equals(TrafficSelector.of(flow.source().range())) && flow.destination().equals(TrafficSelector.of(flow.destination().range()));
    }

    /** Joins a step with the same source, unless a pass in between would then come too late. */
    private static void into(List<Step> steps, AddressRange source, List<AddressRange> destinations) {
        for (int i = steps.size() - 1; i >= 0; i--) {
            switch (steps.get(i)) {
                case Into same when same.source.equals(source) -> {
                    same.destinations.addAll(destinations);
                    return;
                }
                case Into other -> {}
                case Past past -> {
                    if (overlap(past.source, source) && destinations.stream().anyMatch(one -> overlap(past.destination, one))) {
                        steps.add(new Into(source, new LinkedHashSet<>(destinations)));
                        return;
                    }
                }
            }
        }
        steps.add(new Into(source, new LinkedHashSet<>(destinations)));
    }

    private static boolean overlap(AddressRange one, AddressRange other) {
        Optional<AddressRange> common = one.intersect(other);
        return common.isPresent();
    }
}
