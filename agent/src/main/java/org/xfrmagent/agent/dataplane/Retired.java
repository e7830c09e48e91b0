package org.xfrmagent.agent.dataplane;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * SAs that an {@link Operation.RetireSa} took out of use, or the ids that an {@link Operation.MoveSa} took from them, until nothing can
 * be under way there any more. Safe for threads.
 */
public final class Retired {
    /** Longer than any packet waits in a queue; strongSwan keeps a rekeyed SA as long. */
    public static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** When each is to go, the first first: all have the same time. */
    private final Map<SaId, Long> deadlines = new LinkedHashMap<>();

    /** @param now nanoseconds of a clock that never goes back, as everywhere here */
    public synchronized void add(SaId id, long now) {
        deadlines.putIfAbsent(id, now + GRACE_NANOS);
    }

    /** Takes out those whose time is over. */
    public synchronized List<SaId> takeDue(long now) {
        List<SaId> due = new ArrayList<>();
        Iterator<Map.Entry<SaId, Long>> oldest = deadlines.entrySet().iterator();
        while (oldest.hasNext()) {
            Map.Entry<SaId, Long> each = oldest.next();
            if (each.getValue() - now > 0) {
                break;
            }
            due.add(each.getKey());
            oldest.remove();
        }
        return due;
    }

    /** Nanoseconds until the next one is due, at least 0; empty if there is none. */
    public synchronized OptionalLong next(long now) {
        return deadlines.values().stream().mapToLong(deadline -> Math.max(0, deadline - now)).findFirst();
    }

    /** It is in use again, or gone. Whether it was here. */
    public synchronized boolean forget(SaId id) {
        return deadlines.remove(id) != null;
    }

    public synchronized Set<SaId> all() {
        return Set.copyOf(deadlines.keySet());
    }
}
