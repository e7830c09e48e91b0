package org.xfrmagent.agent.cli;

import static java.util.stream.Collectors.joining;

import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import org.xfrmagent.policies.algorithm.NearestWord;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** How all commands parse, and what they say when something is wrong. */
final class CommandLines {
    private static final String PREFIX = "xfrm-agent: ";
    private static final int WIDTH = 100;

    private CommandLines() {}

    static CommandLine create() {
        CommandLine root = new CommandLine(new RootCommand());
        root.setUsageHelpWidth(WIDTH);
        headings(root);
        root.getSubcommands().values().forEach(CommandLines::headings);
        root.setParameterExceptionHandler((wrong, _) -> {
            CommandLine command = wrong.getCommandLine();
            command.getErr().println(PREFIX + sentence(wrong));
            command.usage(command.getErr(), command.getColorScheme());
            return ExitCode.USAGE;
        });
        root.setExecutionExceptionHandler((failure, command, _) -> {
            if (!(failure instanceof CommandFailed failed)) {
                throw failure;
            }
            command.getErr().println(PREFIX + failed.sentence());
            return ExitCode.FAILED;
        });
        return root;
    }

    /** Runs one command; what cannot be written to {@code to} is a failure, of which nobody would know otherwise. Returns the exit code. */
    static int execute(OutputStream to, Charset charset, List<String> arguments) {
        Output output = new Output(to);
        CommandLine command = create().setOut(new PrintWriter(new OutputStreamWriter(output, charset), true));
        int code = command.execute(arguments.toArray(new String[0]));
        if (!command.getOut().checkError()) {
            return code;
        }
        output.failure().ifPresent(reason -> command.getErr().println(PREFIX + "not all of this could be written: " + reason));
        return code == ExitCode.DONE ? ExitCode.FAILED : code;
    }

    private static String label(ArgSpec argument) {
        return argument instanceof OptionSpec option ? option.longestName() + " " + option.paramLabel() : argument.paramLabel();
    }

    private static void headings(CommandLine command) {
        command.getCommandSpec().usageMessage().synopsisHeading("%nUsage: ").descriptionHeading("%n").parameterListHeading("%nArguments:%n")
                .optionListHeading("%nOptions:%n").commandListHeading("%nCommands:%n");
    }

    private static String sentence(CommandLine.ParameterException wrong) {
        if (wrong instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            String word = unmatched.getUnmatched().getFirst();
            CommandLine command = unmatched.getCommandLine();
            List<String> known = word.startsWith("-")
                    ? command.getCommandSpec().options().stream().flatMap(option -> List.of(option.names()).stream()).toList()
                    : List.copyOf(command.getSubcommands().keySet());
            String kind = word.startsWith("-") ? "option" : known.isEmpty() ? "argument" : "command";
            return "there is no " + kind + " '" + word + "'" + NearestWord.hint(word, known);
        }
        if (wrong instanceof MissingParameterException missing) {
            return missing.getMissing().stream().map(CommandLines::label).collect(joining(" and ")) + " is missing";
        }
        if (wrong.getCause() instanceof TypeConversionException conversion && wrong.getArgSpec() != null) {
            boolean number = wrong.getArgSpec().type() == int.class;
            return label(wrong.getArgSpec()) + " is '" + wrong.getValue() + "', " + (number ? "expected a number" : conversion.getMessage());
        }
        String message = wrong.getMessage();
        return message == null ? "the arguments are wrong" : message;
    }
}
