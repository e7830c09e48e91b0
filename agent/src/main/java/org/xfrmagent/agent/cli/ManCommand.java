package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.xfrmagent.policies.algorithm.NearestWord;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code xfrm-agent man}. */
@Command(
        name = "man",
        header = "Write a manual page.",
        description = {"In the format of man(7): xfrm-agent man status | man -l -"})
final class ManCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "COMMAND", arity = "0..1", description = "The command that the page is about; without it, the program.")
    Optional<String> command = Optional.empty();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public void run() {
        CommandLine root = spec.root().commandLine();
        CommandSpec about = command.map(name -> Optional.ofNullable(root.getSubcommands().get(name))
                        .orElseThrow(() -> new CommandFailed("there is no command '" + name + "'" + NearestWord.hint(name, root.getSubcommands().keySet()))))
                .orElse(root).getCommandSpec();
        PrintWriter out = spec.commandLine().getOut();
        out.print(ManPage.of(about));
        out.flush();
    }
}
