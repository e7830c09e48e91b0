package org.xfrmagent.netlink.xfrm;

/** An algorithm with its key, under the kernel's name for it. */
public sealed interface XfrmAlgorithm {
    /** The kernel's name, such as {@code cbc(aes)}; at most 63 octets. */
    String name();

    XfrmKey key();

    /**
     * Encryption and integrity in one, such as {@code rfc4106(gcm(aes))}.
     *
     * @param key the key, with the salt behind it
     * @param icvBits bits of the integrity check value
     */
    record Aead(String name, XfrmKey key, int icvBits) implements XfrmAlgorithm {}

    /** Encryption, such as {@code cbc(aes)}. */
    record Crypt(String name, XfrmKey key) implements XfrmAlgorithm {}

    /** Integrity with the kernel's default truncation. For HMAC-SHA-256 that is 96 bits, which is wrong: RFC 4868 says 128. */
    record Auth(String name, XfrmKey key) implements XfrmAlgorithm {}

    /** Integrity, such as {@code hmac(sha256)}, truncated to {@code truncationBits}. */
    record AuthTrunc(String name, XfrmKey key, int truncationBits) implements XfrmAlgorithm {}

    /** Compression, such as {@code deflate}. It has no key. */
    record Compression(String name) implements XfrmAlgorithm {
        @Override
        public XfrmKey key() {
            return XfrmKey.take(new byte[0]);
        }
    }
}
