package org.xfrmagent.agent.engine;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Renewal;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.policies.model.Identity;

/**
 * One ISAKMP SA after another: IKEv1's phase 1 is not rekeyed but done again, by whoever of the two thinks it is time, and its children
 * live on under the new one (RFC 2409, section 5.5, knows of no tie between them). So there are two sessions for a while, and the
 * children go from the older to the newer.
 */
final class Succession {
    private static final long RETRY_MILLIS = 10_000;

    private Succession() {}

    /** Whether {@code session} wants a successor. */
    static boolean isDue(Session session) {
        return session.phase() instanceof PhaseV1.Up up && up.renewal() == Renewal.DUE;
    }

    static Session underWay(Session session) {
        return session.phase() instanceof PhaseV1.Up up ? session.withPhase(up.renewal(Renewal.UNDER_WAY)) : session;
    }

    /** The session of a successor, before its first message. */
    static Session begin(Session old, long id, Settings settings, Moment at) {
        return Session.fresh(id, old.shard(), true, false, settings, old.profile(), old.path(), at.millis())
                .withPhase(new Phase.Idle(true));
    }

    /** All users of a group have its identity: one follows itself only, and with the address it had. */
    private record Pair(Identity local, Identity remote, Optional<PhaseV1.Guest> guest, Optional<InnerAddresses.Given> given) {}

    private static Optional<Pair> pair(Session session) {
        return session.phase() instanceof PhaseV1.Up up ? Optional.of(new Pair(up.local(), up.remote(), up.guest(), up.given())) : Optional.empty();
    }

    /** All sessions with a peer that are up, each with those that it may follow or be followed by: with the same two identities. */
    static List<List<Session>> alike(List<Session> ofPeer) {
        Map<Pair, List<Session>> all = new LinkedHashMap<>();
        for (Session session : ofPeer) {
            pair(session).ifPresent(pair -> all.computeIfAbsent(pair, _ -> new ArrayList<>()).add(session));
        }
        return List.copyOf(all.values());
    }

    record Handover(Session old, Session fresh) {}

    /** What {@code old} has goes to the newest session with the same two identities, if that is another. */
    static Optional<Handover> handOver(Session old, List<Session> all, Moment at) {
        Optional<Session> newest = all.stream()
                .filter(other -> sameIdentities(old, other))
                .max(Comparator.comparingLong(Succession::since).thenComparingLong(Session::id));
        if (newest.isEmpty() || newest.get().id() == old.id() || !(old.phase() instanceof PhaseV1.Up up)) {
            return Optional.empty();
        }
        if ((up.renewal() == Renewal.SUPERSEDED || up.renewal() == Renewal.REPLACED) && isEmpty(old)) {
            return Optional.empty();
        }
        List<ChildSa> children = new ArrayList<>(old.children());
        children.addAll(newest.get().children());
        List<Task> tasks = new ArrayList<>(old.tasks());
        tasks.removeIf(task -> task instanceof Task.RekeyIke || task instanceof Task.DeleteIke);
        tasks.addAll(newest.get().tasks());
        List<Task.Delayed> delayed = new ArrayList<>(old.delayed());
        delayed.removeIf(later -> later.task() instanceof Task.RekeyIke);
        delayed.addAll(newest.get().delayed());
        if (!tasks.isEmpty()) {
            // They start with the next tick: the successor's own step is over.
            tasks.forEach(task -> delayed.add(new Task.Delayed(task, at.millis())));
        }
        // We wanted the successor: the old ISAKMP SA is ours to delete, as soon as nothing is under way under it.
        Renewal state = up.renewal() == Renewal.UNDER_WAY || up.renewal() == Renewal.REPLACED ? Renewal.REPLACED : Renewal.SUPERSEDED;
        Session emptied = old.withChildren(List.of()).withTasks(List.of()).withDelayed(List.of()).withPhase(up.renewal(state));
        return Optional.of(new Handover(emptied, newest.get().withChildren(children).withTasks(List.of()).withDelayed(delayed)));
    }

    private static boolean isEmpty(Session session) {
        return session.children().isEmpty() && session.tasks().isEmpty() && session.delayed().isEmpty();
    }

    private static boolean sameIdentities(Session one, Session other) {
        return pair(one).isPresent() && pair(one).equals(pair(other));
    }

    private static long since(Session session) {
        return session.phase() instanceof PhaseV1.Up up ? up.since() : Long.MIN_VALUE;
    }

    /** The successor of {@code old} never came up: the old one goes on, and another attempt follows. */
    static Session tryAgain(Session old, Moment at) {
        if (!(old.phase() instanceof PhaseV1.Up up) || up.renewal() != Renewal.UNDER_WAY) {
            return old;
        }
        List<Task.Delayed> delayed = new ArrayList<>(old.delayed());
        delayed.add(new Task.Delayed(new Task.RekeyIke(), at.millis() + RETRY_MILLIS));
        return old.withPhase(up.renewal(Renewal.NOT_YET)).withDelayed(delayed);
    }

    /** Whether it has been replaced and may go: not before the peer is known to have what replaces it. */
    static boolean isOver(Session session, List<Session> all) {
        return session.phase() instanceof PhaseV1.Up up
                && all.stream().noneMatch(other -> sameIdentities(session, other) && isUnconfirmed(other))
                && up.renewal() == Renewal.REPLACED
                && session.jobs().isEmpty()
                && session.children().isEmpty()
                && up.quick().stream().allMatch(Quick.Done.class::isInstance);
    }

    /** The last message of aggressive mode is ours, and the peer has said nothing yet that shows that it came. */
    private static boolean isUnconfirmed(Session session) {
        return session.phase() instanceof PhaseV1.Up up
                && up.sa().initiator()
                && up.answer().isPresent()
                && session.lastHeard() == up.since();
    }

    /** Other sessions with the same two identities: a peer that says INITIAL_CONTACT has forgotten them (RFC 2407, section 4.6.3.3). */
    static List<Session> forgotten(PhaseV1.Up now, Session session, List<Session> all) {
        return all.stream()
                .filter(other -> other.id() != session.id()
                        && other.phase() instanceof PhaseV1.Up then
                        && then.local().equals(now.local())
                        && then.remote().equals(now.remote())
                        && then.guest().map(PhaseV1.Guest::user).equals(now.guest().map(PhaseV1.Guest::user)))
                .toList();
    }
}
