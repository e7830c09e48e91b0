package org.xfrmagent.agent.control;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;

/**
 * Children that go with their IKE SA. Ours are gone when its end is decided, and charon's clients hear of them after the IKE SA, which
 * ends when the peer has confirmed it. Sessions call it on their own threads.
 */
final class Farewells {
    private final Map<Long, List<Gone>> bySession = new ConcurrentHashMap<>();

    /** {@code carried}: what it has carried until then. */
    record Gone(ChildSa child, Map<SaId, Usage> carried) {}

    void say(long session, Gone gone) {
        bySession.merge(session, List.of(gone), (before, more) -> Stream.concat(before.stream(), more.stream()).toList());
    }

    /** Those of a session, once, in the order in which they went. */
    List<Gone> take(long session) {
        List<Gone> gone = bySession.remove(session);
        return gone == null ? List.of() : gone;
    }

    /** Nobody wants to hear of them. */
    void forget() {
        bySession.clear();
    }
}
