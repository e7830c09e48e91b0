package org.xfrmagent.it.netns;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition up to a deadline. The only pause in these tests: what it waits for lives in other processes. */
public final class Await {
    /** Enough for anything that should happen soon, in a guest on a slow machine too: a deadline costs time only where something is wrong. */
    public static final Duration SOON = Duration.ofSeconds(90);

    private static final long PAUSE_NANOS = 50_000_000;
    /** Asking must not take the processor from what is waited for: it pauses so many times as long as the question took. */
    private static final long PAUSES_PER_QUESTION = 2;

    private Await() {}

    /** Returns once {@code condition} holds; fails with {@code what} and the current {@code evidence} at the deadline. */
    public static void until(String what, Duration limit, BooleanSupplier condition, Supplier<String> evidence) {
        if (!holds(limit, condition)) {
            throw new AssertionError("Waited " + limit.toSeconds() + " s in vain until " + what + ". Last seen:\n" + evidence.get());
        }
    }

    /** True as soon as {@code condition} holds, false if it never did within {@code limit}. */
    public static boolean holds(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            long asked = System.nanoTime();
            if (condition.getAsBoolean()) {
                return true;
            }
            long now = System.nanoTime();
            if (now - deadline > 0) {
                return false;
            }
            LockSupport.parkNanos(Math.max(PAUSE_NANOS, PAUSES_PER_QUESTION * (now - asked)));
        }
    }
}
