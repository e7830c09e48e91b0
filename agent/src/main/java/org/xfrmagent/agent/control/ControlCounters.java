package org.xfrmagent.agent.control;

import java.util.concurrent.atomic.LongAdder;

/** What became of those who connected. */
final class ControlCounters {
    private final LongAdder clients = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private final LongAdder slow = new LongAdder();

    void arrived() {
        clients.increment();
    }

    void left() {
        clients.decrement();
    }

    void refuse() {
        refused.increment();
    }

    void malform() {
        malformed.increment();
    }

    void slowDown() {
        slow.increment();
    }

    /** Connected now. */
    long clients() {
        return clients.sum();
    }

    /** Turned away: not allowed, or one too many. */
    long refused() {
        return refused.sum();
    }

    /** Closed because they broke the protocol. */
    long malformed() {
        return malformed.sum();
    }

    /** Closed because they did not read. */
    long slow() {
        return slow.sum();
    }
}
