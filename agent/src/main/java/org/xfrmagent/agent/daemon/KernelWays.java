package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.route.InterfaceAddress;
import org.xfrmagent.netlink.route.Link;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.netlink.route.Rule;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.XfrmInterface;

/**
 * Interfaces and routes in the kernel. Nothing is remembered: what is ours says so itself (an interface by its alias, a route by its
 * protocol number), so that a successor finds what a killed predecessor left, keeps what is still wanted without a gap, and removes
 * the rest. An interface with the right id that somebody else made is used and left alone.
 *
 * <pre>
 *   rule 220: table 220      before the main table; the table has nothing but what policies name
 *   table 220   PREFIX dev NAME [src OURS]
 *               blackhole PREFIX metric {@value #LAST_RESORT}     in force when the interface is gone or down: never in the clear
 *               throw PEER
 * </pre>
 */
final class KernelWays {
    /** charon's habit, too. */
    static final int TABLE = 220;

    private static final int RULE_PRIORITY = 220;
    private static final String ALIAS = "made by xfrm-agent";
    /** In the range that nobody has registered. */
    private static final int PROTOCOL = 197;

    private static final int LAST_RESORT = 2_000_000_000;
    /** The kernel's own metric for IPv6 routes that ask for none. */
    private static final int USUAL_IPV6_METRIC = 1024;

    private final Rtnetlink rtnetlink;
    private final EventLog log;

    KernelWays(Rtnetlink rtnetlink, EventLog log) {
        this.rtnetlink = rtnetlink;
        this.log = log;
    }

    /** This host's addresses. */
    List<InetAddress> addresses() {
        try {
            return rtnetlink.addresses().list().stream().map(InterfaceAddress::address).toList();
        } catch (IOException unreadable) {
            log.error("routes", "the addresses of this host cannot be read: " + unreadable.getMessage());
            return List.of();
        }
    }

    /**
     * Makes the kernel have what is wanted, and nothing else of ours: new things before old ones go.
     *
     * @throws DataPlaneException with a sentence; what was there before is still there
     */
    synchronized void replace(Ways wanted) throws DataPlaneException {
        List<Link> made = new ArrayList<>();
        try {
            Map<String, Link> links = interfaces(wanted.interfaces(), made);
            routes(wanted.routes(), links);
            for (Link link : rtnetlink.links().list()) {
                boolean kept = links.values().stream().anyMatch(other -> other.index() == link.index());
                if (isOurs(link) && !kept) {
                    rtnetlink.links().delete(link.index());
                    log.notice("interfaces", "removed " + link.name());
                }
            }
        } catch (IOException refused) {
            made.forEach(link -> tolerating(() -> rtnetlink.links().delete(link.index())));
            throw new DataPlaneException("interfaces and routes cannot be made: " + refused.getMessage(), refused);
        } catch (DataPlaneException impossible) {
            made.forEach(link -> tolerating(() -> rtnetlink.links().delete(link.index())));
            throw impossible;
        }
    }

    private static boolean isOurs(Link link) {
        return link.kind().equals("xfrm") && link.alias().equals(ALIAS);
    }

    private Map<String, Link> interfaces(List<XfrmInterface> wanted, List<Link> made) throws IOException, DataPlaneException {
        Map<String, Link> links = new HashMap<>();
        if (wanted.isEmpty()) {
            return links;
        }
        List<Link> present = rtnetlink.links().list();
        for (XfrmInterface each : wanted) {
            int lower = each.device().isPresent() ? index(each.device().get(), each) : 0;
            Optional<Link> found = present.stream()
                    .filter(link -> link.kind().equals("xfrm") && link.interfaceId() == each.id())
                    .findFirst();
            if (found.isPresent() && isOurs(found.get()) && !(found.get().name().equals(each.name()) && found.get().lower() == lower)) {
                // Neither can be changed. Meanwhile its packets fall through to the blackholes.
                rtnetlink.links().delete(found.get().index());
                found = Optional.empty();
            }
            Link link = found.isPresent() ? found.get() : make(each, lower, made);
            if (isOurs(link)) {
                if (each.mtu() != 0 && link.mtu() != each.mtu()) {
                    rtnetlink.links().setMtu(link.index(), each.mtu());
                }
                if (!link.up()) {
                    rtnetlink.links().setUp(link.index(), true);
                }
            }
            links.put(each.name(), link);
        }
        return links;
    }

    private int index(String device, XfrmInterface wanted) throws IOException, DataPlaneException {
        return rtnetlink.links().find(device).map(Link::index).orElseThrow(() -> new DataPlaneException(
                "interface " + wanted.name() + " cannot be made: its device is '" + device + "', and there is no such interface"));
    }

    private Link make(XfrmInterface wanted, int lower, List<Link> made) throws IOException, DataPlaneException {
        try {
            rtnetlink.links().addXfrm(wanted.name(), wanted.id(), lower);
        } catch (NetlinkException refused) {
            if (refused.is(Errno.EOPNOTSUPP)) {
                throw new DataPlaneException("interface " + wanted.name() + " cannot be made: this kernel has no xfrm interfaces"
                        + " (CONFIG_XFRM_INTERFACE)", refused);
            }
            if (refused.is(Errno.EEXIST)) {
                throw new DataPlaneException("interface " + wanted.name() + " cannot be made: another interface has this name", refused);
            }
            throw refused;
        }
        Link link = rtnetlink.links().find(wanted.name()).orElseThrow(() -> new IOException(wanted.name() + " vanished at once"));
        made.add(link);
        rtnetlink.links().setAlias(link.index(), ALIAS);
        log.notice("interfaces", "made " + wanted.name() + " with id " + Integer.toUnsignedString(wanted.id()));
        return rtnetlink.links().find(wanted.name()).orElse(link);
    }

    private void routes(List<Ways.Way> ways, Map<String, Link> links) throws IOException {
        Set<Route> wanted = new LinkedHashSet<>();
        for (Ways.Way way : ways) {
            switch (way) {
                case Ways.Into(AddressRange prefix, String name, Optional<InetAddress> source) -> {
                    Optional.ofNullable(links.get(name))
                            .map(link -> Route.through(link.index(), prefix.from(), bits(prefix), TABLE))
                            .map(route -> source.isPresent() ? route.withSource(source.get()) : route)
                            .ifPresent(route -> wanted.add(ours(route)));
                    wanted.add(ours(Route.to(Route.Type.BLACKHOLE, prefix.from(), bits(prefix), TABLE).withMetric(LAST_RESORT)));
                }
                case Ways.Along(AddressRange prefix, InetAddress peer, InetAddress source) -> {
                    Optional<Route> there = rtnetlink.routes().lookup(peer, Optional.empty());
                    if (there.isPresent() && there.get().link() != 0) {
                        Route route = Route.through(there.get().link(), prefix.from(), bits(prefix), TABLE).withSource(source);
                        wanted.add(ours(there.get().gateway().isPresent() ? route.withGateway(there.get().gateway().get()) : route));
                    }
                }
                case Ways.Past(AddressRange prefix) -> wanted.add(ours(Route.to(Route.Type.THROW, prefix.from(), bits(prefix), TABLE)));
            }
        }
        List<Route> present = rtnetlink.routes().list(TABLE).stream().filter(route -> route.protocol() == PROTOCOL).toList();
        for (Route route : wanted) {
            if (!present.contains(route)) {
                rtnetlink.routes().replace(route);
            }
        }
        rules(wanted);
        for (Route route : present) {
            boolean replaced = wanted.stream().anyMatch(other -> isSamePlace(other, route));
            if (!replaced) {
                tolerating(() -> rtnetlink.routes().delete(route));
            }
        }
        if (wanted.isEmpty() && !present.isEmpty()) {
            withoutRules();
        }
    }

    /** The kernel has one route for each of these. */
    private static boolean isSamePlace(Route one, Route other) {
        return one.destination().equals(other.destination()) && one.prefix() == other.prefix() && one.metric() == other.metric();
    }

    private static Route ours(Route route) {
        boolean usual = route.metric() == 0 && AddressFamily.of(route.destination()) == AddressFamily.INET6;
        return (usual ? route.withMetric(USUAL_IPV6_METRIC) : route).withProtocol(PROTOCOL);
    }

    private static int bits(AddressRange prefix) {
        return prefix.prefixLength().orElseThrow(() -> new IllegalStateException(prefix + " is no prefix"));
    }

    private void rules(Set<Route> wanted) throws IOException {
        for (AddressFamily family : AddressFamily.values()) {
            Rule rule = Rule.of(family, RULE_PRIORITY, TABLE);
            boolean needed = wanted.stream().anyMatch(route -> AddressFamily.of(route.destination()) == family);
            if (needed && !rtnetlink.rules().list(family).contains(rule)) {
                rtnetlink.rules().add(rule);
            }
        }
    }

    /** Whoever leaves the table last takes the rule along: nobody can tell who made it. */
    private void withoutRules() throws IOException {
        if (rtnetlink.routes().list(TABLE).isEmpty()) {
            for (AddressFamily family : AddressFamily.values()) {
                tolerating(() -> rtnetlink.rules().delete(Rule.of(family, RULE_PRIORITY, TABLE)));
            }
        }
    }

    @FunctionalInterface
    private interface Call {
        void run() throws IOException;
    }

    /** What is to be removed may be gone already. */
    private void tolerating(Call call) {
        try {
            call.run();
        } catch (NetlinkException gone) {
            if (!gone.is(Errno.ESRCH) && !gone.is(Errno.ENODEV) && !gone.is(Errno.ENOENT)) {
                log.error("routes", String.valueOf(gone.getMessage()));
            }
        } catch (IOException failed) {
            log.error("routes", String.valueOf(failed.getMessage()));
        }
    }
}
