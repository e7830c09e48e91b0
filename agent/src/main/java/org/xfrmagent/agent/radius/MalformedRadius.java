package org.xfrmagent.agent.radius;

/** The octets do not form a packet of RADIUS, or one that knows the secret: it is dropped, as if it had not come (RFC 2865, section 3). */
final class MalformedRadius extends RuntimeException {
    private static final long serialVersionUID = 1L;

    MalformedRadius(String why) {
        super(why, null, false, false);
    }
}
