package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.time.ZoneId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        header = "Show peers, policies and tunnels.",
        description = {
            "One table has every IKE SA and every configured peer, one has every policy of the SPD in its order, up or not, with its traffic "
                    + "and how much of it passed. Below them: why what is not up is not. The answer never waits for a busy tunnel.",
        })
final class StatusCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Write JSON.")
    boolean json;

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        Status status = control.talk(Status::ask);
        if (json) {
            out.println(StatusJson.of(status));
        } else {
            new StatusText(status, ZoneId.systemDefault()).print(out);
        }
    }
}
