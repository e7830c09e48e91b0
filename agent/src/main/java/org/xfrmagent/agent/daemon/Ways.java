package org.xfrmagent.agent.daemon;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Mode;
import org.xfrmagent.policies.model.Policy;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.RouteChoice;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.TrafficSelector;
import org.xfrmagent.policies.model.XfrmInterface;

/**
 * What the policies want of interfaces and routes.
 *
 * @param interfaces to be there
 * @param routes by which packets come to the policies
 */
record Ways(List<XfrmInterface> interfaces, List<Way> routes) {
    static final Ways NONE = new Ways(List.of(), List.of());

    Ways {
        interfaces = List.copyOf(interfaces);
        routes = List.copyOf(routes);
    }

    /** A route of the agent's table. */
    sealed interface Way {
        AddressRange prefix();
    }

    /** Through an XFRM interface. While it is not there, nowhere: what it should carry must not leave in the clear instead. */
    record Into(AddressRange prefix, String name, Optional<InetAddress> source) implements Way {}

    /** The way that {@code peer} is reached, but from an address that the policy covers. */
    record Along(AddressRange prefix, InetAddress peer, InetAddress source) implements Way {}

    /** On with the other tables: the peer's own address, or it would be sought in the tunnel to it, and what a bypass names. */
    record Past(AddressRange prefix) implements Way {}

    /**
     * @param ends where peers are reached, by name
     * @param own this host's addresses
     */
    static Ways of(PolicySet policies, Map<String, Ends> ends, Collection<InetAddress> own) {
        Set<XfrmInterface> interfaces = new LinkedHashSet<>();
        Set<Way> routes = new LinkedHashSet<>();
        List<Policy> all = policies.policies();
        for (int i = 0; i < all.size(); i++) {
            switch (all.get(i).action()) {
                case Protect protect -> {
                    protect.ownInterface().ifPresent(interfaces::add);
                    if (isRouted(protect)) {
                        route(all.get(i), protect, Optional.ofNullable(ends.get(protect.peer())), own, routes);
                    }
                }
                case Action.Bypass _ -> past(all.get(i), all.subList(i + 1, all.size()), routes);
                case Action.Discard _ -> {}
            }
        }
        return new Ways(List.copyOf(interfaces), List.copyOf(routes));
    }

    private static boolean isRouted(Protect protect) {
        return protect.routes() == RouteChoice.AUTO && protect.mode() == Mode.TUNNEL;
    }

    private static void route(Policy policy, Protect protect, Optional<Ends> ends, Collection<InetAddress> own, Set<Way> routes) {
        Optional<InetAddress> source = own.stream().filter(address -> covers(policy.match().local(), address)).findFirst();
        for (AddressRange prefix : prefixes(policy.match().remote())) {
            // One way for both families needs a source of the right one.
            Optional<InetAddress> fitting = source.filter(address -> AddressRange.of(address).family() == prefix.family());
            if (protect.ownInterface().isPresent()) {
                routes.add(new Into(prefix, protect.ownInterface().get().name(), fitting));
                ends.map(Ends::remote).filter(prefix::contains).ifPresent(peer -> routes.add(new Past(AddressRange.of(peer))));
            } else if (protect.interfaceIds().out().isEmpty() && fitting.isPresent() && ends.isPresent()
                    && AddressRange.of(ends.get().remote()).family() == prefix.family()) {
                routes.add(new Along(prefix, ends.get().remote(), fitting.get()));
            }
        }
    }

    private static boolean covers(Selectors local, InetAddress address) {
        return local instanceof Selectors.Fixed(List<TrafficSelector> fixed)
                && fixed.stream().anyMatch(selector -> selector.range().contains(address));
    }

    /** The default route as two halves: it then goes before the default route of the same table, and replaces nobody's. */
    private static List<AddressRange> prefixes(Selectors remote) {
        Set<AddressRange> prefixes = new LinkedHashSet<>();
        if (remote instanceof Selectors.Fixed(List<TrafficSelector> fixed)) {
            for (TrafficSelector selector : fixed) {
                prefixes.addAll(halved(selector.range().toPrefixes()));
            }
        }
        return List.copyOf(prefixes);
    }

    /** The same prefixes, but everything as two halves. */
    static List<AddressRange> halved(List<AddressRange> prefixes) {
        return prefixes.stream().flatMap(prefix -> prefix.isEverything() ? halves(prefix).stream() : Stream.of(prefix)).toList();
    }

    private static List<AddressRange> halves(AddressRange everything) {
        byte[] middle = everything.from().getAddress();
        middle[0] = (byte) 0x80;
        return List.of(
                AddressRange.prefix(everything.from(), 1), AddressRange.prefix(Ip.of(middle), 1));
    }

    /** A bypass that comes before a routed policy keeps its packets off that one's route; one for some ports only cannot. */
    private static void past(Policy bypass, List<Policy> later, Set<Way> routes) {
        if (!(bypass.match().remote() instanceof Selectors.Fixed(List<TrafficSelector> fixed))
                || !fixed.stream().allMatch(selector -> selector.equals(TrafficSelector.of(selector.range())))) {
            return;
        }
        List<AddressRange> routed = new ArrayList<>();
        for (Policy policy : later) {
            if (policy.action() instanceof Protect protect && isRouted(protect)) {
                routed.addAll(prefixes(policy.match().remote()));
            }
        }
        prefixes(bypass.match().remote()).stream()
                .filter(prefix -> routed.stream().anyMatch(other -> other.intersect(prefix).isPresent()))
                .forEach(prefix -> routes.add(new Past(prefix)));
    }
}
