package org.xfrmagent.agent.daemon;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Traffic;

/**
 * Where each policy stands in the data plane's SPD: those of the same {@link Traffic} are one entry there, such as policies that differ in
 * their labels alone, which packets do not carry (RFC 9478), or in their peers, one of which stands in for the other.
 */
final class Places {
    private final List<Integer> places;
    private final Set<Integer> shared = new HashSet<>();

    /** @param policies in the order of the SPD */
    Places(List<Policy> policies) {
        Map<Traffic, Integer> first = new HashMap<>();
        this.places = IntStream.range(0, policies.size()).mapToObj(i -> {
            Optional<Traffic> traffic = Traffic.of(policies.get(i));
            if (traffic.isEmpty()) {
                return i;
            }
            int place = first.computeIfAbsent(traffic.get(), _ -> i);
            if (place != i) {
                shared.add(place);
            }
            return place;
        }).toList();
    }

    /** The index of the first policy for the same traffic: usually its own. */
    int of(int index) {
        return places.get(index);
    }

    /** The indexes of all policies for that traffic, in their order. */
    List<Integer> at(int place) {
        return shared.contains(place) ? IntStream.range(0, places.size()).filter(i -> places.get(i) == place).boxed().toList() : List.of(place);
    }

    /** Whether another policy stands at the same place. */
    boolean isShared(int index) {
        return shared.contains(places.get(index));
    }
}
