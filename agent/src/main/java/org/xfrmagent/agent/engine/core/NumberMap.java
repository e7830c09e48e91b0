package org.xfrmagent.agent.engine.core;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An immutable map from whole numbers, in their order. A changed copy costs the logarithm of its size and shares the rest, so what
 * differs between two copies is found without looking at the rest: a binary trie with the forks at the bits where keys differ (Okasaki
 * and Gill, "Fast Mergeable Integer Maps", 1998), whose shape depends on its keys alone.
 */
public final class NumberMap<V> implements Iterable<V> {
    private sealed interface Node<V> {
        int size();
    }

    private record Empty<V>() implements Node<V> {
        @Override
        public int size() {
            return 0;
        }
    }

    private record Leaf<V>(long key, V value) implements Node<V> {
        @Override
        public int size() {
            return 1;
        }
    }

    /** The keys below agree with {@code prefix} above {@code bit}; those without that bit are on the left. */
    private record Fork<V>(long prefix, long bit, int size, Node<V> left, Node<V> right) implements Node<V> {
        boolean covers(long key) {
            return above(key, bit) == prefix;
        }

        boolean isLeft(long key) {
            return (key & bit) == 0;
        }

        /** The last key that there is room for. */
        long last() {
            return prefix | (bit << 1) - 1;
        }

        Node<V> with(Node<V> nextLeft, Node<V> nextRight) {
            if (nextLeft instanceof Empty) {
                return nextRight;
            }
            return nextRight instanceof Empty ? nextLeft : new Fork<>(prefix, bit, nextLeft.size() + nextRight.size(), nextLeft, nextRight);
        }
    }

    /**
     * What two maps do not have in common. A value that was replaced is in both lists.
     *
     * @param gone values of the earlier one
     * @param come values of the later one
     */
    public record Difference<V>(List<V> gone, List<V> come) {}

    private static final NumberMap<?> NOTHING = new NumberMap<>(new Empty<>());

    private final Node<V> root;

    private NumberMap(Node<V> root) {
        this.root = root;
    }

    @SuppressWarnings("unchecked") // it has no values
    public static <V> NumberMap<V> empty() {
        return (NumberMap<V>) NOTHING;
    }

    public int size() {
        return root.size();
    }

    public boolean isEmpty() {
        return root instanceof Empty;
    }

    public Optional<V> get(long key) {
        long wanted = unsigned(key);
        Node<V> node = root;
        while (node instanceof Fork<V> fork) {
            node = fork.isLeft(wanted) ? fork.left : fork.right;
        }
        return node instanceof Leaf<V>(long found, V value) && found == wanted ? Optional.of(value) : Optional.empty();
    }

    /** The value at a place, counted from 0 in the order of the keys. */
    public V at(int place) {
        if (place < 0 || place >= size()) {
            throw new IndexOutOfBoundsException(place);
        }
        int left = place;
        Node<V> node = root;
        while (node instanceof Fork<V> fork) {
            boolean here = left < fork.left.size();
            left -= here ? 0 : fork.left.size();
            node = here ? fork.left : fork.right;
        }
        return ((Leaf<V>) node).value;
    }

    /** The lowest key that is at least {@code from}. */
    public Optional<Long> keyFrom(long from) {
        return keyFrom(root, unsigned(from)).map(NumberMap::unsigned);
    }

    private static <V> Optional<Long> keyFrom(Node<V> node, long from) {
        return switch (node) {
            case Empty<V> _ -> Optional.empty();
            case Leaf<V>(long key, _) -> Long.compareUnsigned(key, from) >= 0 ? Optional.of(key) : Optional.empty();
            case Fork<V> fork -> Long.compareUnsigned(fork.last(), from) < 0
                    ? Optional.empty()
                    : keyFrom(fork.left, from).or(() -> keyFrom(fork.right, from));
        };
    }

    /** The values of the keys between {@code from} and {@code to}, both included. */
    public List<V> between(long from, long to) {
        List<V> found = new ArrayList<>();
        if (from <= to) {
            collect(root, unsigned(from), unsigned(to), found);
        }
        return found;
    }

    private static <V> void collect(Node<V> node, long from, long to, List<V> found) {
        switch (node) {
            case Empty<V> _ -> {}
            case Leaf<V>(long key, V value) -> {
                if (Long.compareUnsigned(key, from) >= 0 && Long.compareUnsigned(key, to) <= 0) {
                    found.add(value);
                }
            }
            case Fork<V> fork -> {
                if (Long.compareUnsigned(fork.last(), from) >= 0 && Long.compareUnsigned(fork.prefix, to) <= 0) {
                    collect(fork.left, from, to, found);
                    collect(fork.right, from, to, found);
                }
            }
        }
    }

    public NumberMap<V> with(long key, V value) {
        return new NumberMap<>(with(root, unsigned(key), value));
    }

    private static <V> Node<V> with(Node<V> node, long key, V value) {
        return switch (node) {
            case Empty<V> _ -> new Leaf<>(key, value);
            case Leaf<V> leaf -> leaf.key == key ? new Leaf<>(key, value) : fork(key, new Leaf<>(key, value), leaf.key, leaf);
            case Fork<V> fork -> !fork.covers(key) ? fork(key, new Leaf<>(key, value), fork.prefix, fork)
                    : fork.isLeft(key) ? fork.with(with(fork.left, key, value), fork.right) : fork.with(fork.left, with(fork.right, key, value));
        };
    }

    private static <V> Node<V> fork(long oneKey, Node<V> one, long otherKey, Node<V> other) {
        long bit = Long.highestOneBit(oneKey ^ otherKey);
        boolean first = (oneKey & bit) == 0;
        return new Fork<>(above(oneKey, bit), bit, one.size() + other.size(), first ? one : other, first ? other : one);
    }

    public NumberMap<V> without(long key) {
        return new NumberMap<>(without(root, unsigned(key)));
    }

    private static <V> Node<V> without(Node<V> node, long key) {
        return switch (node) {
            case Empty<V> _ -> node;
            case Leaf<V> leaf -> leaf.key == key ? new Empty<>() : leaf;
            case Fork<V> fork -> !fork.covers(key) ? fork
                    : fork.isLeft(key) ? fork.with(without(fork.left, key), fork.right) : fork.with(fork.left, without(fork.right, key));
        };
    }

    /** What was changed between {@code before} and this. */
    public Difference<V> since(NumberMap<V> before) {
        Difference<V> difference = new Difference<>(new ArrayList<>(), new ArrayList<>());
        compare(before.root, root, difference);
        return difference;
    }

    @SuppressWarnings("ReferenceEquality") // a part that is the very same has not changed; an equal one may be said to have
    private static <V> void compare(Node<V> before, Node<V> after, Difference<V> difference) {
        if (before == after) {
            return;
        }
        if (before instanceof Fork<V> was && after instanceof Fork<V> is && was.bit == is.bit && was.prefix == is.prefix) {
            compare(was.left, is.left, difference);
            compare(was.right, is.right, difference);
        } else if (before instanceof Fork<V> was && !(after instanceof Empty) && isAbove(was, after)) {
            boolean left = was.isLeft(key(after));
            compare(left ? was.left : was.right, after, difference);
            each(left ? was.right : was.left, difference.gone::add);
        } else if (after instanceof Fork<V> is && !(before instanceof Empty) && isAbove(is, before)) {
            boolean left = is.isLeft(key(before));
            compare(before, left ? is.left : is.right, difference);
            each(left ? is.right : is.left, difference.come::add);
        } else if (!(before instanceof Leaf<V> was && after instanceof Leaf<V> is && was.key == is.key && was.value == is.value)) {
            each(before, difference.gone::add);
            each(after, difference.come::add);
        }
    }

    private static <V> boolean isAbove(Fork<V> fork, Node<V> other) {
        boolean wider = !(other instanceof Fork<V> narrow) || Long.compareUnsigned(fork.bit, narrow.bit) > 0;
        return wider && fork.covers(key(other));
    }

    private static <V> long key(Node<V> node) {
        return switch (node) {
            case Empty<V> _ -> throw new IllegalStateException("nothing has no key");
            case Leaf<V> leaf -> leaf.key;
            case Fork<V> fork -> fork.prefix;
        };
    }

    private static <V> void each(Node<V> node, Consumer<V> sink) {
        new NumberMap<>(node).forEach(sink);
    }

    @Override
    public Iterator<V> iterator() {
        Deque<Node<V>> ahead = new ArrayDeque<>();
        if (!isEmpty()) {
            ahead.push(root);
        }
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !ahead.isEmpty();
            }

            @Override
            public V next() {
                if (ahead.isEmpty()) {
                    throw new NoSuchElementException();
                }
                Node<V> node = ahead.pop();
                while (node instanceof Fork<V> fork) {
                    ahead.push(fork.right);
                    node = fork.left;
                }
                return ((Leaf<V>) node).value;
            }
        };
    }

    private static long above(long key, long bit) {
        return key & -bit & ~bit;
    }

    /** In the order of numbers without a sign what they are with one, and back. */
    private static long unsigned(long key) {
        return key ^ Long.MIN_VALUE;
    }
}
