package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * The AUTH data of {@link AuthMethod#DIGITAL_SIGNATURE}, RFC 7427, section 3.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | ASN.1 Length  | AlgorithmIdentifier ASN.1 object              |
 * ~        AlgorithmIdentifier ASN.1 object continuing            ~
 * ~                         Signature Value                       ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param algorithm the DER of the AlgorithmIdentifier, 1 to 255 octets
 * @param value the signature, at least one octet
 */
public record DigitalSignature(Bytes algorithm, Bytes value) {
    /** @throws Malformed if a part is missing */
    public static DigitalSignature decode(Bytes authData) {
        Section in = Section.of("AUTH data", authData);
        int length = in.u8();
        if (length == 0) {
            throw in.malformed("the algorithm identifier is empty");
        }
        return new DigitalSignature(in.bytes(length), in.rest("the signature", 1, Limits.MESSAGE_OCTETS));
    }

    public Bytes encode() {
        return new ByteWriter(1 + algorithm.length() + value.length())
                .u8(Field.u8("algorithm identifier length", algorithm.length()))
                .bytes(algorithm)
                .bytes(value)
                .toBytes();
    }
}
