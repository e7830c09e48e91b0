package org.xfrmagent.agent.wire;

/**
 * The octets do not form a message: the only exception that leaves a decoder, whatever the input was. A datagram that nobody
 * authenticated is then dropped and counted; an authenticated one is answered with INVALID_SYNTAX (RFC 7296, section 2.21).
 *
 * <p>It carries no stack trace: a flood of bad datagrams must stay cheap, and place and reason say all there is to know.
 */
public final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String where;
    private final String why;

    public Malformed(String where, String why) {
        super(where + ": " + why, null, false, false);
        this.where = where;
        this.why = why;
    }

    /** The payload, its substructure and the octet, as in {@code "SA payload, proposal 1, octet 40"}. */
    public String where() {
        return where;
    }

    /** What was found and what was expected. */
    public String why() {
        return why;
    }
}
