package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Traffic selectors of transport mode through a NAT (RFC 7296, section 2.23.1; RFC 3947, section 5.2). Each end names the two hosts as it sees them; what it
 * protects are packets as they come out of the NAT.
 *
 * <pre>
 *   172.16.0.2 ── NAT 192.0.2.1 ── 192.0.2.2
 *
 *   TSi = 172.16.0.2, TSr = 192.0.2.2  -->       read here as 192.0.2.1 and 192.0.2.2
 *                                      &lt;--  TSi = 172.16.0.2, TSr = 192.0.2.2
 * </pre>
 *
 * A peer that answers with what it made of them is understood as well: what a NAT is in front of is read as the address that the IKE
 * SA has, whatever it says.
 */
public final class Translated {
    private Translated() {}

    /** Ours as the peer named them, as we see ourselves. */
    public static List<TrafficSelector> local(Session session, List<TrafficSelector> named) {
        return session.nat().local() ? at(named, session.path().local()) : named;
    }

    /** The peer's as it named them, as we see it. */
    public static List<TrafficSelector> remote(Session session, List<TrafficSelector> named) {
        return session.nat().remote() ? at(named, session.path().remote()) : named;
    }

    /** {@code selectors} as the peer knows them, in whose words they were {@code named}. */
    public static List<TrafficSelector> back(List<TrafficSelector> selectors, List<TrafficSelector> named) {
        return host(named).map(address -> at(selectors, address)).orElse(selectors);
    }

    /** Whether both sides are one host each, and those between which the IKE SA is: nothing else can pass a NAT in transport mode. */
    public static boolean areTheHosts(Path path, List<TrafficSelector> local, List<TrafficSelector> remote) {
        return host(local).filter(path.local()::equals).isPresent() && host(remote).filter(path.remote()::equals).isPresent();
    }

    private static List<TrafficSelector> at(List<TrafficSelector> named, InetAddress address) {
        AddressRange there = AddressRange.of(address);
        return host(named).isEmpty() || named.getFirst().family() != there.family()
                ? named
                : named.stream()
                        .map(selector -> new TrafficSelector(selector.protocol(), selector.startPort(), selector.endPort(), there))
                        .toList();
    }

    /** The one host that all of them are about. */
    private static Optional<InetAddress> host(List<TrafficSelector> selectors) {
        return selectors.stream().map(TrafficSelector::range).distinct().count() == 1
                ? Optional.of(selectors.getFirst().range()).filter(range -> range.from().equals(range.to())).map(AddressRange::from)
                : Optional.empty();
    }
}
