package org.xfrmagent.agent.engine.v2;

import java.security.SecureRandom;
import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Payload;

/** What a peer could say and ours never does, under the keys of a session. */
public final class SealedMessages {
    private SealedMessages() {}

    /** Far from the IVs that the session itself uses. */
    private static final int UNUSED_IVS = 1_000_000;

    /** One message from the side of {@code session}, in one datagram. */
    public static Bytes of(Session session, ExchangeType exchange, boolean response, int messageId, List<Payload> payloads) {
        Turn turn = new Turn(session, new Moment(0, new SecureRandom()));
        return Sealing.seal(turn, turn.ikeSa().withIvsUsed(UNUSED_IVS), exchange, response, messageId, payloads).datagrams().getFirst();
    }
}
