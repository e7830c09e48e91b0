package org.xfrmagent.agent.engine;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.Input.Order;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.policies.model.Unique;

/**
 * Which IKE SAs go when a peer has made another (RFC 7296, section 2.4): a peer that says INITIAL_CONTACT has forgotten whatever we
 * still have with the same two identities, and the policy may want one IKE SA alone in any case.
 */
final class Uniqueness {
    private static final String REASON = "the peer began anew";

    /** So long for a peer that makes a new IKE SA to move its children there. */
    private static final long REPLACED_MILLIS = 10_000;

    private Uniqueness() {}

    /** What is to become of one of the others. */
    record Superseded(Session session, Order order) {}

    /**
     * Those that {@code session}, which has just come up, takes the place of.
     *
     * @param ofPeer all sessions with its peer, with or without itself
     */
    static List<Superseded> superseded(Session session, boolean initialContact, List<Session> ofPeer) {
        Unique unique = session.profile().map(profile -> profile.peer().unique()).orElse(Unique.NEVER);
        // A second one that 'keep' has let pass is to be the only one.
        boolean replaces = switch (unique) {
            case REPLACE, KEEP -> true;
            case INITIAL_CONTACT -> initialContact;
            case NEVER -> false;
        };
        if (!replaces || session.initiator()) {
            return List.of();
        }
        return switch (session.phase()) {
            case PhaseV1.Up now when initialContact -> Succession.forgotten(now, session, ofPeer).stream()
                    .map(other -> new Superseded(other, new Order.Terminate(REASON)))
                    .toList();
            case Phase.Established now -> ofPeer.stream().flatMap(other -> superseded(session, now, initialContact, other).stream()).toList();
            default -> List.of();
        };
    }

    private static Optional<Superseded> superseded(Session session, Phase.Established now, boolean initialContact, Session other) {
        boolean same = other.id() != session.id()
                && other.phase() instanceof Phase.Established then
                && then.local().equals(now.local())
                && then.caller().equals(now.caller());
        if (!same) {
            return Optional.empty();
        }
        // From where the first one is, and without a word that it is forgotten: the peer authenticates itself anew, and deletes the
        // first when it has all children.
        boolean anew = !initialContact && other.path().remote().equals(session.path().remote());
        return Optional.of(new Superseded(other, anew ? new Order.Retire(REASON, REPLACED_MILLIS) : new Order.Terminate(REASON)));
    }
}
