package org.xfrmagent.agent.crypto;

import java.io.IOException;

/** A token cannot be had now, and may be had later: its card is out, or it does not answer. */
public final class TokenAbsent extends IOException {
    private static final long serialVersionUID = 1L;

    public TokenAbsent(String reason, Throwable cause) {
        super(reason, cause);
    }

    public TokenAbsent(String reason) {
        super(reason);
    }
}
