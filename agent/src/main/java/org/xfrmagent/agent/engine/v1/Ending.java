package org.xfrmagent.agent.engine.v1;

import java.util.List;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.End;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Turn;

/** How IKEv1 sessions end: whatever the reason, nothing stays installed and every key is wiped. */
public final class Ending {
    private Ending() {}

    /** The session never came up: one end has refused the other. */
    public static void failed(Turn turn, String reason) {
        close(turn, reason, End.OURS, new Event.IkeFailed(reason, turn.session(), true));
    }

    /** The session never came up, and nobody waits for it any more. */
    static void abandoned(Turn turn, String reason) {
        close(turn, reason, End.OURS, new Event.IkeFailed(reason, turn.session(), false));
    }

    /** The session was up and its peer is lost. */
    public static void down(Turn turn, String reason) {
        down(turn, reason, End.LOST);
    }

    /** The session was up and is gone. */
    static void down(Turn turn, String reason, End end) {
        boolean wasUp = turn.session().phase() instanceof PhaseV1.Up;
        close(turn, reason, end, wasUp ? new Event.IkeDown(reason, turn.session(), end) : new Event.IkeFailed(reason, turn.session(), end != End.LOST));
    }

    /** Tells the peer that all is gone. Nothing confirms it, so nothing is waited for (RFC 2408, section 3.15). */
    static void terminate(Turn turn, String reason) {
        turn.session().children().forEach(child -> InformationalV1.delete(turn, child));
        InformationalV1.deleteIsakmp(turn);
        down(turn, reason, End.OURS);
    }

    private static void close(Turn turn, String reason, End end, Event event) {
        turn.session().children().reversed().forEach(child -> Children.remove(turn, child, reason, end));
        switch (turn.session().phase()) {
            case PhaseV1.Offered _, PhaseV1.Chosen _ -> {}
            case PhaseV1.Exchanging exchanging -> turn.afterwards(exchanging.half().pair()::wipe);
            case PhaseV1.Identifying identifying -> turn.afterwards(identifying.sa().keys()::wipe);
            case PhaseV1.Keyed keyed -> turn.afterwards(keyed.sa().keys()::wipe);
            case PhaseV1.Introduced introduced -> turn.afterwards(introduced.half().pair()::wipe);
            case PhaseV1.Vouched vouched -> turn.afterwards(vouched.sa().keys()::wipe);
            case PhaseV1.Vetting vetting -> turn.afterwards(vetting.sa().keys()::wipe);
            case PhaseTransaction transaction -> turn.afterwards(transaction.next().sa().keys()::wipe);
            case PhaseV1.Up up -> {
                ModeConfig.release(turn, up);
                ModeConfigClient.drop(turn, up);
                turn.afterwards(up.sa().keys()::wipe);
                for (Quick exchange : up.quick()) {
                    if (exchange instanceof Quick.Asked asked) {
                        asked.offer().keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
                    }
                }
            }
            case Phase.Idle _, Phase.Initiating _, Phase.HalfOpen _, Phase.Authenticating _, Phase.Established _, Phase.Closing _,
                Phase.Closed _, PhaseEap _ -> {}
        }
        turn.change(session -> session.withTasks(List.of()).withDelayed(List.of()));
        turn.emit(event);
        turn.enter(new Phase.Closed(reason), reason);
    }

    /** Jobs whose result nobody waits for any more let go of their secrets. */
    static void forget(Turn turn, AwaitingV1 awaiting) {
        if (awaiting instanceof AwaitingV1.SpiForAnswer(AwaitingV1.QuickAnswer quick)) {
            quick.answer().sharedSecret().ifPresent(turn::wipe);
        }
    }
}
