package org.xfrmagent.agent.dataplane.xfrm;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.netlink.xfrm.XfrmCounters;
import org.xfrmagent.netlink.xfrm.XfrmState;

/**
 * When an SA was last used. Kernels from 6.2 on tell. Older ones tell only the first use, so there an SA whose packet counter has
 * moved since it was last asked about counts as used just now: at most one asking interval too optimistic.
 */
final class LastUses {
    private record Seen(long packets, long second) {}

    private final Map<SaId, Seen> seen = new ConcurrentHashMap<>();

    /** @param now seconds since 1970 */
    Usage usage(SaId id, XfrmState state, long now) {
        XfrmCounters counters = state.counters();
        return new Usage(counters.bytes(), counters.packets(), secondsAgo(id, state, now));
    }

    private long secondsAgo(SaId id, XfrmState state, long now) {
        XfrmCounters counters = state.counters();
        if (state.lastUsed() != 0) {
            return Math.max(0, now - state.lastUsed());
        }
        if (counters.packets() == 0) {
            return -1;
        }
        Seen last = seen.compute(id, (_, before) -> {
            if (before == null) {
                // The first question: all we know is when the first packet came.
                return new Seen(counters.packets(), counters.packets() == 1 ? counters.useTime() : now);
            }
            return before.packets == counters.packets() ? before : new Seen(counters.packets(), now);
        });
        return Math.max(0, now - last.second);
    }

    void forget(SaId id) {
        seen.remove(id);
    }

    void forgetAll(Set<SaId> gone) {
        seen.keySet().removeAll(gone);
    }
}
