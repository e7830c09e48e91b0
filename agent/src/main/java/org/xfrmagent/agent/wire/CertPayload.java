package org.xfrmagent.agent.wire;

import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Certificate, RFC 7296, section 3.6.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Cert Encoding |                                               |
 * +-+-+-+-+-+-+-+-+                                               |
 * ~                       Certificate Data                        ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param encoding see {@link CertEncoding}
 * @param data at least one octet
 */
public record CertPayload(int encoding, Bytes data) implements Payload {
    static CertPayload decode(Section body) {
        return new CertPayload(body.u8(), body.rest("the certificate", 1, Limits.CERTIFICATE_OCTETS));
    }

    @Override
    public int typeNumber() {
        return PayloadType.CERT.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("certificate encoding", encoding)).bytes(data);
    }
}
