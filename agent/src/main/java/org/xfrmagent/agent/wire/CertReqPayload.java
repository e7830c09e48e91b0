package org.xfrmagent.agent.wire;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Certificate Request, RFC 7296, section 3.7.
 *
 * <pre>
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Cert Encoding |                                               |
 * +-+-+-+-+-+-+-+-+                                               |
 * ~                    Certification Authority                    ~
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * </pre>
 *
 * @param encoding see {@link CertEncoding}
 * @param authorities for X.509: SHA-1 hashes of the trusted authorities' SubjectPublicKeyInfo, one after the other, none for any
 */
public record CertReqPayload(int encoding, Bytes authorities) implements Payload {
    /** Octets of a SHA-1 hash. */
    public static final int HASH_LENGTH = 20;

    static CertReqPayload decode(Section body) {
        CertReqPayload request = new CertReqPayload(body.u8(), body.rest());
        if (request.hasHashes() && request.authorities.length() % HASH_LENGTH != 0) {
            throw body.malformed(request.authorities.length() + " octets are no whole number of SHA-1 hashes");
        }
        return request;
    }

    private boolean hasHashes() {
        return CertEncoding.byNumber(encoding).stream().anyMatch(known -> switch (known) {
            case X509_SIGNATURE, HASH_AND_URL_X509, HASH_AND_URL_BUNDLE -> true;
            default -> false;
        });
    }

    /** The authorities one by one; none if this encoding does not name them by SHA-1 hashes. */
    public List<Bytes> authorityHashes() {
        if (!hasHashes()) {
            return List.of();
        }
        List<Bytes> hashes = new ArrayList<>();
        for (int at = 0; at + HASH_LENGTH <= authorities.length(); at += HASH_LENGTH) {
            hashes.add(authorities.slice(at, at + HASH_LENGTH));
        }
        return List.copyOf(hashes);
    }

    @Override
    public int typeNumber() {
        return PayloadType.CERTREQ.number();
    }

    @Override
    public void writeBody(ByteWriter out) {
        out.u8(Field.u8("certificate encoding", encoding)).bytes(authorities);
    }
}
