package org.xfrmagent.agent.crypto;

/**
 * A protected message whose integrity check fails, or whose length no sender could have made. Says nothing of what was inside.
 * Anyone can cause it with one datagram, so it carries no stack trace.
 */
public final class Unauthentic extends Exception {
    private static final long serialVersionUID = 1L;

    public Unauthentic(String reason) {
        super(reason, null, false, false);
    }
}
