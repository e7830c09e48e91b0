package org.xfrmagent.agent.daemon;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SIGTERM and SIGINT. The JVM turns both into its shutdown, and by itself would report 143 or 130: so its hook asks the agent to
 * end, waits for it a bounded time, and ends the process with the agent's own status.
 */
final class Termination {
    /** A little more than an orderly end may take. */
    private static final Duration PATIENCE = Duration.ofMillis(4_900);

    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().name("termination").unstarted(this::end);

    private Termination() {}

    /** From here on signals are ours. */
    static Termination onSignals() {
        Termination termination = new Termination();
        Runtime.getRuntime().addShutdownHook(termination.hook);
        return termination;
    }

    private void end() {
        asked.countDown();
        try {
            boolean inTime = finished.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(inTime ? 0 : 1);
        } catch (InterruptedException never) {
            Runtime.getRuntime().halt(1);
        }
    }

    void await() throws InterruptedException {
        asked.await();
    }

    /** The agent has ended in an orderly way. */
    void finished() {
        finished.countDown();
    }

    /** The agent did not start: the process ends as its caller says. */
    void cancel() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException alreadyEnding) {
            finished.countDown();
        }
    }
}
