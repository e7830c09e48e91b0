package org.xfrmagent.agent.wire.v1;

/** How much of anything one IKEv1 message may hold, where {@link org.xfrmagent.agent.wire.Limits} says nothing of it. */
final class V1Limits {
    /** Octets behind the last payload of a message in the clear: up to the next word of four. */
    static final int CLEAR_PADDING = 3;

    /** Octets behind the last payload of an encrypted message: a block, or with a pad length octet up to 255 more. */
    static final int PADDING = 256 + 16;

    /** Attributes of a transform; RFC 2407 and 2409 define 17. */
    static final int ATTRIBUTES = 32;

    /** Octets in a hash: the longest hash we know has 64. */
    static final int HASH_OCTETS = 64;

    /** RFC 2409, section 5: "The length of nonce payload MUST be between 8 and 256 bytes inclusive." */
    static final int NONCE_OCTETS_MIN = 8;

    static final int NONCE_OCTETS_MAX = 256;

    /** Octets of an SPI: two cookies are the longest there is (RFC 2408, section 3.14). */
    static final int SPI_OCTETS = 16;

    /** Octets of a vendor id; a hash with a version behind it, or text. */
    static final int VENDOR_ID_OCTETS = 1024;

    private V1Limits() {}
}
