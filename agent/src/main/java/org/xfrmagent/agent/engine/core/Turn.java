package org.xfrmagent.agent.engine.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/**
 * One step in the making: the session as the handlers change it, and what they ask for. It lives for one input on one thread;
 * when a handler throws it is thrown away with all it holds.
 */
public final class Turn {
    private final Moment at;
    private final Supplier<Neighbours> neighbours;
    private final TokenSignatures signatures;
    private final List<Action> actions = new ArrayList<>();
    private final List<Runnable> afterwards = new ArrayList<>();
    private final List<Runnable> unlessTaken = new ArrayList<>();
    private Session session;
    private Optional<Path> arrival = Optional.empty();

    public Turn(Session session, Moment at) {
        this(session, at, () -> Neighbours.NONE);
    }

    public Turn(Session session, Moment at, Supplier<Neighbours> neighbours) {
        this(session, at, neighbours, TokenSignatures.NONE);
    }

    /** @param neighbours the other sessions with the peer: there may be thousands, and few steps ask */
    public Turn(Session session, Moment at, Supplier<Neighbours> neighbours, TokenSignatures signatures) {
        this.session = session;
        this.at = at;
        this.neighbours = neighbours;
        this.signatures = signatures;
    }

    public Session session() {
        return session;
    }

    public Neighbours neighbours() {
        return neighbours.get();
    }

    /** What tokens have signed for this step. */
    public TokenSignatures signatures() {
        return signatures;
    }

    public Moment at() {
        return at;
    }

    public long now() {
        return at.millis();
    }

    public void change(UnaryOperator<Session> how) {
        session = how.apply(session);
    }

    /** The one place where a phase ends and the next begins. */
    public void enter(Phase next, String story) {
        if (session.phase() instanceof Phase.Closed) {
            throw new IllegalStateException("a closed session cannot become " + next.label());
        }
        session = session.withPhase(next);
        emit(new Event.Entered(next.label(), story));
    }

    public IkeSa ikeSa() {
        return session.phase().ikeSa().orElseThrow(() -> new IllegalStateException("no IKE SA while " + session.phase().label()));
    }

    public void ikeSa(IkeSa next) {
        session = session.withPhase(session.phase().withIkeSa(next));
    }

    public void send(List<Bytes> datagrams) {
        send(session.path(), datagrams);
    }

    public void send(Path path, List<Bytes> datagrams) {
        for (Bytes datagram : datagrams) {
            actions.add(new Action.Send(path, datagram));
        }
        session = session.sentAt(now());
    }

    /** The datagram of this turn came on {@code path}, which need not be the session's. */
    public void arrived(Path path) {
        arrival = Optional.of(path);
    }

    /** Where the datagram of this turn came from; the session's path if it is about something else. */
    public Path arrival() {
        return arrival.orElse(session.path());
    }

    public void emit(Event event) {
        actions.add(new Action.Emit(event));
    }

    public void start(Job job, Awaiting awaiting) {
        long ticket = session.nextTicket();
        Map<Long, Awaiting> jobs = new HashMap<>(session.jobs());
        jobs.put(ticket, awaiting);
        session = session.withJobs(jobs, ticket + 1);
        actions.add(new Action.Do(ticket, job));
    }

    /** What {@code ticket} was for, once. */
    public Optional<Awaiting> take(long ticket) {
        Map<Long, Awaiting> jobs = new HashMap<>(session.jobs());
        Optional<Awaiting> found = Optional.ofNullable(jobs.remove(ticket));
        session = session.withJobs(jobs, session.nextTicket());
        return found;
    }

    /** Queues {@code task} before all others. */
    public void queueFirst(Task task) {
        session = session.withTasks(session.tasks().without(task).withFirst(task));
    }

    public void queue(Task task) {
        if (!session.tasks().has(task)) {
            session = session.withTasks(session.tasks().with(task));
        }
    }

    /** Queues {@code task} in so many milliseconds; once for equal tasks. */
    public void queueIn(long millis, Task task) {
        session = session.withDelayed(session.delayed().without(task).with(new Task.Delayed(task, now() + millis)));
    }

    /** Forgets tasks about {@code topic} (see {@link Task#topic}), those for later as well. */
    public void forget(Object topic, Predicate<Task> which) {
        TaskList<Task> tasks = session.tasks();
        for (Task task : tasks.about(topic)) {
            tasks = which.test(task) ? tasks.without(task) : tasks;
        }
        TaskList<Task.Delayed> delayed = session.delayed();
        for (Task task : delayed.about(topic)) {
            delayed = which.test(task) ? delayed.without(task) : delayed;
        }
        session = session.withTasks(tasks).withDelayed(delayed);
    }

    /** Forgets delayed tasks of one kind, which are about nothing else. */
    public void cancelDelayed(Class<? extends Task> kind) {
        TaskList<Task.Delayed> delayed = session.delayed();
        for (Task task : delayed.about(kind)) {
            delayed = delayed.without(task);
        }
        session = session.withDelayed(delayed);
    }

    /** Wipes {@code secret} when, and only when, this step is taken. */
    public void wipe(Secret secret) {
        afterwards.add(secret::wipe);
    }

    public void afterwards(Runnable wiping) {
        afterwards.add(wiping);
    }

    /** Runs {@code wiping} of what this step has computed if it is not taken, since it is computed once more. */
    public void unlessTaken(Runnable wiping) {
        unlessTaken.add(wiping);
    }

    /** This step is not taken: a token has to sign first. */
    public void abandon() {
        unlessTaken.forEach(Runnable::run);
    }

    public Step finish() {
        afterwards.forEach(Runnable::run);
        return new Step(session, actions);
    }
}
