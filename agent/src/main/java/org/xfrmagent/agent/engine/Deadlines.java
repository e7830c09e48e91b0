package org.xfrmagent.agent.engine;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/** Who wants its turn next: sessions by id, peers by name. A change costs the logarithm of their number. */
final class Deadlines<K extends Comparable<K>> {
    private record Due<K>(long at, K who) {}

    private final TreeSet<Due<K>> order = new TreeSet<>(Comparator.<Due<K>>comparingLong(Due::at).thenComparing(Due::who));
    private final Map<K, Due<K>> byKey = new HashMap<>();

    void set(K who, OptionalLong at) {
        Optional.ofNullable(byKey.remove(who)).ifPresent(order::remove);
        if (at.isPresent()) {
            Due<K> due = new Due<>(at.getAsLong(), who);
            order.add(due);
            byKey.put(who, due);
        }
    }

    OptionalLong next() {
        return order.isEmpty() ? OptionalLong.empty() : OptionalLong.of(order.first().at());
    }

    /** Takes the first whose time has come. */
    Optional<K> takeDue(long now) {
        if (order.isEmpty() || order.first().at() > now) {
            return Optional.empty();
        }
        Due<K> due = order.removeFirst();
        byKey.remove(due.who());
        return Optional.of(due.who());
    }
}
