package org.xfrmagent.agent.daemon;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.dataplane.UsageTable;

/**
 * What SAs have carried, for those who only look. The data plane is asked on threads of this board, and whoever looks waits for it a
 * bounded time; a plane that does not answer leaves what was last known.
 *
 * <pre>
 *   up to 64 SAs   asked for at once: the answer is of now
 *   more           what is known, at once: all SAs are read every 5 s, and when somebody looks who finds it a second old
 * </pre>
 */
final class UsageBoard implements AutoCloseable {
    /** Up to so many are read faster than anybody notices. */
    static final int FEW = 64;
    private static final long PERIOD_SECONDS = 5;
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** What the plane said of all SAs. */
    private record Known(Map<SaId, Usage> usage, long at) {}

    private final Function<Set<SaId>, Map<SaId, Usage>> plane;
    private final Supplier<Set<SaId>> all;
    private final long patienceNanos;
    private final LongSupplier nanos;
    private final Line now = new Line("usage-now");
    private final Line whole = new Line("usage-all");
    private final AtomicBoolean reading = new AtomicBoolean();
    private volatile Known known;

    /**
     * @param plane asks the data plane
     * @param all the SAs that there are
     * @param patienceMillis how long anybody waits for the plane
     * @param nanos a clock
     */
    UsageBoard(Function<Set<SaId>, Map<SaId, Usage>> plane, Supplier<Set<SaId>> all, long patienceMillis, LongSupplier nanos) {
        this.plane = plane;
        this.all = all;
        this.patienceNanos = TimeUnit.MILLISECONDS.toNanos(patienceMillis);
        this.nanos = nanos;
        this.known = new Known(Map.of(), nanos.getAsLong());
    }

    /** Begins to read all SAs from time to time. */
    void start() {
        var _ = whole.thread.scheduleWithFixedDelay(() -> whole.answer(this::read), PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
    }

    /** Counters of those SAs that exist, or that existed when they were last read, and perhaps of others; who has none is absent. */
    Map<SaId, Usage> of(Collection<SaId> which) {
        if (which.size() > FEW) {
            return ofAll(spread(which));
        }
        Set<SaId> few = Set.copyOf(which);
        return now.ask(() -> plane.apply(few)).orElseGet(() -> known(few));
    }

    /** Counters of all, as they were when they were last read. By {@code some} it is told whether these were others. */
    Map<SaId, Usage> ofAll(Collection<SaId> some) {
        Map<SaId, Usage> usage = known.usage();
        if (2 * some.stream().filter(usage::containsKey).count() < some.size()) {
            // Hardly anything is known of so many that are new: better late than nothing.
            var _ = whole.ask(this::read);
            return known.usage();
        }
        if (nanos.getAsLong() - known.at() > FRESH_NANOS && reading.compareAndSet(false, true)) {
            var _ = whole.submit(() -> {
                Map<SaId, Usage> read = read();
                reading.set(false);
                return read;
            });
        }
        return usage;
    }

    /** A few of them, spread evenly: to look each up takes as long as to list it. */
    private static List<SaId> spread(Collection<SaId> which) {
        int step = which.size() / FEW;
        int place = 0;
        List<SaId> some = new ArrayList<>();
        for (SaId id : which) {
            if (place++ % step == 0) {
                some.add(id);
            }
        }
        return some;
    }

    private Map<SaId, Usage> known(Set<SaId> which) {
        Map<SaId, Usage> usage = known.usage();
        Map<SaId, Usage> found = HashMap.newHashMap(which.size());
        for (SaId id : which) {
            Usage counters = usage.get(id);
            if (counters != null) {
                found.put(id, counters);
            }
        }
        return found;
    }

    /** A plane that cannot be read now is read the next time. */
    private Map<SaId, Usage> read() {
        Set<SaId> which = all.get();
        try {
            Map<SaId, Usage> usage = UsageTable.of(which.isEmpty() ? Map.of() : plane.apply(which));
            known = new Known(usage, nanos.getAsLong());
            return usage;
        } catch (RuntimeException unreadable) {
            return Map.of();
        }
    }

    /** One thread that asks one question after the other. */
    private final class Line {
        private final ScheduledExecutorService thread;
        private volatile long begun;
        private volatile boolean asking;

        private Line(String name) {
            thread = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name(name).daemon().factory());
        }

        private Future<Map<SaId, Usage>> submit(Supplier<Map<SaId, Usage>> question) {
            return thread.submit(() -> answer(question));
        }

        private Map<SaId, Usage> answer(Supplier<Map<SaId, Usage>> question) {
            begun = nanos.getAsLong();
            asking = true;
            try {
                return question.get();
            } finally {
                asking = false;
            }
        }

        /** Empty if there is no answer in time; nobody waits behind a question that has had its time. */
        private Optional<Map<SaId, Usage>> ask(Supplier<Map<SaId, Usage>> question) {
            if (asking && nanos.getAsLong() - begun > patienceNanos) {
                return Optional.empty();
            }
            try {
                return Optional.of(submit(question).get(patienceNanos, TimeUnit.NANOSECONDS));
            } catch (TimeoutException | ExecutionException | RejectedExecutionException none) {
                return Optional.empty();
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
    }

    @Override
    public void close() {
        now.thread.shutdownNow();
        whole.thread.shutdownNow();
    }
}
