package org.xfrmagent.agent.daemon;

import java.util.ArrayDeque;
import java.util.Deque;

/** What stands, in the order it was built; taken down backwards, whatever fails on the way. */
final class Ground implements AutoCloseable {
    private record Part(String name, AutoCloseable part) {}

    private final Deque<Part> parts = new ArrayDeque<>();
    private final EventLog log;

    Ground(EventLog log) {
        this.log = log;
    }

    <T extends AutoCloseable> T add(String name, T part) {
        parts.push(new Part(name, part));
        return part;
    }

    @Override
    public void close() {
        for (Part each = parts.poll(); each != null; each = parts.poll()) {
            try {
                each.part.close();
            } catch (Exception failed) {
                log.error(each.name, "does not close: " + failed.getMessage());
            }
        }
    }
}
