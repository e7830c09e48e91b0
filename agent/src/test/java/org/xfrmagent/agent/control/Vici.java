package org.xfrmagent.agent.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.daemon.DaemonOptions;

/** Opens control sockets for tests. */
public final class Vici {
    private Vici() {}

    public static ViciServer serve(FakeAgent agent, Path socket) throws IOException {
        return serve(agent, socket, Optional.empty());
    }

    public static ViciServer serve(FakeAgent agent, Path socket, Optional<String> group) throws IOException {
        return ViciServer.open(agent, new DaemonOptions.Control(List.of(socket), group, ViciServer::open));
    }
}
