package org.xfrmagent.agent.control;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.xfrmagent.agent.bytes.Bytes;

/** The other end of the control socket. One thread at a time; every call waits for the agent's answer. */
public final class ViciClient implements AutoCloseable {
    private final SocketChannel channel;

    private ViciClient(SocketChannel channel) {
        this.channel = channel;
    }

    /** @throws IOException when nobody listens or we may not connect */
    public static ViciClient connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new ViciClient(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** The agent knows no command of that name. */
    public static final class UnknownCommand extends IOException {
        private static final long serialVersionUID = 1L;

        UnknownCommand(String command) {
            super("the agent knows no command '" + command + "'; is it older than this program?");
        }
    }

    /** Asks and waits for the answer. */
    public ViciMessage ask(String command, ViciMessage request) throws IOException {
        return ask(command, request, _ -> {});
    }

    public ViciMessage ask(String command) throws IOException {
        return ask(command, ViciMessage.EMPTY);
    }

    /** Asks for a list that is streamed as events of one name, and returns them in order. */
    public List<ViciMessage> list(String command, ViciMessage request, String event) throws IOException {
        List<ViciMessage> all = new ArrayList<>();
        stream(command, request, event, all::add);
        return all;
    }

    /** Asks, hands every event of one name to {@code sink} while it waits, and returns the answer. */
    public ViciMessage stream(String command, ViciMessage request, String event, Consumer<ViciMessage> sink) throws IOException {
        register(event);
        ViciMessage answer = ask(command, request, told -> {
            if (told.name().equals(event)) {
                sink.accept(told.message());
            }
        });
        unregister(event);
        return answer;
    }

    private ViciMessage ask(String command, ViciMessage request, Consumer<ViciPacket.Event> sink) throws IOException {
        send(new ViciPacket.CommandRequest(command, request));
        while (true) {
            switch (receive()) {
                case ViciPacket.Event event -> sink.accept(event);
                case ViciPacket.CommandResponse(ViciMessage answer) -> {
                    return answer;
                }
                case ViciPacket.CommandUnknown() -> throw new UnknownCommand(command);
                case ViciPacket other -> throw outOfPlace(other);
            }
        }
    }

    /** Registers for an event and waits for the agent's word. */
    public void register(String event) throws IOException {
        send(new ViciPacket.EventRegister(event));
        confirm(event);
    }

    public void unregister(String event) throws IOException {
        send(new ViciPacket.EventUnregister(event));
        confirm(event);
    }

    private void confirm(String event) throws IOException {
        while (true) {
            switch (receive()) {
                case ViciPacket.Event _ -> {}
                case ViciPacket.EventConfirm() -> {
                    return;
                }
                case ViciPacket.EventUnknown() -> throw new IOException("the agent knows no event '" + event + "'");
                case ViciPacket other -> throw outOfPlace(other);
            }
        }
    }

    /** Waits for the next event that was registered for. */
    public ViciPacket.Event next() throws IOException {
        ViciPacket packet = receive();
        if (packet instanceof ViciPacket.Event event) {
            return event;
        }
        throw outOfPlace(packet);
    }

    private static MalformedVici outOfPlace(ViciPacket packet) {
        return new MalformedVici("the agent sent a packet out of place: " + packet.getClass().getSimpleName());
    }

    private void send(ViciPacket packet) throws IOException {
        Segment.write(channel, packet.encode());
    }

    private ViciPacket receive() throws IOException {
        Bytes data = Segment.read(channel).orElseThrow(() -> new EOFException("the agent closed the connection"));
        return ViciPacket.decode(data);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
