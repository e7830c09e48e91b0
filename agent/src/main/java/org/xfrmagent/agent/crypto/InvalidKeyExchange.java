package org.xfrmagent.agent.crypto;

/** A peer's public value that must not be used (RFC 6989, RFC 8031 section 2). Anyone can cause it, so it carries no stack trace. */
public final class InvalidKeyExchange extends Exception {
    private static final long serialVersionUID = 1L;

    InvalidKeyExchange(String reason) {
        super(reason, null, false, false);
    }
}
