package org.xfrmagent.agent.fuzz;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;

/** A datagram of IKEv1, and the same octets as decrypted payloads behind any first payload type: read, or malformed. */
public final class IsakmpTarget {
    private IsakmpTarget() {}

    /** Jazzer's entry point. */
    public static void fuzzerTestOneInput(byte[] data) {
        try {
            IsakmpCodec.decode(Bytes.of(data));
        } catch (Malformed expected) {
            // The only way out for what is no message.
        }
        if (data.length > 0) {
            try {
                IsakmpCodec.decodeChain(data[0] & 0xff, Bytes.wrap(Arrays.copyOfRange(data, 1, data.length)));
            } catch (Malformed expected) {
                // As above.
            }
        }
    }
}
