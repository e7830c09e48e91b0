package org.xfrmagent.agent.engine.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.policies.model.Mode;

/** Children that go to other outer addresses and ports, by {@link Operation.MoveSa}. */
public final class Moving {
    private Moving() {}

    /**
     * Brings {@code children} to where {@code place} has them; those that are there already stay untouched.
     *
     * @param tell the peer afterwards, for which the data plane is waited for
     * @return whether the data plane has anything to do
     */
    public static boolean begin(Turn turn, List<ChildSa> children, UnaryOperator<ChildSa> place, boolean tell) {
        List<ChildSa> before = new ArrayList<>();
        List<Operation> operations = new ArrayList<>();
        for (ChildSa child : children) {
            ChildSa moved = place.apply(child);
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
            if (child.cpis().isPresent() && !child.remoteAddress().getClass().equals(moved.remoteAddress().getClass())) {
                if (child.state() != ChildSa.State.DELETING) {
                    turn.queue(new Task.DeleteChild(child.serial(), "it is compressed, which it cannot be between addresses of another family"));
                }
                continue;
            }
            before.add(child);
            operations.addAll(Installation.relocate(child, moved));
            replace(turn, moved);
        }
        if (!operations.isEmpty()) {
            turn.start(new Job.Apply(operations), new Awaiting.Relocation(before, tell));
        }
        return !operations.isEmpty();
    }

    private static void replace(Turn turn, ChildSa next) {
        turn.change(session -> session.withChild(next.serial(), _ -> next));
    }

    /** The data plane refused: the SAs are where they were. Fresh ones take over at the new place, or nothing is left of them. */
    public static void refused(Turn turn, List<ChildSa> before, String reason) {
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
