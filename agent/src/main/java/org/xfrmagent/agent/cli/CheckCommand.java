package org.xfrmagent.agent.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.secrets.SecretReader;
import org.xfrmagent.policies.yaml.PolicyReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        header = "Check policy files without running anything.",
        description = {
            "Reads the files as one set, in the order given, and says everything that is wrong with them at once: on stderr, one line each, "
                    + "as FILE:LINE:COLUMN: MESSAGE. Warnings do not make the check fail.",
        },
        footer = {"", "Exit codes: 0 the files can be used, 1 they cannot, 2 wrong usage."})
final class CheckCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "A policy file, or a folder whose *.yaml files are read in the order of their names.")
    List<Path> files = List.of();

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "Show this text and exit.")
    boolean help;

    @Override
    public Integer call() {
        PrintWriter err = spec.commandLine().getErr();
        PolicyReader.Result result = new PolicyReader(new SecretReader(System.getenv())).read(files);
        result.warnings().forEach(warning -> err.println(warning.path() + ":" + warning.line() + ":" + warning.column() + ": warning: " + warning.message()));
        return switch (result) {
            case PolicyReader.Accepted(PolicySet policies, _, _) -> {
                spec.commandLine().getOut().println(counted(policies.peers().size(), "peer") + " and "
                        + counted(policies.policies().size(), "policy") + ": all is well");
                yield ExitCode.DONE;
            }
            case PolicyReader.Refused(var problems, _) -> {
                problems.forEach(err::println);
                yield ExitCode.FAILED;
            }
        };
    }

    private static String counted(int count, String noun) {
        String many = noun.endsWith("y") ? noun.substring(0, noun.length() - 1) + "ies" : noun + "s";
        return count + " " + (count == 1 ? noun : many);
    }
}
