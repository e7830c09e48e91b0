package org.xfrmagent.agent.engine.v1;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;

/** What a refusal of a quick mode names it by: protocol and SPI of its first proposal. */
final class QuickModes {
    private QuickModes() {}

    static int protocol(Chain chain) {
        return chain.first(SaPayload.class).map(sa -> sa.proposals().getFirst().protocolId()).orElse(ProtocolId.ISAKMP);
    }

    static Bytes spi(Chain chain) {
        return chain.first(SaPayload.class).map(sa -> sa.proposals().getFirst().spi()).orElse(Bytes.empty());
    }
}
