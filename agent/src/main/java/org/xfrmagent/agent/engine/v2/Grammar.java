package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Set;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.PayloadType;

/** What a message must have, and what it may have once only (RFC 7296, appendix C). */
final class Grammar {
    /** Payloads that may come several times. */
    private static final Set<PayloadType> REPEATABLE =
            Set.of(PayloadType.NOTIFY, PayloadType.DELETE, PayloadType.VENDOR_ID, PayloadType.CERT, PayloadType.CERTREQ,
                    PayloadType.CONFIGURATION);

    private Grammar() {}

    /** @throws Refusal with INVALID_SYNTAX if the payload is missing */
    static <T extends Payload> T required(List<Payload> payloads, Class<T> kind) {
        return Payload.first(payloads, kind)
                .orElseThrow(() -> new Refusal(
                        Notify.INVALID_SYNTAX, "sent no " + kind.getSimpleName().replace("Payload", "") + " payload"));
    }

    /** @throws Refusal with INVALID_SYNTAX if one of {@code wanted} is missing or one that must be single is not */
    static void check(List<Payload> payloads, Set<PayloadType> wanted) {
        for (PayloadType type : PayloadType.values()) {
            long count = payloads.stream().filter(payload -> payload.typeNumber() == type.number()).count();
            if (count == 0 && wanted.contains(type)) {
                throw new Refusal(Notify.INVALID_SYNTAX, "sent no " + type.notation() + " payload");
            }
            if (count > 1 && !REPEATABLE.contains(type)) {
                throw new Refusal(Notify.INVALID_SYNTAX, "sent " + count + " " + type.notation() + " payloads");
            }
        }
    }
}
