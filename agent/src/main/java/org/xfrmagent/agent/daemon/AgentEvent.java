package org.xfrmagent.agent.daemon;

import java.time.Instant;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/**
 * Something that happened to a session.
 *
 * @param at by the wall clock
 * @param session as it is after the step that emitted the event; a child that went down is in the event, not in the session
 */
public record AgentEvent(Instant at, Session session, Event event) {
    /** The event as one line for people: what happened, to what, and why. The peer's name is not in it: a line starts with that. */
    public String sentence() {
        return EventTexts.said(event, Optional.of(session)).sentence();
    }
}
