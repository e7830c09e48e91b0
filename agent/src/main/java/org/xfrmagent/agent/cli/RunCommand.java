package org.xfrmagent.agent.cli;

import static java.util.stream.Collectors.joining;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.xfrmagent.agent.daemon.Daemon;
import org.xfrmagent.agent.daemon.DaemonOptions;
import org.xfrmagent.agent.daemon.DaemonOptions.PlaneChoice;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

@Command(
        name = RunCommand.NAME,
        header = "Run the agent in the foreground until it is told to stop.",
        description = {
            "Reads the policies, takes a data plane, opens the IKE ports 500 and 4500 and the control socket, and brings up what the "
                    + "policies say. It tells systemd when it is ready. Needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_NET_BIND_SERVICE, "
                    + "which root has.",
            "",
            "SIGHUP has it read the policies again, as 'xfrm-agent reload' does.",
            "",
            "SIGTERM or SIGINT ends it in an orderly way: the peers are told, and what it installed is removed, in at most 5 seconds.",
        },
        footer = {
            "",
            "Example:",
            "  xfrm-agent run --policies /etc/xfrm-agent --dataplane kernel",
            "  xfrm-agent run --control /run/charon.vici     then: swanctl --load-all",
        })
final class RunCommand implements Callable<Integer> {
    static final String NAME = "run";

    @Option(names = RunArguments.POLICIES, paramLabel = "FILE|DIR", arity = "1",
            description = "A policy file, or a folder whose *.yaml files are read in the order of their names. May be given several times. "
                    + "Without it, --control is needed: the policies then come over the socket, as with 'swanctl --load-all'.")
    List<Path> policies = List.of();

    @Option(names = RunArguments.DATAPLANE, paramLabel = "PLANE", converter = PlaneConverter.class, completionCandidates = PlaneWords.class,
            description = "What applies the SAs to traffic. 'kernel': XFRM. 'userspace': a TUN device and the agent's own ESP. 'auto' "
                    + "(the default): the kernel where it can install an ESP SA, userspace otherwise; the log says which and why.")
    PlaneChoice dataPlane = PlaneChoice.AUTO;

    @Option(names = RunArguments.CONTROL, paramLabel = "SOCKET", arity = "1",
            description = "Where to listen for commands (default: " + ControlOption.DEFAULT + "). May be given several times, for example "
                    + "also as /run/charon.vici for swanctl.")
    List<Path> sockets = List.of();

    @Option(names = RunArguments.CONTROL_GROUP, paramLabel = "GROUP",
            description = "A group whose members may use the control socket, besides root and the agent's own user.")
    Optional<String> group = Optional.empty();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    DaemonOptions options() {
        return RunArguments.options(policies, dataPlane, sockets, group);
    }

    @Override
    public Integer call() {
        if (policies.isEmpty() && sockets.isEmpty()) {
            throw new ParameterException(spec.commandLine(), "the agent needs policies, expected " + RunArguments.POLICIES
                    + " with a file, or " + RunArguments.CONTROL + " with a socket over which swanctl loads them");
        }
        return Daemon.run(options());
    }

    static final class PlaneWords implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Stream.of(PlaneChoice.values()).map(RunArguments::word).iterator();
        }
    }

    static final class PlaneConverter implements ITypeConverter<PlaneChoice> {
        @Override
        public PlaneChoice convert(String word) {
            String words = Stream.of(PlaneChoice.values()).map(RunArguments::word).collect(joining(", "));
            return RunArguments.plane(word).orElseThrow(() -> new TypeConversionException("expected one of " + words));
        }
    }
}
