package org.xfrmagent.agent.engine.core;

import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.Header;

/**
 * A request on its way, sent again until it is answered (RFC 7296, section 2.1).
 *
 * @param datagrams the very octets, one or several fragments
 * @param attempts how often it was sent
 * @param nextAt when it is sent again or given up, in {@link Moment#millis}
 */
public record Outstanding(int messageId, List<Bytes> datagrams, Exchange exchange, int attempts, long nextAt) {
    /** The same request, of which we have learnt something while it is on its way. */
    public Outstanding with(Exchange learnt) {
        return new Outstanding(messageId, datagrams, learnt, attempts, nextAt);
    }

    /** Whether an answer of this exchange type can be the answer to it. */
    public boolean isOf(int exchangeType) {
        return Header.peek(datagrams.getFirst()).exchange() == exchangeType;
    }

    public Outstanding again(long next) {
        return new Outstanding(messageId, datagrams, exchange, attempts + 1, next);
    }
}
