package org.xfrmagent.agent.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "xfrm-agent",
        header = "Negotiates IPsec security associations and programs them into the kernel.",
        description = {
            "Policies are declared in YAML files: which traffic is protected, with which peer, and how. One agent runs on a host "
                    + "('xfrm-agent run'); the other commands talk to it over its control socket, or only read files.",
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage.",
            "",
            "Files:",
            "  " + ControlOption.DEFAULT + "   the control socket, which strongSwan's swanctl can use too:",
            "      swanctl --list-sas --uri unix://" + ControlOption.DEFAULT,
            "",
            "Examples:",
            "  xfrm-agent check /etc/xfrm-agent",
            "  xfrm-agent run --policies /etc/xfrm-agent",
            "  xfrm-agent up hq-branch",
            "",
            "'xfrm-agent COMMAND --help' says more about a command.",
        },
        versionProvider = Version.class,
        subcommands = {RunCommand.class, CheckCommand.class, ConvertCommand.class, StatusCommand.class, UpCommand.class, DownCommand.class,
            RekeyCommand.class, ReloadCommand.class, EventsCommand.class, LogCommand.class, AlgorithmsCommand.class, CompletionCommand.class, ManCommand.class})
final class RootCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Option(names = {"-V", "--version"}, versionHelp = true, description = "Show the version and exit.")
    boolean version;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
