package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Routes;
import org.xfrmagent.policies.model.AddressRange;

/**
 * The routes into the TUN interface, in tables that rules lead to. Each has one behind it that leads nowhere and stays when the
 * interface dies with this program. All ranges are prefixes.
 */
final class TunRoutes {
    private static final int LAST_RESORT = Integer.MAX_VALUE;

    private final Routes kernel;
    private int link;
    /** By table and destination the address of this host that locally made packets have, if it has one there. */
    private final Map<Integer, Map<AddressRange, Optional<InetAddress>>> there = new HashMap<>();

    /** @param link index of the TUN interface */
    TunRoutes(Routes kernel, int link) {
        this.kernel = kernel;
        this.link = link;
    }

    /** Takes effect with {@link #repair}. */
    void leadInto(int other) {
        link = other;
    }

    int link() {
        return link;
    }

    /** How many destinations a table has. */
    int count(int table) {
        return there.getOrDefault(table, Map.of()).size();
    }

    void add(int table, Map<AddressRange, Optional<InetAddress>> wanted) throws IOException {
        Map<AddressRange, Optional<InetAddress>> routes = there.computeIfAbsent(table, _ -> new HashMap<>());
        for (Map.Entry<AddressRange, Optional<InetAddress>> entry : wanted.entrySet()) {
            if (!entry.getValue().equals(routes.get(entry.getKey()))) {
                kernel.replace(lastResort(table, entry.getKey()));
                kernel.replace(intoTun(table, entry.getKey(), entry.getValue()));
                routes.put(entry.getKey(), entry.getValue());
            }
        }
    }

    /** Takes away what is in none of these tables. */
    void retain(Map<Integer, Map<AddressRange, Optional<InetAddress>>> wanted) throws IOException {
        for (int table : Set.copyOf(there.keySet())) {
            Set<AddressRange> keep = wanted.getOrDefault(table, Map.of()).keySet();
            for (AddressRange destination : Set.copyOf(there.getOrDefault(table, Map.of()).keySet())) {
                if (!keep.contains(destination)) {
                    drop(table, destination);
                }
            }
        }
    }

    void drop(int table, AddressRange destination) throws IOException {
        Map<AddressRange, Optional<InetAddress>> routes = there.getOrDefault(table, new HashMap<>());
        delete(intoTun(table, destination, Optional.empty()));
        delete(lastResort(table, destination));
        routes.remove(destination);
        if (routes.isEmpty()) {
            there.remove(table);
        }
    }

    /** Deletes a route, which may be gone already: with an interface its routes go too. */
    void delete(Route route) throws IOException {
        try {
            kernel.delete(route);
        } catch (NetlinkException refused) {
            if (!refused.is(Errno.ESRCH) && !refused.is(Errno.ENOENT)) {
                throw refused;
            }
        }
    }

    /** Puts back what somebody removed or changed, and takes away what is in our tables and not from us: how many there were. */
    int repair() throws IOException {
        List<Route> wanted = new ArrayList<>();
        there.forEach((table, routes) -> routes.forEach((destination, hint) ->
                wanted.addAll(List.of(lastResort(table, destination), intoTun(table, destination, hint)))));
        RouteRepair repair = RouteRepair.of(wanted, kernel.list(there::containsKey));
        for (Route lacking : repair.lacking()) {
            kernel.replace(lacking);
        }
        for (Route stray : repair.strays()) {
            delete(stray);
        }
        return repair.lacking().size() + repair.strays().size();
    }

    private Route intoTun(int table, AddressRange destination, Optional<InetAddress> source) {
        Route route = Route.through(link, destination.from(), bits(destination), table);
        return source.map(route::withSource).orElse(route);
    }

    private static Route lastResort(int table, AddressRange destination) {
        return Route.to(Route.Type.UNREACHABLE, destination.from(), bits(destination), table).withMetric(LAST_RESORT);
    }

    private static int bits(AddressRange prefix) {
        return prefix.prefixLength().orElseThrow(() -> new IllegalArgumentException(prefix + " is no prefix"));
    }
}
