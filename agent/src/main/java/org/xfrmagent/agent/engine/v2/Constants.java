package org.xfrmagent.agent.engine.v2;

/** Numbers that RFC 7296 leaves to the implementation, in milliseconds unless named otherwise. */
final class Constants {
    /** Octets of our nonces: at least half the key size of any PRF we know (section 2.10). */
    static final int NONCE_OCTETS = 32;

    static final int MIN_NONCE_OCTETS = 16;
    static final int MAX_NONCE_OCTETS = 256;

    /** An initiator that was given an SPI and a Diffie-Hellman has so long to authenticate. */
    static final long HALF_OPEN_MILLIS = 30_000;

    /** So long for all of EAP: somebody may have to type a password. */
    static final long EAP_MILLIS = 120_000;

    /** A child that waits for its predecessor under another IKE SA to be deleted sends after this in any case. */
    static final long BEHIND_MILLIS = 1_000;

    /** COOKIE and INVALID_KE_PAYLOAD answers in a row before we call it a failure. */
    static final int MAX_RESTARTS = 5;

    /** A NAT's mapping for UDP may be forgotten after 30 s (RFC 3948, section 4; RFC 4787, REQ-5). */
    static final long KEEPALIVE_MILLIS = 20_000;

    /** Octets of IP, UDP and non-ESP marker before a message, by family. */
    static final int IPV4_OVERHEAD = 20 + 8 + 4;

    static final int IPV6_OVERHEAD = 40 + 8 + 4;

    /** Children that a peer may have for each policy, and once more for all: rekeyings under way, and a few to share the load. */
    static final int CHILDREN_PER_POLICY = 16;

    /** Policies that one line of the log speaks of, at most. */
    static final int POLICIES_NAMED = 16;

    /** Replaced IKE SAs that a session remembers; whoever rekeys faster than that needs no answer to old messages. */
    static final int RETIRED_IKE_SAS = 16;

    /** Authorities that we name to a peer, 20 octets each: it may be a stranger that pretends to have another's address. */
    static final int AUTHORITIES_ASKED = 8;

    /** Authorities of a peer that we look for; Windows names some hundred. */
    static final int AUTHORITIES_READ = 512;

    /** Certificates that we try a signature with whose sender shows none. */
    static final int CERTIFICATES_TRIED = 8;

    private Constants() {}
}
