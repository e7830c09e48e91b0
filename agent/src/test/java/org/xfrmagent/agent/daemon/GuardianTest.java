package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.time.Clock;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.dataplane.DataPlaneException;

class GuardianTest {
    private final EventLog log = new EventLog(new PrintStream(OutputStream.nullOutputStream()), Clock.systemUTC(), true);
    private final Semaphore begun = new Semaphore(0);
    private final Semaphore mayEnd = new Semaphore(0);

    private static void acquire(Semaphore semaphore) throws InterruptedException {
        assertThat(semaphore.tryAcquire(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void whatComesWhileOneComparisonRunsIsOneMore() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        try (Guardian guardian = new Guardian(() -> {
            runs.incrementAndGet();
            begun.release();
            mayEnd.acquireUninterruptibly();
        }, log)) {
            guardian.disturbed();
            acquire(begun);
            for (int i = 0; i < 1000; i++) {
                guardian.disturbed();
            }
            mayEnd.release();
            acquire(begun);
            mayEnd.release();
            guardian.disturbed();
            acquire(begun);
            mayEnd.release();
            assertThat(runs).hasValue(3);
        }
    }

    @Test
    void whatCouldNotBeMendedIsTriedAgain() throws InterruptedException {
        AtomicInteger runs = new AtomicInteger();
        try (Guardian guardian = new Guardian(() -> {
            int run = runs.incrementAndGet();
            begun.release();
            if (run == 1) {
                throw new DataPlaneException("the kernel is out of memory");
            }
        }, log)) {
            guardian.disturbed();
            acquire(begun);
            acquire(begun);
            assertThat(runs).hasValue(2);
        }
    }
}
