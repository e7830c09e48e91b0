package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Input.Order;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Neighbours;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Step;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.v2.Timers;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.policies.model.Start;

/**
 * All sessions of one shard, and what comes before a session exists. Owned by one thread; does no I/O: every verb returns what its
 * driver has to do.
 */
public final class Endpoint {
    /** An IKE SA that is superseded stays so long: what the peer sent before it knew still arrives. */
    private static final long OVERLAP_MILLIS = 2_500;

    private final int shard;
    private final LongSupplier sessionIds;
    private final Newcomers newcomers;
    private final KeepUp keepUp = new KeepUp();
    private final Deadlines<Long> deadlines = new Deadlines<>();
    private final Directory sessions = new Directory();
    private final Successions successions = new Successions();
    private final Guesses guesses = new Guesses();
    private final Pieces pieces = new Pieces();
    private volatile Settings settings;
    private boolean shuttingDown;

    public Endpoint(int shard, Settings settings, LongSupplier sessionIds) {
        this.shard = shard;
        this.settings = settings;
        this.sessionIds = sessionIds;
        this.newcomers = new Newcomers(shard, settings.limits(), sessionIds);
        settings.profiles().forEach(this::review);
    }

    /** The ids of sessions that came, changed or went since this was asked the last time. */
    public Set<Long> takeChanged() {
        return sessions.takeChanged();
    }

    /** The session that a datagram of IKEv2 belongs to by its SPI: read by the owning thread only. */
    public Optional<Session> addressed(Bytes datagram) {
        try {
            Header header = Header.peek(datagram);
            return sessions.bySpi(header.initiator() ? header.responderSpi() : header.initiatorSpi());
        } catch (Malformed nobody) {
            return Optional.empty();
        }
    }

    /** The sessions by id: read by the owning thread only. */
    public Map<Long, Session> sessions() {
        return sessions.all();
    }

    // ---- for those who read datagrams, on any thread

    /** A doorkeeper of this endpoint, for one reading thread. Made before any thread runs. */
    public Doorkeeper doorkeeper(Moment at) {
        return new Doorkeeper(this, newcomers.cookieKey(at));
    }

    /** Whether a session of ours goes by this SPI. */
    boolean isSpi(long spi) {
        return sessions.isSpi(spi);
    }

    /** Whether somebody with this address and SPI has an answer to an IKE_SA_INIT. */
    boolean isCaller(Path path, long initiatorSpi) {
        return newcomers.isCaller(path, initiatorSpi);
    }

    /** Whether nobody more of this address, or of its network, is given a place. */
    boolean isFull(InetAddress address) {
        return newcomers.isFull(address);
    }

    /** Whether newcomers have to show a cookie, with so many {@code waiting} that the endpoint has not seen. */
    boolean isCrowded(int waiting) {
        return newcomers.isCrowded(waiting);
    }

    // ---- what comes from outside

    /** A datagram, without the non-ESP marker. */
    public List<Output> datagram(Path path, Bytes datagram, Moment at) {
        Header header;
        try {
            header = Header.peek(datagram);
        } catch (Malformed malformed) {
            return List.of(note(Rule.MALFORMED, "from " + path.remote().getHostAddress() + ": " + String.valueOf(malformed.getMessage())));
        }
        if (header.majorVersion() == IsakmpHeader.MAJOR_VERSION) {
            return version1(path, datagram, header, at);
        }
        if (header.majorVersion() != 2) {
            return newcomers.otherVersion(path, header, at);
        }
        if (header.exchange() == ExchangeType.IKE_SA_INIT.number() && !header.response()) {
            Newcomers.Reception reception = newcomers.receive(path, datagram, header, settings, at);
            List<Output> outputs = new ArrayList<>();
            reception.makesWay().flatMap(sessions::byId).ifPresent(slow -> outputs.addAll(
                    order(slow, new Order.Terminate("it did not authenticate itself while others waited"), at)));
            outputs.addAll(reception.outputs());
            reception.step().ifPresent(step -> settle(Optional.empty(), step, outputs, at));
            return outputs;
        }
        long localSpi = header.initiator() ? header.responderSpi() : header.initiatorSpi();
        Optional<Session> session = sessions.bySpi(localSpi);
        if (session.isEmpty()) {
            return List.of(note(Rule.UNKNOWN_SPI, "from " + path.remote().getHostAddress() + ": no IKE SA has SPI %016x".formatted(localSpi)));
        }
        List<Output> outputs = new ArrayList<>();
        Step step = Sessions.handle(session.get(), new Input.Datagram(path, datagram), at, sessions.neighbours(session.get()));
        settle(session, step, outputs, at);
        return outputs;
    }

    /** IKEv1's header does not say which of the two cookies is ours. */
    private List<Output> version1(Path path, Bytes datagram, Header header, Moment at) {
        Optional<Session> session = sessions.bySpi(header.responderSpi()).or(() -> sessions.bySpi(header.initiatorSpi()));
        if (session.isPresent() && session.get().phase() instanceof PhaseV1) {
            return step(session.get(), new Input.Datagram(path, datagram), at);
        }
        Newcomers.Reception reception = newcomers.receiveV1(path, datagram, header, settings, at);
        List<Output> outputs = new ArrayList<>(reception.outputs());
        reception.step().ifPresent(step -> settle(Optional.empty(), step, outputs, at));
        return outputs;
    }

    public List<Output> completed(long sessionId, long ticket, Result result, Moment at) {
        return onSession(sessionId, new Input.Completed(ticket, result), at);
    }

    /** An event of the data plane, for whichever session it concerns. */
    public List<Output> kernel(DataPlaneEvent event, Moment at) {
        return switch (event) {
            case DataPlaneEvent.Acquire(int reqid, var packet) -> settings.owner(reqid)
                    .filter(owner -> keepUp.followsTraffic(owner.child()))
                    .map(owner -> want(owner.profile(), List.of(new Wish(owner.child().name(), Optional.of(packet))), at))
                    .orElse(List.of());
            case DataPlaneEvent.SoftExpire(SaId id, int _) -> toOwner(id, event, at);
            case DataPlaneEvent.HardExpire(SaId id, int _) -> toOwner(id, event, at);
            case DataPlaneEvent.SaGone(SaId id) -> toOwner(id, event, at);
            case DataPlaneEvent.MappingChanged(SaId id, int _, var _, int _) -> toOwner(id, event, at);
            case DataPlaneEvent.EventsLost() -> List.copyOf(sessions.all().values()).stream()
                    .flatMap(session -> onSession(session.id(), new Input.Kernel(event), at).stream())
                    .toList();
            case DataPlaneEvent.Disturbed(_) -> List.of();
        };
    }

    private List<Output> toOwner(SaId id, DataPlaneEvent event, Moment at) {
        return sessions.bySa(id).map(session -> step(session, new Input.Kernel(event), at)).orElse(List.of());
    }

    /** This host's addresses, links or routes have changed: sessions see whether they can stay where they are. */
    public List<Output> networkChanged(Moment at) {
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            outputs.addAll(step(session, new Input.NetworkChanged(), at));
        }
        return outputs;
    }

    // ---- what users and policies want

    /** The addresses of a {@link Output.Wanted} are found: a new session, or more for the live one. */
    public List<Output> initiate(Profile profile, Path path, List<Wish> wishes, Moment at) {
        Optional<Profile> now = settings.profile(profile.name());
        if (!now.equals(Optional.of(profile))) {
            // The policies changed while the addresses were looked for: they may not be its addresses any more.
            return now.map(peer -> want(peer, known(wishes, peer), at)).orElse(List.of());
        }
        Optional<Session> live = live(profile.name());
        if (live.isPresent()) {
            return order(live.get(), new Order.Initiate(wishes), at);
        }
        // Section 2.4: "the only IKE SA currently active between the authenticated identities".
        boolean firstContact = sessions.ofPeer(profile.name()).stream().noneMatch(other -> other.phase() instanceof Phase.Established);
        Session fresh = Session.fresh(
                sessionIds.getAsLong(), shard, true, firstContact, settings, Optional.of(profile), path, at.millis());
        List<Output> outputs = new ArrayList<>();
        settle(Optional.of(fresh), Sessions.handle(fresh, new Input.Command(new Order.Initiate(wishes)), at), outputs, at);
        return outputs;
    }

    private static List<Wish> known(List<Wish> wishes, Profile peer) {
        return wishes.stream().filter(wish -> peer.child(wish.policy()).isPresent()).toList();
    }

    /** The addresses of a {@link Output.Wanted} cannot be found now. */
    public List<Output> unreachable(Profile profile, String reason, Moment at) {
        keepUp.failed(profile.name(), at);
        settings.profile(profile.name()).ifPresent(this::review);
        return List.of(new Output.Note(new Event.Remark("peer " + profile.name() + ": " + reason)));
    }

    /** The user wants these policies of the peer up, all of them if the list is empty. */
    public List<Output> up(Profile profile, List<String> policies, Moment at) {
        Stream<ChildProfile> meant = policies.isEmpty()
                ? profile.children().stream()
                : policies.stream().distinct().flatMap(policy -> profile.child(policy).stream());
        List<Wish> wishes = meant.map(child -> new Wish(child.name(), Optional.empty())).toList();
        wishes.forEach(wish -> keepUp.wanted(wish.policy()));
        review(profile, wishes.stream().map(Wish::policy).toList());
        return want(profile, wishes, at);
    }

    /** Children for a live session, or a wish for a new one. */
    private List<Output> want(Profile profile, List<Wish> wishes, Moment at) {
        Optional<Session> live = live(profile.name());
        return live.isPresent()
                ? order(live.get(), new Order.Initiate(wishes), at)
                : List.of(new Output.Wanted(profile, wishes));
    }

    /** The user wants down: a policy's children, or all of a peer or session with its IKE SA. It stays down until {@link #up}. */
    public List<Output> down(Optional<String> peer, Optional<String> policy, Optional<Long> sessionId, Moment at) {
        for (Profile profile : peer.isPresent() ? settings.profile(peer.get()).stream().toList() : settings.profiles()) {
            List<String> meant = policy.isPresent() ? policy.flatMap(profile::child).map(ChildProfile::name).stream().toList()
                    : peer.isPresent() ? profile.children().stream().map(ChildProfile::name).toList() : List.of();
            meant.forEach(keepUp::takeDown);
            review(profile, meant);
        }
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            boolean meant = sessionId.filter(id -> id != session.id()).isEmpty()
                    && peer.filter(name -> !name.equals(session.peerName())).isEmpty();
            if (meant && policy.isPresent()) {
                outputs.addAll(order(session, new Order.TerminateChild(policy.get(), "taken down by the user"), at));
            } else if (meant && (peer.isPresent() || sessionId.isPresent())) {
                outputs.addAll(order(session, new Order.Terminate("taken down by the user"), at));
            }
        }
        return outputs;
    }

    /** The user wants one child down. Its policy stays down if that was its last one. */
    public List<Output> downChild(long sessionId, int serial, Moment at) {
        Optional<Session> session = sessions.byId(sessionId);
        Optional<ChildSa> child = session.flatMap(found -> found.child(serial));
        if (child.isEmpty()) {
            return List.of();
        }
        String policy = child.get().name();
        boolean last = sessions.ofPeer(session.get().peerName()).stream()
                .flatMap(other -> other.children().named(policy).stream())
                .noneMatch(other -> other.serial() != serial);
        if (last) {
            keepUp.takeDown(policy);
        }
        return onSession(sessionId, new Input.Command(new Order.DeleteChild(serial, "taken down by the user")), at);
    }

    /** Replaces a child by a fresh one, or the IKE SA if no serial is given. */
    public List<Output> rekey(long sessionId, OptionalInt serial, Moment at) {
        return onSession(sessionId, new Input.Command(new Order.Rekey(serial)), at);
    }

    /** Has the peer's IKE SA and all its children made anew from scratch. */
    public List<Output> reauthenticate(long sessionId, Moment at) {
        return onSession(sessionId, new Input.Command(new Order.Reauthenticate()), at);
    }

    /** Deletes every session; new ones are neither started nor answered. Done when {@link #sessions} is empty. */
    public List<Output> shutdown(String reason, Moment at) {
        shuttingDown = true;
        newcomers.refuseAll();
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            outputs.addAll(order(session, new Order.Terminate(reason), at));
        }
        return outputs;
    }

    /**
     * Goes over to other settings. Sessions that agree with them go on and send nothing; the others end, and what they provided is
     * wanted anew. Policies that start by themselves and are not up yet follow with the next {@link #tick}.
     */
    public List<Output> reconfigure(Settings next, Moment at) {
        Settings before = settings;
        settings = next;
        newcomers.limit(next.limits());
        before.profiles().forEach(profile -> keepUp.forget(profile.name()));
        keepUp.known(next.profiles());
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            outputs.addAll(order(session, new Order.Reconfigure(next), at));
            outputs.addAll(restart(session, at));
        }
        for (Profile profile : next.profiles()) {
            if (before.profile(profile.name()).filter(profile::equals).isEmpty()) {
                // What failed before may work now: the next attempt does not wait.
                keepUp.succeeded(profile.name());
            }
            review(profile);
        }
        return outputs;
    }

    /** The children of a session whose peer is reached otherwise now; {@link KeepUp} cares for those that start by themselves. */
    private List<Output> restart(Session session, Moment at) {
        Optional<Profile> now = session.profile().flatMap(profile -> settings.profile(profile.name()));
        if (now.isEmpty() || now.get().isReachedAs(session.profile().get())) {
            return List.of();
        }
        List<Wish> wishes = session.children().stream()
                .map(child -> child.name())
                .distinct()
                .filter(name -> now.get().child(name).filter(child -> isRestarted(child, session)).isPresent())
                .map(name -> new Wish(name, Optional.empty()))
                .toList();
        return wishes.isEmpty() ? List.of() : want(now.get(), wishes, at);
    }

    private static boolean isRestarted(ChildProfile child, Session session) {
        return switch (child.protect().start()) {
            case AT_START -> false;
            case ON_TRAFFIC -> true;
            case BY_PEER -> session.initiator();
        };
    }

    // ---- time

    /** Does all that is due, including what the policies want to be up. */
    public List<Output> tick(Moment at) {
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

    private OptionalLong deadline(long id) {
        return sessions.byId(id).map(Endpoint::nextTick).orElse(OptionalLong.empty());
    }

    private static OptionalLong nextTick(Session session) {
        return session.phase() instanceof PhaseV1 phase
                ? org.xfrmagent.agent.engine.v1.Timers.next(session, phase)
                : Timers.next(session);
    }

    private static OptionalLong later(OptionalLong deadline, Moment at) {
        return deadline.isPresent() ? OptionalLong.of(Math.max(deadline.getAsLong(), at.millis() + 1)) : deadline;
    }

    /** When {@link #tick} next has something to do, in milliseconds. */
    public OptionalLong nextDeadline() {
        OptionalLong sessionsWant = deadlines.next();
        OptionalLong policiesWant = shuttingDown ? OptionalLong.empty() : keepUp.next();
        if (sessionsWant.isEmpty() || policiesWant.isEmpty()) {
            return sessionsWant.isPresent() ? sessionsWant : policiesWant;
        }
        return OptionalLong.of(Math.min(sessionsWant.getAsLong(), policiesWant.getAsLong()));
    }

    /** What does this peer lack, now that something about it changed? */
    private void review(Profile profile) {
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

    private void review(Profile profile, Collection<String> policies) {
        List<ChildProfile> some = policies.stream()
                .flatMap(policy -> profile.child(policy).stream())
                .filter(child -> child.protect().start() == Start.AT_START || child.protect().endings().calls())
                .toList();
        List<Session> living = sessions.ofPeer(profile.name());
        keepUp.review(profile, some, child -> living.stream().noneMatch(session -> Progress.includes(session, child.name())));
    }

    /** The one that new children belong to: of several that are up the newest, which may be about to follow the others. */
    private Optional<Session> live(String peer) {
        return sessions.ofPeer(peer).stream()
                .filter(session -> switch (session.phase()) {
                    case Phase.Established _ -> session.tasks().about(Task.DeleteIke.class).isEmpty();
                    case Phase.Initiating _, Phase.Authenticating _ -> true;
                    case PhaseV1.Up up -> up.renewal() != PhaseV1.Renewal.SUPERSEDED && up.renewal() != PhaseV1.Renewal.REPLACED;
                    case PhaseV1 v1 -> !v1.isHalfOpen();
                    case Phase.Idle _, Phase.HalfOpen _, Phase.Closing _, Phase.Closed _ -> false;
                })
                .max(Comparator.<Session, Boolean>comparing(session -> session.phase().isUp()).thenComparingLong(Session::id));
    }

    // ---- steps

    private List<Output> onSession(long id, Input input, Moment at) {
        return sessions.byId(id).map(session -> step(session, input, at)).orElse(List.of());
    }

    /** To the session as it is now: an order to one may have changed another since {@code session} was looked up. */
    private List<Output> order(Session session, Order order, Moment at) {
        return onSession(session.id(), new Input.Command(order), at);
    }

    private List<Output> step(Session session, Input input, Moment at) {
        List<Output> outputs = new ArrayList<>();
        settle(Optional.of(session), Sessions.handle(session, input, at, neighbours(session, at)), outputs, at);
        return outputs;
    }

    /** An IKEv1 session comes up in answer to whatever input, and must know of its neighbours until all is settled with the peer. */
    private Neighbours neighbours(Session session, Moment at) {
        boolean settling = switch (session.phase()) {
            case PhaseV1.Up up -> session.profile().flatMap(Profile::pool).isPresent() && up.guest().flatMap(PhaseV1.Guest::address).isEmpty();
            case PhaseV1 _ -> true;
            default -> false;
        };
        return settling ? sessions.neighbours(session).barring(guesses.barred(session.path().remote(), at.millis())) : Neighbours.NONE;
    }

    /** Takes a step over: indexes, deadlines, and what its events mean for other sessions. */
    private void settle(Optional<Session> before, Step step, List<Output> outputs, Moment at) {
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
        renew(next, outputs, at);
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
        for (Session old : sessions.ofPeer(session.peerName())) {
            Optional<Succession.Handover> handover = Succession.handOver(old, sessions.ofPeer(session.peerName()), at);
            if (handover.isPresent()) {
                sessions.put(handover.get().old());
                sessions.put(handover.get().fresh());
                deadlines.set(handover.get().old().id(), nextTick(handover.get().old()));
                deadlines.set(handover.get().fresh().id(), nextTick(handover.get().fresh()));
            }
        }
        List<Session> all = sessions.ofPeer(session.peerName());
        List<Session> replaced = all.stream().filter(old -> Succession.isOver(old, all)).toList();
        for (Session old : replaced) {
            outputs.addAll(order(old, new Order.Terminate("replaced by a fresh ISAKMP SA"), at));
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
                if (last && !shuttingDown) {
                    keepUp.ended(child.profile(), end);
                }
            }
            case Event.IkeFailed _, Event.IkeDown _, Event.ChildFailed _ -> {
                if (session.initiator() || event instanceof Event.IkeDown) {
                    keepUp.failed(session.peerName(), at);
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
            case Event.Entered _, Event.IkeRekeyed _, Event.Dropped _, Event.Refused _, Event.Retransmitted _,
                Event.Remark _ -> {}
            case Event.PasswordShown(String user, boolean right) -> guessed(session.path().remote(), user, right, at);
        }
        return List.of();
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
        Optional<Profile> profile = settings.profile(old.peerName());
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
                sessionIds.getAsLong(), shard, true, false, settings, profile, Successions.path(old, profile.get(), settings.ports()), at.millis());
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
            return order(old.get(), new Order.Retire("authenticated anew", OVERLAP_MILLIS), at);
        }
        return List.of();
    }

    /** Children of {@code before} that are gone now: one of the same policy that waited for that sends from now on. */
    private List<Output> switchOvers(Session before, Session next, Moment at) {
        return Successions.freed(before, next, sessions.ofPeer(next.peerName())).stream()
                .flatMap(freed -> order(freed.session(), new Order.SwitchOver(freed.policy()), at).stream())
                .toList();
    }

    private static Output note(Rule rule, String detail) {
        return new Output.Note(new Event.Dropped(rule, detail));
    }
}
