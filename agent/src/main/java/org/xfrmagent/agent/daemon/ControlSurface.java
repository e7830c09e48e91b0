package org.xfrmagent.agent.daemon;

import java.io.IOException;

/**
 * Lets others talk to the agent. The daemon opens it when its data plane and shards are ready and before the first tunnel is
 * started, and closes it first when it ends. It lives on the floor above and is handed down in {@link DaemonOptions}.
 */
@FunctionalInterface
public interface ControlSurface {
    /**
     * Opens the sockets and serves them on threads of its own.
     *
     * @throws IOException with a sentence for the user that names the socket
     */
    AgentControl.Subscription open(AgentControl agent, DaemonOptions.Control options) throws IOException;
}
