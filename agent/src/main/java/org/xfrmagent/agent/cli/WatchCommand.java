package org.xfrmagent.agent.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciPacket;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what the agent tells as it happens, a line each, until the agent ends or the user has seen enough. */
abstract class WatchCommand implements Callable<Integer> {
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    /** The kinds of events that it is about, by vici's names. */
    abstract List<String> events();

    /** What is printed for an event; nothing for one that is not wanted. */
    abstract Optional<String> line(ViciPacket.Event event);

    @Override
    public Integer call() {
        return control.talk(this::watch);
    }

    private int watch(ViciClient client) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        for (String event : events()) {
            client.register(event);
        }
        while (!out.checkError()) {
            line(client.next()).ifPresent(out::println);
        }
        // Nobody reads what we print: 'head' has its lines.
        return ExitCode.DONE;
    }

    static String now() {
        return CLOCK.format(LocalTime.now(ZoneId.systemDefault()));
    }
}
