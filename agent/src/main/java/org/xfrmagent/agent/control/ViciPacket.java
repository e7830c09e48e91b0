package org.xfrmagent.agent.control;

import java.util.function.Consumer;
import org.xfrmagent.agent.bytes.ByteReader;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * What one segment carries.
 *
 * <pre>
 *   client -> agent   CMD_REQUEST name message   EVENT_REGISTER name   EVENT_UNREGISTER name
 *   agent -> client   CMD_RESPONSE message   CMD_UNKNOWN   EVENT_CONFIRM   EVENT_UNKNOWN   EVENT name message
 * </pre>
 */
public sealed interface ViciPacket {
    int EVENT = 7;

    record CommandRequest(String name, ViciMessage message) implements ViciPacket {}

    record CommandResponse(ViciMessage message) implements ViciPacket {}

    record CommandUnknown() implements ViciPacket {}

    record EventRegister(String name) implements ViciPacket {}

    record EventUnregister(String name) implements ViciPacket {}

    record EventConfirm() implements ViciPacket {}

    record EventUnknown() implements ViciPacket {}

    record Event(String name, ViciMessage message) implements ViciPacket {}

    private int type() {
        return switch (this) {
            case CommandRequest _ -> 0;
            case CommandResponse _ -> 1;
            case CommandUnknown _ -> 2;
            case EventRegister _ -> 3;
            case EventUnregister _ -> 4;
            case EventConfirm _ -> 5;
            case EventUnknown _ -> 6;
            case Event _ -> EVENT;
        };
    }

    /** @throws IllegalArgumentException for a name or value that does not fit */
    default Bytes encode() {
        ByteWriter out = new ByteWriter(1024).u8(type());
        switch (this) {
            case CommandRequest(String name, ViciMessage message) -> named(out, name, message);
            case Event(String name, ViciMessage message) -> named(out, name, message);
            case CommandResponse(ViciMessage message) -> ViciCodec.write(message, out);
            case EventRegister(String name) -> ViciCodec.name(out, name);
            case EventUnregister(String name) -> ViciCodec.name(out, name);
            case CommandUnknown _, EventConfirm _, EventUnknown _ -> {}
        }
        return out.toBytes();
    }

    /** An event whose message is written as it is made. */
    static void writeEvent(ByteWriter out, String name, Consumer<ViciMessage.Builder> fill, ListingMemory.Look memory) {
        ViciCodec.name(out.u8(EVENT), name);
        ViciCodec.write(fill, out, memory);
    }

    private static void named(ByteWriter out, String name, ViciMessage message) {
        ViciCodec.name(out, name);
        ViciCodec.write(message, out);
    }

    static ViciPacket decode(Bytes octets) throws MalformedVici {
        if (octets.isEmpty()) {
            throw new MalformedVici("a packet cannot be empty");
        }
        ByteReader in = octets.reader();
        int type = in.u8();
        ViciPacket packet = switch (type) {
            case 0 -> new CommandRequest(ViciCodec.name(in), ViciCodec.read(in));
            case 1 -> new CommandResponse(ViciCodec.read(in));
            case 2 -> new CommandUnknown();
            case 3 -> new EventRegister(ViciCodec.name(in));
            case 4 -> new EventUnregister(ViciCodec.name(in));
            case 5 -> new EventConfirm();
            case 6 -> new EventUnknown();
            case EVENT -> new Event(ViciCodec.name(in), ViciCodec.read(in));
            default -> throw new MalformedVici("there is no packet of type " + type);
        };
        if (!in.atEnd()) {
            throw new MalformedVici("a packet of type " + type + " has " + in.remaining() + " octets too many");
        }
        return packet;
    }
}
