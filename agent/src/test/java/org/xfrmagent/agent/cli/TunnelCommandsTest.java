package org.xfrmagent.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.control.FakeAgent;
import org.xfrmagent.agent.control.Samples;
import org.xfrmagent.agent.control.Vici;
import org.xfrmagent.agent.control.ViciClient;
import org.xfrmagent.agent.control.ViciServer;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.daemon.InitiateRequest;
import org.xfrmagent.agent.daemon.RekeyRequest;
import org.xfrmagent.agent.daemon.Reloaded;
import org.xfrmagent.agent.daemon.TerminateRequest;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

@Timeout(60)
final class TunnelCommandsTest {
    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());
    private final Path socket;
    private final ViciServer server;

    TunnelCommandsTest(@TempDir Path folder) throws IOException {
        socket = folder.resolve("control.vici");
        server = Vici.serve(agent, socket);
    }

    @AfterEach
    void close() {
        server.close();
    }

    private Shell shell(String... words) {
        String[] all = Arrays.copyOf(words, words.length + 2);
        all[words.length] = "--control";
        all[words.length + 1] = socket.toString();
        return Shell.run(all);
    }

    @Test
    void upShowsWhatHappensAndThenTheOutcome() {
        agent.onInitiate(_ -> {
            agent.emit(session, new Event.Entered("initiating", "asks 10.9.0.2 for an IKE SA"));
            return CompletableFuture.completedFuture(Answer.succeeded(1));
        });

        assertThat(shell("up", "net")).isEqualTo(new Shell(0, "ab: initiating: asks 10.9.0.2 for an IKE SA\nnet is up\n", ""));
        assertThat(shell("up", "--quiet", "net")).isEqualTo(new Shell(0, "net is up\n", ""));
    }

    @Test
    void upOfAPeerBringsUpAllThatItProtects() {
        assertThat(shell("up", "ab").out()).isEqualTo("net is up\nlab is up\nguest is up\n");
        assertThat(agent.orders()).containsExactly(
                new InitiateRequest(Optional.of("ab"), Optional.of("net")),
                new InitiateRequest(Optional.of("ab"), Optional.of("lab")),
                new InitiateRequest(Optional.of("ab"), Optional.of("guest")));
    }

    @Test
    void upThatFailsExitsWithOneAndTheReason() {
        agent.onInitiate(_ -> CompletableFuture.completedFuture(Answer.failed("peer 'ab' refused the pre-shared key (AUTHENTICATION_FAILED)")));

        assertThat(shell("up", "net")).isEqualTo(new Shell(1, "", "xfrm-agent: peer 'ab' refused the pre-shared key (AUTHENTICATION_FAILED)\n"));
    }

    @Test
    void aNameThatIsNothingExitsWithOneAndTheNearestName() {
        assertThat(shell("up", "nett")).isEqualTo(new Shell(1, "", "xfrm-agent: the agent has no policy or peer 'nett'; did you mean 'net'?\n"));
        assertThat(shell("up", "--peer", "net")).isEqualTo(new Shell(1, "", "xfrm-agent: the agent has no peer 'net'\n"));
        assertThat(shell("down", "ssh").err()).isEqualTo("xfrm-agent: policy 'ssh' is a bypass: it has no tunnel that could be up or down\n");
        assertThat(agent.orders()).isEmpty();
    }

    @Test
    void downEndsAPolicysChildrenOrAPeersIkeSas() {
        assertThat(shell("down", "net")).isEqualTo(new Shell(0, "net is down\n", ""));
        assertThat(shell("down", "--force", "ab")).isEqualTo(new Shell(0, "ab is down\n", ""));

        assertThat(agent.orders()).containsExactly(
                new TerminateRequest(Optional.of("ab"), Optional.of("net"), OptionalLong.empty(), OptionalInt.empty(), false),
                new TerminateRequest(Optional.of("ab"), Optional.empty(), OptionalLong.empty(), OptionalInt.empty(), true));
    }

    @Test
    void rekeyReplacesAPolicysChildrenOrAPeersIkeSa() {
        assertThat(shell("rekey", "--no-wait", "net")).isEqualTo(new Shell(0, "net is being rekeyed\n", ""));
        assertThat(shell("rekey", "-n", "ab")).isEqualTo(new Shell(0, "ab is being rekeyed\n", ""));
        assertThat(shell("rekey", "-n", "--reauth", "ab")).isEqualTo(new Shell(0, "ab is being reauthenticated\n", ""));
        assertThat(agent.orders()).containsExactly(
                new RekeyRequest(Optional.of("ab"), Optional.of("net"), OptionalLong.empty(), OptionalInt.empty(), false),
                new RekeyRequest(Optional.of("ab"), Optional.empty(), OptionalLong.empty(), OptionalInt.empty(), false),
                new RekeyRequest(Optional.of("ab"), Optional.empty(), OptionalLong.empty(), OptionalInt.empty(), true));

        agent.onRekey(Answer.failed("no SA that is up fits peer ab, policy net"));
        assertThat(shell("rekey", "net")).isEqualTo(new Shell(1, "", "xfrm-agent: no SA that is up fits peer ab, policy net\n"));
        agent.onRekey(new Answer(Optional.of("the peer called us, so only it can authenticate anew"), 1, 0));
        assertThat(shell("rekey", "--reauth", "ab")).as("nothing is waited for")
                .isEqualTo(new Shell(1, "", "xfrm-agent: the peer called us, so only it can authenticate anew\n"));
    }

    @Test
    void reloadShowsWhatChangedOrEveryProblem() {
        assertThat(shell("reload")).isEqualTo(new Shell(0, "nothing is different\n", ""));
        agent.onReload(new Reloaded(List.of(), List.of("~ policy net", "- policy lab")));
        assertThat(shell("reload")).isEqualTo(new Shell(0, "~ policy net\n- policy lab\nreloaded\n", ""));
        agent.onReload(new Reloaded(List.of("a.yaml:3:7: unknown key 'pear'", "a.yaml:9:1: no peer 'son'"), List.of()));
        assertThat(shell("reload")).isEqualTo(new Shell(
                1, "", "xfrm-agent: nothing changed:\na.yaml:3:7: unknown key 'pear'\na.yaml:9:1: no peer 'son'\n"));
    }

    @Test
    void downOfWhatIsNotUpFails() {
        agent.onTerminate(_ -> CompletableFuture.completedFuture(Answer.failed("policy 'net' has no SA")));

        assertThat(shell("down", "net")).isEqualTo(new Shell(1, "", "xfrm-agent: policy 'net' has no SA\n"));
    }

    @Test
    void waitingEndsWhenTheUserSaysSo() {
        agent.onInitiate(_ -> new CompletableFuture<>());

        assertThat(shell("up", "--timeout", "1", "net").err()).isEqualTo("xfrm-agent: policy 'net' is not up after 1000 ms; the agent goes on trying\n");
    }

    @Test
    void statusIsTwoTablesAndWhatIsWrong() throws IOException {
        ChildSa child = session.children().getFirst();
        agent.with(Samples.NOW, session).used(child.inbound(), new Usage(252, 3, 3)).used(child.outbound(), new Usage(5_000_000, 3, 3));
        agent.emit(session, new Event.ChildFailed("lab", "peer 'ab' refused the traffic selectors (TS_UNACCEPTABLE)"));

        assertThat(status()).isEqualTo("""
                xfrm-agent 0.1.0, up 14 s, userspace data plane (the kernel has no ESP)

                PEER  STATE        LOCAL                   REMOTE                  ALGORITHMS                    SINCE  REKEY IN    ID
                ab    established  a.lab at 10.9.0.1:4500  b.lab at 10.9.0.2:4500  aes256gcm16-prfsha256-x25519  4 s    3 h 51 min  #1

                POLICY  ACTION   STATE               PEER  TRAFFIC                                 ALGORITHMS         IN     OUT      SINCE  REKEY IN  ID
                ssh     bypass   in force            -     10.9.0.0/24[tcp/22] === 0.0.0.0/0[tcp]
                net     protect  up                  ab    10.1.0.0/24 === 10.2.0.0/24             aes256gcm16-noesn  252 B  4.8 MiB  5 s    58 min    #1
                lab     protect  waits for traffic   ab    10.1.0.0/24 === 10.3.0.0/24
                guest   protect  waits for the peer  ab    10.1.0.0/24 === 10.4.0.0/24
                telnet  discard  in force            -     10.9.0.0/24[tcp] === 0.0.0.0/0[tcp/23]

                lab is not up: peer 'ab' refused the traffic selectors (TS_UNACCEPTABLE) (2026-11-23 17:04:11)
                """);
    }

    @Test
    void aPeerThatIsDownIsShownWithTheReason() throws IOException {
        agent.emit(session, new Event.IkeFailed("the peer did not answer 6 requests in 165 s", session, false));

        assertThat(status()).contains("PEER  STATE      LOCAL  REMOTE", "\nab    no IKE SA\n", "\nnet     protect  down ",
                "\nnet is not up: the peer did not answer 6 requests in 165 s (2026-11-23 17:04:11)\n");
    }

    @Test
    void aTerminalSeesAtOnceWhatIsUpAndWhatIsNot() throws IOException {
        agent.with(Samples.NOW, session);
        agent.emit(session, new Event.ChildFailed("lab", "refused"));

        assertThat(status(Paint.COLOURED, Optional.empty())).contains(
                "\u001b[1mPOLICY\u001b[0m", "net     protect  \u001b[32mup\u001b[0m                  ab ", "\u001b[33mwaits for traffic\u001b[0m",
                "\u001b[31mlab is not up\u001b[0m: refused");
        assertThat(status().replaceAll("\u001b\\[\\d+m", "")).isEqualTo(status());
        assertThat(List.of(Paint.of(true, "", "xterm"), Paint.of(true, "1", "xterm"), Paint.of(true, "", "dumb"), Paint.of(false, "", "xterm")))
                .containsExactly(Paint.COLOURED, Paint.PLAIN, Paint.PLAIN, Paint.PLAIN);
    }

    @Test
    void ratesAreThoseBetweenTwoReadings() throws IOException {
        ChildSa child = session.children().getFirst();
        agent.with(Samples.NOW, session).used(child.inbound(), new Usage(1_000, 3, 3)).used(child.outbound(), new Usage(1_000_000, 3, 3));
        Status before = ask();
        agent.used(child.inbound(), new Usage(1_500, 3, 3)).used(child.outbound(), new Usage(11_000_000, 3, 3));

        assertThat(status(Paint.PLAIN, Optional.of(Rates.since(before, 2_500)))).contains(
                "ALGORITHMS         IN       IN/S   OUT       OUT/S    SINCE  REKEY IN  ID", "1.5 KiB  200 B  10.5 MiB  3.8 MiB  5 s    58 min    #1");
        assertThat(status(Paint.PLAIN, Optional.of(Rates.UNKNOWN))).contains("1.5 KiB  -     10.5 MiB  -      5 s ");
    }

    private String status() throws IOException {
        return status(Paint.PLAIN, Optional.empty());
    }

    private String status(Paint paint, Optional<Rates> rates) throws IOException {
        StringWriter out = new StringWriter();
        new StatusText(ask(), ZoneOffset.UTC, paint, rates).print(new PrintWriter(out, true));
        return out.toString();
    }

    private Status ask() throws IOException {
        try (ViciClient client = ViciClient.connect(socket)) {
            return Status.ask(client);
        }
    }

    @Test
    void statusForProgramsHasTheSameAsJson() {
        agent.with(Samples.NOW, session);

        assertThat(shell("status", "--json").out()).contains("""
                  "peers": [
                    {
                      "name": "ab",
                      "ikeSas": [
                        {
                          "id": 1,
                          "state": "established",
                          "local": {
                            "id": "a.lab",
                            "address": "10.9.0.1",
                            "port": 4500,
                            "nat": false
                          },
                """, """
                    {
                      "name": "lab",
                      "action": "protect",
                      "state": "waits for traffic",
                      "peer": "ab",
                      "protocol": "ESP",
                      "mode": "tunnel",
                      "start": "on-traffic",
                      "local": [
                        "10.1.0.0/24"
                      ],
                      "remote": [
                        "10.3.0.0/24"
                      ],
                      "children": []
                    },
                """, "\"malformed\": 3");
    }

    @Test
    void amountsAndTimesAreShort() {
        assertThat(StatusText.octets(OptionalLong.of(1023))).isEqualTo("1023 B");
        assertThat(StatusText.octets(OptionalLong.of(10L << 30))).isEqualTo("10.0 GiB");
        assertThat(StatusText.octets(OptionalLong.of(Long.MAX_VALUE))).isEqualTo("8192.0 PiB");
        assertThat(StatusText.duration(OptionalLong.of(3_599))).isEqualTo("59 min");
        assertThat(StatusText.duration(OptionalLong.of(7_500))).isEqualTo("2 h 5 min");
        assertThat(StatusText.duration(OptionalLong.of(200_000))).isEqualTo("2 d 7 h");
        assertThat(StatusText.duration(OptionalLong.empty())).isEqualTo("-");
    }
}
