package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
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
 * one that sends ends first, and the kernel says how far it had come in the very message that announces its end; meanwhile
 * {@link PacketHold} keeps what wants to leave:
 *
 * <pre>
 *   GETSA           keys, limits, selector; then whatever else the transaction needs is made ready
 *   DELSA           --> its event: the last sequence number, the window, the counters
 *   UPDSA, NEWSA    all of that, with the new addresses; in one batch with the policies that name them. A packet that met the gap has
 *                   left a larval state under the same id: UPDSA takes its place, and NEWSA finds it taken; or the other way round
 * </pre>
 *
 * One that receives is found by its destination and SPI alone. If only its source is another, it is right where it is; the templates
 * of inbound policies name no source ({@link KernelPolicies}). If its destination is another, a copy is made, and the old one goes on
 * taking what was sent to the old address. The copy takes only numbers above all that the old one had taken.
 *
 * <p>XFRM_MSG_MIGRATE does not serve: it copies the state while the old one still sends, moves one SA of a reqid where a rekeying has
 * two, cannot end an encapsulation, and is an option of the kernel's build.
 *
 * @param after as it is to be
 */
record StateMove(XfrmState before, XfrmState after, Kind kind) {
    /** What becomes of the kernel's state. */
    enum Kind {
        /** It is there, and only changes its ports. */
        IN_PLACE,
        /** It can stay as it is. */
        UNTOUCHED,
        /** A second one, for the new address. */
        COPY,
        /** The old one is gone already, the new one takes its place. */
        SUCCESSOR
    }

    /** Where the kernel did not tell the last number: more packets than can have left between the question and the end. */
    private static final long SAFETY_PACKETS = 1 << 20;

    /** Finds the state with {@code mark} that is to {@code move}. Nothing has changed when this returns. */
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
            Kind kind = kind(move, state, encap.isPresent());
            return new StateMove(state, state.movedTo(move.source(), move.destination(), encap), kind);
        } catch (IOException refused) {
            throw refused(refused);
        }
    }

    private static DataPlaneException refused(IOException why) {
        return new DataPlaneException("the kernel refused to " + why.getMessage(), why);
    }

    /**
     * How far the SA has come. A {@link Kind#SUCCESSOR}'s predecessor is gone when this returns, and packets wait: what can be done before
     * is done before.
     */
    StateMove counted(Xfrm xfrm) throws DataPlaneException {
        try {
            return switch (kind) {
                case UNTOUCHED, IN_PLACE -> this;
                case COPY -> {
                    XfrmReplay taken = xfrm.get(before.id(), before.mark()).map(XfrmState::replay).orElse(before.replay());
                    yield new StateMove(before, after.toBuilder().replay(taken.closed()).build(), kind);
                }
                case SUCCESSOR -> {
                    XfrmState last = end(xfrm, before);
                    yield new StateMove(last, after.toBuilder().replay(last.replay()).counters(last.counters()).build(), kind);
                }
            };
        } catch (IOException refused) {
            throw refused(refused);
        }
    }

    private static Kind kind(Operation.MoveSa move, XfrmState state, boolean encapsulated) {
        boolean sameId = move.moved().equals(move.id());
        if (encapsulated != state.encap().isPresent()) {
            // The kernel looks for an SA first, and then whether it is of UDP or not.
            return sameId || move.direction() == Direction.OUT ? Kind.SUCCESSOR : Kind.COPY;
        }
        if (sameId && move.source().equals(state.source())) {
            return Kind.IN_PLACE;
        }
        if (move.direction() == Direction.OUT) {
            return Kind.SUCCESSOR;
        }
        // In UDP the kernel compares the source, and tells of every packet that comes from another one. What was not compressed it takes
        // by the source of the IPComp SA.
        boolean bySource = encapsulated || state.id().protocol() == XfrmId.COMP;
        return !sameId ? Kind.COPY : bySource ? Kind.SUCCESSOR : Kind.UNTOUCHED;
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

    /** What brings it there; of several, one that succeeds is enough. */
    List<XfrmChange> changes() {
        return switch (kind) {
            case UNTOUCHED -> List.of();
            case IN_PLACE -> List.of(new XfrmChange.UpdateState(after));
            case COPY -> List.of(new XfrmChange.AddState(after));
            case SUCCESSOR -> List.of(new XfrmChange.UpdateState(after), new XfrmChange.AddState(after));
        };
    }

    /** The id at which it is still found for a while. */
    Optional<XfrmId> former() {
        return kind == Kind.COPY ? Optional.of(before.id()) : Optional.empty();
    }

    /** What brings it back. */
    List<XfrmChange> undo(boolean changed) {
        XfrmChange gone = new XfrmChange.DeleteState(after.id(), after.mark());
        XfrmChange again = new XfrmChange.AddState(before);
        return switch (kind) {
            case UNTOUCHED -> List.of();
            case IN_PLACE -> List.of(new XfrmChange.UpdateState(before));
            case COPY -> changed ? List.of(gone) : List.of();
            case SUCCESSOR -> changed ? List.of(gone, again) : List.of(again);
        };
    }
}
