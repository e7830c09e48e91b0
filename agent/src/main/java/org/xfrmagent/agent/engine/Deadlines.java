package org.xfrmagent.agent.engine;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** Which session wants its tick next. A change costs the logarithm of their number. */
final class Deadlines {
    private record Due(long at, long session) {}

    private final TreeSet<Due> order = new TreeSet<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::session));
    private final Map<Long, Due> bySession = new HashMap<>();

    void set(long session, OptionalLong at) {
        Optional.ofNullable(bySession.remove(session)).ifPresent(order::remove);
        if (at.isPresent()) {
            Due due = new Due(at.getAsLong(), session);
            order.add(due);
            bySession.put(session, due);
        }
    }

    OptionalLong next() {
        return order.isEmpty() ? OptionalLong.empty() : OptionalLong.of(order.first().at());
    }

    /** Takes the first session whose time has come. */
    Optional<Long> takeDue(long now) {
        if (order.isEmpty() || order.first().at() > now) {
            return Optional.empty();
        }
        Due due = order.removeFirst();
        bySession.remove(due.session());
        return Optional.of(due.session());
    }
}
