package org.xfrmagent.agent.control;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.daemon.AgentControl;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.daemon.DaemonOptions;

/**
 * Serves vici on unix stream sockets: two virtual threads for each client, one that reads and answers and one that writes. Nothing a
 * client sends or fails to read reaches another client or the agent.
 */
public final class ViciServer implements AgentControl.Subscription {
    private static final int MAX_CLIENTS = 256;
    private static final long LAST_WORDS_SECONDS = 2;
    private static final long ACCEPT_PAUSE_NANOS = 100_000_000;

    private final List<ControlSocket> sockets = new ArrayList<>();
    private final Admission admission;
    private final AgentControl agent;
    private final CharonsWording charons;
    private final ViciCommands commands;
    private final Troubles troubles = new Troubles();
    private final Departed departed;
    private final ControlCounters counters = new ControlCounters();
    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Semaphore places = new Semaphore(MAX_CLIENTS);
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("vici-", 0).factory());
    private final AgentControl.Subscription events;

    private ViciServer(AgentControl agent, Admission admission) {
        this.admission = admission;
        this.agent = agent;
        this.charons = new CharonsWording(agent);
        this.departed = new Departed(agent::usage, System::nanoTime);
        this.commands = new ViciCommands(agent, charons, troubles, counters, departed);
        this.events = agent.listen(this::tell);
    }

    /**
     * Opens every socket of {@code options} and serves them until closed; a {@link org.xfrmagent.agent.daemon.ControlSurface}.
     *
     * @throws IOException with a sentence for the user, when none is open
     */
    public static ViciServer open(AgentControl agent, DaemonOptions.Control options) throws IOException {
        ViciServer server = new ViciServer(agent, Admission.of(options.group()));
        try {
            for (Path path : options.sockets()) {
                server.sockets.add(ControlSocket.open(path, server.admission.group()));
            }
        } catch (IOException e) {
            server.close();
            throw e;
        }
        server.sockets.forEach(socket -> server.threads.execute(() -> server.accept(socket)));
        return server;
    }

    private void accept(ControlSocket socket) {
        while (true) {
            try {
                SocketChannel client = socket.channel().accept();
                if (!places.tryAcquire()) {
                    counters.refuse();
                    client.close();
                    continue;
                }
                threads.execute(() -> attend(client));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // Out of descriptors, or a client that left while it was accepted: the socket itself still listens.
                LockSupport.parkNanos(ACCEPT_PAUSE_NANOS);
            }
        }
    }

    private void attend(SocketChannel channel) {
        Connection connection = new Connection(channel, commands, counters);
        counters.arrived();
        try {
            if (!admission.admits(channel)) {
                counters.refuse();
                return;
            }
            connections.add(connection);
            Future<?> writer = threads.submit(() -> {
                connection.drain();
                return null;
            });
            try {
                connection.serve();
                connection.endOfQueue();
                writer.get(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
            } finally {
                writer.cancel(true);
            }
        } catch (MalformedVici e) {
            counters.malform();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | ExecutionException | TimeoutException e) {
            // The client is gone, or as good as gone.
        } finally {
            connections.remove(connection);
            connection.close();
            counters.left();
            places.release();
        }
    }

    /** Called on a session's thread: encodes only what somebody wants, and never waits. */
    private void tell(AgentEvent happened) {
        troubles.note(happened);
        boolean told = ViciEvents.OF_SAS.stream().anyMatch(this::wanted);
        departed.note(happened, told);
        tell(ViciEvents.LOG, () -> Optional.of(EventView.log(happened)));
        if (told) {
            view().updown(happened).forEach(each -> tell(each.name(), () -> Optional.of(each)));
        }
        departed.forget(happened);
        tell(ViciEvents.ALERT, () -> view().alert(happened));
    }

    private EventView view() {
        return new EventView(new SaView(charons.get()), agent::usage, departed);
    }

    private boolean wanted(String event) {
        return connections.stream().anyMatch(connection -> connection.wants(event));
    }

    private void tell(String event, Supplier<Optional<EventView.Told>> what) {
        if (wanted(event)) {
            what.get().ifPresent(told -> {
                Bytes packet = new ViciPacket.Event(told.name(), told.message()).encode();
                connections.forEach(connection -> connection.push(told.name(), packet));
            });
        }
    }

    /** Stops listening, takes the socket files away and closes every client. */
    @Override
    public void close() {
        events.close();
        for (ControlSocket socket : sockets) {
            try {
                socket.close();
            } catch (IOException _) {
                // The file was taken away by somebody else, which is what we wanted.
            }
        }
        connections.forEach(Connection::close);
        threads.shutdownNow();
    }
}
