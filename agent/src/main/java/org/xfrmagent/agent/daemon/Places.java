package org.xfrmagent.agent.daemon;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.SpdEntry;

/**
 * Where each policy stands in the data plane's SPD. Packets do not carry the labels by which peers tell children apart (RFC 9478), so
 * policies that differ in nothing else are one entry there, with one reqid: a packet may come through the SAs of any of them.
 */
final class Places {
    /** What the data plane tells policies of a peer by. */
    record Traffic(
            String peer, Selectors local, Selectors remote, Optional<String> device, Mode mode, Protocol protocol, Marks marks, InterfaceIds interfaceIds, SpdEntry spdEntry) {
        static Traffic of(Policy policy, Protect protect) {
            return new Traffic(protect.peer(), policy.match().local(), policy.match().remote(), policy.match().device(), protect.mode(), protect.protocol(),
                    protect.marks(), protect.interfaceIds(), protect.spdEntry());
        }
    }

    private final List<Integer> places;
    private final Set<Integer> shared = new HashSet<>();

    /** @param policies in the order of the SPD */
    Places(List<Policy> policies) {
        Map<Traffic, Integer> first = new HashMap<>();
        this.places = IntStream.range(0, policies.size()).mapToObj(i -> {
            if (!(policies.get(i).action() instanceof Protect protect)) {
                return i;
            }
            int place = first.computeIfAbsent(Traffic.of(policies.get(i), protect), _ -> i);
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

    /** Whether another policy stands at the same place. */
    boolean isShared(int index) {
        return shared.contains(places.get(index));
    }
}
