package org.xfrmagent.agent.engine.core;

import java.util.AbstractList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.SaId;

/**
 * The children of a session, oldest first: an immutable list that finds what it is asked for, and whose changed copies are made, at a cost
 * that hardly depends on how many there are.
 */
public final class ChildSas extends AbstractList<ChildSa> {
    public static final ChildSas NONE = new ChildSas(
            NumberMap.empty(), NumberMap.empty(), new Grouped<>(NumberMap.empty()), new Grouped<>(NumberMap.empty()),
            new Grouped<>(NumberMap.empty()), NumberMap.empty(), 0, Long.MIN_VALUE);

    /** Children are numbered in the order of their coming; most other maps say by something else what their numbers are. */
    private final NumberMap<ChildSa> inOrder;

    private final NumberMap<Long> bySerial;
    private final Grouped<ChildSa> bySpi;
    private final Grouped<ChildSa> byPolicy;
    private final Grouped<ChildSa> byPredecessor;
    private final NumberMap<NumberMap<ChildSa>> byDeadline;
    private final long next;
    private final long lookedAt;

    private ChildSas(
            NumberMap<ChildSa> inOrder, NumberMap<Long> bySerial, Grouped<ChildSa> bySpi, Grouped<ChildSa> byPolicy, Grouped<ChildSa> byPredecessor,
            NumberMap<NumberMap<ChildSa>> byDeadline, long next, long lookedAt) {
        this.inOrder = inOrder;
        this.bySerial = bySerial;
        this.bySpi = bySpi;
        this.byPolicy = byPolicy;
        this.byPredecessor = byPredecessor;
        this.byDeadline = byDeadline;
        this.next = next;
        this.lookedAt = lookedAt;
    }

    /** These in their order; of those with one serial the last. */
    public static ChildSas of(List<ChildSa> children) {
        if (children instanceof ChildSas same) {
            return same;
        }
        ChildSas all = NONE;
        for (ChildSa child : children) {
            all = all.with(child);
        }
        return all;
    }

    /** With {@code child} in the place of the one that has its serial, or else at the end. */
    public ChildSas with(ChildSa child) {
        Optional<Long> place = bySerial.get(child.serial());
        long number = place.orElse(next);
        ChildSas rest = place.flatMap(inOrder::get).map(before -> unlisted(before, child)).orElse(this);
        Grouped<ChildSa> spis = rest.bySpi;
        for (SaId id : child.sas()) {
            spis = spis.with(id.spi(), number, child);
        }
        NumberMap<NumberMap<ChildSa>> deadlines = rest.byDeadline;
        for (long at : deadlines(child)) {
            deadlines = deadlines.with(at, deadlines.get(at).orElse(NumberMap.empty()).with(number, child));
        }
        return new ChildSas(
                inOrder.with(number, child), place.isPresent() ? bySerial : bySerial.with(child.serial(), number), spis,
                rest.byPolicy.with(child.name().hashCode(), number, child),
                child.replaces().isPresent() ? rest.byPredecessor.with(child.replaces().getAsInt(), number, child) : rest.byPredecessor,
                deadlines, Math.max(next, number + 1), lookedAt);
    }

    public ChildSas without(int serial) {
        Optional<Long> place = bySerial.get(serial);
        if (place.isEmpty()) {
            return this;
        }
        long number = place.get();
        ChildSa child = inOrder.get(number).orElseThrow();
        NumberMap<NumberMap<ChildSa>> deadlines = byDeadline;
        for (long at : deadlines(child)) {
            deadlines = withoutDeadline(deadlines, at, number);
        }
        Grouped<ChildSa> spis = bySpi;
        for (SaId id : child.sas()) {
            spis = spis.without(id.spi(), number);
        }
        return new ChildSas(
                inOrder.without(number), bySerial.without(serial), spis,
                byPolicy.without(child.name().hashCode(), number),
                child.replaces().isPresent() ? byPredecessor.without(child.replaces().getAsInt(), number) : byPredecessor, deadlines, next, lookedAt);
    }

    /** Without what {@code before} is found by and {@code after} is not: of a child that changes this is mostly nothing. */
    private ChildSas unlisted(ChildSa before, ChildSa after) {
        boolean same = before.inbound().spi() == after.inbound().spi()
                && before.outbound().spi() == after.outbound().spi()
                && before.cpis().equals(after.cpis())
                && before.name().equals(after.name())
                && before.replaces().equals(after.replaces())
                && deadlines(before).equals(deadlines(after));
        return same ? this : without(before.serial());
    }

    private static NumberMap<NumberMap<ChildSa>> withoutDeadline(NumberMap<NumberMap<ChildSa>> all, long at, long number) {
        NumberMap<ChildSa> left = all.get(at).orElse(NumberMap.empty()).without(number);
        return left.isEmpty() ? all.without(at) : all.with(at, left);
    }

    private static List<Long> deadlines(ChildSa child) {
        return List.of(child.rekeyAt(), child.deleteAt()).stream().filter(at -> at != Long.MAX_VALUE).distinct().toList();
    }

    // ---- who is it?

    public Optional<ChildSa> numbered(int serial) {
        return bySerial.get(serial).flatMap(inOrder::get);
    }

    /** Those with an SA in either direction that has this SPI or CPI; the peer may have chosen the same as we. */
    public List<ChildSa> withSpi(int spi) {
        return bySpi.of(spi);
    }

    /** The child that {@code id} is an SA of. */
    public Optional<ChildSa> owner(SaId id) {
        return withSpi(id.spi()).stream().filter(child -> child.sas().contains(id)).findFirst();
    }

    /** Those of one policy. */
    public List<ChildSa> named(String policy) {
        return byPolicy.of(policy.hashCode()).stream().filter(child -> child.name().equals(policy)).toList();
    }

    /** Those that succeed the child with this serial. */
    public List<ChildSa> successors(int serial) {
        return byPredecessor.of(serial);
    }

    // ---- when is its time over?

    /** When the next of them comes to {@link ChildSa#rekeyAt} or {@link ChildSa#deleteAt}, since {@link #lookedAt}; else the end of time. */
    public long nextDeadline() {
        return byDeadline.keyFrom(lookedAt + 1).orElse(Long.MAX_VALUE);
    }

    /** Those that came to it until {@code now}, since {@link #lookedAt}. */
    public List<ChildSa> due(long now) {
        return byDeadline.between(lookedAt + 1, now).stream()
                .<ChildSa>mapMulti((children, sink) -> children.forEach(sink))
                .distinct()
                .toList();
    }

    /** The same, once it is seen to those that are {@link #due}: they are not named again. */
    public ChildSas lookedAt(long now) {
        return new ChildSas(inOrder, bySerial, bySpi, byPolicy, byPredecessor, byDeadline, next, Math.max(now, lookedAt));
    }

    // ---- the list

    /** Those that came, went or changed. */
    public NumberMap.Difference<ChildSa> since(ChildSas before) {
        return inOrder.since(before.inOrder);
    }

    @Override
    public ChildSa get(int index) {
        return inOrder.at(index);
    }

    @Override
    public int size() {
        return inOrder.size();
    }

    @Override
    public Iterator<ChildSa> iterator() {
        return inOrder.iterator();
    }
}
