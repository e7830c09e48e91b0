package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.route.InterfaceAddress;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.netlink.route.Rule;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;

/**
 * Addresses that peers have given this host: each on the link by which its peer is reached, with the routes that make programs use it
 * for what is behind the peer. What is ours says so in the kernel, by its protocol number, so that what a killed predecessor left is
 * found and removed.
 *
 * <pre>
 *   10.3.0.1/32 dev eth0                        the address
 *   rule 220: table 220                         if the data plane has no routes of its own
 *   table 220   10.2.0.0/16 via GATEWAY dev eth0 src 10.3.0.1
 *               throw PEER                      its own packets are not for the tunnel to it
 * </pre>
 */
final class VirtualAddresses implements JobRunner.OwnAddresses, AutoCloseable {
    /** In the range that nobody has registered, and other than that of {@link KernelWays}, whose routes come and go with the policies. */
    private static final int PROTOCOL = 198;

    private static final int RULE_PRIORITY = 220;

    private record Held(InterfaceAddress address, boolean ours, List<Route> routes, int sessions) {}

    private final Rtnetlink rtnetlink;
    private final EventLog log;
    private final int mark;
    private final boolean routed;
    private final Map<InetAddress, Held> held = new HashMap<>();

    /**
     * @param mark of our own packets, which the userspace plane's routes let pass; 0 for none
     * @param routed whether packets come to the tunnel by routes of ours; the userspace plane has its own
     */
    VirtualAddresses(Rtnetlink rtnetlink, EventLog log, int mark, boolean routed) {
        this.rtnetlink = rtnetlink;
        this.log = log;
        this.mark = mark;
        this.routed = routed;
    }

    /** Removes what a predecessor that was killed has left. */
    synchronized void forgetPredecessor() throws IOException {
        for (InterfaceAddress address : rtnetlink.addresses().list()) {
            if (address.protocol() == PROTOCOL) {
                tolerating(() -> rtnetlink.addresses().delete(address));
            }
        }
        for (Route route : rtnetlink.routes().list(KernelWays.TABLE)) {
            if (route.protocol() == PROTOCOL) {
                tolerating(() -> rtnetlink.routes().delete(route));
            }
        }
    }

    synchronized boolean holds(InetAddress address) {
        return held.containsKey(address);
    }

    @Override
    public synchronized void take(List<InetAddress> addresses, InetAddress gateway, List<AddressRange> behind) throws IOException {
        Set<AddressFamily> led = EnumSet.noneOf(AddressFamily.class);
        for (int i = 0; i < addresses.size(); i++) {
            try {
                // There is one way to each network: it is the first address of a family that packets without one get.
                take(addresses.get(i), gateway, led.add(AddressFamily.of(addresses.get(i))) ? behind : List.of());
            } catch (IOException refused) {
                giveBack(addresses.subList(0, i));
                throw refused;
            }
        }
    }

    /**
     * One more session has the address, reached as the youngest of them reaches its peer; an address that this host has already, by
     * whomever, is used and left alone.
     */
    private void take(InetAddress address, InetAddress gateway, List<AddressRange> everythingBehind) throws IOException {
        List<AddressRange> behind = everythingBehind.stream().filter(range -> range.family() == AddressRange.of(address).family()).toList();
        Optional<Held> there = Optional.ofNullable(held.get(address));
        if (there.isPresent()) {
            takeAgain(address, there.get(), gateway, behind);
            return;
        }
        Route way = way(gateway);
        boolean known = rtnetlink.addresses().list().stream().anyMatch(other -> other.address().equals(address));
        InterfaceAddress ours = InterfaceAddress.host(address, way.link()).withProtocol(PROTOCOL);
        if (!known) {
            rtnetlink.addresses().add(ours);
        }
        List<Route> routes = new ArrayList<>();
        held.put(address, new Held(ours, !known, routes, 1));
        try {
            if (routed) {
                route(address, gateway, behind, way, routes);
            }
        } catch (IOException refused) {
            giveBack(address);
            throw refused;
        }
        log.notice("addresses", "this host has the address " + Ip.text(address));
    }

    private Route way(InetAddress gateway) throws IOException {
        return rtnetlink.routes().lookup(gateway, Optional.empty(), mark)
                .filter(route -> route.link() != 0)
                .orElseThrow(() -> new IOException("there is no route to " + Ip.text(gateway)));
    }

    private void takeAgain(InetAddress address, Held there, InetAddress gateway, List<AddressRange> behind) throws IOException {
        // Ours lead to where the peer was: they would be found for where it is.
        there.routes.forEach(route -> tolerating(() -> rtnetlink.routes().delete(route)));
        there.routes.clear();
        Route way = way(gateway);
        InterfaceAddress moved = InterfaceAddress.host(address, way.link()).withProtocol(PROTOCOL);
        if (there.ours && moved.link() != there.address.link()) {
            rtnetlink.addresses().add(moved);
            tolerating(() -> rtnetlink.addresses().delete(there.address));
        }
        InterfaceAddress now = there.ours ? moved : there.address;
        held.put(address, new Held(now, there.ours, there.routes, there.sessions));
        if (routed) {
            route(address, gateway, behind, way, there.routes);
        }
        held.put(address, new Held(now, there.ours, there.routes, there.sessions + 1));
    }

    private void route(InetAddress address, InetAddress gateway, List<AddressRange> behind, Route way, List<Route> routes) throws IOException {
        for (AddressRange range : behind) {
            for (AddressRange prefix : Ways.halved(range.toPrefixes())) {
                Route through = Route.through(way.link(), prefix.from(), prefix.prefixLength().orElseThrow(), KernelWays.TABLE)
                        .withSource(address)
                        .withProtocol(PROTOCOL);
                // A packet of the other family than its tunnel finds the next hop when it is in the tunnel.
                add(way.gateway().filter(hop -> AddressFamily.of(hop) == AddressFamily.of(address)).map(through::withGateway).orElse(through), routes);
            }
            if (range.contains(AddressRange.of(gateway))) {
                AddressRange peer = AddressRange.of(gateway);
                add(Route.to(Route.Type.THROW, peer.from(), peer.prefixLength().orElseThrow(), KernelWays.TABLE).withProtocol(PROTOCOL), routes);
            }
        }
        Rule rule = Rule.of(AddressFamily.of(address), RULE_PRIORITY, KernelWays.TABLE);
        if (!routes.isEmpty() && !rtnetlink.rules().list(rule.family()).contains(rule)) {
            rtnetlink.rules().add(rule);
        }
    }

    private void add(Route route, List<Route> routes) throws IOException {
        rtnetlink.routes().replace(route);
        routes.add(route);
    }

    /** One session less has the addresses; with the last they go. */
    @Override
    public synchronized void giveBack(List<InetAddress> addresses) {
        addresses.forEach(this::giveBack);
    }

    private void giveBack(InetAddress address) {
        Optional<Held> there = Optional.ofNullable(held.get(address));
        if (there.isEmpty()) {
            return;
        }
        if (there.get().sessions > 1) {
            held.put(address, new Held(there.get().address, there.get().ours, there.get().routes, there.get().sessions - 1));
            return;
        }
        held.remove(address);
        there.get().routes.forEach(route -> tolerating(() -> rtnetlink.routes().delete(route)));
        if (there.get().ours) {
            tolerating(() -> rtnetlink.addresses().delete(there.get().address));
            log.notice("addresses", "this host has the address " + Ip.text(address) + " no more");
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
            if (!gone.is(Errno.ESRCH) && !gone.is(Errno.ENODEV) && !gone.is(Errno.ENOENT) && !gone.is(Errno.EADDRNOTAVAIL)) {
                log.error("addresses", String.valueOf(gone.getMessage()));
            }
        } catch (IOException failed) {
            log.error("addresses", String.valueOf(failed.getMessage()));
        }
    }

    @Override
    public synchronized void close() {
        held.replaceAll((_, there) -> new Held(there.address, there.ours, there.routes, 1));
        List.copyOf(held.keySet()).forEach(this::giveBack);
    }
}
