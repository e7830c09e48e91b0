package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Input.Order;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Step;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.v2.Timers;
import org.xfrmagent.policies.model.Start;

/**
 * The course of an endpoint's sessions: every step of one is taken over here, with what it means for its indexes and deadlines, for other
 * sessions with the same peer, and for what the policies lack then.
 */
final class Lifecycle {
    private final int shard;
    private final LongSupplier sessionIds;
    private final Newcomers newcomers;
    private final Directory sessions;
    private final KeepUp keepUp;
    private final Deadlines<Long> deadlines = new Deadlines<>();
    private final Successions successions = new Successions();
    private final Guesses guesses = new Guesses();
    private final Pieces pieces = new Pieces();
    private final Redirects redirects = new Redirects();
    private volatile Settings settings;
    private boolean shuttingDown;

    Lifecycle(int shard, Settings settings, LongSupplier sessionIds, Newcomers newcomers, Directory sessions, KeepUp keepUp) {
        this.shard = shard;
        this.settings = settings;
        this.sessionIds = sessionIds;
        this.newcomers = newcomers;
        this.sessions = sessions;
        this.keepUp = keepUp;
        settings.profiles().forEach(this::review);
    }

    Settings settings() {
        return settings;
    }

    /** From the next step on, sessions are held against {@code next}. */
    void settings(Settings next) {
        settings = next;
    }

    /** No session follows another any more, and no policy is brought up. */
    void endAll() {
        shuttingDown = true;
    }

    // ---- time

    /** Does all that is due, including what the policies want to be up. */
    List<Output> tick(Moment at) {
        List<Output> outputs = new ArrayList<>();
        for (Optional<Long> due = deadlines.takeDue(at.millis()); due.isPresent(); due = deadlines.takeDue(at.millis())) {
            Optional<Session> session = sessions.byId(due.get());
            if (session.isPresent()) {
                outputs.addAll(step(session.get(), new Input.Tick(), at));
                // A tick that leaves its own time due would come again at once.
                deadlines.set(session.get().id(), later(deadline(session.get().id()), at));
            }
        }
        if (!shuttingDown) {
            outputs.addAll(keepUp.due(at));
        }
        return outputs;
    }

    /** When {@link #tick} next has something to do, in milliseconds. */
    OptionalLong nextDeadline() {
        OptionalLong sessionsWant = deadlines.next();
        OptionalLong policiesWant = shuttingDown ? OptionalLong.empty() : keepUp.next();
        if (sessionsWant.isEmpty() || policiesWant.isEmpty()) {
            return sessionsWant.isPresent() ? sessionsWant : policiesWant;
        }
        return OptionalLong.of(Math.min(sessionsWant.getAsLong(), policiesWant.getAsLong()));
    }

    private OptionalLong deadline(long id) {
        return sessions.byId(id).map(Lifecycle::nextTick).orElse(OptionalLong.empty());
    }

    private static OptionalLong nextTick(Session session) {
        return session.phase() instanceof PhaseV1 phase
                ? org.xfrmagent.agent.engine.v1.Timers.next(session, phase)
                : Timers.next(session);
    }

    private static OptionalLong later(OptionalLong deadline, Moment at) {
        return deadline.isPresent() ? OptionalLong.of(Math.max(deadline.getAsLong(), at.millis() + 1)) : deadline;
    }

    // ---- what the policies lack

    /** What does this peer lack, now that something about it changed? */
    void review(Profile profile) {
        if (profile.callers().isEmpty()) {
            keepUp.forget(profile.name());
            return;
        }
        Set<String> provided = new HashSet<>();
        sessions.ofPeer(profile.name()).forEach(session -> provided.addAll(Progress.policies(session)));
        keepUp.review(profile, child -> !provided.contains(child.name()));
    }

    /** The same after a step, which changed one or two of perhaps a thousand children. */
    private void review(Optional<Session> before, Session next) {
        Optional<Profile> profile = settings.profile(next.peerName()).filter(peer -> !peer.callers().isEmpty());
        if (profile.isEmpty()) {
            return;
        }
        Optional<Set<String>> touched = before.filter(session -> session.peerName().equals(next.peerName()))
                .flatMap(session -> Progress.touched(session, sessions.byId(next.id()).orElse(next)));
        touched.ifPresentOrElse(policies -> review(profile.get(), policies), () -> review(profile.get()));
    }

    void review(Profile profile, Collection<String> policies) {
        List<ChildProfile> some = policies.stream()
                .flatMap(policy -> profile.child(policy).stream())
                .filter(child -> child.protect().start() == Start.AT_START || child.protect().endings().calls())
                .toList();
        List<Session> living = sessions.ofPeer(profile.name());
        keepUp.review(profile, some, child -> living.stream().noneMatch(session -> Progress.includes(session, child.name())));
    }

    /** The one that new children belong to: of several that are up the newest, which may be about to follow the others. */
    Optional<Session> live(String peer) {
        return sessions.ofPeer(peer).stream()
                .filter(session -> !session.outlasts())
                .filter(session -> switch (session.phase()) {
                    case Phase.Established _ -> session.tasks().about(Task.DeleteIke.class).isEmpty();
                    case Phase.Initiating _, Phase.Authenticating _, PhaseEap.Answering _ -> true;
                    case PhaseV1.Up up -> up.renewal() != PhaseV1.Renewal.SUPERSEDED && up.renewal() != PhaseV1.Renewal.REPLACED;
                    case PhaseV1 v1 -> !v1.isHalfOpen();
                    case Phase.Idle _, Phase.HalfOpen _, PhaseEap.Asking _, Phase.Closing _, Phase.Closed _ -> false;
                })
                .max(Comparator.<Session, Boolean>comparing(session -> session.phase().isUp()).thenComparingLong(Session::id));
    }

    // ---- steps

    List<Output> onSession(long id, Input input, Moment at) {
        return sessions.byId(id).map(session -> step(session, input, at)).orElse(List.of());
    }

    /** To the session as it is now: an order to one may have changed another since {@code session} was looked up. */
    List<Output> order(Session session, Order order, Moment at) {
        return onSession(session.id(), new Input.Command(order), at);
    }

    List<Output> step(Session session, Input input, Moment at) {
        List<Output> outputs = new ArrayList<>();
        settle(Optional.of(session), Sessions.handle(session, input, at, () -> neighbours(session, at)), outputs, at);
        return outputs;
    }

    /** A session may come up in answer to whatever input, and must know of its neighbours until all is settled with the peer. */
    Neighbours neighbours(Session session, Moment at) {
        boolean settling = switch (session.phase()) {
            case PhaseV1.Up up -> session.profile().filter(profile -> !profile.pools().isEmpty()).isPresent() && up.inner().theirs().isEmpty();
            case PhaseV1 _, PhaseEap _, Phase.HalfOpen _, Phase.Authenticating _ -> true;
            default -> false;
        };
        return settling ? barring(session, at) : Neighbours.NONE;
    }

    /** The same when a peer of IKEv2 speaks, which may ask for children at any time. */
    Neighbours heardBy(Session session, Moment at) {
        return session.phase() instanceof PhaseEap ? barring(session, at) : sessions.neighbours(session);
    }

    private Neighbours barring(Session session, Moment at) {
        return sessions.neighbours(session).barring(guesses.barred(session.path().remote(), at.millis()));
    }

    /** Takes a step over: indexes, deadlines, and what its events mean for other sessions. */
    void settle(Optional<Session> before, Step step, List<Output> outputs, Moment at) {
        Session next = pieces.admit(before, step.next());
        newcomers.changed(before, next, at);
        before.ifPresent(session -> outputs.addAll(switchOvers(session, next, at)));
        if (next.isClosed() && next.jobs().isEmpty()) {
            sessions.remove(next.id());
            deadlines.set(next.id(), OptionalLong.empty());
        } else {
            sessions.put(next);
            deadlines.set(next.id(), nextTick(next));
        }
        for (Action action : step.actions()) {
            outputs.add(new Output.Act(next, action));
        }
        outputs.addAll(succeed(next, at));
        for (Action action : step.actions()) {
            if (action instanceof Action.Emit(Event event)) {
                outputs.addAll(consequences(next, event, at));
            }
        }
        if (next.phase() instanceof PhaseV1 || before.filter(session -> session.phase() instanceof PhaseV1).isPresent()) {
            renew(next, outputs, at);
        }
        review(before, next);
    }

    /** IKEv1 has no rekeying of phase 1: a new one takes the children of the old over. */
    private void renew(Session session, List<Output> outputs, Moment at) {
        Optional<Session> due = sessions.byId(session.id()).filter(Succession::isDue);
        if (due.isPresent() && !shuttingDown) {
            Session old = Succession.underWay(due.get());
            sessions.put(old);
            Session fresh = Succession.begin(old, sessionIds.getAsLong(), settings, at);
            settle(Optional.of(fresh), Sessions.handle(fresh, new Input.Command(new Order.Initiate(List.of())), at), outputs, at);
        }
        if (session.isClosed() && session.initiator()) {
            for (Session old : sessions.ofPeer(session.peerName())) {
                Session again = Succession.tryAgain(old, at);
                if (!again.equals(old)) {
                    sessions.put(again);
                    deadlines.set(again.id(), nextTick(again));
                }
            }
        }
        for (List<Session> alike : Succession.alike(sessions.ofPeer(session.peerName()))) {
            for (Session each : alike) {
                handOver(each.id(), alike, at);
            }
        }
        List<Session> replaced = Succession.alike(sessions.ofPeer(session.peerName())).stream()
                .flatMap(alike -> alike.stream().filter(old -> Succession.isOver(old, alike)))
                .toList();
        for (Session old : replaced) {
            outputs.addAll(order(old, new Order.Terminate("replaced by a fresh ISAKMP SA"), at));
        }
    }

    /** Sessions as they are now: those before in the list may have handed over. */
    private void handOver(long old, List<Session> alike, Moment at) {
        List<Session> now = alike.stream().flatMap(each -> sessions.byId(each.id()).stream()).toList();
        Optional<Succession.Handover> handover = sessions.byId(old).flatMap(session -> Succession.handOver(session, now, at));
        if (handover.isPresent()) {
            sessions.put(handover.get().old());
            sessions.put(handover.get().fresh());
            deadlines.set(handover.get().old().id(), nextTick(handover.get().old()));
            deadlines.set(handover.get().fresh().id(), nextTick(handover.get().fresh()));
        }
    }

    private List<Output> consequences(Session session, Event event, Moment at) {
        switch (event) {
            case Event.ChildUp(ChildSa child) -> {
                keepUp.succeeded(session.peerName());
                keepUp.cameUp(child.name());
            }
            case Event.ChildRekeyed _ -> keepUp.succeeded(session.peerName());
            case Event.ChildDown(ChildSa child, _, Event.End end) -> {
                boolean last = sessions.ofPeer(session.peerName()).stream().allMatch(other -> other.children().named(child.name()).isEmpty());
                if (last && !shuttingDown && session.isCurrent(child)) {
                    keepUp.ended(child.profile(), end);
                }
            }
            case Event.ChildIdle(ChildSa child) -> keepUp.idle(child.profile());
            case Event.IkeFailed _, Event.IkeDown _, Event.ChildFailed _ -> {
                if (session.initiator() || event instanceof Event.IkeDown) {
                    keepUp.failed(session.peerName(), at);
                }
                if (session.initiator() && event instanceof Event.IkeFailed) {
                    giveUp(session);
                }
            }
            case Event.IkeUp(boolean initialContact) -> {
                return Uniqueness.superseded(session, initialContact, sessions.ofPeer(session.peerName())).stream()
                        .flatMap(other -> order(other.session(), other.order(), at).stream())
                        .toList();
            }
            case Event.ReauthenticationDue() -> {
                return reauthenticate(session, at);
            }
            case Event.Redirected(InetAddress gateway) -> {
                return redirected(session, gateway, at);
            }
            case Event.Entered _, Event.IkeRekeyed _, Event.Dropped _, Event.Refused _, Event.Retransmitted _,
                Event.Moved _, Event.Remark _ -> {}
            case Event.PasswordShown(String user, boolean right) -> guessed(session.path().remote(), user, right, at);
        }
        return List.of();
    }

    /** A call that came to nothing was the last one, if the policies want no more of them. In IKEv2 a session is all of them. */
    private void giveUp(Session session) {
        int most = session.profile().map(profile -> profile.peer().attempts()).orElse(0);
        boolean once = session.profile().filter(profile -> profile.peer().ike().hasV2()).isPresent();
        if (most > 0 && (once || keepUp.failures(session.peerName()) >= most)) {
            keepUp.giveUp(session.peerName());
        }
    }

    private void guessed(InetAddress from, String user, boolean right, Moment at) {
        if (right) {
            guesses.right(from, user);
        } else {
            guesses.wrong(from, user, at.millis());
        }
    }

    // ---- IKE SAs that follow others

    /** A new IKE SA at the addresses of the old one, with all its children; then {@link #succeed}. */
    private List<Output> reauthenticate(Session old, Moment at) {
        return follow(old, path -> path, new Phase.Idle(false), at);
    }

    /** The same with another gateway. */
    private List<Output> redirected(Session old, InetAddress gateway, Moment at) {
        if (!redirects.admit(old.peerName(), at.millis())) {
            return List.of(new Output.Note(new Event.Remark("peer " + old.peerName() + " sends us on too often, and is not followed")));
        }
        return follow(old, path -> new Path(path.local(), path.localPort(), gateway, path.remotePort()),
                new Phase.Idle(false, Optional.of(old.path().remote())), at);
    }

    private List<Output> follow(Session old, UnaryOperator<Path> there, Phase.Idle begin, Moment at) {
        Optional<Profile> profile = old.outlasts() ? old.profile() : settings.profile(old.peerName());
        if (profile.isEmpty() || shuttingDown || successions.isSucceeded(old.id())) {
            return List.of();
        }
        List<Wish> wishes = old.children().stream()
                .map(ChildSa::name)
                .distinct()
                .filter(name -> profile.get().child(name).isPresent())
                .map(name -> new Wish(name, Optional.empty()))
                .toList();
        if (wishes.isEmpty()) {
            return order(old, new Order.Terminate("its authentication is over, and it has no children"), at);
        }
        Session fresh = Session.fresh(
                sessionIds.getAsLong(), shard, true, false, settings, profile, there.apply(Successions.path(old, profile.get(), settings.ports())),
                at.millis()).withPhase(begin);
        successions.begin(fresh.id(), old.id());
        List<Output> outputs = new ArrayList<>();
        settle(Optional.of(fresh), Sessions.handle(fresh, new Input.Command(new Order.Initiate(wishes)), at), outputs, at);
        return outputs;
    }

    /** What a step of {@code next} means for the one it follows, or for the one that follows it. */
    private List<Output> succeed(Session next, Moment at) {
        Optional<Session> old = successions.old(next.id()).flatMap(sessions::byId);
        if (next.isClosed()) {
            successions.forget(next.id());
            return old.map(session -> order(session, new Order.ReauthenticateLater(), at)).orElse(List.of());
        }
        if (old.isPresent() && Successions.complete(old.get(), next)) {
            successions.end(next.id());
            // At once: we send on the new children, the peer follows with this, and what it has sent before still arrives (Operation.RetireSa).
            return order(old.get(), new Order.Retire("authenticated anew", 0), at);
        }
        return List.of();
    }

    /** Children of {@code before} that are gone now: one of the same policy that waited for that sends from now on. */
    private List<Output> switchOvers(Session before, Session next, Moment at) {
        return Successions.freed(before, next, () -> sessions.ofPeer(next.peerName())).stream()
                .flatMap(freed -> order(freed.session(), new Order.SwitchOver(freed.policy()), at).stream())
                .toList();
    }
}
