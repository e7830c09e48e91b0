package org.xfrmagent.agent.fuzz;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.FirstGlance;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.MessageCodec;

/** A datagram, and the same octets as decrypted payloads behind any first payload type: read and written again, or malformed. */
public final class MessageTarget {
    private MessageTarget() {}

    /** Jazzer's entry point. */
    public static void fuzzerTestOneInput(byte[] data) {
        Bytes octets = Bytes.of(data);
        try {
            Message message = MessageCodec.decode(octets);
            if (!MessageCodec.decode(MessageCodec.encode(message)).payloads().equals(message.payloads())) {
                throw new IllegalStateException("written otherwise than read: " + message.summary());
            }
        } catch (Malformed expected) {
            // The only way out for what is no message.
        }
        if (data.length >= Header.LENGTH) {
            FirstGlance glance = new FirstGlance(octets);
            glance.cookie();
            glance.nonce();
        }
        if (data.length > 0) {
            try {
                MessageCodec.decodeChain(data[0] & 0xff, Bytes.wrap(Arrays.copyOfRange(data, 1, data.length)));
            } catch (Malformed expected) {
                // As above.
            }
        }
    }
}
