package org.xfrmagent.agent.daemon;

import java.util.Optional;

/**
 * What became of an order.
 *
 * @param failure why it failed, as a sentence; empty on success
 * @param matches how many SAs the request fitted
 * @param done how many of them ended as wanted
 */
public record Answer(Optional<String> failure, int matches, int done) {
    public static Answer succeeded(int matches) {
        return new Answer(Optional.empty(), matches, matches);
    }

    public static Answer failed(String reason) {
        return new Answer(Optional.of(reason), 0, 0);
    }

    public boolean success() {
        return failure.isEmpty();
    }
}
