package org.xfrmagent.agent.engine;

import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;

/** What an {@link Endpoint} asks of the one who drives it. */
public sealed interface Output {
    /** An action of one session, as it is after the step. */
    record Act(Session session, Action action) implements Output {}

    /** An answer for which nothing was stored: a cookie, an error in the clear. */
    record Reply(Path path, Bytes datagram) implements Output {}

    /**
     * Somebody wants these children. Find the peer's address and ours, then call {@link Endpoint#initiate} or
     * {@link Endpoint#unreachable}.
     */
    record Wanted(Profile profile, List<Wish> wishes) implements Output {}

    /** Something worth knowing that belongs to no session. */
    record Note(Event event) implements Output {}
}
