package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Cpis;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Compression of a child's packets (RFC 7296, section 2.22). Each side names its CPI; a responder that keeps silent has declined, and
 * the child goes on without:
 *
 * <pre>
 *   N(IPCOMP_SUPPORTED, CPI, DEFLATE), SA, ...  -->
 *                                               &lt;--  [N(IPCOMP_SUPPORTED, CPI, DEFLATE)], SA, ...
 * </pre>
 */
final class Compression {
    /** RFC 3173, section 3.3: those below need no agreement, or are reserved. */
    private static final int LOWEST_CPI = 0x100;

    private Compression() {}

    /**
     * Whether a child of {@code profile} may be compressed. Not through a NAT: the tunnel's header is inside then, with addresses that mean
     * nothing on the other side.
     */
    static boolean isWanted(Turn turn, ChildProfile profile) {
        boolean wanted = profile.protect().sadEntry().compress();
        if (wanted && turn.session().nat().any()) {
            turn.emit(new Event.Remark(profile.name() + " goes uncompressed: there is a NAT between the peer and us"));
            return false;
        }
        return wanted;
    }

    /** The kernel compresses only into a tunnel of the packets' own family. */
    static boolean suits(Turn turn, List<TrafficSelector> local, List<TrafficSelector> remote) {
        AddressFamily outer = AddressFamily.of(turn.session().path().local());
        return Stream.of(local, remote).flatMap(List::stream).allMatch(selector -> selector.range().family() == outer);
    }

    /** Our CPI for a child with these selectors, if it is to have one. */
    static OptionalInt ours(Turn turn, ChildProfile profile, OptionalInt cpi, List<TrafficSelector> local, List<TrafficSelector> remote) {
        if (cpi.isEmpty() && isWanted(turn, profile)) {
            turn.emit(new Event.Remark(profile.name() + " goes uncompressed: the data plane has no IPComp with DEFLATE"));
        }
        return suits(turn, local, remote) ? cpi : OptionalInt.empty();
    }

    /** Of several algorithms that the peer offers the one that we have. */
    static OptionalInt offered(List<Payload> payloads) {
        return Payload.all(payloads, NotifyPayload.class).stream()
                .filter(notify -> notify.is(Notify.IPCOMP_SUPPORTED) && NotifyData.ipcompTransform(notify) == NotifyData.IPCOMP_DEFLATE)
                .mapToInt(NotifyData::cpi)
                .filter(cpi -> cpi >= LOWEST_CPI)
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
        return Optional.of(new Cpis(offer.cpi().getAsInt(), theirs.getAsInt()));
    }

    /** What we agree to: the peer and our policy want it, and the data plane had a CPI for it. */
    static Optional<Cpis> agreed(OptionalInt ours, OptionalInt theirs) {
        return ours.isPresent() && theirs.isPresent() ? Optional.of(new Cpis(ours.getAsInt(), theirs.getAsInt())) : Optional.empty();
    }
}
