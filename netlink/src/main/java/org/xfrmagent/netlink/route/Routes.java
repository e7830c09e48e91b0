package org.xfrmagent.netlink.route;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.netlink.StructWriter;

/** The routing tables of a namespace, and the question which way a packet would go. */
public final class Routes {
    /** How the kernel says that there is no way, by the type of the route it met. */
    private static final Set<String> NO_WAY = Set.of("ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL");

    private final NetlinkSocket socket;

    Routes(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** The routes of {@code table}, IPv4 and IPv6. */
    public List<Route> list(int table) throws IOException {
        return list(number -> number == table);
    }

    /** The routes of all tables with these numbers, IPv4 and IPv6. */
    public List<Route> list(IntPredicate tables) throws IOException {
        List<Route> routes = new ArrayList<>();
        StructWriter body = new StructWriter(12).zeros(12);
        for (NetlinkMessage message : socket.dump(new NetlinkRequest(Rtnetlink.GETROUTE, 0, body, "list routes"))) {
            int family = message.payload().u8();
            if (family == AddressFamily.INET.number() || family == AddressFamily.INET6.number()) {
                Route route = Route.read(message.payload());
                if (tables.test(route.table())) {
                    routes.add(route);
                }
            }
        }
        return routes;
    }

    /** Adds a route; EEXIST if there is one to the same prefix with the same metric. */
    public void add(Route route) throws IOException {
        socket.execute(addRequest(route));
    }

    static NetlinkRequest addRequest(Route route) {
        int flags = NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        return new NetlinkRequest(Rtnetlink.NEWROUTE, flags, route.body(false), "add " + route);
    }

    /** Adds a route, or replaces the one to the same prefix with the same metric. */
    public void replace(Route route) throws IOException {
        socket.execute(replaceRequest(route));
    }

    static NetlinkRequest replaceRequest(Route route) {
        int flags = NetlinkRequest.CREATE | NetlinkRequest.REPLACE;
        return new NetlinkRequest(Rtnetlink.NEWROUTE, flags, route.body(false), "replace " + route);
    }

    /** Deletes a route; ESRCH if there is none that agrees with what {@code route} says. */
    public void delete(Route route) throws IOException {
        socket.execute(new NetlinkRequest(Rtnetlink.DELROUTE, 0, route.body(true), "delete " + route));
    }

    /**
     * Which way a packet to {@code destination} would leave: interface, gateway and preferred source, as one route to this host.
     *
     * @param source the packet's source, if it is decided already
     * @return empty if there is no way
     */
    public Optional<Route> lookup(InetAddress destination, Optional<InetAddress> source) throws IOException {
        return lookup(destination, source, 0);
    }

    /** As {@link #lookup(InetAddress, Optional)}, for packets with a mark, which rules may send another way; 0 is none. */
    public Optional<Route> lookup(InetAddress destination, Optional<InetAddress> source, int mark) throws IOException {
        String subject = "look up the route to " + destination.getHostAddress();
        try {
            List<NetlinkMessage> answers =
                    socket.query(new NetlinkRequest(Rtnetlink.GETROUTE, 0, Route.lookup(destination, source, mark), subject));
            if (answers.isEmpty()) {
                return Optional.empty();
            }
            Route route = Route.read(answers.getFirst().payload());
            boolean leads = route.type() != Route.Type.BLACKHOLE
                    && route.type() != Route.Type.UNREACHABLE
                    && route.type() != Route.Type.PROHIBIT;
            return leads ? Optional.of(route) : Optional.empty();
        } catch (NetlinkException refused) {
            Errno errno = refused.errno();
            if (NO_WAY.contains(errno.name())) {
                return Optional.empty();
            }
            throw refused;
        }
    }
}
