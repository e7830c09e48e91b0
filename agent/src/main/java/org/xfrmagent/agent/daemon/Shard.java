package org.xfrmagent.agent.daemon;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.Doorkeeper;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;

/**
 * One thread and the sessions it owns. Whatever happens to them arrives in the mailbox; nothing else touches the endpoint. Newcomers
 * have a queue of their own, short, and their turn after the mailbox: a flood of them makes no session wait. Other threads see each
 * session as it was last published, an immutable value: one volatile write for each that a step changed, before anybody hears of the
 * step.
 */
final class Shard implements AutoCloseable {
    /** Datagrams that may wait; what comes beyond is dropped, as a full socket buffer would. */
    static final int MOST_WAITING = 8_192;

    /** Those of newcomers: each may cost a key exchange. */
    static final int MOST_STRANGERS = 512;

    /** What is taken from the mailbox at once, before newcomers and deadlines have their turn. */
    private static final int STEPS_AT_ONCE = 64;

    /** Newcomers between two looks at the mailbox: some milliseconds of key exchanges, which is what the sessions wait for them. */
    private static final int STRANGERS_AT_ONCE = 8;
    private static final long IDLE_MILLIS = 60_000;
    private static final long CLOSE_MILLIS = 1_000;

    /** One thing to do with the endpoint, on the shard's thread. */
    @FunctionalInterface
    interface Work {
        List<Output> on(Endpoint endpoint, Moment at);
    }

    /** Carries out what the endpoint asks for. Called on the shard's thread. */
    @FunctionalInterface
    interface Outlet {
        void deliver(Shard shard, List<Output> outputs);
    }

    private final int number;
    private final Endpoint endpoint;
    private final Outlet outlet;
    private final EventHub events;
    private final LongSupplier millis;
    private final SecureRandom entropy = new SecureRandom();
    private final LinkedBlockingQueue<Work> mailbox = new LinkedBlockingQueue<>();
    private final ArrayBlockingQueue<Work> strangers = new ArrayBlockingQueue<>(MOST_STRANGERS);
    /** Whether the thread knows that strangers are there. */
    private final AtomicBoolean called = new AtomicBoolean();
    private final Thread thread;
    private final CountDownLatch left = new CountDownLatch(1);
    /** Read and written by the shard's thread only. */
    private boolean leaving;
    private final Map<Long, Session> published = new ConcurrentHashMap<>();
    private volatile boolean closed;
    private volatile boolean working;

    /** @param millis the engine's clock: never goes back */
    Shard(int number, Endpoint endpoint, Outlet outlet, EventHub events, LongSupplier millis) {
        this.number = number;
        this.endpoint = endpoint;
        this.outlet = outlet;
        this.events = events;
        this.millis = millis;
        this.thread = Thread.ofPlatform().name("shard-" + number).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    int number() {
        return number;
    }

    long now() {
        return millis.getAsLong();
    }

    /** The sessions by id, each as the last published step left it. */
    Map<Long, Session> sessions() {
        return Collections.unmodifiableMap(published);
    }

    void post(Work work) {
        mailbox.add(work);
    }

    /** A doorkeeper for one more reading thread. */
    Doorkeeper doorkeeper() {
        return endpoint.doorkeeper(new Moment(now(), entropy));
    }

    /** A datagram for a session, without non-ESP marker. */
    void datagram(Path path, Bytes datagram) {
        if (mailbox.size() >= MOST_WAITING) {
            events.drop(Event.Rule.OVERLOADED, () -> path + ": " + MOST_WAITING + " inputs are waiting already");
            return;
        }
        post((to, at) -> receive(to, path, datagram, at));
    }

    /** A datagram of somebody new, whose turn comes after those of the sessions. */
    void stranger(Path path, Bytes datagram) {
        if (!strangers.offer((to, at) -> receive(to, path, datagram, at))) {
            events.drop(Event.Rule.OVERLOADED, () -> path + ": " + MOST_STRANGERS + " newcomers are waiting already");
        } else if (called.compareAndSet(false, true)) {
            post((_, _) -> List.of());
        }
    }

    private List<Output> receive(Endpoint to, Path path, Bytes datagram, Moment at) {
        Optional<Session> before = to.addressed(datagram);
        List<Output> outputs = to.datagram(path, datagram, at);
        events.messages().received(datagram, before, before.flatMap(session -> Optional.ofNullable(to.sessions().get(session.id()))), outputs);
        return outputs;
    }

    /** Newcomers whose turn has not come. */
    int strangers() {
        return strangers.size();
    }

    /** Inputs whose turn has not come, those of newcomers aside. */
    int waiting() {
        return mailbox.size();
    }

    /** Whether it is not waiting for anything. */
    boolean isWorking() {
        return working;
    }

    private void run() {
        List<Work> due = new ArrayList<>();
        while (!closed) {
            try {
                await(due);
            } catch (InterruptedException ended) {
                return;
            }
            called.set(false);
            strangers.drainTo(due, STRANGERS_AT_ONCE);
            for (Work work : due) {
                step(work);
            }
            due.clear();
            OptionalLong deadline = endpoint.nextDeadline();
            if (deadline.isPresent() && deadline.getAsLong() <= now()) {
                step(Endpoint::tick);
            }
            if (leaving && published.isEmpty()) {
                left.countDown();
            }
        }
    }

    private void publish() {
        for (Long id : endpoint.takeChanged()) {
            Session session = endpoint.sessions().get(id);
            if (session == null) {
                published.remove(id);
            } else {
                published.put(id, session);
            }
        }
    }

    /** Waits until what was posted so far is done and no session is left, {@code most} milliseconds at the longest. */
    void goodbye(long most) throws InterruptedException {
        post((_, _) -> {
            leaving = true;
            return List.of();
        });
        var _ = left.await(most, TimeUnit.MILLISECONDS);
    }

    /** Waits for work or for the endpoint's next deadline, whichever comes first. */
    private void await(List<Work> due) throws InterruptedException {
        long patience = strangers.isEmpty() ? patience(endpoint.nextDeadline(), now()) : 0;
        working = false;
        Work first = mailbox.poll(patience, TimeUnit.MILLISECONDS);
        working = true;
        if (first != null) {
            due.add(first);
            mailbox.drainTo(due, STEPS_AT_ONCE - 1);
        }
    }

    /** Milliseconds to wait for work. A deadline may lie as far back as there are numbers, so it is compared before it is subtracted. */
    static long patience(OptionalLong deadline, long now) {
        if (deadline.isEmpty()) {
            return IDLE_MILLIS;
        }
        return deadline.getAsLong() <= now ? 0 : Math.min(deadline.getAsLong() - now, IDLE_MILLIS);
    }

    private void step(Work work) {
        try {
            List<Output> outputs = work.on(endpoint, new Moment(now(), entropy));
            events.messages().sent(outputs);
            // Before anybody hears of it: who is told that a child is up finds it among the sessions.
            publish();
            outlet.deliver(this, outputs);
        } catch (RuntimeException bug) {
            // Whatever an input did to us, the other sessions of this shard go on.
            StackTraceElement[] where = bug.getStackTrace();
            events.note(new Event.Dropped(Event.Rule.BUG, bug + (where.length > 0 ? " at " + where[0] : "")));
        }
    }

    /** Ends the thread and waits for it, a second at most. */
    @Override
    public void close() {
        closed = true;
        post((_, _) -> List.of());
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
