package org.xfrmagent.agent.dataplane.user;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.xfrmagent.netlink.route.Route;

/**
 * What makes the plane's routing tables what they should be again. They are its own alone: what else is in them leads past the
 * interface.
 *
 * @param lacking to be put in place, whatever is in that place now
 * @param strays to be deleted
 */
record RouteRepair(List<Route> lacking, List<Route> strays) {
    /** The kernel's own for routes that ask for none. */
    private static final int IPV6_METRIC = 1024;

    private record Place(int table, InetAddress destination, int prefix, int metric) {
        static Place of(Route route) {
            int metric = route.metric() == 0 && route.destination() instanceof Inet6Address ? IPV6_METRIC : route.metric();
            return new Place(route.table(), route.destination(), route.prefix(), metric);
        }
    }

    static RouteRepair of(List<Route> wanted, List<Route> found) {
        Map<Place, List<Route>> there = found.stream().collect(Collectors.groupingBy(Place::of));
        List<Route> lacking = new ArrayList<>();
        for (Route route : wanted) {
            List<Route> inPlace = Optional.ofNullable(there.remove(Place.of(route))).orElse(List.of());
            if (inPlace.stream().noneMatch(other -> isSame(route, other))) {
                lacking.add(route);
            }
        }
        return new RouteRepair(List.copyOf(lacking), there.values().stream().flatMap(List::stream).toList());
    }

    private static boolean isSame(Route wanted, Route found) {
        // What leads nowhere leads through lo, says IPv6.
        boolean sameWay = wanted.type() != Route.Type.UNICAST || wanted.link() == found.link() && wanted.source().equals(found.source());
        return wanted.type() == found.type() && found.gateway().isEmpty() && sameWay;
    }
}
