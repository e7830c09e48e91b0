package org.xfrmagent.agent.engine;

import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Reassembly;
import org.xfrmagent.agent.engine.core.Session;

/**
 * The pieces of IKEv1's messages that all sessions together keep. Nothing authenticates a piece, so whoever sees the cookies of many
 * sessions could have us keep as much for each: beyond {@link #MOST} octets, a session that would keep more forgets what it has.
 */
final class Pieces {
    /** Octets: a quarter of a thousand of the longest messages. */
    static final long MOST = 4L << 20;

    private long kept;

    /** What becomes of a session by a step: the same, or without its pieces. */
    Session admit(Optional<Session> before, Session next) {
        long had = before.map(Pieces::octets).orElse(0L);
        long has = octets(next);
        kept += has - had;
        if (kept <= MOST || has <= had) {
            return next;
        }
        kept -= has;
        return next.withReassembly(next.reassembly().map(some ->
                new Reassembly(some.request(), 0, Integer.MAX_VALUE, some.firstPayload(), Map.of(), 0)));
    }

    private static long octets(Session session) {
        return session.phase() instanceof PhaseV1 ? session.reassembly().map(Reassembly::octets).orElse(0) : 0;
    }
}
