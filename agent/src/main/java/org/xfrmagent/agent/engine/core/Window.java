package org.xfrmagent.agent.engine.core;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Message ids of one IKE SA, in both directions, with a window of one (RFC 7296, sections 2.1 to 2.3).
 *
 * @param nextRequest the id of our next request
 * @param outstanding our request that has no response yet
 * @param expected the id of the peer's next request
 * @param answer our response to the request before that, to be replayed for an identical retransmission
 * @param answering the peer's request {@code expected} is being worked on: retransmissions of it are ignored meanwhile
 */
public record Window(
        int nextRequest, Optional<Outstanding> outstanding, int expected, Optional<Answer> answer, boolean answering) {
    public static final Window FRESH = new Window(0, Optional.empty(), 0, Optional.empty(), false);

    /** A response that may have to be sent again. */
    public record Answer(int messageId, List<Bytes> datagrams) {}

    public Window withOutstanding(Outstanding request) {
        return new Window(nextRequest, Optional.of(request), expected, answer, answering);
    }

    /** Our outstanding request was answered or given up. */
    public Window concluded() {
        return new Window(nextRequest + 1, Optional.empty(), expected, answer, answering);
    }

    /** Our outstanding request does not matter any more: the IKE SA is on its way out. */
    public Window withoutOutstanding() {
        return new Window(nextRequest, Optional.empty(), expected, answer, answering);
    }

    public Window startAnswering() {
        return new Window(nextRequest, outstanding, expected, Optional.empty(), true);
    }

    public Window answered(List<Bytes> datagrams) {
        return new Window(nextRequest, outstanding, expected + 1, Optional.of(new Answer(expected, datagrams)), false);
    }
}
