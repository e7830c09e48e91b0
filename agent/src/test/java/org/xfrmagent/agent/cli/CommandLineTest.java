package org.xfrmagent.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.daemon.DaemonOptions;
import picocli.CommandLine;

final class CommandLineTest {
    @Test
    void theVersionIsThatOfTheBuild() {
        assertThat(Shell.run("--version").out()).matches("xfrm-agent \\d+\\.\\d+\\.\\d+\\R");
    }

    @Test
    void helpIsNoErrorAndGoesToStdout() {
        Shell help = Shell.run("--help");

        assertThat(help.exit()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out()).contains("Usage: xfrm-agent", "Exit codes: 0 done, 1 failed (the reason is on stderr), 2 wrong usage.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "check", "convert", "status", "up", "down", "events", "log", "completion", "man", "algorithms"})
    void everyCommandHasHelpOfItsOwnThatFitsATerminal(String command) {
        Shell help = Shell.run(command, "--help");

        assertThat(help.exit()).isZero();
        assertThat(help.out()).contains("Usage: xfrm-agent " + command, "\nOptions:\n");
        assertThat(help.out().lines()).allMatch(line -> line.length() <= 100, "at most 100 characters");
    }

    @Test
    void wrongUsageExitsWithTwoAndSaysWhatIsWrongBeforeTheHelp() {
        assertThat(Shell.run()).satisfies(wrong("xfrm-agent: a command is missing\n"));
        assertThat(Shell.run("stauts")).satisfies(wrong("xfrm-agent: there is no command 'stauts'; did you mean 'status'?\n"));
        assertThat(Shell.run("status", "--jsno")).satisfies(wrong("xfrm-agent: there is no option '--jsno'; did you mean '--json'?\n"));
        assertThat(Shell.run("up")).satisfies(wrong("xfrm-agent: NAME is missing\n"));
        assertThat(Shell.run("up", "a", "b")).satisfies(wrong("xfrm-agent: there is no argument 'b'\n"));
        assertThat(Shell.run("up", "a", "--timeout", "soon")).satisfies(wrong("xfrm-agent: --timeout SECONDS is 'soon', expected a number\n"));
        assertThat(Shell.run("check")).satisfies(wrong("xfrm-agent: FILE|DIR is missing\n"));
        assertThat(Shell.run("run")).satisfies(wrong("xfrm-agent: the agent needs policies, expected --policies with a file, or --control with a socket over which swanctl loads them\n"));
        assertThat(Shell.run("run", "--policies", "a", "--dataplane", "fpga"))
                .satisfies(wrong("xfrm-agent: --dataplane PLANE is 'fpga', expected one of auto, kernel, userspace\n"));
    }

    private static Consumer<Shell> wrong(String sentence) {
        return shell -> {
            assertThat(shell.exit()).isEqualTo(2);
            assertThat(shell.err()).startsWith(sentence).contains("Usage: xfrm-agent");
            assertThat(shell.out()).isEmpty();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "--policies a.yaml",
        "--policies=a.yaml",
        "--control /run/charon.vici",
        "--policies a.yaml --policies b --dataplane userspace",
        "--dataplane=kernel --policies a --control /run/x --control=/run/y",
        "--policies a --control-group ipsec --dataplane auto",
    })
    void theFastWayIntoTheDaemonReadsArgumentsAsTheSlowOneDoes(String arguments) {
        List<String> words = Arrays.asList(arguments.split(" "));
        RunCommand slow = new RunCommand();
        new CommandLine(slow).parseArgs(words.toArray(new String[0]));

        assertThat(RunArguments.parse(words).map(CommandLineTest::comparable)).contains(comparable(slow.options()));
    }

    private static List<Object> comparable(DaemonOptions options) {
        return List.of(options.policies(), options.dataPlane(), options.control().sockets(), options.control().group());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--help", "--policies", "--policies=", "a.yaml", "--policies a --dataplane fpga", "--policies a --what b", "--policies --help",
        "--dataplane kernel"})
    void theFastWayLeavesWhatItDoesNotUnderstandToTheSlowOne(String arguments) {
        assertThat(RunArguments.parse(arguments.isEmpty() ? List.of() : Arrays.asList(arguments.split(" ")))).isEmpty();
    }

    @Test
    void withoutASocketTheUsualOneIsMeant() {
        assertThat(RunArguments.parse(List.of("--policies", "a")).map(options -> options.control().sockets()))
                .isEqualTo(Optional.of(List.of(Path.of("/run/xfrm-agent/control.vici"))));
    }

    @Test
    void noAgentIsASentenceThatNamesTheSocket(@TempDir Path folder) {
        Path nobody = folder.resolve("nobody");

        assertThat(Shell.run("status", "--control", nobody.toString())).isEqualTo(new Shell(1, "", "xfrm-agent: no agent answers at " + nobody
                + " (No such file or directory); start one with 'xfrm-agent run --policies FILE', or name its socket with --control\n"));
    }

    @Test
    void checkSaysAllThatIsWrongWithPlaces(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("wrong.yaml"), """
                policies:
                  - name: net
                    acton: discard
                    match: { remote: 10.0.0.0/8 }
                  - name: net
                    action: perhaps
                """);

        Shell checked = Shell.run("check", file.toString());

        assertThat(checked.exit()).isEqualTo(1);
        assertThat(checked.out()).isEmpty();
        assertThat(checked.err().lines()).hasSizeGreaterThan(1).allMatch(line -> line.matches("\\Q" + file + "\\E:\\d+:\\d+: .+"));
        assertThat(checked.err()).contains(":3:5: ", "'action'");
    }

    @Test
    void checkIsContentWithWhatIsRight(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("right.yaml"), """
                policies:
                  - name: no-telnet
                    action: discard
                    match: { protocol: tcp, remote-port: 23 }
                """);

        assertThat(Shell.run("check", file.toString())).isEqualTo(new Shell(0, "0 peers and 1 policy: all is well\n", ""));
        assertThat(Shell.run("check", folder.resolve("nothing.yaml").toString()).exit()).isEqualTo(1);
    }

    @Test
    void algorithmsAreATableWithAdvice() {
        assertThat(Shell.run("algorithms").out().lines())
                .anyMatch(line -> line.matches("KIND +NAME +IKE +ESP, AH +IKEV2 ID +KERNEL NAME +ALSO"))
                .anyMatch(line -> line.matches("encryption +aes256gcm16 +should +must +20 +rfc4106\\(gcm\\(aes\\)\\) +aes256gcm128 aes256gcm"))
                .anyMatch(line -> line.matches("key exchange +modp1024 +should not +should not +2 +-"))
                .noneMatch(line -> line.endsWith(" "));
        assertThat(Shell.run("algorithms", "--json").out()).startsWith("[\n  {\n    \"kind\": \"encryption\",\n    \"name\": \"aes128gcm16\",");
    }

    @Test
    void jsonEscapesWhatItMust() {
        assertThat(Json.text(List.of("a\"b\\c\nd\u0001é", 7, true, Map.of(), List.of())))
                .isEqualTo("[\n  \"a\\\"b\\\\c\\nd\\u0001é\",\n  7,\n  true,\n  {},\n  []\n]");
    }

    /** A script that writes the status to a full disk has half of it, and has to know. */
    @Test
    void whatCannotBeWrittenIsAFailure() {
        assertThat(CommandLines.execute(failing("No space left on device"), StandardCharsets.UTF_8, List.of("algorithms"))).isEqualTo(ExitCode.FAILED);
        assertThat(CommandLines.execute(OutputStream.nullOutputStream(), StandardCharsets.UTF_8, List.of("algorithms"))).isEqualTo(ExitCode.DONE);
        for (String reason : List.of("No space left on device", "Broken pipe")) {
            Output output = new Output(failing(reason));
            assertThatThrownBy(() -> output.write('x')).hasMessage(reason);
            assertThat(output.failure()).isEqualTo(Optional.of(reason).filter(it -> it.startsWith("No")));
        }
    }

    private static OutputStream failing(String reason) {
        return new OutputStream() {
            @Override
            public void write(int octet) throws IOException {
                throw new IOException(reason);
            }
        };
    }
}
