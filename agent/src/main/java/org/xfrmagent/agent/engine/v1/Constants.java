package org.xfrmagent.agent.engine.v1;

/** Numbers that the RFCs leave to the implementation, in milliseconds unless named otherwise. */
final class Constants {
    /** Octets of our nonces (RFC 2409, section 5: 8 to 256). */
    static final int NONCE_OCTETS = 32;

    /** An initiator that was given a cookie has so long to authenticate. */
    static final long HALF_OPEN_MILLIS = 30_000;

    /** Somebody has to find and to type a password. */
    static final long PASSWORD_MILLIS = 120_000;

    /** A gateway that is to give us an address has so long. */
    static final long ADDRESS_MILLIS = 120_000;

    /** So many wrong passwords end the session. */
    static final int WRONG_PASSWORDS = 3;

    /** A peer that was answered in quick mode has so long to confirm; then its child goes, and it is told. */
    static final long CONFIRM_MILLIS = 30_000;

    /** A peer that has set the commit bit has so long to say that it is ready. */
    static final long COMMIT_MILLIS = 2_000;

    /** The last message of an exchange may be asked for again so long. */
    static final long REPEAT_MILLIS = 60_000;

    /** A replaced child goes so much later: packets are under way, and the peer may not have switched yet. */
    static final long OVERLAP_MILLIS = 5_000;

    /** A failed rekeying is tried again after so long. */
    static final long RETRY_MILLIS = 10_000;

    /** A NAT's mapping for UDP may be forgotten after 30 s (RFC 3948, section 4; RFC 4787, REQ-5). */
    static final long KEEPALIVE_MILLIS = 20_000;

    /** Quick modes of the peer that may be under way at once under one ISAKMP SA. */
    static final int QUICK_MODES = 64;

    /** A message whose pieces do not all come in so long is forgotten; its sender has sent it anew by then, or given up. */
    static final long PIECES_MILLIS = 30_000;

    /** Octets of a message that may come in pieces, which anybody on the way can send: enough for a chain of certificates. */
    static final int FRAGMENTED_OCTETS = 16_384;

    /** Octets of IP, UDP and non-ESP marker before a message, by family. */
    static final int IPV4_OVERHEAD = 20 + 8 + 4;

    static final int IPV6_OVERHEAD = 40 + 8 + 4;

    private Constants() {}
}
