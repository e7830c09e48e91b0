package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.PhaseTransaction;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;

/** What users and policies want of an IKEv1 session. */
public final class Commands {
    private Commands() {}

    /** Begins phase 1, for a session that has not. */
    public static void begin(Turn turn, Profile profile, List<Wish> wishes) {
        switch (profile.peer().ike()) {
            case V1_MAIN, ANY -> MainMode.initiate(turn, profile, wishes);
            case V1_AGGRESSIVE -> AggressiveMode.initiate(turn, profile, wishes);
            case V2 -> throw new IllegalArgumentException("peer " + profile.name() + " speaks IKEv2");
        }
    }

    /** More children, now or as soon as phase 1 is done. */
    public static void initiate(Turn turn, PhaseV1 phase, List<Wish> wishes) {
        switch (phase) {
            // While we are proving who we are, or have no address, the tasks wait.
            case PhaseV1.Up _, PhaseTransaction.Proving _, PhaseTransaction.Configuring _ -> wishes.forEach(wish -> turn.queue(new Task.CreateChild(wish)));
            case PhaseV1.Offered _, PhaseV1.Exchanging _, PhaseV1.Identifying _, PhaseV1.Introduced _, PhaseV1.Vetting _ -> {
                List<Wish> all = new ArrayList<>(phase.wishes());
                wishes.stream().filter(wish -> !all.contains(wish)).forEach(all::add);
                turn.change(session -> session.withPhase(phase.withWishes(List.copyOf(all))));
            }
            case PhaseV1.Chosen _, PhaseV1.Keyed _, PhaseV1.Vouched _, PhaseTransaction.Authorizing _ -> {}
        }
    }

    public static void terminate(Turn turn, PhaseV1 phase, String reason) {
        if (phase instanceof PhaseV1.Up) {
            turn.change(session -> session.withTasks(List.of(new Task.DeleteIke(reason))));
        } else {
            Ending.abandoned(turn, reason);
        }
    }
}
