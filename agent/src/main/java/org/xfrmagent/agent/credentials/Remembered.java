package org.xfrmagent.agent.credentials;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Answers for as long as they are good, so many at most: the one that was not asked for longest goes first. */
final class Remembered<K, V> {
    private final int most;
    private final Map<K, Timed<V>> all = new LinkedHashMap<>(16, 0.75f, true);

    private record Timed<V>(V value, Instant until) {}

    Remembered(int most) {
        this.most = most;
    }

    synchronized Optional<V> get(K key, Instant now) {
        Timed<V> found = all.get(key);
        if (found == null) {
            return Optional.empty();
        }
        if (!now.isBefore(found.until())) {
            all.remove(key);
            return Optional.empty();
        }
        return Optional.of(found.value());
    }

    synchronized void put(K key, V value, Instant until) {
        all.put(key, new Timed<>(value, until));
        if (all.size() > most) {
            all.remove(all.keySet().iterator().next());
        }
    }

    synchronized void clear() {
        all.clear();
    }

    synchronized int size() {
        return all.size();
    }
}
