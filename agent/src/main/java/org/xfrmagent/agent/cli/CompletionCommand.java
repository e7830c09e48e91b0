package org.xfrmagent.agent.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code xfrm-agent completion}. */
@Command(
        name = "completion",
        header = "Write a completion script for bash and zsh.",
        description = {"For this shell: source <(xfrm-agent completion). For all: write it to /usr/share/bash-completion/completions/xfrm-agent."})
final class CompletionCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public void run() {
        spec.commandLine().getOut().println(AutoComplete.bash(spec.root().name(), spec.root().commandLine()));
    }
}
