package org.xfrmagent.it.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** it-tests/lab/lab keeps what its first lines promise. Needs this machine, so it bears the tag of the running kernel. */
@Tag("netns")
class LabKernelTest {
    private record Ended(int status, String out, String err) {}

    @Test
    void theCommandsOutputAndStatusComeBack(@TempDir Path folder) throws Exception {
        Ended ended = lab(folder, List.of(), "echo out; echo err >&2; exit 7");
        assertThat(ended).isEqualTo(new Ended(7, "out\n", "err\n"));
    }

    @Test
    void theKernelHasEsp(@TempDir Path folder) throws Exception {
        String key = "0x" + "00".repeat(20);
        Ended ended = lab(folder, List.of(), "ip xfrm state add src 127.0.0.1 dst 127.0.0.2 proto esp spi 0x1000 mode tunnel"
                + " aead 'rfc4106(gcm(aes))' " + key + " 128 && ip xfrm state list nokeys | grep -c 'proto esp'");
        assertThat(ended.out()).isEqualTo("1\n");
    }

    @Test
    void onlyWhatIsGivenAsWritableIsWritten(@TempDir Path folder) throws Exception {
        Path writable = Files.createDirectory(folder.resolve("writable"));
        Path other = Files.createDirectory(folder.resolve("other"));
        Ended ended = lab(folder, List.of("--rw", writable.toString()), "echo a >" + writable + "/a && echo b >" + other + "/b");
        assertThat(ended.status()).isZero();
        assertThat(Files.readString(writable.resolve("a"))).isEqualTo("a\n");
        assertThat(other).isEmptyDirectory();
    }

    @Test
    void timeThatIsUpIsStatus124(@TempDir Path folder) throws Exception {
        assertThat(lab(folder, List.of("--timeout", "8"), "sleep 600").status()).isEqualTo(124);
    }

    @Test
    void aGuestThatDiesIsStatus125AndShowsItsConsole(@TempDir Path folder) throws Exception {
        Ended ended = lab(folder, List.of(), "echo c >/proc/sysrq-trigger; sleep 600");
        assertThat(ended.status()).isEqualTo(125);
        assertThat(ended.err()).contains("Kernel panic");
    }

    private static Ended lab(Path folder, List<String> options, String script) throws IOException, InterruptedException {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        List<String> line = new ArrayList<>(List.of(program().toString()));
        line.addAll(options);
        line.addAll(List.of("--", "bash", "-c", script));
        Process process = new ProcessBuilder(line).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroy();
            throw new AssertionError("the lab did not end: " + line);
        }
        return new Ended(process.exitValue(), Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }

    private static Path program() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            Path program = folder.resolve("it-tests/lab/lab");
            if (Files.isExecutable(program)) {
                return program;
            }
        }
        throw new IllegalStateException("no it-tests/lab/lab here or in a folder above " + here);
    }
}
