package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Traffic;

/**
 * Where each policy stands in the data plane's SPD: those of the same {@link Traffic} are one entry there, such as policies that differ in
 * their labels alone, which packets do not carry (RFC 9478), or in their peers, one of which stands in for the other.
 */
final class Places {
    static final Places NONE = new Places();

    /** What tells a policy from others there, with its hash: of many policies most stay as they are, and are asked again and again. */
    private record Kind(Policy policy, Optional<Traffic> traffic, int hash) {
        static Kind of(Policy policy) {
            Optional<Traffic> traffic = Traffic.of(policy);
            return new Kind(policy, traffic, traffic.hashCode());
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return this == other || other instanceof Kind kind && hash == kind.hash && traffic.equals(kind.traffic);
        }
    }

    private final int[] places;
    private final Map<Integer, List<Integer>> shared = new HashMap<>();
    /** By the policies' names. */
    private final Map<String, Kind> kinds;
    private final Numbering numbering;

    private Places() {
        places = new int[0];
        kinds = Map.of();
        numbering = Numbering.NONE;
    }

    /** As if there had been none before. */
    Places(List<Policy> policies) {
        this(policies, NONE);
    }

    /**
     * @param policies in the order of the SPD
     * @param before in force until now: whoever can, keeps its priority
     */
    Places(List<Policy> policies, Places before) {
        this.kinds = new HashMap<>(2 * policies.size());
        this.places = new int[policies.size()];
        Map<Kind, Integer> first = new HashMap<>(2 * policies.size());
        for (int i = 0; i < places.length; i++) {
            Policy policy = policies.get(i);
            Kind known = before.kinds.get(policy.name());
            Kind kind = known != null && known.policy.equals(policy) ? known : Kind.of(policy);
            kinds.put(policy.name(), kind);
            Integer place = kind.traffic.isEmpty() ? null : first.putIfAbsent(kind, i);
            places[i] = place == null ? i : place;
            if (place != null) {
                shared.computeIfAbsent(place, _ -> new ArrayList<>(List.of(place))).add(i);
            }
        }
        this.numbering = Numbering.of(policies.stream().map(Policy::name).toList(), before.numbering);
    }

    /** The index of the first policy for the same traffic: usually its own. */
    int of(int index) {
        return places[index];
    }

    /** The indexes of all policies for that traffic, in their order. */
    List<Integer> at(int place) {
        return shared.getOrDefault(place, List.of(place));
    }

    /** Whether another policy stands at the same place. */
    boolean isShared(int index) {
        return shared.containsKey(places[index]);
    }

    /** The priority of the policy's entry. */
    int priority(int index) {
        return Priorities.base(numbering.number(places[index]));
    }
}
