package org.xfrmagent.agent.engine.core;

import java.util.AbstractList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Tasks in the order of their turn, or delayed ones in the order of their coming: an immutable list, whose changed copies and answers cost
 * hardly more where there are many.
 */
public final class TaskList<E> extends AbstractList<E> {
    /** Room before and after: what is queued first is numbered downwards. */
    private static final long MIDDLE = 1L << 31;

    private static final TaskList<Task> NONE_WAITING = new TaskList<>(
            new Kind<>(task -> task, _ -> Long.MAX_VALUE), NumberMap.empty(), new Grouped<>(NumberMap.empty()), NumberMap.empty(), MIDDLE, MIDDLE);
    private static final TaskList<Task.Delayed> NONE_DELAYED = new TaskList<>(
            new Kind<>(Task.Delayed::task, Task.Delayed::at), NumberMap.empty(), new Grouped<>(NumberMap.empty()), NumberMap.empty(), MIDDLE, MIDDLE);

    /** How an element tells its task, and the time of one that is delayed. */
    private record Kind<E>(Function<E, Task> task, ToLongFunction<E> time) {}

    private record Placed<E>(long number, E what) {}

    private final Kind<E> kind;
    private final NumberMap<Placed<E>> inOrder;
    private final Grouped<Placed<E>> byTopic;
    private final NumberMap<NumberMap<Placed<E>>> byTime;
    private final long first;
    private final long next;

    private TaskList(
            Kind<E> kind, NumberMap<Placed<E>> inOrder, Grouped<Placed<E>> byTopic, NumberMap<NumberMap<Placed<E>>> byTime, long first, long next) {
        this.kind = kind;
        this.inOrder = inOrder;
        this.byTopic = byTopic;
        this.byTime = byTime;
        this.first = first;
        this.next = next;
    }

    public static TaskList<Task> waiting(List<Task> tasks) {
        return tasks instanceof TaskList<Task> same ? same : NONE_WAITING.withAll(tasks);
    }

    public static TaskList<Task.Delayed> delayed(List<Task.Delayed> tasks) {
        return tasks instanceof TaskList<Task.Delayed> same ? same : NONE_DELAYED.withAll(tasks);
    }

    private TaskList<E> withAll(List<E> more) {
        TaskList<E> all = this;
        for (E one : more) {
            all = all.with(one);
        }
        return all;
    }

    /** With one more, after all others. */
    public TaskList<E> with(E last) {
        return put(new Placed<>(next, last), first, next + 1);
    }

    /** With one more, before all others. */
    public TaskList<E> withFirst(E earliest) {
        return put(new Placed<>(first - 1, earliest), first - 1, next);
    }

    private TaskList<E> put(Placed<E> one, long nextFirst, long nextNext) {
        long at = kind.time.applyAsLong(one.what);
        return new TaskList<>(
                kind, inOrder.with(one.number, one), byTopic.with(topic(one.what), one.number, one),
                at == Long.MAX_VALUE ? byTime : byTime.with(at, byTime.get(at).orElse(NumberMap.empty()).with(one.number, one)), nextFirst, nextNext);
    }

    /** Without the first that is about {@code task}. */
    public TaskList<E> without(Task task) {
        return placed(task).map(this::take).orElse(this);
    }

    public TaskList<E> withoutFirst() {
        return isEmpty() ? this : take(inOrder.at(0));
    }

    private TaskList<E> take(Placed<E> one) {
        long at = kind.time.applyAsLong(one.what);
        NumberMap<Placed<E>> sameTime = byTime.get(at).orElse(NumberMap.empty()).without(one.number);
        boolean last = size() == 1;
        return new TaskList<>(
                kind, inOrder.without(one.number), byTopic.without(topic(one.what), one.number),
                sameTime.isEmpty() ? byTime.without(at) : byTime.with(at, sameTime), last ? MIDDLE : first, last ? MIDDLE : next);
    }

    private int topic(E one) {
        return kind.task.apply(one).topic().hashCode();
    }

    private Optional<Placed<E>> placed(Task task) {
        return byTopic.of(task.topic().hashCode()).stream().filter(one -> kind.task.apply(one.what).equals(task)).findFirst();
    }

    /** Whether {@code task} is among them. */
    public boolean has(Task task) {
        return placed(task).isPresent();
    }

    /** The tasks with this {@link Task#topic}. */
    public List<Task> about(Object topic) {
        return byTopic.of(topic.hashCode()).stream()
                .map(one -> kind.task.apply(one.what))
                .filter(task -> task.topic().equals(topic))
                .toList();
    }

    /** When the first delayed one is due, in milliseconds; else the end of time. */
    public long nextAt() {
        return byTime.keyFrom(Long.MIN_VALUE).orElse(Long.MAX_VALUE);
    }

    /** The delayed ones whose time has come, in the order of their coming. */
    public List<E> due(long now) {
        return placedUntil(now).sorted(Comparator.comparingLong(Placed::number)).map(Placed::what).toList();
    }

    /** Without those. */
    public TaskList<E> withoutDue(long now) {
        TaskList<E> rest = this;
        for (Placed<E> one : placedUntil(now).toList()) {
            rest = rest.take(one);
        }
        return rest;
    }

    private Stream<Placed<E>> placedUntil(long now) {
        return byTime.between(Long.MIN_VALUE, now).stream().mapMulti((sameTime, sink) -> sameTime.forEach(sink));
    }

    /** What came, went or changed its place. */
    public List<Task> since(TaskList<E> before) {
        NumberMap.Difference<Placed<E>> difference = inOrder.since(before.inOrder);
        difference.gone().addAll(difference.come());
        return difference.gone().stream().map(one -> kind.task.apply(one.what)).toList();
    }

    @Override
    public E get(int index) {
        return inOrder.at(index).what;
    }

    @Override
    public int size() {
        return inOrder.size();
    }

    @Override
    public Iterator<E> iterator() {
        Iterator<Placed<E>> all = inOrder.iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public E next() {
                return all.next().what;
            }
        };
    }
}
