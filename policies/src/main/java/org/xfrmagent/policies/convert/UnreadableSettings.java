package org.xfrmagent.policies.convert;

import org.xfrmagent.policies.grammar.Position;

/** A file that is not in the format it should be in. */
public final class UnreadableSettings extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient Position at;

    UnreadableSettings(Position at, String message) {
        super(message);
        this.at = at;
    }

    public Position at() {
        return at;
    }
}
