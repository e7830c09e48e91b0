package org.xfrmagent.agent.wire.v1;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.Section;

/**
 * Certificate and Certificate Request, RFC 2408, sections 3.9 and 3.10.
 *
 * @param typeNumber which of the two
 * @param encoding the certificate type, such as {@link #X509_SIGNATURE}
 * @param data the certificate, or the name of a certificate authority; a request may have none
 */
public record CertPayload(int typeNumber, int encoding, Bytes data) implements Payload {
    /** The encoding "X.509 Certificate - Signature". */
    public static final int X509_SIGNATURE = 4;

    /** A certificate, or a request for one by the name of its authority, of the encoding that everybody uses. */
    public static CertPayload signature(PayloadType type, Bytes data) {
        return new CertPayload(type.number(), X509_SIGNATURE, data);
    }

    static CertPayload decode(int type, Section body) {
        return new CertPayload(type, body.u8(), body.rest("the certificate", 0, Limits.CERTIFICATE_OCTETS));
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(encoding).bytes(data);
    }
}
