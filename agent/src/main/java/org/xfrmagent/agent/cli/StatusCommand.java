package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        header = "Show peers, policies and tunnels.",
        description = {
            "One table has every IKE SA and every configured peer, one has every policy of the SPD in its order, up or not, with its traffic "
                    + "and how much of it passed; with --watch, at which rate since the last time. Below them: why what is not up is not. The answer never waits for a busy tunnel.",
        })
final class StatusCommand implements Runnable {
    /** To the upper left corner, and nothing below (ECMA-48, CUP and ED). */
    private static final String CLEAR = "\u001b[H\u001b[J";

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Write JSON; with --watch an object a line.")
    boolean json;

    @Option(names = {"-w", "--watch"}, paramLabel = "SECONDS", arity = "0..1", fallbackValue = "2",
            description = "Show it again every so many seconds (2 if none are given), until the agent ends or Ctrl-C.")
    Optional<Integer> seconds = Optional.empty();

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public void run() {
        if (seconds.isEmpty()) {
            print(control.talk(Status::ask), Optional.empty());
            return;
        }
        if (seconds.get() < 1) {
            throw new ParameterException(spec.commandLine(), "--watch is " + seconds.get() + ", expected at least 1 second");
        }
        control.talk(client -> {
            PrintWriter out = spec.commandLine().getOut();
            Optional<Reading> before = Optional.empty();
            while (!out.checkError()) {
                long asked = System.nanoTime();
                Status status = Status.ask(client);
                if (!json && Ansi.AUTO.enabled()) {
                    out.print(CLEAR);
                }
                print(status, before.map(reading -> reading.until(asked)).or(() -> Optional.of(Rates.UNKNOWN)));
                before = Optional.of(new Reading(status, asked));
                LockSupport.parkNanos(Duration.ofSeconds(seconds.get()).toNanos());
            }
            return ExitCode.DONE;
        });
    }

    /** @param nanos when it was asked for */
    private record Reading(Status status, long nanos) {
        Rates until(long now) {
            return Rates.since(status, Duration.ofNanos(now - nanos).toMillis());
        }
    }

    private void print(Status status, Optional<Rates> rates) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> fields = new StatusJson(status, rates).fields();
            out.println(seconds.isPresent() ? Json.line(fields) : Json.text(fields));
        } else {
            new StatusText(status, ZoneId.systemDefault(), Paint.ofThisTerminal(), rates).print(out);
        }
    }
}
