package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.daemon.Answer;
import org.xfrmagent.agent.daemon.InitiateRequest;
import org.xfrmagent.agent.daemon.TerminateRequest;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Session;

/** {@code initiate} and {@code terminate} as a client sees them; with real daemons in OrdersParityTest. */
@Timeout(60)
final class OrdersTest {
    private final FakeAgent agent = Samples.agent();
    private final Session session = Samples.tunnel(agent.settings());
    private final List<AutoCloseable> open = new ArrayList<>();
    private final Path socket;

    OrdersTest(@TempDir Path folder) throws IOException {
        socket = folder.resolve("control.vici");
        open.add(Vici.serve(agent.with(Samples.NOW, session), socket));
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
    }

    private ViciClient client() throws IOException {
        ViciClient client = ViciClient.connect(socket);
        open.add(client);
        return client;
    }

    private static ViciMessage request(String... pairs) {
        return ViciMessage.of(out -> {
            for (int i = 0; i < pairs.length; i += 2) {
                out.put(pairs[i], pairs[i + 1]);
            }
        });
    }

    @Test
    void anInitiateStreamsTheLogAndEndsWithTheOutcome() throws IOException {
        agent.onInitiate(_ -> {
            agent.emit(session, new Event.Entered("initiating", "asks the peer for an IKE SA"));
            agent.emit(session, new Event.ChildUp(session.children().getFirst()));
            return CompletableFuture.completedFuture(Answer.succeeded(1));
        });
        List<String> log = new ArrayList<>();

        ViciMessage answer = client().stream("initiate", request("child", "net"), "control-log", line -> log.add(line.text("msg").orElse("")));

        assertThat(answer.text("success")).contains("yes");
        assertThat(log).containsExactly("initiating: asks the peer for an IKE SA",
                "net{1}: child SA up: ESP tunnel, in c9b1f824 out c1cc59cb, aes256gcm16-noesn, 10.1.0.0/24 === 10.2.0.0/24");
        assertThat(agent.orders()).containsExactly(new InitiateRequest(Optional.of("ab"), Optional.of("net")));
        assertThat(agent.listeners()).as("only the server itself listens on").isEqualTo(1);
    }

    /** As with charon: -1 is silent, 0 the outcome, 1 what is done for it, 2 what was ignored. */
    @Test
    void theLogOfAnOrderIsToldAtTheLevelThatIsAskedFor() throws IOException {
        agent.onInitiate(_ -> {
            agent.emit(session, new Event.ChildUp(session.children().getFirst()));
            agent.emit(session, new Event.Entered("initiating", "asks the peer for an IKE SA"));
            agent.emit(session, new Event.Dropped(Event.Rule.MALFORMED, "too short"));
            return CompletableFuture.completedFuture(Answer.succeeded(1));
        });
        for (int level = -1; level <= 3; level++) {
            List<String> levels = new ArrayList<>();
            client().stream("initiate", request("child", "net", "loglevel", Integer.toString(level)), "control-log",
                    line -> levels.add(line.text("level").orElse("")));
            assertThat(levels).as("loglevel " + level).isEqualTo(List.of("0", "1", "2").subList(0, Math.min(level + 1, 3)));
        }
    }

    @Test
    void aTerminateThatTakesTooLongTellsHowManyAreLeft() throws IOException {
        agent.onTerminate(_ -> new CompletableFuture<>());

        assertThat(client().ask("terminate", request("ike", "ab", "timeout", "20")))
                .hasToString("success=no matches=1 terminated=0 errmsg=terminating SA failed");
        assertThat(client().ask("terminate", request("ike", "ab", "timeout", "-1"))).hasToString("success=yes matches=1 terminated=1");
        assertThat(client().ask("terminate", request("child", "net", "timeout", "-1"))).hasToString("success=yes matches=1 terminated=1");
        assertThat(client().ask("terminate", request("child-id", "77", "timeout", "-1")))
                .hasToString("success=no matches=0 terminated=0 errmsg=no matching SAs to terminate found");
    }

    @Test
    void anInitiateThatFailsSaysWhy() throws IOException {
        agent.onInitiate(_ -> CompletableFuture.completedFuture(Answer.failed("peer 'ab' at 10.9.0.2 did not answer 6 requests in 165 s")));

        assertThat(client().ask("initiate", request("child", "net"))).hasToString("success=no errmsg=establishing CHILD_SA 'net' failed: peer 'ab' at 10.9.0.2 did not answer 6 requests in 165 s");
    }

    @Test
    void anInitiateWaitsOnlySoLong() throws IOException {
        agent.onInitiate(_ -> new CompletableFuture<>());

        assertThat(client().ask("initiate", request("child", "net", "timeout", "20")))
                .hasToString("success=no errmsg=CHILD_SA 'net' not established after 20ms");
        assertThat(client().ask("initiate", request("child", "net", "timeout", "-1"))).hasToString("success=yes");
    }

    @Test
    void aNameThatIsNotThereGetsTheNearestOne() throws IOException {
        ViciClient client = client();

        assertThat(client.ask("initiate", request("child", "nte")).text("errmsg"))
                .contains("CHILD_SA config 'nte' not found; did you mean 'net'?");
        assertThat(client.ask("initiate", request("ike", "abc")).text("errmsg")).contains("IKE_SA config 'abc' not found; did you mean 'ab'?");
        assertThat(client.ask("initiate").text("success")).contains("no");
        assertThat(agent.orders()).isEmpty();
    }

    @Test
    void aTerminateTellsHowManyItEnded() throws IOException {
        agent.onTerminate(_ -> CompletableFuture.completedFuture(new Answer(Optional.empty(), 2, 2)));

        assertThat(client().ask("terminate", request("ike", "ab", "force", "yes"))).hasToString("success=yes matches=2 terminated=2");
        assertThat(agent.orders()).containsExactly(new TerminateRequest(Optional.of("ab"), Optional.empty(),
                OptionalLong.empty(), OptionalInt.empty(), true));
        assertThat(client().ask("terminate").text("errmsg")).contains("missing terminate selector");
        assertThat(client().ask("terminate", request("ike-id", "one")).text("errmsg")).contains("'ike-id' is 'one', expected a number");
    }
}
