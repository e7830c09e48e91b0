package org.xfrmagent.agent.control;

import java.util.function.Supplier;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.Loaded;

/** charon's words for what is loaded now, worked out anew only when something else is loaded. */
final class CharonsWording implements Supplier<Wording> {
    private record Known(Loaded loaded, Wording wording) {}

    private final AgentControl agent;
    private final Services services = Services.ofThisMachine();
    private volatile Known known = new Known(Loaded.NOTHING, Wording.charons(Loaded.NOTHING, services));

    CharonsWording(AgentControl agent) {
        this.agent = agent;
    }

    /** Another value is another object; comparing them would compare every connection, at every event. */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public Wording get() {
        Loaded now = agent.loaded();
        Known last = known;
        if (last.loaded != now) {
            last = new Known(now, Wording.charons(now, services));
            known = last;
        }
        return last.wording;
    }
}
