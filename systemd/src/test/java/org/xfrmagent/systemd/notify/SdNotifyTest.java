package org.xfrmagent.systemd.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SdNotifyTest {
    private static final long PID = 4711;

    private final List<String> sent = new ArrayList<>();

    private SdNotify notify(Map<String, String> environment) {
        return SdNotify.of(environment, PID, (address, message) -> sent.add(address + " " + new String(message, StandardCharsets.UTF_8)));
    }

    @Test
    void readyIsSaidWithItsStatus() throws IOException {
        notify(Map.of("NOTIFY_SOCKET", "/run/systemd/notify")).ready("3 tunnels");

        assertThat(sent).containsExactly("/run/systemd/notify READY=1\nSTATUS=3 tunnels");
    }

    @Test
    void aStatusStaysOneLineSoThatItCannotSayMoreThanItShould() throws IOException {
        notify(Map.of("NOTIFY_SOCKET", "@abstract")).status("down\nREADY=1");

        assertThat(sent).containsExactly("@abstract STATUS=down READY=1");
    }

    @Test
    void theEndIsAnnounced() throws IOException {
        notify(Map.of("NOTIFY_SOCKET", "/s")).stopping("deleting 2 SAs");

        assertThat(sent).containsExactly("/s STOPPING=1\nSTATUS=deleting 2 SAs");
    }

    @Test
    void withoutAServiceManagerNothingIsSent() throws IOException {
        SdNotify alone = notify(Map.of());

        alone.ready("ready");
        alone.alive();

        assertThat(alone.isManaged()).isFalse();
        assertThat(sent).isEmpty();
    }

    @Test
    void aSocketOfAnotherKindIsNotOurs() {
        assertThat(notify(Map.of("NOTIFY_SOCKET", "vsock:2:1234")).isManaged()).isFalse();
    }

    @Test
    void theWatchdogIsHeededWhenItIsMeantForThisProcess() {
        assertThat(notify(Map.of("WATCHDOG_USEC", "30000000")).watchdog()).contains(Duration.ofSeconds(30));
        assertThat(notify(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "4711")).watchdog()).contains(Duration.ofSeconds(30));
        assertThat(notify(Map.of("WATCHDOG_USEC", "30000000", "WATCHDOG_PID", "1")).watchdog()).isEmpty();
        assertThat(notify(Map.of("WATCHDOG_USEC", "0")).watchdog()).isEmpty();
        assertThat(notify(Map.of("WATCHDOG_USEC", "soon")).watchdog()).isEmpty();
    }

    @Test
    void aRealSocketInTheFileSystemReceivesTheReload(@TempDir Path folder) throws Exception {
        String received = receive(folder.resolve("notify").toString(), SdNotify::reloading);

        String[] lines = received.split(" ");
        assertThat(lines[0]).isEqualTo("RELOADING=1");
        // Python's monotonic clock and the message's, in seconds: the same clock, read moments apart.
        double said = Double.parseDouble(lines[1].substring("MONOTONIC_USEC=".length())) / 1e6;
        assertThat(Double.parseDouble(lines[2]) - said).isBetween(0.0, 60.0);
    }

    @Test
    void aRealSocketInTheAbstractNamespaceReceivesASignOfLife() throws Exception {
        assertThat(receive("@xfrm-agent-test-" + PID + System.nanoTime(), SdNotify::alive)).startsWith("WATCHDOG=1 ");
    }

    @Test
    void nobodyAtTheSocketIsAnErrorThatNamesIt(@TempDir Path folder) {
        String nobody = folder.resolve("nobody").toString();

        assertThatThrownBy(() -> SdNotify.of(Map.of("NOTIFY_SOCKET", nobody)).alive()).isInstanceOf(IOException.class).hasMessageContaining(nobody);
    }

    @FunctionalInterface
    private interface Sending {
        void with(SdNotify notify) throws IOException;
    }

    /** Java has no AF_UNIX datagrams to receive with: Python does, and prints the datagram and its own monotonic clock. */
    private static String receive(String address, Sending sending) throws Exception {
        assumeThat(Path.of("/usr/bin/python3")).matches(Files::exists, "python3 is installed");
        String program = """
                import socket, sys, time
                s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                a = sys.argv[1]
                s.bind('\\0' + a[1:] if a[0] == '@' else a)
                s.settimeout(20)
                print('bound', flush=True)
                print(s.recv(4096).decode().replace('\\n', ' '), time.monotonic(), flush=True)
                """;
        Process python = new ProcessBuilder("/usr/bin/python3", "-c", program, address).redirectErrorStream(true).start();
        try (BufferedReader out = python.inputReader()) {
            assertThat(out.readLine()).isEqualTo("bound");
            sending.with(SdNotify.of(Map.of("NOTIFY_SOCKET", address)));
            String line = Objects.requireNonNull(out.readLine());
            assertThat(python.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return line;
        } finally {
            python.destroy();
        }
    }
}
