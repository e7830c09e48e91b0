package org.xfrmagent.agent.daemon;

import java.util.List;

/** The agent cannot start, or cannot go over to other policies: a sentence for each reason. */
final class StartupFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<String> reasons;

    StartupFailure(List<String> reasons) {
        super(String.join("\n", reasons), null, false, false);
        this.reasons = List.copyOf(reasons);
    }

    StartupFailure(String reason) {
        this(List.of(reason));
    }

    List<String> reasons() {
        return reasons;
    }
}
