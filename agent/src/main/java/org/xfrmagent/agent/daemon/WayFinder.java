package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Result.Standing;
import org.xfrmagent.agent.engine.core.Way;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.route.InterfaceAddress;
import org.xfrmagent.netlink.route.Link;
import org.xfrmagent.netlink.route.Route;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Peer;

/**
 * Between which addresses can a peer be reached? Ours are those that stand on a link that works and that the policy allows; the
 * kernel's routes say whether, and from which of them preferably, a packet would leave.
 */
final class WayFinder implements JobRunner.WayLookup {
    private final Rtnetlink rtnetlink;
    private final int mark;
    private final Predicate<InetAddress> virtual;

    /**
     * @param mark of our own packets, which the userspace plane's routes let pass; 0 for none
     * @param virtual addresses inside tunnels, at which no peer reaches us
     */
    WayFinder(Rtnetlink rtnetlink, int mark, Predicate<InetAddress> virtual) {
        this.rtnetlink = rtnetlink;
        this.mark = mark;
        this.virtual = virtual;
    }

    @Override
    public Result.WaysFound find(Job.FindWays job) throws IOException {
        List<InterfaceAddress> all = rtnetlink.addresses().list();
        List<InterfaceAddress> usable = usable(all, job.peer());
        List<Way> ways = new ArrayList<>();
        for (InetAddress remote : job.remotes()) {
            AddressFamily family = AddressFamily.of(remote);
            Optional<InetAddress> preferred = rtnetlink.routes().lookup(remote, Optional.empty(), mark).flatMap(Route::source);
            List<InterfaceAddress> candidates = new ArrayList<>(usable);
            candidates.removeIf(candidate -> AddressFamily.of(candidate.address()) != family);
            candidates.sort(Comparator.comparing(InterfaceAddress::deprecated)
                    .thenComparingInt(candidate -> candidate.address().equals(job.current().local()) ? 0
                            : preferred.filter(candidate.address()::equals).isPresent() ? 1 : 2));
            for (InterfaceAddress candidate : candidates) {
                if (leads(candidate, remote, preferred, job)) {
                    ways.add(new Way(candidate.address(), remote));
                }
            }
        }
        if (ways.isEmpty() && standing(job.current().local(), all, usable) == Standing.GOOD) {
            // Not the way that its packets come from, but the only one.
            ways.add(job.current());
        }
        return new Result.WaysFound(
                ways, usable.stream().map(InterfaceAddress::address).distinct().toList(), standing(job.current().local(), all, usable));
    }

    private static Standing standing(InetAddress own, List<InterfaceAddress> all, List<InterfaceAddress> usable) {
        Predicate<InterfaceAddress> same = address -> address.address().equals(own);
        if (usable.stream().anyMatch(same.and(address -> !address.deprecated()))) {
            return Standing.GOOD;
        }
        return usable.stream().anyMatch(same) ? Standing.DEPRECATED : all.stream().anyMatch(same) ? Standing.STRANDED : Standing.GONE;
    }

    /**
     * Whether packets from there to {@code remote} leave, and leave through the link that has the address: through any other they are
     * lost on the way back, or at the first router that looks. An address that the policy or the route names needs no such proof.
     */
    private boolean leads(InterfaceAddress candidate, InetAddress remote, Optional<InetAddress> preferred, Job.FindWays job)
            throws IOException {
        InetAddress local = candidate.address();
        boolean named = preferred.filter(local::equals).isPresent()
                || job.peer().local().addresses().contains(new Host.Address(local));
        return rtnetlink.routes()
                .lookup(remote, Optional.of(local), mark)
                .filter(route -> named || route.link() == candidate.link())
                .isPresent();
    }

    private List<InterfaceAddress> usable(List<InterfaceAddress> all, Peer peer) throws IOException {
        Map<Integer, Link> links =
                rtnetlink.links().list().stream().collect(Collectors.toMap(Link::index, Function.identity(), (one, _) -> one));
        List<Host> allowed = peer.local().addresses();
        return all.stream()
                .filter(address -> !address.tentative() && !virtual.test(address.address()))
                .filter(address -> Optional.ofNullable(links.get(address.link())).filter(link -> link.up() && link.carrier()).isPresent())
                .filter(address -> !address.address().isLoopbackAddress() && !address.address().isLinkLocalAddress())
                .filter(address -> allowed.isEmpty() || allowed.stream().anyMatch(host -> host.allows(address.address())))
                .toList();
    }
}
