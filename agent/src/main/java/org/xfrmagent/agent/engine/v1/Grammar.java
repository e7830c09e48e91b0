package org.xfrmagent.agent.engine.v1;

import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;

/** What a message must have, and what it may have once only. */
final class Grammar {
    /** Payloads of which one would not know which counts. */
    private static final Set<PayloadType> SINGLE = Set.of(PayloadType.SA, PayloadType.KE, PayloadType.NONCE, PayloadType.HASH, PayloadType.SIGNATURE);

    private Grammar() {}

    private static long count(Chain chain, PayloadType type) {
        return chain.links().stream().filter(link -> link.payload().typeNumber() == type.number()).count();
    }

    /** @throws Objection if the payload is missing */
    static <T extends Payload> T required(Chain chain, Class<T> kind) {
        return chain.first(kind)
                .orElseThrow(() -> new Objection(
                        NotifyType.PAYLOAD_MALFORMED, "sent no " + kind.getSimpleName().replace("Payload", "") + " payload"));
    }

    /**
     * @param either if there are any, one of them at least must be there
     * @throws Objection if one of {@code wanted} is missing or one that must be single is not
     */
    static void check(Chain chain, Set<PayloadType> wanted, Set<PayloadType> either) {
        if (!either.isEmpty() && either.stream().noneMatch(type -> count(chain, type) > 0)) {
            throw new Objection(
                    NotifyType.PAYLOAD_MALFORMED,
                    "sent no " + either.stream().map(PayloadType::notation).sorted().collect(Collectors.joining(" or ")) + " payload");
        }
        for (PayloadType type : PayloadType.values()) {
            long count = count(chain, type);
            if (count == 0 && wanted.contains(type)) {
                throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent no " + type.notation() + " payload");
            }
            if (count > 1 && SINGLE.contains(type)) {
                throw new Objection(NotifyType.PAYLOAD_MALFORMED, "sent " + count + " " + type.notation() + " payloads");
            }
        }
    }
}
