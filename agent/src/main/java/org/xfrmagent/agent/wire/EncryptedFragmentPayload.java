package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Encrypted and Authenticated Fragment, SKF{...}, RFC 7383, section 2.5: the last payload of its message.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |        Fragment Number        |        Total Fragments        |
 * |                     Initialization Vector                     |
 * ~                      Encrypted content                        ~
 * ~                    Integrity Checksum Data                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param firstInner type of the first payload of the whole message in fragment 1, 0 in the others
 * @param number 1 to {@code total}
 * @param total 1 to {@link Limits#FRAGMENTS}
 * @param body from the initialization vector on, still encrypted
 */
public record EncryptedFragmentPayload(int firstInner, int number, int total, Bytes body) implements Payload {
    static EncryptedFragmentPayload decode(int nextPayload, Section body) {
        int number = body.u16();
        int total = body.u16();
        if (number < 1 || number > total || total > Limits.FRAGMENTS) {
            throw body.malformed("fragment " + number + " of " + total + ", expected 1 to at most " + Limits.FRAGMENTS);
        }
        return new EncryptedFragmentPayload(
                nextPayload, number, total, body.rest("the encrypted part", 1, Limits.MESSAGE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.ENCRYPTED_FRAGMENT.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u16(Field.u16("fragment number", number)).u16(Field.u16("total fragments", total)).bytes(body);
    }
}
