package org.xfrmagent.agent.control;

import java.io.IOException;

/** Octets that are no vici packet. The connection they came from cannot be trusted to be in step and is closed. */
public final class MalformedVici extends IOException {
    private static final long serialVersionUID = 1L;

    public MalformedVici(String why) {
        super(why);
    }
}
