package org.xfrmagent.agent.engine.core;

import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;

/**
 * Children through which nothing passes any more: they are deleted, and traffic may bring them up again. A successor counts from its own
 * beginning, as nobody knows when a packet came through an SA that is gone.
 *
 * <pre>
 *   up ──── asked, a packet 3 s ago ──── asked, 8 s ago ── asked, idle for as long as the policy lets it be: D(ESP)
 * </pre>
 */
public final class Idleness {
    /** So many times within the limit the data plane is asked: kernels before 6.2 tell that there was a packet since, and not when. */
    private static final int QUESTIONS = 4;

    private static final long LEAST_MILLIS = 1_000;

    private Idleness() {}

    /** The child is up, or its policy has another limit. */
    public static void watch(Turn turn, ChildSa child) {
        turn.forget(child.serial(), Task.EndIfIdle.class::isInstance);
        if (limit(child) > 0) {
            ask(turn, child, limit(child));
        }
    }

    private static long limit(ChildSa child) {
        return child.profile().protect().lifetimes().idleSeconds() * 1000;
    }

    private static void ask(Turn turn, ChildSa child, long left) {
        turn.queueIn(Math.clamp(left, LEAST_MILLIS, Math.max(LEAST_MILLIS, limit(child) / QUESTIONS)), new Task.EndIfIdle(child.serial()));
    }

    /** It is time to see what went through it. */
    public static void look(Turn turn, int serial) {
        turn.session().child(serial).filter(child -> limit(child) > 0).ifPresent(child ->
                turn.start(new Job.ReadUsage(Set.of(child.inbound(), child.outbound())), new Awaiting.UsageForIdleness(serial)));
    }

    /** Deletes it if that is long ago. One that is being replaced or deleted is left to that. */
    public static void seen(Turn turn, int serial, Map<SaId, Usage> usage) {
        turn.session().child(serial).filter(child -> limit(child) > 0).ifPresent(child -> {
            long left = limit(child) - idle(turn, child, usage);
            if (left > 0 || child.state() == ChildSa.State.REKEYING) {
                ask(turn, child, left);
            } else if (child.state() == ChildSa.State.INSTALLED) {
                turn.emit(new Event.ChildIdle(child));
                turn.queue(new Task.DeleteChild(serial, "no packet went through it for " + limit(child) / 1000 + " s"));
            }
        });
    }

    private static long idle(Turn turn, ChildSa child, Map<SaId, Usage> usage) {
        return LongStream.concat(
                        LongStream.of(turn.now() - child.since()),
                        usage.values().stream().mapToLong(Usage::lastUsedSecondsAgo).filter(ago -> ago >= 0).map(ago -> ago * 1000))
                .min()
                .orElse(0);
    }
}
