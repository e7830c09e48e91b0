package org.xfrmagent.agent.engine.core;

import java.util.List;

/** The outcome of one input: the session as it is now, and what to do about it. Atomic: an input that throws leaves no trace. */
public record Step(Session next, List<Action> actions) {
    public Step {
        actions = List.copyOf(actions);
    }
}
