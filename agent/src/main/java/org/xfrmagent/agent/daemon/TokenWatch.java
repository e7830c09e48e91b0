package org.xfrmagent.agent.daemon;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.xfrmagent.policies.model.TokenUri;

/**
 * Waits for tokens that were not there when the policies were read: a card that is out, a reader's service that begins later, an HSM behind a
 * network. When one is there, the policies are read again, once.
 */
final class TokenWatch implements AutoCloseable {
    private static final long LOOK_SECONDS = 5;

    private final Supplier<Map<TokenUri, String>> absent;
    private final Predicate<TokenUri> there;
    private final Runnable reload;
    private final EventLog log;
    private final Set<TokenUri> said = new HashSet<>();
    /** Those that are there, and did not serve: only a card that is put in again is tried again. */
    private final Set<TokenUri> tried = new HashSet<>();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().name("tokens").factory());

    /**
     * @param absent what is missing, and why
     * @param there whether a token is there by now; it may take its time
     */
    TokenWatch(Supplier<Map<TokenUri, String>> absent, Predicate<TokenUri> there, Runnable reload, EventLog log) {
        this.absent = absent;
        this.there = there;
        this.reload = reload;
        this.log = log;
    }

    void start() {
        var _ = thread.scheduleWithFixedDelay(this::look, 0, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    /** One look at all that is missing. */
    synchronized void look() {
        Map<TokenUri, String> missing = absent.get();
        said.retainAll(missing.keySet());
        tried.retainAll(missing.keySet());
        boolean back = false;
        for (Map.Entry<TokenUri, String> each : missing.entrySet()) {
            if (said.add(each.getKey())) {
                log.warning("tokens", each.getValue() + "; it is waited for");
            }
            if (!there.test(each.getKey())) {
                tried.remove(each.getKey());
            } else if (tried.add(each.getKey())) {
                back = true;
            }
        }
        if (back) {
            reload.run();
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
