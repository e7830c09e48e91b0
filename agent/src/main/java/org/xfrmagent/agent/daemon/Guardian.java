package org.xfrmagent.agent.daemon;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.xfrmagent.agent.dataplane.DataPlaneException;

/**
 * Has what is installed compared with what should be: at once when somebody disturbed the data plane, and every minute in case nobody
 * said so. One comparison at a time and at most ten a second, however much there is to hear.
 */
final class Guardian implements AutoCloseable {
    private static final long PERIOD_MILLIS = 60_000;
    private static final long PAUSE_MILLIS = 100;
    private static final long AGAIN_MILLIS = 1_000;

    @FunctionalInterface
    interface Comparison {
        void run() throws DataPlaneException;
    }

    private final Comparison comparison;
    private final EventLog log;
    private final ScheduledExecutorService thread =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("guardian").daemon().factory());
    private final AtomicBoolean wanted = new AtomicBoolean();
    private volatile long restedAt = System.nanoTime();

    Guardian(Comparison comparison, EventLog log) {
        this.comparison = comparison;
        this.log = log;
    }

    void start() {
        var _ = thread.scheduleWithFixedDelay(this::compare, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Soon there will be a comparison that began after this call. */
    void disturbed() {
        in(Math.max(0, TimeUnit.NANOSECONDS.toMillis(restedAt - System.nanoTime())));
    }

    private void in(long millis) {
        if (!wanted.getAndSet(true) && !thread.isShutdown()) {
            var _ = thread.schedule(this::compare, millis, TimeUnit.MILLISECONDS);
        }
    }

    private void compare() {
        wanted.set(false);
        try {
            comparison.run();
        } catch (DataPlaneException unmended) {
            log.error("data plane", String.valueOf(unmended.getMessage()));
            in(AGAIN_MILLIS);
        } catch (RuntimeException bug) {
            log.error("data plane", "comparing what is installed with what should be failed: " + bug);
        }
        restedAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS);
    }

    /** From here on nothing is put back any more. */
    @Override
    public void close() {
        thread.shutdownNow();
        try {
            var _ = thread.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
