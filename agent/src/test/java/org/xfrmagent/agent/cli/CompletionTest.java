package org.xfrmagent.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@code xfrm-agent completion} writes, in the shells that it is for. */
@Timeout(60)
class CompletionTest {
    @TempDir
    private Path folder = Path.of("");

    private Path script() throws IOException {
        return Files.writeString(folder.resolve("xfrm-agent.sh"), Shell.run("completion").out());
    }

    private String run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("HOME", folder.toString());
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return out.strip();
    }

    /** What bash offers at the end of a line; compopt works only while it completes one that is typed. */
    private String bash(String... words) throws IOException, InterruptedException {
        return run("bash", "--norc", "-c", "compopt() { :; }; source " + script() + "; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD=" + (words.length - 1)
                + "; _complete_xfrm-agent; echo \"${COMPREPLY[@]}\"");
    }

    @Test
    void bashCompletesCommandsOptionsAndTheirWords() throws Exception {
        assertThat(bash("xfrm-agent", "sta")).isEqualTo("status");
        assertThat(bash("xfrm-agent", "status", "--wat")).isEqualTo("--watch");
        assertThat(bash("xfrm-agent", "run", "--dataplane", "us")).isEqualTo("userspace");
    }

    @Test
    void zshCompletesThemToo() throws Exception {
        assumeTrue(List.of("/bin/zsh", "/usr/bin/zsh").stream().anyMatch(path -> Files.exists(Path.of(path))), "zsh is not on this machine");
        Path user = folder.resolve("completion.zsh");
        try (InputStream in = Objects.requireNonNull(CompletionTest.class.getResourceAsStream("completion.zsh"))) {
            Files.copy(in, user);
        }
        assertThat(run("zsh", "-f", user.toString(), script().toString())).isEqualTo("ok");
    }
}
