package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.xfrmagent.agent.control.ViciMessage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "reload",
        header = "Have the agent read its policies again.",
        description = {
            "The agent reads the files that it was started with, and changes what differs: '+' is new, '~' is different, '-' is gone. Where "
                    + "there is a problem it shows all of them and changes nothing. Tunnels that are not concerned carry on without losing "
                    + "a packet. SIGHUP to the agent does the same.",
        },
        footer = {"", "Exit codes: 0 the agent lives by the files as they are, 1 nothing changed (the reasons are on stderr), 2 wrong usage."})
final class ReloadCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ControlOption control = new ControlOption();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        return control.talk(client -> {
            ViciMessage answer = client.ask("agent-reload");
            if (!answer.flag("success")) {
                List<String> problems = answer.texts("problems");
                throw new CommandFailed(problems.isEmpty()
                        ? answer.text("errmsg").orElse("the agent gave no reason")
                        : "nothing changed:\n" + String.join("\n", problems));
            }
            List<String> changes = answer.texts("changes");
            changes.forEach(out::println);
            out.println(changes.isEmpty() ? "nothing is different" : "reloaded");
            return ExitCode.DONE;
        });
    }
}
