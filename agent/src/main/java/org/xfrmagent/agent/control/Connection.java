package org.xfrmagent.agent.control;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.daemon.Loaded;

/**
 * One client. What it is sent waits in a queue of limited size that a thread of its own empties, so that a client that does not read
 * never stops the agent: an event that finds the queue full closes the connection, and the client's own answers wait only so long.
 */
final class Connection implements ViciCommands.Client {
    /** Octets that may wait, framed as segments: two answers of the greatest size, or a thousand events. */
    private static final int QUEUE_OCTETS = 2 * (Segment.MAX_OCTETS + Segment.HEADER);
    private static final long PATIENCE_SECONDS = 30;
    private static final int MOST_TOGETHER = 64;
    private static final Bytes END = Bytes.empty();

    private final SocketChannel channel;
    private final ViciCommands commands;
    private final ControlCounters counters;
    private final BlockingQueue<Bytes> outgoing = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(QUEUE_OCTETS);
    private final Set<String> registered = ConcurrentHashMap.newKeySet();
    private final Map<String, UnaryOperator<Loaded>> refused = new LinkedHashMap<>();

    Connection(SocketChannel channel, ViciCommands commands, ControlCounters counters) {
        this.channel = channel;
        this.commands = commands;
        this.counters = counters;
    }

    /** Reads and answers until the client goes away, breaks the protocol or is closed. */
    void serve() throws IOException, InterruptedException {
        while (true) {
            Optional<Bytes> data = Segment.read(channel);
            if (data.isEmpty()) {
                return;
            }
            answer(ViciPacket.decode(data.get()));
        }
    }

    private void answer(ViciPacket packet) throws IOException, InterruptedException {
        switch (packet) {
            case ViciPacket.CommandRequest(String name, ViciMessage request) -> {
                Optional<ViciCommands.Handler> handler = commands.find(name);
                send(handler.isEmpty() ? new ViciPacket.CommandUnknown() : new ViciPacket.CommandResponse(ask(handler.get(), request)));
            }
            case ViciPacket.EventRegister(String name) -> {
                boolean known = ViciEvents.NAMES.contains(name);
                if (known) {
                    registered.add(name);
                }
                send(known ? new ViciPacket.EventConfirm() : new ViciPacket.EventUnknown());
            }
            case ViciPacket.EventUnregister(String name) ->
                send(registered.remove(name) ? new ViciPacket.EventConfirm() : new ViciPacket.EventUnknown());
            case ViciPacket.CommandResponse _, ViciPacket.CommandUnknown _, ViciPacket.EventConfirm _, ViciPacket.EventUnknown _,
                    ViciPacket.Event _ -> throw new MalformedVici("a client sent a packet that only the agent may send");
        }
    }

    private ViciMessage ask(ViciCommands.Handler handler, ViciMessage request) throws IOException, InterruptedException {
        try {
            return handler.answer(request, this);
        } catch (RuntimeException bug) {
            return ViciCommands.failure("the agent could not answer, which is a mistake of its own: " + bug);
        }
    }

    /** Writes what waits, until {@link #endOfQueue} or until the connection is closed. What waits together goes in one system call. */
    void drain() throws IOException, InterruptedException {
        List<Bytes> together = new ArrayList<>();
        while (true) {
            together.add(outgoing.take());
            outgoing.drainTo(together, MOST_TOGETHER - 1);
            int end = together.indexOf(END);
            List<Bytes> segments = end < 0 ? together : together.subList(0, end);
            Segment.writeAll(channel, segments);
            room.release(segments.stream().mapToInt(Bytes::length).sum());
            if (end >= 0) {
                return;
            }
            together.clear();
        }
    }

    /** Nothing will be sent after what waits now. */
    void endOfQueue() {
        outgoing.add(END);
    }

    private void send(ViciPacket packet) throws IOException, InterruptedException {
        Bytes data = packet.encode();
        if (data.length() > Segment.MAX_OCTETS) {
            data = new ViciPacket.CommandResponse(ViciCommands.failure("the answer is larger than a vici packet can be")).encode();
        }
        enqueue(Segment.frame(List.of(data)));
    }

    private void enqueue(Bytes frames) throws IOException, InterruptedException {
        if (!room.tryAcquire(frames.length(), PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            counters.slowDown();
            throw new IOException("the client does not read what it asked for");
        }
        outgoing.add(frames);
    }

    @Override
    public Map<String, UnaryOperator<Loaded>> refused() {
        return refused;
    }

    @Override
    public boolean wants(String event) {
        return registered.contains(event);
    }

    @Override
    public void stream(String event, ViciMessage message) throws IOException, InterruptedException {
        if (wants(event)) {
            enqueue(Segment.frame(List.of(new ViciPacket.Event(event, message).encode())));
        }
    }

    @Override
    public void streamSegments(String event, Bytes segments) throws IOException, InterruptedException {
        if (wants(event)) {
            enqueue(segments);
        }
    }

    @Override
    public void push(String event, Bytes encoded) {
        if (!wants(event)) {
            return;
        }
        Bytes frame = Segment.frame(List.of(encoded));
        if (room.tryAcquire(frame.length())) {
            outgoing.add(frame);
        } else {
            counters.slowDown();
            close();
        }
    }

    /** Ends both threads; closing twice is harmless. */
    void close() {
        try {
            channel.close();
        } catch (IOException _) {
            // There is nobody left to tell, and the descriptor is gone either way.
        }
    }
}
