package org.xfrmagent.agent.cli;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.control.ViciMessage;
import org.xfrmagent.agent.control.ViciPacket;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code xfrm-agent log}. */
@Command(
        name = "log",
        header = "Show what the agent does, as it does it.",
        description = {"One line for everything that happens to a session from now on, until the agent ends or Ctrl-C."})
final class LogCommand extends WatchCommand {
    private static final int MOST = 2;

    @Option(names = {"-p", "--peer"}, paramLabel = "PEER", description = "Only of this peer.")
    Optional<String> peer = Optional.empty();

    @Option(names = {"-l", "--level"}, paramLabel = "LEVEL", defaultValue = "1",
            description = "0 tunnels that come and go, 1 what leads to it, 2 what was ignored as well (default: 1).")
    int level;

    @Override
    List<String> events() {
        return List.of("log");
    }

    @Override
    Optional<String> line(ViciPacket.Event event) {
        ViciMessage message = event.message();
        String name = Status.text(message, "ikesa-name");
        long said = Status.number(message, "level").orElse(MOST);
        return said > level || peer.isPresent() && !peer.get().equals(name)
                ? Optional.empty()
                : Optional.of(now() + " " + name + "[" + Status.text(message, "ikesa-uniqueid") + "]: " + Status.text(message, "msg"));
    }
}
