package org.xfrmagent.agent.engine.v2;

import java.util.List;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.ExchangeType;

/** How children and sessions end: whatever the reason, nothing stays installed and every key is wiped. */
public final class Ending {
    private Ending() {}

    /** The session never came up. */
    public static void failed(Turn turn, String reason) {
        close(turn, reason, new Event.IkeFailed(reason));
    }

    /** The session was up and is gone: deleted, or its peer is dead. */
    public static void down(Turn turn, String reason) {
        boolean wasUp = turn.session().phase() instanceof Phase.Established || turn.session().phase() instanceof Phase.Closing;
        close(turn, reason, wasUp ? new Event.IkeDown(reason) : new Event.IkeFailed(reason));
    }

    private static void close(Turn turn, String reason, Event event) {
        for (ChildSa child : turn.session().children()) {
            uninstall(turn, child, reason);
        }
        turn.session().phase().ikeSa().ifPresent(sa -> turn.afterwards(sa.keys()::wipe));
        if (turn.session().phase() instanceof Phase.Initiating initiating) {
            turn.afterwards(initiating.keyExchange().pair()::wipe);
        }
        if (turn.session().phase() instanceof Phase.Established established) {
            established.predecessor().ifPresent(old -> turn.afterwards(old.sa().keys()::wipe));
        }
        turn.change(session -> session.withTasks(List.of()).withDelayed(List.of()));
        turn.emit(event);
        turn.enter(new Phase.Closed(reason), reason);
    }

    /** Removes a child's SAs and policies; traffic is held by the policy beneath. */
    static void uninstall(Turn turn, ChildSa child, String reason) {
        turn.change(session -> session.withChildren(
                session.children().stream().filter(other -> other.serial() != child.serial()).toList()));
        turn.start(new Job.Apply(Installation.remove(child)), new Awaiting.Removal(child.name()));
        turn.emit(new Event.ChildDown(child, reason));
    }

    /**
     * Sends the DELETE of the IKE SA, which takes all children along (RFC 7296, section 1.4.1). Ours are gone at once: a peer that
     * has forgotten us never answers, and its new tunnel must not stand behind the old one.
     */
    public static void deleteIke(Turn turn, String reason) {
        turn.session().children().forEach(child -> uninstall(turn, child, reason));
        RekeyIke.forgetPredecessor(turn);
        turn.change(session -> session.withDelayed(List.of()));
        turn.enter(new Phase.Closing(turn.ikeSa(), reason), reason);
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.DeleteIke(reason), List.of(DeletePayload.ikeSa()));
    }
}
