package org.xfrmagent.agent.engine.v1;

import java.util.List;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Turn;

/**
 * Phase 2 (RFC 2409, section 5.5): a pair of SAs, under the message id of the exchange.
 *
 * <pre>
 *   HDR*, HASH(1), SA, Ni, [KE], IDci, IDcr  -->     &lt;--  HDR*, HASH(2), SA, Nr, [KE], IDci, IDcr, [N(RESPONDER_LIFETIME)]
 *   HDR*, HASH(3)                            -->
 * </pre>
 *
 * What both sides of it do alike.
 */
final class QuickMode {
    private QuickMode() {}

    /** Asks for the SPI of a child of ours; {@code compressed}: and for a CPI. */
    static void allocate(Turn turn, ChildProfile profile, boolean compressed, AwaitingV1 awaiting) {
        Path path = turn.session().path();
        turn.start(
                new Job.AllocateSpi(new SpiRequest(
                        path.remote(), path.local(), profile.protect().protocol(), profile.protect().mode(), profile.reqid()), compressed),
                awaiting);
    }

    /** How ESP goes in UDP in what we offer; {@code NONE} where no NAT is. */
    static NatTraversal encapsulation(Turn turn) {
        return encapsulations(turn).getFirst();
    }

    /**
     * How ESP may go in UDP in what the peer offers, what suits the path first; {@code NONE}: it does not. Nothing authenticates what
     * tells of a NAT (RFC 3947, section 3.2), so the peer may see one where we see none, or the reverse. Its offer is authentic: what it
     * says there (section 5.1) counts, else there would be no child until phase 1 is done anew.
     */
    static List<NatTraversal> encapsulations(Turn turn) {
        NatTraversal known = up(turn).sa().natTraversal();
        if (known == NatTraversal.NONE) {
            return List.of(NatTraversal.NONE);
        }
        return turn.session().nat().any() ? List.of(known, NatTraversal.NONE) : List.of(NatTraversal.NONE, known);
    }

    /** A message id that was not used under this ISAKMP SA; 0 is phase 1's. */
    static int messageId(Turn turn) {
        return messageId(turn, up(turn));
    }

    static int messageId(Turn turn, PhaseV1.Up up) {
        int id;
        do {
            id = turn.at().random(4).i32(0);
        } while (id == 0 || up.seen().contains(id));
        return id;
    }

    static PhaseV1.Up up(Turn turn) {
        if (turn.session().phase() instanceof PhaseV1.Up up) {
            return up;
        }
        throw new IllegalStateException("phase 2 while " + turn.session().phase().label());
    }

    static void put(Turn turn, PhaseV1.Up next) {
        turn.change(session -> session.withPhase(next));
    }
}
