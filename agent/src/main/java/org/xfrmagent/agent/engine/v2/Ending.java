package org.xfrmagent.agent.engine.v2;

import java.util.List;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.End;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.ExchangeType;

/** How children and sessions end: whatever the reason, nothing stays installed and every key is wiped. */
public final class Ending {
    private Ending() {}

    /** The session never came up: one end has refused the other. */
    public static void failed(Turn turn, String reason) {
        close(turn, reason, End.OURS, new Event.IkeFailed(reason, turn.session(), true));
    }

    /** The session never came up, and nobody waits for it any more. */
    public static void abandoned(Turn turn, String reason) {
        close(turn, reason, End.OURS, new Event.IkeFailed(reason, turn.session(), false));
    }

    /** The session was up and its peer is lost. */
    public static void down(Turn turn, String reason) {
        down(turn, reason, End.LOST);
    }

    /** The session was up and is gone. */
    public static void down(Turn turn, String reason, End end) {
        boolean wasUp = turn.session().phase() instanceof Phase.Established || turn.session().phase() instanceof Phase.Closing;
        close(turn, reason, end, wasUp ? new Event.IkeDown(reason, turn.session(), end) : new Event.IkeFailed(reason, turn.session(), end != End.LOST));
    }

    private static void close(Turn turn, String reason, End end, Event event) {
        uninstallAll(turn, reason, end);
        Addresses.release(turn);
        turn.session().phase().ikeSa().ifPresent(sa -> {
            turn.afterwards(sa.keys()::wipe);
            sa.window().outstanding().ifPresent(request -> wipe(turn, request.exchange()));
        });
        if (turn.session().phase() instanceof Phase.Initiating initiating) {
            turn.afterwards(initiating.keyExchange().pair()::wipe);
        }
        if (turn.session().phase() instanceof PhaseEap eap) {
            turn.afterwards(eap::wipe);
        }
        turn.session().phase().retired().forEach(old -> turn.afterwards(old.sa().keys()::wipe));
        turn.change(session -> session.withTasks(List.of()).withDelayed(List.of()));
        turn.emit(event);
        turn.enter(new Phase.Closed(reason), reason);
    }

    /** The secrets that only the answer to {@code exchange} would have needed. */
    static void wipe(Turn turn, Exchange exchange) {
        switch (exchange) {
            case Exchange.CreateChild(var offer, _) ->
                offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
            case Exchange.RekeyIke rekey -> {
                turn.afterwards(rekey.keyExchange().pair()::wipe);
                rekey.rival().ifPresent(rival -> turn.afterwards(rival.sa().keys()::wipe));
            }
            case Exchange.Init _, Exchange.Authenticate _, Exchange.Converse _, Exchange.ShowKey _, Exchange.DeleteChildren _, Exchange.Disown _, Exchange.DeleteIke _,
                Exchange.Liveness _, Exchange.UpdateAddresses _, Exchange.ReturnRoutability _, Exchange.Announce _,
                Exchange.Redirect _ -> {}
        }
    }

    /** Removes a child's SAs and policies; its successor takes over, or else its traffic is held by the policy beneath. */
    static void uninstall(Turn turn, ChildSa child, String reason) {
        uninstall(turn, child, reason, End.OURS);
    }

    private static void uninstall(Turn turn, ChildSa child, String reason, End end) {
        turn.start(new Job.Apply(take(turn, child, reason, end)), new Awaiting.Change("removing " + child.name()));
    }

    /** Takes a child off the session; the operations are still to be applied. */
    static List<Operation> take(Turn turn, ChildSa child, String reason, End end) {
        List<Operation> operations = Succession.remove(turn, child.serial());
        turn.emit(new Event.ChildDown(child, reason, end));
        return operations;
    }

    private static Operation afterAWhile(Operation operation) {
        return operation instanceof Operation.RemoveSa(SaId id) ? new Operation.RetireSa(id) : operation;
    }

    /** The newest first: none is to take over from another. */
    private static void uninstallAll(Turn turn, String reason, End end) {
        turn.session().children().reversed().forEach(child -> uninstall(turn, child, reason, end));
    }

    /**
     * Sends the DELETE of the IKE SA, which takes all children along (RFC 7296, section 1.4.1). Ours are gone at once: a peer that
     * has forgotten us never answers, and its new tunnel must not stand behind the old one.
     *
     * @param succeeded another IKE SA has the same children: what the peer has sent on these may still be under way
     */
    public static void deleteIke(Turn turn, String reason, boolean succeeded) {
        if (succeeded) {
            turn.session().children().reversed().forEach(child -> {
                List<Operation> operations = take(turn, child, reason, End.OURS).stream().map(Ending::afterAWhile).toList();
                turn.start(new Job.Apply(operations), new Awaiting.Change("retiring " + child.name()));
            });
        } else {
            uninstallAll(turn, reason, End.OURS);
        }
        Addresses.release(turn);
        turn.change(session -> session.withTasks(List.of()).withDelayed(List.of()));
        turn.enter(new Phase.Closing(turn.ikeSa(), reason, turn.session().phase().retired()), reason);
        Requests.send(turn, ExchangeType.INFORMATIONAL, new Exchange.DeleteIke(reason), List.of(DeletePayload.ikeSa()));
    }
}
