package org.xfrmagent.agent.engine.core;

import java.util.List;

/** Values in groups, each by a number that it has in its group only once; in a group they are in the order of those numbers. */
record Grouped<V>(NumberMap<V> all) {
    private static final long MOST = (1L << 32) - 1;

    /** @param number 0 to 2^32 − 1 */
    Grouped<V> with(int group, long number, V value) {
        return new Grouped<>(all.with(key(group, number), value));
    }

    Grouped<V> without(int group, long number) {
        return new Grouped<>(all.without(key(group, number)));
    }

    List<V> of(int group) {
        return all.between(key(group, 0), key(group, MOST));
    }

    private static long key(int group, long number) {
        if (number < 0 || number > MOST) {
            throw new IllegalArgumentException("a number of " + number);
        }
        return (long) group << 32 | number;
    }
}
