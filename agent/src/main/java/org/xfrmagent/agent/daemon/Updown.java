package org.xfrmagent.agent.daemon;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Session;

/**
 * Runs a policy's updown program when a child comes up and when it is gone; a successor is no event to it. The programs of one policy
 * run one after the other on a virtual thread, so no session waits for them, and none longer than {@link #PATIENCE}. They are run as
 * they are, with nothing in their environment but what {@link PlutoEnvironment} says and a PATH: no shell reads what a peer calls itself.
 */
final class Updown implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LAST = Duration.ofSeconds(5);
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int LINES = 20;

    private final EventLog log;
    private final UnaryOperator<String> names;
    private final Duration patience;
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("updown-", 0).factory());
    /** What goes with a session: at the end of one its children are told after its addresses are gone. */
    private final Map<Long, InnerAddresses> inner = new ConcurrentHashMap<>();
    private final Map<String, CompletableFuture<Void>> tails = new ConcurrentHashMap<>();

    /** @param names what the connection of a policy calls it */
    Updown(EventLog log, UnaryOperator<String> names) {
        this(log, names, PATIENCE);
    }

    Updown(EventLog log, UnaryOperator<String> names, Duration patience) {
        this.log = log;
        this.names = names;
        this.patience = patience;
    }

    /** To be told every event, on the session's thread. */
    void heard(AgentEvent happened) {
        switch (happened.event()) {
            case Event.ChildUp(ChildSa child) -> {
                if (!child.profile().protect().updown().isEmpty()) {
                    inner.put(happened.session().id(), happened.session().phase().inner());
                }
                run(happened.session(), child, true);
            }
            case Event.IkeDown _ -> inner.remove(happened.session().id());
            case Event.ChildDown(ChildSa child, _, _) -> {
                boolean replaced = child.state() == ChildSa.State.REKEYED
                        || happened.session().children().stream().anyMatch(other -> other.succeeds(child.serial()));
                if (!replaced) {
                    run(happened.session(), child, false);
                }
            }
            default -> {}
        }
    }

    private void run(Session session, ChildSa child, boolean up) {
        List<String> command = child.profile().protect().updown();
        if (command.isEmpty()) {
            return;
        }
        InnerAddresses given = inner.getOrDefault(session.id(), InnerAddresses.none());
        Runnable work = () -> PlutoEnvironment.of(session, child, up, names.apply(child.name()), device(child.localAddress()), given)
                .forEach(environment -> run(command, environment, child.name()));
        CompletableFuture<Void> mine = tails.compute(child.name(), (_, tail) ->
                tail == null ? CompletableFuture.runAsync(work, threads) : tail.thenRunAsync(work, threads));
        var _ = mine.whenComplete((_, _) -> tails.remove(child.name(), mine));
    }

    private static Optional<String> device(InetAddress address) {
        try {
            return Optional.ofNullable(NetworkInterface.getByInetAddress(address)).map(NetworkInterface::getName);
        } catch (IOException unknown) {
            return Optional.empty();
        }
    }

    private void run(List<String> command, Map<String, String> environment, String policy) {
        String subject = "updown " + policy;
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", PATH);
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            // Who does not end in time is ended, and then its output ends too.
            Thread.startVirtualThread(() -> endInTime(process, subject));
            print(process, subject);
            int status = process.waitFor();
            if (status != 0) {
                log.warning(subject, command.getFirst() + " ended with status " + status);
            }
        } catch (IOException impossible) {
            log.warning(subject, "cannot be run: " + impossible.getMessage());
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(Process process, String subject) throws IOException {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            int count = 0;
            for (Optional<String> line = Optional.ofNullable(lines.readLine()); line.isPresent(); line = Optional.ofNullable(lines.readLine())) {
                count++;
                if (count <= LINES) {
                    log.notice(subject, line.get());
                }
            }
        }
    }

    private void endInTime(Process process, String subject) {
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warning(subject, "did not end within " + patience.toSeconds() + " s and is killed");
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } catch (InterruptedException ending) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Waits a bounded time for what is still to be told. */
    @Override
    public void close() {
        var _ = CompletableFuture.allOf(tails.values().toArray(CompletableFuture[]::new))
                .completeOnTimeout(null, LAST.toMillis(), TimeUnit.MILLISECONDS)
                .exceptionally(_ -> null)
                .join();
        threads.shutdownNow();
    }
}
