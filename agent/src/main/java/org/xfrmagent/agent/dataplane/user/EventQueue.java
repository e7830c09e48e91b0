package org.xfrmagent.agent.dataplane.user;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;

/**
 * Carries events from the packet threads to the listener, so that a slow listener never holds a packet up; and has a look at the
 * clock once a second, for the limits in time.
 */
final class EventQueue implements AutoCloseable {
    private static final int MOST = 4096;
    /** Of ticks in a second: what each SA's time brings is told when it comes, and not all at once. */
    static final int TICKS = 16;

    private static final long TICK_NANOS = TimeUnit.SECONDS.toNanos(1) / TICKS;

    private final BlockingQueue<DataPlaneEvent> queue = new ArrayBlockingQueue<>(MOST);
    private final AtomicBoolean lost = new AtomicBoolean();
    private final Runnable tick;
    private final Thread thread;
    private volatile Consumer<DataPlaneEvent> sink = event -> {};
    private volatile boolean closed;

    /** @param tick called about {@value #TICKS} times a second on the same thread */
    EventQueue(String name, Runnable tick) {
        this.tick = tick;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void listen(Consumer<DataPlaneEvent> sink) {
        this.sink = sink;
    }

    void add(DataPlaneEvent event) {
        if (!queue.offer(event)) {
            lost.set(true);
        }
    }

    private void run() {
        long next = System.nanoTime() + TICK_NANOS;
        while (!closed) {
            try {
                DataPlaneEvent event = queue.poll(Math.max(1, next - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (event != null) {
                    deliver(event);
                }
                if (queue.isEmpty() && lost.getAndSet(false)) {
                    deliver(new DataPlaneEvent.EventsLost());
                }
                if (System.nanoTime() - next >= 0) {
                    next = System.nanoTime() + TICK_NANOS;
                    tick.run();
                }
            } catch (InterruptedException ended) {
                return;
            }
        }
    }

    private void deliver(DataPlaneEvent event) {
        try {
            sink.accept(event);
        } catch (RuntimeException bug) {
            // The listener's bug must not end the plane's events; the thread's handler may report it.
            Thread.UncaughtExceptionHandler handler = thread.getUncaughtExceptionHandler();
            if (handler != null) {
                handler.uncaughtException(thread, bug);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
