package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.kernel.EventReading;
import org.xfrmagent.netlink.route.RouteEvents;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmEvent;
import org.xfrmagent.netlink.xfrm.XfrmEvents;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;

/**
 * Hears what others do to the plane's surroundings: the interface, the routes and rules into it, the kernel's policies around it. The
 * kernel tells who made a change; our own are not told.
 */
final class Disturbances implements AutoCloseable {
    private static final int RECEIVE_BUFFER = 1 << 20;

    /**
     * What is the plane's: its interface's name, routing tables, priorities of rules, and policies of the kernel.
     *
     * @param addressesChanged this host may have other addresses now
     */
    record Ours(String link, IntPredicate table, IntPredicate rule, Predicate<XfrmPolicy.Id> policy, Runnable addressesChanged) {}

    private final Ours ours;
    private final RouteEvents routing;
    private final XfrmEvents policies;

    private Disturbances(Ours ours, RouteEvents routing, XfrmEvents policies) {
        this.ours = ours;
        this.routing = routing;
        this.policies = policies;
    }

    /** Listens in the calling thread's network namespace: from here on no change is missed. */
    static Disturbances open(Ours ours, Set<Integer> routingSenders, Xfrm policySender) throws IOException {
        RouteEvents routing = RouteEvents.withRules(RECEIVE_BUFFER, routingSenders);
        try {
            return new Disturbances(ours, routing, XfrmEvents.open(RECEIVE_BUFFER, EnumSet.of(XfrmEvent.Group.POLICY), policySender));
        } catch (IOException | RuntimeException refused) {
            routing.close();
            throw refused;
        }
    }

    void start(Consumer<DataPlaneEvent> sink) {
        Thread.ofPlatform().daemon().name(ours.link + " routes").start(() -> EventReading.read(() -> routing.receive(-1), this::of, sink));
        Thread.ofPlatform().daemon().name(ours.link + " policies").start(() -> EventReading.read(policies::receive, this::of, sink));
    }

    private Optional<DataPlaneEvent> of(RouteEvents.RouteEvent event) {
        return switch (event) {
            case RouteEvents.LinkChanged(var link, boolean gone) when link.name().equals(ours.link) && (gone || !link.up()) ->
                disturbed("the interface " + ours.link + (gone ? " was deleted" : " was taken down"));
            case RouteEvents.RouteChanged(var route, boolean gone) when ours.table.test(route.table()) ->
                disturbed("a route into the interface was " + (gone ? "removed" : "added or changed"));
            case RouteEvents.RuleChanged(var rule, boolean gone) when gone && ours.rule.test(rule.priority()) ->
                disturbed("a routing rule was removed");
            case RouteEvents.EventsLost _ -> {
                ours.addressesChanged.run();
                yield Optional.of(new DataPlaneEvent.EventsLost());
            }
            case RouteEvents.AddressChanged _ -> {
                ours.addressesChanged.run();
                yield Optional.empty();
            }
            case RouteEvents.LinkChanged _, RouteEvents.RouteChanged _, RouteEvents.RuleChanged _ ->
                Optional.empty();
        };
    }

    private Optional<DataPlaneEvent> of(XfrmEvent event) {
        return switch (event) {
            case XfrmEvent.PoliciesFlushed _ -> disturbed("the policies were flushed");
            case XfrmEvent.PolicyDeleted(var place) when ours.policy.test(place) -> disturbed("a policy was deleted");
            case XfrmEvent.PolicyPut(var policy) when ours.policy.test(policy.id()) -> disturbed("a policy was replaced");
            case XfrmEvent.EventsLost _ -> Optional.of(new DataPlaneEvent.EventsLost());
            default -> Optional.empty();
        };
    }

    private static Optional<DataPlaneEvent> disturbed(String what) {
        return Optional.of(new DataPlaneEvent.Disturbed(what));
    }

    @Override
    public void close() {
        routing.close();
        policies.close();
    }
}
