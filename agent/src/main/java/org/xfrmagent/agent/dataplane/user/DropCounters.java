package org.xfrmagent.agent.dataplane.user;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How many packets were dropped for each reason. */
public final class DropCounters {
    private final Map<DropReason, LongAdder> counters = new EnumMap<>(DropReason.class);

    DropCounters() {
        for (DropReason reason : DropReason.values()) {
            counters.put(reason, new LongAdder());
        }
    }

    void count(DropReason reason) {
        count(reason, 1);
    }

    void count(DropReason reason, int packets) {
        LongAdder counter = counters.get(reason);
        if (counter != null) {
            counter.add(packets);
        }
    }

    public long get(DropReason reason) {
        LongAdder counter = counters.get(reason);
        return counter == null ? 0 : counter.sum();
    }

    /** Those that are not zero. */
    public Map<DropReason, Long> nonZero() {
        Map<DropReason, Long> result = new EnumMap<>(DropReason.class);
        counters.forEach((reason, counter) -> {
            if (counter.sum() > 0) {
                result.put(reason, counter.sum());
            }
        });
        return result;
    }
}
