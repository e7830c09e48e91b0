package org.xfrmagent.agent.wire;

/**
 * How much of anything one message may hold. The decoder stops at the first that is exceeded, so a datagram costs its own
 * length in time and a small multiple of it in memory. Where the format's own field is tighter, the field is the limit.
 */
public final class Limits {
    /** Octets in a message, also after its fragments were put together: what a UDP length can say. */
    public static final int MESSAGE_OCTETS = 65_535;

    /** Payloads in a message or in its decrypted part. A busy IKE_AUTH with a certificate chain has about 25. */
    public static final int PAYLOADS = 64;

    /** Proposals in one SA payload. */
    public static final int PROPOSALS = 64;

    /** Transforms in one proposal: as many as its count field can say. */
    public static final int TRANSFORMS = 255;

    /** Attributes of one transform; RFC 7296 defines a single one. */
    public static final int TRANSFORM_ATTRIBUTES = 8;

    /** Traffic selectors in one TS payload: as many as its count field can say. */
    public static final int SELECTORS = 255;

    /** SPIs in one Delete payload. */
    public static final int DELETED_SPIS = 1024;

    /** Attributes in one Configuration payload; long lists of split-tunnel subnets are real. */
    public static final int CONFIG_ATTRIBUTES = 512;

    /** CERT payloads in one message: chain, CRLs and OCSP responses together. */
    public static final int CERTIFICATES = 16;

    /** Octets in one CERT payload. */
    public static final int CERTIFICATE_OCTETS = 32_768;

    /** Octets in an identity; distinguished names are the long ones. */
    public static final int IDENTITY_OCTETS = 4096;

    /** Octets in a nonce (RFC 7296, section 3.9). */
    public static final int NONCE_OCTETS_MIN = 16;

    public static final int NONCE_OCTETS_MAX = 256;

    /** Fragments of one message (RFC 7383): 64 KiB cut for the smallest usual path. */
    public static final int FRAGMENTS = 128;

    private Limits() {}
}
