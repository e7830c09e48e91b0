package org.xfrmagent.netlink;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.StructReader;

/** The netlink messages that iproute2 sends, as resources/golden/capture recorded them. Little-endian, as the machine they come from. */
public final class Golden {
    private final Map<String, byte[]> messages = new LinkedHashMap<>();

    private Golden() {}

    public static Golden load(String name) {
        Golden golden = new Golden();
        try (InputStream stream = Golden.class.getResourceAsStream("/golden/" + name + ".golden")) {
            if (stream == null) {
                throw new IOException("no resource " + name);
            }
            List<String> lines = new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
            for (int i = 0; i + 1 < lines.size(); i++) {
                if (lines.get(i).startsWith("ip ")) {
                    golden.messages.put(lines.get(i), HexFormat.of().parseHex(lines.get(i + 1)));
                }
            }
            return golden;
        } catch (IOException failure) {
            throw new IllegalStateException(failure);
        }
    }

    /** The message of {@code command}, from its header on. */
    public byte[] message(String command) {
        byte[] message = messages.get(command);
        if (message == null) {
            throw new IllegalArgumentException("not captured: " + command);
        }
        return message;
    }

    public List<byte[]> all() {
        return List.copyOf(messages.values());
    }

    public static byte[] body(byte[] message) {
        return Arrays.copyOfRange(message, 16, message.length);
    }

    public StructReader reader(String command) {
        return new StructReader(body(message(command)));
    }

    /** What {@code ip} sent, as "type flags body" in hex, to be compared with {@link #describe(NetlinkRequest)}. */
    public String describe(String command) throws MalformedMessage {
        byte[] message = message(command);
        StructReader header = new StructReader(message).skip(4);
        // Without REQUEST and ACK, which the socket adds.
        return String.format("%x %x %s", header.u16(), header.u16() & ~5, HexFormat.of().formatHex(body(message)));
    }

    public static String describe(NetlinkRequest request) {
        return String.format("%x %x %s", request.type(), request.flags(), HexFormat.of().formatHex(request.body().toArray()));
    }
}
