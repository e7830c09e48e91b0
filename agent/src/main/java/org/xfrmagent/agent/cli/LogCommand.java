package org.xfrmagent.agent.cli;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.xfrmagent.agent.control.ViciMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xfrm-agent log}. */
@Command(
        name = "log",
        header = "Show what the agent does, as it does it.",
        description = {"One line for everything that happens to a session from now on, until the agent ends or Ctrl-C."})
final class LogCommand implements Callable<Integer> {
    private static final int MOST = 2;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = {"-p", "--peer"}, paramLabel = "PEER", description = "Only of this peer.")
    Optional<String> peer = Optional.empty();

    @Option(names = {"-l", "--level"}, paramLabel = "LEVEL", defaultValue = "1",
            description = "0 tunnels that come and go, 1 what leads to it, 2 what was ignored as well (default: 1).")
    int level;

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public Integer call() {
        return control.talk(client -> Watching.watch(client, List.of("log"), event -> line(event.message()), spec.commandLine().getOut()));
    }

    private Optional<String> line(ViciMessage message) {
        String name = Status.text(message, "ikesa-name");
        long said = Status.number(message, "level").orElse(MOST);
        return said > level || peer.isPresent() && !peer.get().equals(name)
                ? Optional.empty()
                : Optional.of(Watching.now() + " " + name + "[" + Status.text(message, "ikesa-uniqueid") + "]: " + Status.text(message, "msg"));
    }
}
