package org.xfrmagent.agent.eap;

/**
 * The octets do not form an EAP packet, or what a method carries is not of that method: the only exception that leaves this package because of
 * what a peer has sent. Without a stack trace, as a sender of bad packets must stay cheap.
 */
public final class MalformedEap extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String why;

    public MalformedEap(String why) {
        super(why, null, false, false);
        this.why = why;
    }

    /** What was found and what was expected. */
    public String why() {
        return why;
    }
}
