package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Result.Standing;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Way;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.Selectors;

/**
 * Between which addresses the two ends can talk, and which of these ways is taken (RFC 4555, sections 3.5 and 3.10): the one in use as
 * long as it serves, else the best of the others. An unanswered request of the initiator's goes along all of them, and the one that
 * brings the answer is taken.
 */
public final class Ways {
    /** Addresses of a peer that we remember. A peer with more is not believed to need them. */
    static final int MOST = 16;

    private Ways() {}

    /** Something about this host's addresses, links or routes is different. */
    public static void networkChanged(Turn turn) {
        if (turn.session().phase() instanceof Phase.Established) {
            look(turn);
        }
    }

    /** Asks where the peer can be reached now. */
    static void look(Turn turn) {
        Session session = turn.session();
        Optional<Profile> profile = session.profile();
        if (profile.isEmpty()) {
            return;
        }
        Set<InetAddress> remotes = new LinkedHashSet<>();
        remotes.add(session.path().remote());
        remotes.addAll(session.mobility().peers());
        turn.start(
                new Job.FindWays(profile.get().peer(), Way.of(session.path()), List.copyOf(remotes)), new Awaiting.Ways());
    }

    static void found(Turn turn, Result.WaysFound found) {
        Session session = turn.session();
        if (!(session.phase() instanceof Phase.Established)) {
            return;
        }
        List<Way> ways = outside(session, found.ways());
        boolean wasCutOff = session.mobility().cutOff();
        turn.change(now -> now.withMobility(mobility -> mobility.withWays(ways)));
        Optional<Way> better = found.current() == Standing.DEPRECATED ? successor(session, ways) : Optional.empty();
        if (better.isPresent()) {
            Mobike.move(turn, path(session, better.get()), Ip.text(session.path().local()) + " is about to go");
        } else if (ways.contains(Way.of(session.path()))) {
            if (wasCutOff) {
                // The address is back: what waits goes now, and the peer is asked at once whether it is still there.
                turn.queue(new Task.Liveness());
                Requests.anew(turn);
            }
        } else if (ways.isEmpty()) {
            if (!wasCutOff) {
                turn.emit(new Event.Remark("there is no way to the peer at present, not even from another address"));
            }
        } else if (session.initiator() && session.mobility().agreed()) {
            Mobike.move(turn, path(turn.session(), ways.getFirst()), "the way over " + Way.of(session.path()) + " is gone");
        } else if (session.initiator() && isFree(session)) {
            Ending.down(turn, "our address " + Ip.text(session.path().local()) + " is gone, and the peer does not do MOBIKE");
        } else if (session.mobility().agreed() && found.current() == Standing.GONE && !session.nat().remote()) {
            // Section 3.5: the one exception to "the responder never moves": its own address is gone. A NAT in front of the peer
            // would let nothing in from another one.
            turn.change(now -> now.withPath(path(now, ways.getFirst())));
            turn.emit(new Event.Moved(session, "our address is gone, and we go on over " + turn.session().path()));
            Relocation.follow(turn);
        }
        if (!turn.session().isClosed()) {
            announce(turn, found.addresses());
        }
    }

    /** Where the initiator goes while its old address still serves, so that nothing is lost: to another address, if there is one. */
    private static Optional<Way> successor(Session session, List<Way> ways) {
        return session.initiator() && session.mobility().agreed()
                ? ways.stream()
                        .filter(way -> !way.local().equals(session.path().local()))
                        .findFirst()
                : Optional.empty();
    }

    /** Whether the policy leaves our address to the routes. A fixed one may come back, and is waited for. */
    private static boolean isFree(Session session) {
        List<Host> locals = session.profile().map(profile -> profile.peer().local().addresses()).orElse(List.of());
        return locals.isEmpty() || locals.stream().anyMatch(host -> !(host instanceof Host.Address));
    }

    /**
     * Without those that begin in the network that we protect: they are no ways around the tunnel but through it. Where all that we
     * are is protected, that says nothing.
     */
    private static List<Way> outside(Session session, List<Way> ways) {
        return isInside(session, session.path().local())
                ? ways
                : ways.stream().filter(way -> !isInside(session, way.local())).toList();
    }

    private static boolean isInside(Session session, InetAddress local) {
        return session.profile().stream()
                .flatMap(profile -> profile.children().stream())
                .anyMatch(child -> isInside(child, local));
    }

    private static boolean isInside(ChildProfile child, InetAddress local) {
        return child.policy().match().local() instanceof Selectors.Fixed(var selectors)
                && selectors.stream().anyMatch(selector -> selector.range().contains(local));
    }

    private static void announce(Turn turn, List<InetAddress> ours) {
        Session session = turn.session();
        if (session.initiator() || !session.mobility().agreed()) {
            return;
        }
        List<InetAddress> further = ours.stream()
                .filter(address -> !address.equals(session.path().local()) && !isInside(session, address))
                .limit(MOST)
                .toList();
        if (!further.equals(session.mobility().announced())) {
            turn.forget(Task.Announce.class, _ -> true);
            turn.queue(new Task.Announce(further));
        }
    }

    /** Our NAT traversal port on both sides, except where the peer's port is another behind its NAT. */
    private static Path path(Session session, Way way) {
        int port = session.settings().ports().natTraversal();
        boolean same = way.remote().equals(session.path().remote());
        return new Path(way.local(), port, way.remote(), same && session.path().localPort() == port ? session.path().remotePort() : port);
    }

    /** The peer does not accept where we are: the next way, or else an end and a beginning. */
    static void unacceptable(Turn turn) {
        Way current = Way.of(turn.session().path());
        List<Way> others = turn.session().mobility().ways().stream().filter(way -> !way.equals(current)).toList();
        turn.change(session -> session.withMobility(mobility -> mobility.withWays(others)));
        if (others.isEmpty()) {
            turn.queueFirst(new Task.DeleteIke("the peer does not accept our address " + Ip.text(current.local())));
        } else {
            Mobike.move(turn, path(turn.session(), others.getFirst()), "the peer does not accept " + current);
        }
    }

    // ---- path testing (section 3.10)

    /** A request has not been answered for a while: from now on it goes along every way that there may be. */
    static void probe(Turn turn, List<Bytes> datagrams) {
        Session session = turn.session();
        if (!session.mobility().agreed() || !session.initiator() || !(session.phase() instanceof Phase.Established)) {
            return;
        }
        if (session.jobs().values().stream().noneMatch(Awaiting.Ways.class::isInstance)) {
            look(turn);
        }
        for (Way way : session.mobility().ways()) {
            if (!way.equals(Way.of(session.path()))) {
                turn.send(path(session, way), datagrams);
            }
        }
    }

    /** The answer came another way than the session's: that one works, and ours does not. Only ways that we tried ourselves count. */
    static void answered(Turn turn) {
        Session session = turn.session();
        Path arrival = turn.arrival();
        if (session.mobility().agreed()
                && session.initiator()
                && session.phase() instanceof Phase.Established
                && !Way.of(arrival).equals(Way.of(session.path()))
                && session.mobility().ways().contains(Way.of(arrival))) {
            Mobike.move(turn, path(session, Way.of(arrival)), "the peer answers there");
        }
    }
}
