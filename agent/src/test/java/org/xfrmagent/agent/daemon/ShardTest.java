package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.PolicySet;

class ShardTest {
    private static final Path PATH = new Path(Ip.parse("192.0.2.1").orElseThrow(), 500, Ip.parse("192.0.2.2").orElseThrow(), 500);

    private final BlockingQueue<Output> outputs = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final EventHub events = new EventHub(
            new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), Clock.systemUTC(), true), Clock.systemUTC());
    private final AtomicBoolean toldUnpublished = new AtomicBoolean();
    private final AtomicLong clock = new AtomicLong();
    private final Shard shard = shard("at-start");

    private Shard shard(String start) {
        PolicySet policies = Yaml.read(Yaml.SUN + """
                policies:
                  - name: lans
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                    action: protect
                    peer: sun
                    start: %s
                """.formatted(start));
        Settings settings = new SettingsBuilder(Settings.Ports.STANDARD).build(policies, (_, _) -> Optional.empty());
        Endpoint endpoint = new Endpoint(0, settings, new AtomicLong()::incrementAndGet);
        return new Shard(0, endpoint, this::deliver, events, clock::get);
    }

    private void deliver(Shard from, List<Output> all) {
        for (Output output : all) {
            if (output instanceof Output.Act(Session session, _)) {
                toldUnpublished.compareAndSet(false, !from.sessions().containsKey(session.id()));
            }
            outputs.add(output);
        }
    }

    @AfterEach
    void close() {
        shard.close();
    }

    private Output next() throws InterruptedException {
        return Optional.ofNullable(outputs.poll(10, TimeUnit.SECONDS)).orElseThrow(() -> new AssertionError("no output"));
    }

    @Test
    void whatIsToBeUpAtTheStartIsWantedAtOnce() throws InterruptedException {
        shard.start();
        assertThat(next()).isInstanceOfSatisfying(Output.Wanted.class, wanted -> {
            assertThat(wanted.profile().name()).isEqualTo("sun");
            assertThat(wanted.wishes()).singleElement().satisfies(wish -> assertThat(wish.policy()).isEqualTo("lans"));
        });
    }

    @Test
    void sessionsArePublishedAndGoodbyeWaitsUntilTheLastIsGone() throws InterruptedException {
        shard.start();
        Output.Wanted wanted = (Output.Wanted) next();
        shard.post((to, at) -> to.initiate(wanted.profile(), PATH, wanted.wishes(), at));
        assertThat(next()).isInstanceOf(Output.Act.class);
        assertThat(toldUnpublished).as("somebody heard of a session that nobody could look up").isFalse();
        shard.post((to, at) -> to.shutdown("the test is over", at));
        shard.goodbye(10_000);
        assertThat(shard.sessions()).isEmpty();
    }

    @Test
    void aBugCostsItsInputAndNothingElse() throws InterruptedException {
        shard.start();
        next();
        shard.post((_, _) -> {
            throw new IllegalStateException("a bug");
        });
        shard.post((_, _) -> List.of(new Output.Note(new Event.Remark("still here"))));
        assertThat(next()).isEqualTo(new Output.Note(new Event.Remark("still here")));
        assertThat(written.toString(StandardCharsets.UTF_8)).contains("<3>ike: dropped (bug): java.lang.IllegalStateException: a bug at ");
    }

    @Test
    void aFloodOfDatagramsIsDroppedBeforeItFillsTheMemory() {
        for (int i = 0; i <= Shard.MOST_WAITING; i++) {
            shard.datagram(PATH, Bytes.empty());
        }
        assertThat(events.counters(0, 0).dropped()).containsEntry(Event.Rule.OVERLOADED, 1L);
    }

    @Test
    void aDeadlineThatLiesBackForEverIsDueNow() {
        assertThat(Shard.patience(OptionalLong.of(Long.MIN_VALUE), 5)).isZero();
        assertThat(Shard.patience(OptionalLong.of(5), 5)).isZero();
        assertThat(Shard.patience(OptionalLong.of(7), 5)).isEqualTo(2);
        assertThat(Shard.patience(OptionalLong.of(Long.MAX_VALUE), 5)).isEqualTo(Shard.patience(OptionalLong.empty(), 5));
    }
}
