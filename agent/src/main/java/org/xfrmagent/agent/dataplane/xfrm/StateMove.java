package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmEncap;
import org.xfrmagent.netlink.xfrm.XfrmEvent;
import org.xfrmagent.netlink.xfrm.XfrmEvents;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.netlink.xfrm.XfrmMark;
import org.xfrmagent.netlink.xfrm.XfrmReplay;
import org.xfrmagent.netlink.xfrm.XfrmState;

/**
 * An SA on its way to other addresses in the kernel's SAD. Other ports are an update in place. Other addresses are another state, and
 * never may two states count on from the same number: with a counter mode the second packet under one number gives the first away. So
 * the old one ends first, and the kernel says how far it had come in the very message that announces its end:
 *
 * <pre>
 *   GETSA      keys, limits, selector
 *   DELSA      --> its event: the last sequence number, the window, the counters
 *   NEWSA      all of that, with the new addresses; in one batch with the policies that name them
 * </pre>
 *
 * XFRM_MSG_MIGRATE does not serve: it copies the state while the old one still sends, moves one SA of a reqid where a rekeying has two,
 * cannot end an encapsulation, and is an option of the kernel's build.
 *
 * @param after as it is to be
 * @param inPlace the state is there, and only changes its ports
 */
record StateMove(XfrmState before, XfrmState after, boolean inPlace) {
    /** Where the kernel did not tell the last number: more packets than can have left between the question and the end. */
    private static final long SAFETY_PACKETS = 1 << 20;

    /** Begins {@code move} of the state with {@code mark}: unless it can be done in place, the old state is gone when this returns. */
    static StateMove begin(Xfrm xfrm, Operation.MoveSa move, Optional<XfrmMark> mark) throws DataPlaneException {
        XfrmId id = KernelStates.id(move.id());
        try {
            Optional<XfrmState> found = xfrm.get(id, mark).filter(state -> !state.algorithms().isEmpty());
            if (found.isEmpty()) {
                throw new DataPlaneException("there is no SA " + move.id());
            }
            XfrmState state = found.get();
            Optional<XfrmEncap> encap = move.encapsulation().map(udp -> new XfrmEncap(
                    XfrmEncap.ESP_IN_UDP, udp.sourcePort(), udp.destinationPort(), AddressFamily.of(move.destination()).any()));
            boolean inPlace = move.moved().equals(move.id())
                    && move.source().equals(state.source())
                    && encap.isPresent() == state.encap().isPresent();
            XfrmState last = inPlace ? state : end(xfrm, state);
            return new StateMove(last, last.movedTo(move.source(), move.destination(), encap), inPlace);
        } catch (IOException refused) {
            throw new DataPlaneException("the kernel refused to " + refused.getMessage(), refused);
        }
    }

    private static XfrmState end(Xfrm xfrm, XfrmState state) throws IOException {
        try (XfrmEvents events = XfrmEvents.open(0, EnumSet.of(XfrmEvent.Group.SA))) {
            xfrm.apply(new XfrmChange.DeleteState(state.id(), state.mark()));
            for (List<XfrmEvent> some = events.receive(0); !some.isEmpty(); some = events.receive(0)) {
                for (XfrmEvent event : some) {
                    if (event instanceof XfrmEvent.StateDeleted deleted && deleted.id().equals(state.id())) {
                        return state.toBuilder().replay(deleted.replay()).counters(deleted.counters()).build();
                    }
                }
            }
        }
        XfrmReplay known = state.replay();
        boolean sends = known.outbound() > 0;
        return state.toBuilder()
                .replay(new XfrmReplay(
                        known.extended(), known.window(), sends ? known.outbound() + SAFETY_PACKETS : 0, known.inbound(), known.bitmap()))
                .build();
    }

    XfrmChange change() {
        return inPlace ? new XfrmChange.UpdateState(after) : new XfrmChange.AddState(after);
    }

    /** What brings it back. */
    List<XfrmChange> undo(boolean changed) {
        if (inPlace) {
            return List.of(new XfrmChange.UpdateState(before));
        }
        XfrmChange again = new XfrmChange.AddState(before);
        return changed ? List.of(new XfrmChange.DeleteState(after.id(), after.mark()), again) : List.of(again);
    }
}
