package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.policies.model.Mode;

/** Children follow the session's path: to other addresses, to other ports, into UDP and out of it. */
final class Relocation {
    private Relocation() {}

    /** Brings all children to where the session is now. Those that are being installed follow when they are up. */
    static void follow(Turn turn) {
        follow(turn, turn.session().children(), false);
    }

    /** The same, and then tells the peer: it may send to the new place at once, and must find us ready. */
    static void followAndTell(Turn turn) {
        follow(turn, turn.session().children(), true);
    }

    /** Brings one child, just installed, to where the session has moved meanwhile. */
    static void follow(Turn turn, ChildSa child) {
        if (!Mobike.isChecking(turn.session())) {
            follow(turn, turn.session().child(child.serial()).stream().toList(), false);
        }
    }

    private static void follow(Turn turn, List<ChildSa> children, boolean tell) {
        Session session = turn.session();
        Path path = session.path();
        List<ChildSa> before = new ArrayList<>();
        List<Operation> operations = new ArrayList<>();
        for (ChildSa child : children) {
            ChildSa moved = Installation.at(path, session.nat().any(), child);
            if (moved.equals(child)) {
                continue;
            }
            boolean elsewhere = !moved.inbound().equals(child.inbound()) || !moved.outbound().equals(child.outbound());
            if (child.mode() == Mode.TRANSPORT && elsewhere) {
                // RFC 4555, section 1.2: only tunnels move. What transport mode protects are the two addresses themselves.
                if (child.state() != ChildSa.State.DELETING) {
                    turn.queue(new Task.DeleteChild(child.serial(), "an end has moved away from the addresses that it protects"));
                }
                continue;
            }
            before.add(child);
            operations.addAll(Installation.relocate(child, moved));
            replace(turn, moved);
        }
        if (!operations.isEmpty()) {
            turn.start(new Job.Apply(operations), new Awaiting.Relocation(before, tell));
        } else if (tell) {
            turn.queueFirst(new Task.UpdateAddresses());
        }
    }

    private static void replace(Turn turn, ChildSa next) {
        turn.change(session -> session.withChild(next.serial(), _ -> next));
    }

    /** The data plane refused: the SAs are where they were. Fresh ones take over at the new place, or nothing is left of them. */
    static void refused(Turn turn, List<ChildSa> before, String reason) {
        for (ChildSa old : before) {
            Optional<ChildSa> now = turn.session().child(old.serial());
            turn.emit(new Event.Remark(old.name() + " cannot move: " + reason));
            if (now.isEmpty()) {
                turn.start(new Job.Apply(Installation.remove(old)), new Awaiting.Change("removing " + old.name()));
            } else {
                replace(turn, now.get().moved(old.inbound(), old.outbound(), old.encapsulation(), old.policies()));
                turn.queue(new Task.RekeyChild(old.serial()));
            }
        }
    }
}
