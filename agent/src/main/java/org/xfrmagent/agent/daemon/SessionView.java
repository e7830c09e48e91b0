package org.xfrmagent.agent.daemon;

import org.xfrmagent.agent.engine.core.Session;

/**
 * A session as last published.
 *
 * @param now the engine's clock when this view was taken, in {@link org.xfrmagent.agent.engine.core.Moment#millis}: what a
 *     session's own times are measured against
 */
public record SessionView(Session session, long now) {
    /** Whole seconds from {@code millis} of the engine's clock until this view was taken; never negative. */
    public long secondsSince(long millis) {
        return Math.max(0, (now - millis) / 1000);
    }
}
