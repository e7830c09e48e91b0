package org.xfrmagent.policies.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Match;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Side;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * The packets of a match as pairs of selectors.
 *
 * @param pairs which together have every packet the match can have
 * @param hull around the pairs
 * @param exact whether they have no other
 */
record Flows(List<Pair> pairs, Hull hull, boolean exact) {
    /** Packets between two ends, of one family. */
    record Pair(TrafficSelector local, TrafficSelector remote) {
        boolean contains(Pair other) {
            return local.contains(other.local) && remote.contains(other.remote);
        }
    }

    /** @param peer whose addresses stand in for "own address" */
    static Flows of(Match match, Optional<Peer> peer) {
        List<TrafficSelector> local = widest(match.local(), peer.map(Peer::local));
        List<TrafficSelector> remote = widest(match.remote(), peer.map(Peer::remote));
        List<Pair> pairs = new ArrayList<>();
        for (TrafficSelector ours : local) {
            for (TrafficSelector theirs : remote) {
                if (ours.meets(theirs)) {
                    pairs.add(new Pair(ours, theirs));
                }
            }
        }
        // Of a side that asks for addresses only what those have: which, the peer says.
        boolean exact = peer.map(Peer::local).filter(side -> !side.virtualAddresses().isEmpty()).isEmpty() && known(match.local(), peer.map(Peer::local)) && known(match.remote(), peer.map(Peer::remote));
        return new Flows(List.copyOf(pairs), Hull.of(pairs), exact);
    }

    /** Whether every packet of {@code others} is certainly one of these. */
    boolean cover(Flows others) {
        return exact && !others.pairs.isEmpty()
                && others.pairs.stream().allMatch(other -> pairs.stream().anyMatch(pair -> pair.contains(other)));
    }

    private static List<TrafficSelector> widest(Selectors selectors, Optional<Side> side) {
        return switch (selectors) {
            case Selectors.Fixed fixed -> fixed.selectors();
            case Selectors.Dynamic dynamic -> {
                List<AddressRange> ranges = side.map(Side::addresses).orElse(List.of(Host.any())).stream()
                        .flatMap(host -> widest(host).stream()).toList();
                yield dynamic.upper().stream().flatMap(upper -> ranges.stream().map(upper::at)).toList();
            }
        };
    }

    private static List<AddressRange> widest(Host host) {
        return switch (host) {
            case Host.Address one -> List.of(AddressRange.of(one.address()));
            case Host.Range many -> List.of(many.range());
            case Host.DnsName _, Host.Any _ -> List.of(AddressRange.ALL_IPV4, AddressRange.ALL_IPV6);
        };
    }

    private static boolean known(Selectors selectors, Optional<Side> side) {
        return switch (selectors) {
            case Selectors.Fixed _ -> true;
            case Selectors.Dynamic _ -> side.isPresent() && side.get().addresses().stream().allMatch(Host.Address.class::isInstance);
        };
    }
}
