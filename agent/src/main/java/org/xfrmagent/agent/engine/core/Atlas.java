package org.xfrmagent.agent.engine.core;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;

/** Where each of many policies applies: of what a peer asks for, one or two of perhaps a thousand are to be looked at. */
final class Atlas {
    /** Fewer than these are not worth being fewer. */
    private static final int FEW = 32;
    private static final int MORE = 8;

    private final List<ChildProfile> policies;
    /** Those without addresses of their own: theirs are where the peer is. */
    private final List<Integer> anywhere;
    private final List<Territory> local;
    private final List<Territory> remote;

    /** @param policies in the order of the SPD */
    Atlas(List<ChildProfile> policies) {
        this.policies = policies;
        this.anywhere = IntStream.range(0, policies.size()).filter(place -> !isFixed(policies.get(place))).boxed().toList();
        this.local = territories(policies.stream().map(policy -> fixed(policy, policy.policy().match().local())).toList());
        this.remote = territories(policies.stream().map(policy -> fixed(policy, policy.policy().match().remote())).toList());
    }

    private static boolean isFixed(ChildProfile policy) {
        // Behind a NAT the addresses that transport mode is asked for are not those that it has here.
        return policy.protect().mode() == Mode.TUNNEL
                && policy.policy().match().local() instanceof Selectors.Fixed
                && policy.policy().match().remote() instanceof Selectors.Fixed;
    }

    private static List<TrafficSelector> fixed(ChildProfile policy, Selectors selectors) {
        return isFixed(policy) && selectors instanceof Selectors.Fixed(var all) ? all : List.of();
    }

    private static List<Territory> territories(List<List<TrafficSelector>> selectors) {
        return Arrays.stream(AddressFamily.values()).map(family -> Territory.of(family, selectors)).toList();
    }

    /** Those that may cover traffic between some of {@code ours} and some of {@code theirs}, in their order, and perhaps others. */
    List<ChildProfile> near(List<TrafficSelector> ours, List<TrafficSelector> theirs) {
        for (int most = FEW; most < policies.size(); most *= MORE) {
            int enough = most;
            Optional<List<Integer>> found = sharing(remote, theirs, enough).or(() -> sharing(local, ours, enough));
            if (found.isPresent()) {
                return Stream.concat(found.get().stream(), anywhere.stream()).collect(TreeSet<Integer>::new, TreeSet::add, TreeSet::addAll).stream()
                        .map(policies::get)
                        .toList();
            }
        }
        return policies;
    }

    private static Optional<List<Integer>> sharing(List<Territory> territories, List<TrafficSelector> selectors, int most) {
        List<Optional<List<Integer>>> each = territories.stream().map(territory -> territory.sharing(selectors, most)).toList();
        return each.stream().allMatch(Optional::isPresent)
                ? Optional.of(each.stream().flatMap(found -> found.stream().flatMap(List::stream)).toList())
                : Optional.empty();
    }
}
