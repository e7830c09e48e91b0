package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.Compression;
import org.xfrmagent.agent.engine.core.Cpis;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;

/**
 * Compression of a child's packets (RFC 7296, section 2.22). Each side names its CPI; a responder that keeps silent has declined, and
 * the child goes on without:
 *
 * <pre>
 *   N(IPCOMP_SUPPORTED, CPI, DEFLATE), SA, ...  -->
 *                                               &lt;--  [N(IPCOMP_SUPPORTED, CPI, DEFLATE)], SA, ...
 * </pre>
 */
final class IpcompSupported {
    private IpcompSupported() {}

    /** Of several algorithms that the peer offers the one that we have. */
    static OptionalInt offered(List<Payload> payloads) {
        return Payload.all(payloads, NotifyPayload.class).stream()
                .filter(notify -> notify.is(Notify.IPCOMP_SUPPORTED) && NotifyData.ipcompTransform(notify) == NotifyData.IPCOMP_DEFLATE)
                .mapToInt(NotifyData::cpi)
                .filter(Compression::isCpi)
                .findFirst();
    }

    /**
     * What the peer's answer makes of our offer.
     *
     * @throws Refusal if it agrees to what we did not offer
     */
    static Optional<Cpis> agreed(ChildOffer offer, List<Payload> payloads) {
        if (Payload.notification(payloads, Notify.IPCOMP_SUPPORTED).isEmpty()) {
            return Optional.empty();
        }
        OptionalInt theirs = offered(payloads);
        if (offer.cpi().isEmpty() || theirs.isEmpty()) {
            throw new Refusal(Notify.NO_PROPOSAL_CHOSEN, "the peer wants to compress in a way that we did not offer");
        }
        return Compression.agreed(offer.cpi(), theirs);
    }
}
