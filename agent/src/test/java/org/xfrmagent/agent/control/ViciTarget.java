package org.xfrmagent.agent.control;

import java.util.List;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;

/** For long fuzzing runs: what a client of the control socket may write, read and written again, or refused. */
public final class ViciTarget {
    private ViciTarget() {}

    /** Inputs to begin with: a packet of each kind. */
    public static List<byte[]> seeds() {
        ViciMessage message = ViciMessage.of(out -> out.put("child", "net")
                .section("section", section -> section.put("key", "value").list("list", List.of("item", "another"))));
        return Stream.of(
                        new ViciPacket.CommandRequest("list-sas", message), new ViciPacket.CommandResponse(message),
                        new ViciPacket.CommandUnknown(), new ViciPacket.EventRegister("log"), new ViciPacket.EventUnregister("log"),
                        new ViciPacket.EventConfirm(), new ViciPacket.EventUnknown(), new ViciPacket.Event("log", message))
                .map(packet -> packet.encode().toArray())
                .toList();
    }

    /** Jazzer's entry point. */
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            ViciPacket packet = ViciPacket.decode(Bytes.of(data));
            if (!ViciPacket.decode(packet.encode()).equals(packet)) {
                throw new IllegalStateException("written otherwise than read: " + packet);
            }
        } catch (MalformedVici expected) {
            // The only way out for what is no packet.
        }
    }
}
