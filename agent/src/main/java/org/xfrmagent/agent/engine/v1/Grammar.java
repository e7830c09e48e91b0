package org.xfrmagent.agent.engine.v1;

import java.util.Set;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;

/** What a message must have, and what it may have once only. */
final class Grammar {
    /** Payloads of which one would not know which counts. */
    private static final Set<PayloadType> SINGLE = Set.of(PayloadType.SA, PayloadType.KE, PayloadType.NONCE, PayloadType.HASH);

    private Grammar() {}

    /** @throws Objection if the payload is missing */
    static <T extends Payload> T required(Chain chain, Class<T> kind) {
        return chain.first(kind)
                .orElseThrow(() -> new Objection(
                        NotifyType.PAYLOAD_MALFORMED, "sent no " + kind.getSimpleName().replace("Payload", "") + " payload"));
    }

    /** @throws Objection if one of {@code wanted} is missing or one that must be single is not */
    static void check(Chain chain, Set<PayloadType> wanted) {
        for (PayloadType type : PayloadType.values()) {
            long count = chain.links().stream().filter(link -> link.payload().typeNumber() == type.number()).count();
            if (count == 0 && wanted.contains(type)) {
                throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent no " + type.notation() + " payload");
            }
            if (count > 1 && SINGLE.contains(type)) {
                throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent " + count + " " + type.notation() + " payloads");
            }
        }
    }
}
