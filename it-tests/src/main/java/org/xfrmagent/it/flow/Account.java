package org.xfrmagent.it.flow;

import java.util.BitSet;
import java.util.StringJoiner;

/** What became of numbered packets. For one thread at a time, except {@link #received()}. */
final class Account {
    private final BitSet arrived = new BitSet();
    private long different;
    private volatile long received;
    private long duplicated;
    private long late;
    private int highest = -1;

    void arrived(int number) {
        if (arrived.get(number)) {
            duplicated++;
            return;
        }
        arrived.set(number);
        if (number < highest) {
            late++;
        }
        highest = Math.max(highest, number);
        received = ++different;
    }

    /** Different packets so far. */
    long received() {
        return received;
    }

    long missing(int from, int to) {
        return (long) to - from - arrived.get(from, to).cardinality();
    }

    Flow.Report report(String name, int sent) {
        StringJoiner missing = new StringJoiner(", ");
        int ranges = 0;
        for (int from = arrived.nextClearBit(0); from < sent; ) {
            int next = arrived.nextSetBit(from);
            int to = next < 0 ? sent : Math.min(next, sent);
            if (++ranges <= Flow.RANGES_SHOWN) {
                missing.add(to - from == 1 ? Integer.toString(from) : from + "–" + (to - 1));
            }
            from = arrived.nextClearBit(to);
        }
        if (ranges > Flow.RANGES_SHOWN) {
            missing.add("… (" + ranges + " gaps)");
        }
        return new Flow.Report(name, sent, sent - received, missing.toString(), duplicated, late);
    }
}
