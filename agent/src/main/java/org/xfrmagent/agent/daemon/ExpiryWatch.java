package org.xfrmagent.agent.daemon;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Warns of certificates of ours that end soon: at the start, within an hour after they changed or came near to their end, and then once a day. */
final class ExpiryWatch implements AutoCloseable {
    private static final int LOOKS_A_DAY = 24;

    private final Supplier<List<String>> warnings;
    private final EventLog log;
    private final Set<String> said = new HashSet<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("expiry").factory());
    private int looks;

    /** @param warnings as they are now, a sentence each */
    ExpiryWatch(Supplier<List<String>> warnings, EventLog log) {
        this.warnings = warnings;
        this.log = log;
    }

    void start() {
        var _ = thread.scheduleWithFixedDelay(this::look, 0, 1, TimeUnit.HOURS);
    }

    synchronized void look() {
        if (looks++ % LOOKS_A_DAY == 0) {
            said.clear();
        }
        warnings.get().stream().filter(said::add).forEach(warning -> log.warning("certificates", warning));
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
