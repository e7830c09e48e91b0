package org.xfrmagent.agent.engine;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** How often a peer may send us on: MAX_REDIRECTS within REDIRECT_LOOP_DETECT_PERIOD of RFC 5685, with what that suggests for both. */
final class Redirects {
    private static final int MOST = 5;
    private static final long PERIOD_MILLIS = 300_000;

    private final Map<String, Deque<Long>> byPeer = new HashMap<>();

    /** Whether one more is followed now; it counts. */
    boolean admit(String peer, long now) {
        Deque<Long> times = byPeer.computeIfAbsent(peer, _ -> new ArrayDeque<>());
        while (!times.isEmpty() && times.getFirst() <= now - PERIOD_MILLIS) {
            times.removeFirst();
        }
        if (times.size() >= MOST) {
            return false;
        }
        times.addLast(now);
        return true;
    }
}
