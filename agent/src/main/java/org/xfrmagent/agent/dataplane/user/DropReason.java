package org.xfrmagent.agent.dataplane.user;

/** Why a packet went no further. Each has a counter; the names are those of the kernel's /proc/net/xfrm_stat where it has one. */
public enum DropReason {
    /** Not a whole IP, ESP or AH packet. */
    MALFORMED,
    /** Inbound: no SA with this SPI. */
    NO_STATE,
    /** Inbound: seen before, or older than the window. */
    REPLAY,
    /** Inbound: the ICV is wrong. */
    NOT_AUTHENTIC,
    /** Inbound: authentic, and what is inside is no padding, no packet or of the wrong mode. */
    BAD_CONTENT,
    /** Inbound: a dummy packet (next header 59), there to hide the traffic's volume. */
    DUMMY,
    /** Inbound: the inner packet is not covered by a policy of its SA (RFC 4301, section 5.2, step 4). */
    POLICY_MISMATCH,
    /** The policy says so. */
    DISCARDED,
    /** Outbound: a protect policy, and no SA yet. */
    NO_SA,
    /** Outbound: all sequence numbers are used. */
    SEQUENCE_EXHAUSTED,
    /** A hard limit is reached. */
    EXPIRED,
    /** Outbound: does not fit, and must not be fragmented; the sender was told. */
    TOO_BIG,
    /** Outbound: an extension or option that cannot be carried. */
    UNSUPPORTED,
    /** Outbound: of one link only (neighbour discovery, multicast), and the TUN interface is a link to nobody. */
    LINK_LOCAL,
    /** The kernel did not take it. */
    NOT_SENT,
    /** A bug: the packet is gone, the program goes on. */
    INTERNAL
}
