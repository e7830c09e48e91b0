package org.xfrmagent.agent.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.xfrmagent.agent.daemon.AgentEvent;
import org.xfrmagent.agent.dataplane.Retired;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Session;

/**
 * Children that sessions are done with, and that charon's clients still see:
 *
 * <pre>
 *   goes with its IKE SA    ours is gone when that is decided: INSTALLED, until the peer has confirmed it or is given up
 *   has been replaced       its SAs still take packets that come late: DELETED, as long as the data plane keeps them
 * </pre>
 *
 * Sessions call it on their own threads.
 *
 * @param usage what SAs have carried, asked before they go
 * @param nanos a clock that never goes back
 */
record Departed(
        Function<Set<SaId>, Map<SaId, Usage>> usage, LongSupplier nanos, Map<Long, Queue<Gone>> going, Queue<Lingering> lingering) {
    /** {@code carried}: what it has carried until then. */
    record Gone(ChildSa child, Map<SaId, Usage> carried) {}

    /** A child that has been replaced, until {@code deadline}. */
    record Lingering(long session, ChildSa child, long deadline) {}

    Departed(Function<Set<SaId>, Map<SaId, Usage>> usage, LongSupplier nanos) {
        this(usage, nanos, new ConcurrentHashMap<>(), new ConcurrentLinkedQueue<>());
    }

    /**
     * Notes what has gone, before it is told of.
     *
     * @param told whether somebody hears of it; otherwise what goes at once needs no note
     */
    void note(AgentEvent happened, boolean told) {
        purge();
        if (!(happened.event() instanceof Event.ChildDown(ChildSa child, _, _))) {
            return;
        }
        Session session = happened.session();
        if (isReplaced(child, session)) {
            if (session.phase() instanceof Phase.Established) {
                lingering.add(new Lingering(session.id(), child.withState(ChildSa.State.DELETED), nanos.getAsLong() + Retired.GRACE_NANOS));
            }
        } else if (session.phase() instanceof Phase.Closing || told && !session.phase().isUp()) {
            going.computeIfAbsent(session.id(), _ -> new ConcurrentLinkedQueue<>())
                    .add(new Gone(child, usage.apply(Set.of(child.inbound(), child.outbound()))));
        }
    }

    /** To charon's clients a child lives on in its successor. */
    static boolean isReplaced(ChildSa child, Session session) {
        return child.state() == ChildSa.State.REKEYED || !session.children().successors(child.serial()).isEmpty();
    }

    /** Forgets what has gone with an IKE SA that is no more, once that has been told. */
    void forget(AgentEvent happened) {
        if (happened.event() instanceof Event.IkeDown) {
            going.remove(happened.session().id());
        }
    }

    private void purge() {
        long now = nanos.getAsLong();
        // Usually in order: a straggler goes with the next.
        for (Lingering oldest = lingering.peek(); oldest != null && oldest.deadline - now <= 0; oldest = lingering.peek()) {
            lingering.remove(oldest);
        }
    }

    /** Those that go with their IKE SA, in the order in which they went. */
    List<Gone> going(long session) {
        Queue<Gone> gone = going.get(session);
        return gone == null ? List.of() : List.copyOf(gone);
    }

    /** All of this moment. */
    Seen seen() {
        purge();
        if (going.isEmpty() && lingering.isEmpty()) {
            return Seen.NONE;
        }
        Map<Long, List<ChildSa>> children = new HashMap<>();
        Map<SaId, Usage> carried = new HashMap<>();
        going.forEach((session, gone) -> gone.forEach(each -> {
            children.computeIfAbsent(session, _ -> new ArrayList<>()).add(each.child);
            carried.putAll(each.carried);
        }));
        lingering.forEach(each -> children.computeIfAbsent(each.session, _ -> new ArrayList<>()).add(each.child));
        return new Seen(children, carried);
    }

    /**
     * What a listing shows besides the children that there are.
     *
     * @param children by session
     * @param carried by those SAs that are no more
     */
    record Seen(Map<Long, List<ChildSa>> children, Map<SaId, Usage> carried) {
        static final Seen NONE = new Seen(Map.of(), Map.of());

        /** With the children of a session, in the order of their coming; one that is still there counts as that. */
        List<ChildSa> with(Session session) {
            List<ChildSa> more = children.get(session.id());
            if (more == null) {
                return session.children();
            }
            List<ChildSa> all = new ArrayList<>(session.children());
            for (ChildSa gone : more) {
                if (all.stream().noneMatch(child -> child.serial() == gone.serial())) {
                    all.add(gone);
                }
            }
            all.sort(Comparator.comparingInt(ChildSa::serial));
            return all;
        }

        Map<SaId, Usage> with(Map<SaId, Usage> usage) {
            if (carried.isEmpty()) {
                return usage;
            }
            Map<SaId, Usage> all = new HashMap<>(carried);
            all.putAll(usage);
            return all;
        }
    }
}
