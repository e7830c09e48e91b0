package org.xfrmagent.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/xfrm-agent}, with the build that these tests belong to. */
@Timeout(120)
final class LauncherTest {
    private static final Path LAUNCHER = Path.of("bin/xfrm-agent").toAbsolutePath();

    private record Run(int exit, String out) {}

    private static Run run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("JAVA_HOME");
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), out);
    }

    @Test
    void itStartsTheProgramAlsoThroughALink(@TempDir Path folder) throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("xfrm-agent"), LAUNCHER);

        assertThat(run(link.toString(), "--version")).satisfies(run -> assertThat(run.out()).startsWith("xfrm-agent "))
                .satisfies(run -> assertThat(run.exit()).isZero());
        assertThat(run(link.toString(), "nonsense").exit()).isEqualTo(2);
    }

    @Test
    void withoutABuildItSaysHowToMakeOne(@TempDir Path folder) throws Exception {
        Path copy = Files.createDirectories(folder.resolve("agent/bin")).resolve("xfrm-agent");
        Files.copy(LAUNCHER, copy, StandardCopyOption.COPY_ATTRIBUTES);

        Run run = run(copy.toString(), "status");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).isEqualTo("xfrm-agent: the program is not built (" + folder.toRealPath() + "/agent/target/classes is missing); build it with "
                + "'mvn compile' in " + folder.toRealPath() + ".\n");
    }

    @Test
    void anOldJavaHomeIsPassedOver(@TempDir Path folder) throws Exception {
        Path old = Files.createDirectories(folder.resolve("jdk-17/bin")).resolve("java");
        Files.writeString(old, "#!/bin/sh\necho this is the old one\n");
        assertThat(old.toFile().setExecutable(true)).isTrue();
        Files.writeString(folder.resolve("jdk-17/release"), "JAVA_VERSION=\"17.0.12\"\n");

        assertThat(run("env", "JAVA_HOME=" + folder.resolve("jdk-17"), LAUNCHER.toString(), "--version").out()).startsWith("xfrm-agent ");
    }

    /** In a mount namespace of its own where no JDK can be seen. The script makes sure that it is in one before it hides anything. */
    @Test
    @Tag("netns")
    void withoutAJdkItSaysWhatToInstall() throws Exception {
        String outside = Files.readSymbolicLink(Path.of("/proc/self/ns/mnt")).toString();
        String inside = """
                [ "$(readlink /proc/self/ns/mnt)" != "$1" ] || exit 99
                mount -t tmpfs none /usr/lib/jvm || exit 98
                PATH=/usr/sbin:/usr/bin:/sbin:/bin JAVA_HOME= "$2" --version
                """;

        Run run = run("unshare", "-m", "--propagation", "private", "sh", "-c", inside, "sh", outside, LAUNCHER.toString());

        assertThat(run.out()).startsWith("xfrm-agent: there is no Java 25 or newer in $JAVA_HOME, in $PATH or under /usr/lib/jvm; install one");
        assertThat(run.exit()).isEqualTo(1);
    }

    @Test
    void moreOptionsForJavaAreTaken() throws Exception {
        assertThat(run("env", "XFRM_AGENT_JAVA_OPTS=-showversion -Xlog:disable", LAUNCHER.toString(), "--version").out())
                .contains("Runtime Environment", "xfrm-agent ");
        assertThat(List.of(LAUNCHER)).allMatch(Files::isExecutable);
    }
}
