package org.xfrmagent.agent.crypto;

import java.util.Arrays;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** What an RSA signature with the padding of PKCS #1 v1.5 is of (RFC 8017, section 9.2). */
final class RsaBlock {
    private static final int LEAST_PADDING = 8;

    /** The DER of DigestInfo up to the hash itself (RFC 8017, section 9.2, note 1). */
    private static final Bytes SHA1 = Bytes.hex("3021300906052b0e03021a05000414");
    private static final Bytes SHA256 = Bytes.hex("3031300d060960864801650304020105000420");
    private static final Bytes SHA384 = Bytes.hex("3041300d060960864801650304020205000430");
    private static final Bytes SHA512 = Bytes.hex("3051300d060960864801650304020305000440");

    private RsaBlock() {}

    /** T: the hash with its name, or the octets themselves. */
    static Bytes content(SignatureScheme scheme, Bytes octets) {
        return switch (scheme.hash()) {
            case SHA1 -> Bytes.concat(SHA1, Hashes.sha1(octets));
            case SHA256 -> Bytes.concat(SHA256, Hashes.sha256(octets));
            case SHA384 -> Bytes.concat(SHA384, Hashes.sha384(octets));
            case SHA512 -> Bytes.concat(SHA512, Hashes.sha512(octets));
            case IDENTITY -> octets;
        };
    }

    /**
     * <pre>
     *   00 01 ff … ff 00 | content
     * </pre>
     *
     * @param length of the modulus in octets
     * @throws IllegalArgumentException if the content is too long for it
     */
    static Bytes padded(Bytes content, int length) {
        int padding = length - content.length() - 3;
        if (padding < LEAST_PADDING) {
            throw new IllegalArgumentException(content.length() + " octets do not fit into a modulus of " + length);
        }
        byte[] block = new byte[length];
        block[1] = 1;
        Arrays.fill(block, 2, 2 + padding, (byte) 0xff);
        content.copyTo(block, length - content.length());
        return Bytes.wrap(block);
    }
}
