package org.xfrmagent.it.peers;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * A client for vici, the control protocol of charon and of the agent; small, because swanctl takes seconds to start in the lab's guest
 * and these tests ask often. It is the tests' own, so that the agent's client and server cannot agree on a mistake.
 *
 * <pre>
 *   segment  length 4 | packet type 1 | name (length 1 + octets) | message
 *   element  1 section (name) · 2 end · 3 key (name) value (length 2) · 4 list (name) · 5 item (length 2) · 6 end
 * </pre>
 */
final class Vici implements AutoCloseable {
    private static final int REQUEST = 0;
    private static final int RESPONSE = 1;
    private static final int REGISTER = 3;
    private static final int CONFIRM = 5;
    private static final int EVENT = 7;
    private static final int LONGEST_SEGMENT = 512 * 1024;

    private final SocketChannel socket;
    private final DataInputStream in;

    /** A message or a section of one: the plain values, the lists, the sections below, all in their order. */
    record Section(Map<String, String> values, Map<String, List<String>> lists, Map<String, Section> sections) {
        Section() {
            this(new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
        }

        /** A value, or the empty text. */
        String get(String key) {
            return values.getOrDefault(key, "");
        }

        /** A value that counts something; 0 if it is missing. */
        long count(String key) {
            return Long.parseLong(values.getOrDefault(key, "0"));
        }

        Section section(String name) {
            return sections.getOrDefault(name, new Section());
        }
    }

    private Vici(SocketChannel socket) {
        this.socket = socket;
        this.in = new DataInputStream(Channels.newInputStream(socket));
    }

    /** Fails with an IOException if nobody listens there. */
    static Vici connect(Path path) throws IOException {
        SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            socket.connect(UnixDomainSocketAddress.of(path));
            return new Vici(socket);
        } catch (IOException failure) {
            socket.close();
            throw failure;
        }
    }

    /** Sends a command and returns its response. */
    Section command(String name, Map<String, String> arguments) throws IOException {
        return command(name, arguments, new ArrayList<>());
    }

    /** Sends a command whose answer is a stream of events, and returns these. */
    List<Section> stream(String name, String event, Map<String, String> arguments) throws IOException {
        register(List.of(event));
        List<Section> events = new ArrayList<>();
        command(name, arguments, events);
        return events;
    }

    /** From now on {@link #event} tells of these. */
    void register(List<String> events) throws IOException {
        for (String event : events) {
            send(REGISTER, event, Map.of());
            Bytes answer = receive();
            if (answer.u8(0) != CONFIRM) {
                throw new IOException("vici: registering for " + event + " was answered by packet type " + answer.u8(0));
            }
        }
    }

    /** Waits for the next event; as swanctl's {@code --pretty} prints it, with everything in its order. */
    String event() throws IOException {
        ByteReader reader = receive().reader();
        int type = reader.u8();
        if (type != EVENT) {
            throw new IOException("vici: packet type " + type + " where an event should be");
        }
        return name(reader) + " event {\n" + pretty(reader) + "}\n";
    }

    private static String pretty(ByteReader reader) throws IOException {
        StringBuilder text = new StringBuilder();
        while (!reader.atEnd()) {
            int element = reader.u8();
            switch (element) {
                case 1 -> text.append(name(reader)).append(" {\n");
                case 2, 6 -> text.append(element == 2 ? "}\n" : "]\n");
                case 3 -> text.append(name(reader)).append(" = ").append(value(reader)).append('\n');
                case 4 -> text.append(name(reader)).append(" = [\n");
                case 5 -> text.append(value(reader)).append('\n');
                default -> throw new IOException("vici: element type " + element);
            }
        }
        return text.toString();
    }

    private Section command(String name, Map<String, String> arguments, List<Section> events) throws IOException {
        send(REQUEST, name, arguments);
        while (true) {
            ByteReader reader = receive().reader();
            int type = reader.u8();
            switch (type) {
                case RESPONSE -> {
                    return section(reader);
                }
                case EVENT -> {
                    name(reader);
                    events.add(section(reader));
                }
                default -> throw new IOException("vici: " + name + " was answered by packet type " + type);
            }
        }
    }

    private void send(int type, String name, Map<String, String> arguments) throws IOException {
        ByteWriter packet = new ByteWriter().u8(type);
        text8(packet, name);
        arguments.forEach((key, value) -> {
            byte[] octets = value.getBytes(StandardCharsets.UTF_8);
            text8(packet.u8(3), key);
            packet.u16(octets.length).bytes(octets);
        });
        ByteBuffer segment = ByteBuffer.wrap(new ByteWriter().i32(packet.length()).bytes(packet.toBytes()).toBytes().toArray());
        while (segment.hasRemaining()) {
            socket.write(segment);
        }
    }

    private static void text8(ByteWriter writer, String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        writer.u8(octets.length).bytes(octets);
    }

    private Bytes receive() throws IOException {
        int length = in.readInt();
        if (length < 1 || length > LONGEST_SEGMENT) {
            throw new IOException("vici: a segment of " + length + " octets");
        }
        byte[] segment = new byte[length];
        in.readFully(segment);
        return Bytes.wrap(segment);
    }

    private static String name(ByteReader reader) {
        return text(reader.bytes(reader.u8()));
    }

    private static String value(ByteReader reader) {
        return text(reader.bytes(reader.u16()));
    }

    private static String text(Bytes octets) {
        return new String(octets.toArray(), StandardCharsets.UTF_8);
    }

    private static Section section(ByteReader reader) throws IOException {
        Section section = new Section();
        while (!reader.atEnd()) {
            int element = reader.u8();
            switch (element) {
                case 1 -> section.sections.put(name(reader), section(reader));
                case 2 -> {
                    return section;
                }
                case 3 -> section.values.put(name(reader), value(reader));
                case 4 -> section.lists.put(name(reader), list(reader));
                default -> throw new IOException("vici: element type " + element);
            }
        }
        return section;
    }

    private static List<String> list(ByteReader reader) throws IOException {
        List<String> items = new ArrayList<>();
        int element = reader.u8();
        while (element == 5) {
            items.add(value(reader));
            element = reader.u8();
        }
        if (element != 6) {
            throw new IOException("vici: element type " + element + " in a list");
        }
        return items;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
