package org.xfrmagent.agent.dataplane.xfrm;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.netlink.xfrm.XfrmCounters;

/**
 * How long ago an SA was last used. The kernel tells that by its wall clock, and only from 6.2 on; somebody sets that clock back by an
 * hour, and an SA that is dead would seem in use for an hour. So the packet counter says whether there was a use, a clock that never
 * steps says when, and the kernel's time only which moment between two questions it was.
 */
final class LastUses {
    /** In seconds of the clock that never steps. */
    private record Seen(long packets, long usedAt, long askedAt) {}

    private final LongSupplier seconds;
    private final Map<SaId, Seen> seen = new ConcurrentHashMap<>();

    /** @param seconds a clock that never steps */
    LastUses(LongSupplier seconds) {
        this.seconds = seconds;
    }

    /**
     * @param lastUsed when, in seconds since 1970; 0 if the kernel does not tell
     * @param wallClock seconds since 1970
     */
    Usage usage(SaId id, XfrmCounters counters, long lastUsed, long wallClock) {
        if (counters.packets() == 0) {
            return new Usage(counters.bytes(), 0, -1);
        }
        long now = seconds.getAsLong();
        Seen latest = seen.compute(id, (_, before) -> {
            if (before != null && before.packets == counters.packets()) {
                return new Seen(before.packets, before.usedAt, now);
            }
            long told = lastUsed != 0 ? lastUsed : before == null && counters.packets() == 1 ? counters.useTime() : wallClock;
            long ago = Math.max(0, wallClock - told);
            return new Seen(counters.packets(), now - (before == null ? ago : Math.min(ago, now - before.askedAt)), now);
        });
        return new Usage(counters.bytes(), counters.packets(), now - latest.usedAt);
    }

    void forget(SaId id) {
        seen.remove(id);
    }

    void forgetAll(Set<SaId> gone) {
        seen.keySet().removeAll(gone);
    }

    /** Forgets all others. */
    void retain(Set<SaId> existing) {
        seen.keySet().retainAll(existing);
    }
}
