package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Encrypted and Authenticated, SK{...}, RFC 7296, section 3.14: the last payload of its message.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Initialization Vector                     |
 * ~                    Encrypted IKE Payloads                     ~
 * +               +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |               |             Padding (0-255 octets)            |
 * +-+-+-+-+-+-+-+-+                               +-+-+-+-+-+-+-+-+
 * |                                               |  Pad Length   |
 * ~                    Integrity Checksum Data                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param firstInner type of the first payload inside, which stands in this payload's next-payload field; 0 for none
 * @param body all of the above, still encrypted
 */
public record EncryptedPayload(int firstInner, Bytes body) implements Payload {
    static EncryptedPayload decode(int nextPayload, Section body) {
        return new EncryptedPayload(nextPayload, body.rest("the encrypted part", 1, Limits.MESSAGE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.ENCRYPTED.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.bytes(body);
    }
}
