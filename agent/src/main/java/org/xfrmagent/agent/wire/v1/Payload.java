package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * One payload of an IKEv1 message. Behind the generic payload header (RFC 2408, section 3.2), which the codec reads and writes,
 * each record holds the fields of its own section; reserved fields are sent as zero and ignored on receipt.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Next Payload  |   RESERVED    |         Payload Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 */
public sealed interface Payload
        permits SaPayload,
                KePayload,
                IdPayload,
                CertPayload,
                HashPayload,
                SignaturePayload,
                NoncePayload,
                NotificationPayload,
                DeletePayload,
                VendorIdPayload,
                AttributesPayload,
                NatDiscoveryPayload,
                NatOriginalAddressPayload,
                FragmentPayload,
                UnknownPayload {
    /** Octets of the generic payload header. */
    int GENERIC_HEADER_LENGTH = 4;

    /** The payload's type as the next-payload field before it says it. */
    int typeNumber();

    /** Writes what follows the generic payload header. */
    void writeBody(ByteWriter out);

    /** What follows the generic header: what RFC 2409 writes as SAi_b and IDii_b. */
    default Bytes body() {
        ByteWriter out = new ByteWriter();
        writeBody(out);
        return out.toBytes();
    }
}
