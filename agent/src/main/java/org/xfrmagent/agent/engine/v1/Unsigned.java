package org.xfrmagent.agent.engine.v1;

/** A token of ours does not sign: phase 1 ends here, with a sentence. The peer may have caused it, so it carries no stack trace. */
final class Unsigned extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unsigned(String reason) {
        super(reason, null, false, false);
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
