package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.kernel.EventReading;
import org.xfrmagent.agent.dataplane.kernel.KernelSelectors;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmEvent;
import org.xfrmagent.netlink.xfrm.XfrmEvents;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmState;

/** Reads the kernel's multicast events on a thread of its own and says them in the plane's words. */
final class KernelEvents implements AutoCloseable {
    /** A burst of some ten thousand ACQUIREs. */
    static final int RECEIVE_BUFFER = 8 << 20;

    private final XfrmEvents events;

    KernelEvents(XfrmEvents events) {
        this.events = events;
    }

    /**
     * Joins the groups in the calling thread's network namespace: from here on no event is missed.
     *
     * @param receiveBuffer octets of events that may wait unread
     * @param own what is changed through these is no event
     */
    static KernelEvents open(int receiveBuffer, Xfrm... own) throws IOException {
        return new KernelEvents(XfrmEvents.open(
                receiveBuffer,
                EnumSet.of(
                        XfrmEvent.Group.ACQUIRE, XfrmEvent.Group.EXPIRE, XfrmEvent.Group.MAPPING, XfrmEvent.Group.SA,
                        XfrmEvent.Group.POLICY),
                own));
    }

    /**
     * @param ours whether this plane has a policy in a place of the SPD
     * @param device the name of the network interface that such a policy is for
     */
    void start(Consumer<DataPlaneEvent> sink, Predicate<XfrmPolicy.Id> ours, Function<XfrmPolicy.Id, Optional<String>> device) {
        Thread.ofPlatform().name("xfrm-monitor").daemon().start(() -> EventReading.read(events::receive, event -> event(event, ours, device), sink));
    }

    /** Empty for what the agent has no use for. */
    static Optional<DataPlaneEvent> event(
            XfrmEvent event, Predicate<XfrmPolicy.Id> ours, Function<XfrmPolicy.Id, Optional<String>> device) {
        return switch (event) {
            case XfrmEvent.Acquire(_, _, _, var packet, XfrmPolicy policy) when !policy.templates().isEmpty() ->
                Optional.of(new DataPlaneEvent.Acquire(policy.templates().getFirst().requestId(), KernelSelectors.packet(packet), device.apply(policy.id())));
            // SPI 0: the larval state that an ACQUIRE left, not an SA.
            case XfrmEvent.Expire(XfrmState state, boolean hard) when state.id().spi() != 0 ->
                KernelStates.id(state.id()).map(id -> hard
                        ? new DataPlaneEvent.HardExpire(id, state.requestId())
                        : new DataPlaneEvent.SoftExpire(id, state.requestId()));
            case XfrmEvent.Mapping mapping ->
                KernelStates.id(mapping.id()).map(id -> new DataPlaneEvent.MappingChanged(
                        id, mapping.requestId(), mapping.newSource(), mapping.newSourcePort()));
            case XfrmEvent.EventsLost _ -> Optional.of(new DataPlaneEvent.EventsLost());
            case XfrmEvent.StateDeleted(var id, _, _) -> KernelStates.id(id).map(DataPlaneEvent.SaGone::new);
            case XfrmEvent.StatesFlushed _ -> Optional.of(new DataPlaneEvent.Disturbed("the SAs were flushed"));
            case XfrmEvent.PoliciesFlushed _ -> Optional.of(new DataPlaneEvent.Disturbed("the policies were flushed"));
            case XfrmEvent.PolicyDeleted(var place) when ours.test(place) ->
                Optional.of(new DataPlaneEvent.Disturbed("a policy was deleted"));
            case XfrmEvent.PolicyPut(var policy) when ours.test(policy.id()) ->
                Optional.of(new DataPlaneEvent.Disturbed("a policy was replaced"));
            case XfrmEvent.PolicyExpire(var policy, boolean hard) when hard && ours.test(policy.id()) ->
                Optional.of(new DataPlaneEvent.Disturbed("a policy expired"));
            case XfrmEvent.Acquire _,
                    XfrmEvent.Expire _,
                    XfrmEvent.Migrate _,
                    XfrmEvent.PolicyExpire _,
                    XfrmEvent.PolicyDeleted _,
                    XfrmEvent.PolicyPut _ -> Optional.empty();
        };
    }

    @Override
    public void close() {
        events.close();
    }
}
