package org.xfrmagent.agent.engine.core;

import org.xfrmagent.agent.bytes.Bytes;

/** All that a session can ask for: three things, no more. */
public sealed interface Action {
    record Send(Path path, Bytes datagram) implements Action {}

    record Do(long ticket, Job job) implements Action {}

    record Emit(Event event) implements Action {}
}
