package org.xfrmagent.agent.engine.v2;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;

/**
 * Limits of children of which the data plane has not told, though it should have: its word may be lost, as the kernel's is when nobody
 * reads fast enough. Limits of time are kept here as well, a little later; the others are compared when words are known to be lost.
 *
 * <pre>
 *   installed ───── soft: the plane's word ── soft + grace: ours ───── hard: the plane's word ── hard + grace: ours
 * </pre>
 */
public final class Overdue {
    private Overdue() {}

    /** When the next child is overdue, in milliseconds. */
    static long at(Session session) {
        return session.phase() instanceof Phase.Established ? session.children().nextDeadline() : Long.MAX_VALUE;
    }

    static void tick(Turn turn) {
        if (!(turn.session().phase() instanceof Phase.Established)) {
            return;
        }
        for (ChildSa child : turn.session().children().due(turn.now())) {
            if (child.deleteAt() <= turn.now()) {
                delete(turn, child);
            } else if (child.state() == ChildSa.State.INSTALLED && !isWaiting(turn.session(), new Task.RekeyChild(child.serial()))) {
                turn.queue(new Task.RekeyChild(child.serial()));
            }
        }
        turn.change(session -> session.withChildren(session.children().lookedAt(turn.now())));
    }

    private static void delete(Turn turn, ChildSa child) {
        boolean told = child.state() == ChildSa.State.DELETING
                || tasks(turn.session(), child.serial()).anyMatch(Task.DeleteChild.class::isInstance);
        if (!told) {
            Succession.switchOver(turn, child.serial());
            turn.queue(new Task.DeleteChild(child.serial(), "its lifetime is over"));
        }
    }

    private static boolean isWaiting(Session session, Task.RekeyChild wanted) {
        return tasks(session, wanted.serial()).anyMatch(wanted::equals);
    }

    private static Stream<Task> tasks(Session session, int serial) {
        return Stream.concat(session.tasks().about(serial).stream(), session.delayed().about(serial).stream());
    }

    // ---- octets and packets

    /** Words of the data plane were lost: asks it what went through children whose limits count that. */
    public static void ask(Turn turn) {
        Set<SaId> counted = turn.session().children().stream()
                .filter(child -> child.limits().softBytes() > 0 || child.limits().softPackets() > 0)
                .flatMap(child -> Stream.of(child.inbound(), child.outbound()))
                .collect(Collectors.toUnmodifiableSet());
        if (!counted.isEmpty()) {
            turn.start(new Job.ReadUsage(counted), new Awaiting.UsageForLimits());
        }
    }

    static void compare(Turn turn, Map<SaId, Usage> usage) {
        for (ChildSa child : turn.session().children()) {
            boolean over = Stream.of(child.inbound(), child.outbound())
                    .flatMap(id -> Optional.ofNullable(usage.get(id)).stream())
                    .anyMatch(used -> reached(used.bytes(), child.limits().softBytes()) || reached(used.packets(), child.limits().softPackets()));
            if (over) {
                turn.queue(new Task.RekeyChild(child.serial()));
            }
        }
    }

    private static boolean reached(long value, long limit) {
        return limit > 0 && value >= limit;
    }
}
