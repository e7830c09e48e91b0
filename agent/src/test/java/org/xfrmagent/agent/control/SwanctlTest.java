package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.daemon.RekeyRequest;
import org.xfrmagent.agent.daemon.Reloaded;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/** What strongSwan's own swanctl makes of our answers. */
@Tag("netns")
@Timeout(60)
final class SwanctlTest {
    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());
    private final Path socket;
    private final ViciServer server;

    SwanctlTest(@TempDir Path folder) throws IOException {
        socket = folder.resolve("control.vici");
        ChildSa child = session.children().getFirst();
        server = Vici.serve(
                agent.with(Samples.NOW, session).used(child.inbound(), new Usage(252, 3, 3)).used(child.outbound(), new Usage(252, 3, 3)), socket);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private record Run(int exit, String out) {}

    private Run swanctl(String... words) throws IOException, InterruptedException {
        return run(List.of("swanctl"), words);
    }

    private Run run(List<String> program, String... words) throws IOException, InterruptedException {
        List<String> command = concat(concat(program, words), "--uri", "unix://" + socket);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Run(process.exitValue(), out);
    }

    private static String read(String fixture) throws IOException {
        try (InputStream in = Objects.requireNonNull(SwanctlTest.class.getResourceAsStream(fixture), fixture)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void listSasPrintsWhatItPrintsForCharon() throws Exception {
        // The captured numbers are those of two moments; ours are those of one.
        String charons = read("charon-list-sas.txt")
                .replace("established 2s ago, rekeying in 13908s", "established 4s ago, rekeying in 13906s")
                .replace("installed 3s ago, rekeying in 3526s, expires in 3958s", "installed 5s ago, rekeying in 3524s, expires in 3956s")
                .replaceAll(" +1s ago", "     3s ago");

        assertThat(swanctl("--list-sas")).isEqualTo(new Run(0, charons));
    }

    @Test
    void listSasRawHoldsCharonsFieldsInCharonsOrder() throws Exception {
        String ours = swanctl("--list-sas", "--raw").out();

        assertThat(ours).isEqualTo(read("charon-list-sas-tunnel.raw") + "list-sas reply {}\n");
    }

    @Test
    void listSasFiltersByName() throws Exception {
        assertThat(swanctl("--list-sas", "--ike", "other")).isEqualTo(new Run(0, ""));
        assertThat(swanctl("--list-sas", "--child", "net").out()).contains("net: #1, reqid 1, INSTALLED, TUNNEL");
    }

    @Test
    void listConnsPrintsPeersAndTheirPolicies() throws Exception {
        assertThat(swanctl("--list-conns")).isEqualTo(new Run(0, """
                ab: IKEv2, no reauthentication, rekeying every 14400s, dpd delay 30s
                  local:  10.9.0.1
                  remote: 10.9.0.2
                  local pre-shared key authentication:
                    id: a.lab
                  remote pre-shared key authentication:
                    id: b.lab
                  net: TUNNEL, rekeying every 3600s, dpd action is start
                    local:  10.1.0.0/24
                    remote: 10.2.0.0/24
                  lab: TUNNEL, rekeying every 3600s, dpd action is none
                    local:  10.1.0.0/24
                    remote: 10.3.0.0/24
                  guest: TUNNEL, rekeying every 3600s, dpd action is none
                    local:  10.1.0.0/24
                    remote: 10.4.0.0/24
                """));
    }

    @Test
    void listPolsPrintsTrapsBypassesAndDiscards() throws Exception {
        assertThat(swanctl("--list-pols")).isEqualTo(new Run(0, """
                spd/ssh, PASS
                  local:  10.9.0.0/24[tcp/ssh]
                  remote: 0.0.0.0/0[tcp]
                ab/lab, TUNNEL
                  local:  10.1.0.0/24
                  remote: 10.3.0.0/24
                spd/telnet, DROP
                  local:  10.9.0.0/24[tcp]
                  remote: 0.0.0.0/0[tcp/telnet]
                """));
        assertThat(swanctl("--list-pols", "--drop").out()).startsWith("spd/telnet, DROP").doesNotContain("PASS");
    }

    @Test
    void statsAndVersionAreUnderstood() throws Exception {
        assertThat(swanctl("--stats").out())
                .startsWith("uptime: 14 seconds, since Nov 23 ")
                .contains("worker threads: 8 total, 1 idle, working: 4/2/1/0\n", "job queues: 0/3/5/7\n", "jobs scheduled: 11\n", "IKE_SAs: 1 total, 0 half-open\n",
                        "loaded plugins: xfrm-agent dataplane-userspace\n");
        assertThat(swanctl("--version", "--daemon").out()).as("the first word is swanctl's own").startsWith("strongSwan 0.1.0 xfrm-agent (Linux, ");
    }

    @Test
    void algorithmsAreListed() throws Exception {
        assertThat(swanctl("--list-algs").out()).contains("aead:\n", "  AES_GCM_16[xfrm-agent]\n", "  CHACHA20_POLY1305[xfrm-agent]\n", "ke:\n");
    }

    @Test
    void emptyListsAreEmptyAndNoErrors() throws Exception {
        for (String list : List.of("--list-certs", "--list-authorities")) {
            assertThat(swanctl(list)).isEqualTo(new Run(0, ""));
        }
        assertThat(swanctl("--list-pools").out()).matches("staff +10\\.3\\.0\\.0 +0 / 0 / 14\n");
    }

    @Test
    void initiatePrintsTheLogAndTheOutcome() throws Exception {
        agent.onInitiate(_ -> {
            agent.emit(session, new Event.Entered("initiating", "asks 10.9.0.2 for an IKE SA"));
            return CompletableFuture.completedFuture(Answer.succeeded(1));
        });

        assertThat(swanctl("--initiate", "--child", "net"))
                .isEqualTo(new Run(0, "[IKE] initiating: asks 10.9.0.2 for an IKE SA\ninitiate completed successfully\n"));
    }

    @Test
    void initiatePrintsTheReasonOfAFailure() throws Exception {
        agent.onInitiate(_ -> CompletableFuture.completedFuture(Answer.failed("peer 'ab' refused: AUTHENTICATION_FAILED")));

        Run failed = swanctl("--initiate", "--child", "net");

        assertThat(failed.out()).isEqualTo("initiate failed: establishing CHILD_SA 'net' failed: peer 'ab' refused: AUTHENTICATION_FAILED\n");
        assertThat(failed.exit()).isNotZero();
    }

    @Test
    void terminatePrintsTheOutcome() throws Exception {
        assertThat(swanctl("--terminate", "--ike", "ab", "--force")).isEqualTo(new Run(0, "terminate completed successfully\n"));
        agent.onTerminate(_ -> CompletableFuture.completedFuture(Answer.failed("no SA fits")));
        assertThat(swanctl("--terminate", "--child-id", "7").out()).isEqualTo("terminate failed: no matching SAs to terminate found\n");
    }

    @Test
    void rekeyNamesChildrenAndIkeSasAsSwanctlDoes() throws Exception {
        assertThat(swanctl("--rekey", "--child", "net")).isEqualTo(new Run(0, "rekey completed successfully\n"));
        assertThat(swanctl("--rekey", "--ike-id", "1").exit()).isZero();
        assertThat(swanctl("--rekey", "--ike", "ab", "--reauth").exit()).isZero();
        assertThat(agent.orders()).containsExactly(
                new RekeyRequest(Optional.empty(), Optional.of("net"), OptionalLong.empty(), OptionalInt.empty(), false),
                new RekeyRequest(Optional.empty(), Optional.empty(), OptionalLong.of(1), OptionalInt.empty(), false),
                new RekeyRequest(Optional.of("ab"), Optional.empty(), OptionalLong.empty(), OptionalInt.empty(), true));

        agent.onRekey(Answer.failed("no SA that is up fits policy net"));
        assertThat(swanctl("--rekey", "--child", "net").out()).isEqualTo("rekey failed: no matching SAs to rekey found\n");
        agent.onRekey(new Answer(Optional.of("the peer called us, so only it can authenticate anew"), 1, 0));
        assertThat(swanctl("--rekey", "--ike", "ab", "--reauth")).as("charon says so in its log only").isEqualTo(new Run(0, "rekey completed successfully\n"));
    }

    @Test
    void reloadSettingsReloadsAndSaysWhyNot() throws Exception {
        assertThat(swanctl("--reload-settings").exit()).isZero();
        agent.onReload(new Reloaded(List.of("a.yaml:3:7: unknown key 'pear'"), List.of()));

        Run refused = swanctl("--reload-settings");

        assertThat(refused.exit()).isNotZero();
        assertThat(refused.out()).contains("nothing changed: a.yaml:3:7: unknown key 'pear'");
        assertThat(agent.orders()).containsExactly("reload", "reload");
    }

    @Test
    void monitorSaPrintsEvents() throws Exception {
        Process monitor = new ProcessBuilder("swanctl", "--monitor-sa", "--raw", "--uri", "unix://" + socket).redirectErrorStream(true).start();
        try (var out = monitor.inputReader()) {
            CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> {
                try {
                    return Objects.requireNonNullElse(out.readLine(), "");
                } catch (IOException e) {
                    return e.toString();
                }
            });
            // It registers for one event after the other, and what happens before is not heard: so it happens again and again.
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!first.isDone() && System.nanoTime() < deadline) {
                agent.emit(session, new Event.IkeUp(true));
                LockSupport.parkNanos(10_000_000);
            }
            assertThat(first).isCompletedWithValueMatching(line -> line.startsWith("ike-updown event {up=yes ab {uniqueid=1 version=2 state=ESTABLISHED "));
        } finally {
            monitor.destroy();
        }
    }

    @Test
    void whoIsNotAdmittedGetsNothingWhateverTheModeOfTheSocket(@TempDir Path folder) throws Exception {
        openToEverybody(socket);
        List<String> asNobody = List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "swanctl");

        assertThat(run(asNobody, "--stats").exit()).as("somebody else").isNotZero();
        try (ViciClient root = ViciClient.connect(socket)) {
            assertThat(root.ask("agent-status").section("control").text("refused")).contains("1");
        }

        Path forGroup = folder.resolve("control.vici");
        try (ViciServer _ = Vici.serve(agent, forGroup, Optional.of("nogroup"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(forGroup))).isEqualTo("rw-rw----");
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            ProcessBuilder member = new ProcessBuilder(concat(asNobody, "--stats", "--uri", "unix://" + forGroup)).redirectErrorStream(true);
            assertThat(new String(member.start().getInputStream().readAllBytes(), StandardCharsets.UTF_8)).as("a member of the group").contains("uptime: 14 seconds");
        }
    }

    private static List<String> concat(List<String> program, String... words) {
        List<String> all = new ArrayList<>(program);
        all.addAll(List.of(words));
        return all;
    }

    private static void openToEverybody(Path socket) throws IOException {
        Files.setPosixFilePermissions(Objects.requireNonNull(socket.getParent()), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    }
}
