package org.xfrmagent.agent.engine;

import java.net.InetAddress;
import java.util.ArrayList;
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
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Input;
import org.xfrmagent.agent.engine.core.Input.Order;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Step;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.policies.model.Ip;

/**
 * All sessions of one shard, and what comes before a session exists. Owned by one thread; does no I/O: every verb returns what its
 * driver has to do.
 */
public final class Endpoint {
    private final int shard;
    private final LongSupplier sessionIds;
    private final Newcomers newcomers;
    private final Lifecycle life;
    private final Directory sessions = new Directory();
    private final KeepUp keepUp = new KeepUp();

    public Endpoint(int shard, Settings settings, LongSupplier sessionIds) {
        this.shard = shard;
        this.sessionIds = sessionIds;
        this.newcomers = new Newcomers(shard, settings.limits(), sessionIds);
        this.life = new Lifecycle(shard, settings, sessionIds, newcomers, sessions, keepUp);
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
            return List.of(note(Rule.MALFORMED, "from " + Ip.text(path.remote()) + ": " + String.valueOf(malformed.getMessage())));
        }
        if (header.majorVersion() == IsakmpHeader.MAJOR_VERSION) {
            return version1(path, datagram, header, at);
        }
        if (header.majorVersion() != 2) {
            return newcomers.otherVersion(path, header, at);
        }
        if (header.exchange() == ExchangeType.IKE_SA_INIT.number() && !header.response()) {
            Newcomers.Reception reception = newcomers.receive(path, datagram, header, life.settings(), at);
            List<Output> outputs = new ArrayList<>();
            reception.makesWay().flatMap(sessions::byId).ifPresent(slow -> outputs.addAll(
                    life.order(slow, new Order.Terminate("it did not authenticate itself while others waited"), at)));
            outputs.addAll(reception.outputs());
            reception.step().ifPresent(step -> life.settle(Optional.empty(), step, outputs, at));
            return outputs;
        }
        long localSpi = header.initiator() ? header.responderSpi() : header.initiatorSpi();
        Optional<Session> session = sessions.bySpi(localSpi);
        if (session.isEmpty()) {
            return List.of(note(Rule.UNKNOWN_SPI, "from " + Ip.text(path.remote()) + ": no IKE SA has SPI %016x".formatted(localSpi)));
        }
        List<Output> outputs = new ArrayList<>();
        Step step = Sessions.handle(session.get(), new Input.Datagram(path, datagram), at, () -> life.heardBy(session.get(), at));
        life.settle(session, step, outputs, at);
        return outputs;
    }

    /** IKEv1's header does not say which of the two cookies is ours. */
    private List<Output> version1(Path path, Bytes datagram, Header header, Moment at) {
        Optional<Session> session = sessions.bySpi(header.responderSpi()).or(() -> sessions.bySpi(header.initiatorSpi()));
        if (session.isPresent() && session.get().phase() instanceof PhaseV1) {
            return life.step(session.get(), new Input.Datagram(path, datagram), at);
        }
        Newcomers.Reception reception = newcomers.receiveV1(path, datagram, header, life.settings(), at);
        List<Output> outputs = new ArrayList<>(reception.outputs());
        reception.step().ifPresent(step -> life.settle(Optional.empty(), step, outputs, at));
        return outputs;
    }

    public List<Output> completed(long sessionId, long ticket, Result result, Moment at) {
        return life.onSession(sessionId, new Input.Completed(ticket, result), at);
    }

    /** An event of the data plane, for whichever session it concerns. */
    public List<Output> kernel(DataPlaneEvent event, Moment at) {
        return switch (event) {
            case DataPlaneEvent.Acquire(int reqid, var packet, var device) -> life.settings().owner(reqid, device)
                    .filter(owner -> keepUp.followsTraffic(owner.child()))
                    .map(owner -> want(owner.profile(), List.of(new Wish(owner.child().name(), Optional.of(packet))), at))
                    .orElse(List.of());
            case DataPlaneEvent.SoftExpire(SaId id, int _) -> toOwner(id, event, at);
            case DataPlaneEvent.HardExpire(SaId id, int _) -> toOwner(id, event, at);
            case DataPlaneEvent.SaGone(SaId id) -> toOwner(id, event, at);
            case DataPlaneEvent.MappingChanged(SaId id, int _, var _, int _) -> toOwner(id, event, at);
            case DataPlaneEvent.EventsLost() -> List.copyOf(sessions.all().values()).stream()
                    .flatMap(session -> life.onSession(session.id(), new Input.Kernel(event), at).stream())
                    .toList();
            case DataPlaneEvent.Disturbed(_) -> List.of();
        };
    }

    private List<Output> toOwner(SaId id, DataPlaneEvent event, Moment at) {
        return sessions.bySa(id).map(session -> life.step(session, new Input.Kernel(event), at)).orElse(List.of());
    }

    /** This host's addresses, links or routes have changed: sessions see whether they can stay where they are. */
    public List<Output> networkChanged(Moment at) {
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            outputs.addAll(life.step(session, new Input.NetworkChanged(), at));
        }
        return outputs;
    }

    // ---- what users and policies want

    /** The addresses of a {@link Output.Wanted} are found: a new session, or more for the live one. */
    public List<Output> initiate(Profile profile, Path path, List<Wish> wishes, Moment at) {
        Optional<Profile> now = life.settings().profile(profile.name());
        if (!now.equals(Optional.of(profile))) {
            // The policies changed while the addresses were looked for: they may not be its addresses any more.
            return now.map(peer -> want(peer, known(wishes, peer), at)).orElse(List.of());
        }
        Optional<Session> live = life.live(profile.name());
        if (live.isPresent()) {
            return life.order(live.get(), new Order.Initiate(wishes), at);
        }
        // Section 2.4: "the only IKE SA currently active between the authenticated identities".
        boolean firstContact = !sessions.isUp(profile);
        Session fresh = Session.fresh(
                sessionIds.getAsLong(), shard, true, firstContact, life.settings(), Optional.of(profile), path, at.millis());
        List<Output> outputs = new ArrayList<>();
        life.settle(Optional.of(fresh), Sessions.handle(fresh, new Input.Command(new Order.Initiate(wishes)), at), outputs, at);
        return outputs;
    }

    private static List<Wish> known(List<Wish> wishes, Profile peer) {
        return wishes.stream().filter(wish -> peer.child(wish.policy()).isPresent()).toList();
    }

    /** The addresses of a {@link Output.Wanted} cannot be found now. */
    public List<Output> unreachable(Profile profile, String reason, Moment at) {
        keepUp.failed(profile.name(), at);
        life.settings().profile(profile.name()).ifPresent(life::review);
        return List.of(new Output.Note(new Event.Remark("peer " + profile.name() + ": " + reason)));
    }

    /** The user wants these policies of the peer up, all of them if the list is empty. */
    public List<Output> up(Profile profile, List<String> policies, Moment at) {
        Stream<ChildProfile> meant = policies.isEmpty()
                ? profile.children().stream()
                : policies.stream().distinct().flatMap(policy -> profile.child(policy).stream());
        List<Wish> wishes = meant.map(child -> new Wish(child.name(), Optional.empty())).toList();
        keepUp.tryAgain(profile.name());
        wishes.forEach(wish -> keepUp.wanted(wish.policy()));
        life.review(profile, wishes.stream().map(Wish::policy).toList());
        return want(profile, wishes, at);
    }

    /** The user wants an IKE SA with the peer, whatever becomes of its policies (RFC 6023). */
    public List<Output> upWithoutChildren(Profile profile, Moment at) {
        return want(profile, List.of(), at);
    }

    /** Children for a live session, or a wish for a new one. */
    private List<Output> want(Profile profile, List<Wish> wishes, Moment at) {
        Optional<Session> live = life.live(profile.name());
        return live.isPresent()
                ? life.order(live.get(), new Order.Initiate(wishes), at)
                : List.of(new Output.Wanted(profile, wishes));
    }

    /** The user wants down: a policy's children, or all of a peer or session with its IKE SA. It stays down until {@link #up}. */
    public List<Output> down(Optional<String> peer, Optional<String> policy, Optional<Long> sessionId, Moment at) {
        for (Profile profile : peer.isPresent() ? life.settings().profile(peer.get()).stream().toList() : life.settings().profiles()) {
            List<String> meant = policy.isPresent() ? policy.flatMap(profile::child).map(ChildProfile::name).stream().toList()
                    : peer.isPresent() ? profile.children().stream().map(ChildProfile::name).toList() : List.of();
            meant.forEach(keepUp::takeDown);
            life.review(profile, meant);
        }
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            boolean meant = sessionId.filter(id -> id != session.id()).isEmpty()
                    && peer.filter(name -> !name.equals(session.peerName())).isEmpty();
            if (meant && policy.isPresent()) {
                outputs.addAll(life.order(session, new Order.TerminateChild(policy.get(), "taken down by the user"), at));
            } else if (meant && (peer.isPresent() || sessionId.isPresent())) {
                outputs.addAll(life.order(session, new Order.Terminate("taken down by the user"), at));
            }
        }
        return outputs;
    }

    /** The user does not wait for the peer's word about an IKE SA that is being deleted. */
    public List<Output> giveUp(long sessionId, Moment at) {
        return life.onSession(sessionId, new Input.Command(new Order.GiveUp("taken down by the user, who does not wait for the peer")), at);
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
        return life.onSession(sessionId, new Input.Command(new Order.DeleteChild(serial, "taken down by the user")), at);
    }

    /** Replaces a child by a fresh one, or the IKE SA if no serial is given. */
    public List<Output> rekey(long sessionId, OptionalInt serial, Moment at) {
        return life.onSession(sessionId, new Input.Command(new Order.Rekey(serial)), at);
    }

    /** Has the peer's IKE SA and all its children made anew from scratch. */
    public List<Output> reauthenticate(long sessionId, Moment at) {
        return life.onSession(sessionId, new Input.Command(new Order.Reauthenticate()), at);
    }

    /** Sends the peer of an IKE SA, which has called us, to another gateway (RFC 5685). */
    public List<Output> redirect(long sessionId, String gateway, Moment at) {
        return life.onSession(sessionId, new Input.Command(new Order.Redirect(gateway)), at);
    }

    /** Deletes every session; new ones are neither started nor answered. Done when {@link #sessions} is empty. */
    public List<Output> shutdown(String reason, Moment at) {
        life.endAll();
        newcomers.refuseAll();
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            outputs.addAll(life.order(session, new Order.Terminate(reason), at));
        }
        return outputs;
    }

    /**
     * Goes over to other settings. Sessions that agree with them go on and send nothing; the others end, and what they provided is
     * wanted anew. Policies that start by themselves and are not up yet follow with the next {@link #tick}.
     */
    public List<Output> reconfigure(Settings next, Moment at) {
        Settings before = life.settings();
        life.settings(next);
        newcomers.limit(next.limits());
        before.profiles().forEach(profile -> keepUp.forget(profile.name()));
        keepUp.known(next.profiles());
        List<Output> outputs = new ArrayList<>();
        for (Session session : List.copyOf(sessions.all().values())) {
            outputs.addAll(life.order(session, new Order.Reconfigure(next), at));
            outputs.addAll(restart(session, at));
        }
        for (Profile profile : next.profiles()) {
            if (before.profile(profile.name()).filter(profile::equals).isEmpty()) {
                // What failed before may work now: the next attempt does not wait.
                keepUp.succeeded(profile.name());
            }
            life.review(profile);
        }
        return outputs;
    }

    /** The children of a session whose peer is reached otherwise now, and that did not stay; {@link KeepUp} cares for those that start by themselves. */
    private List<Output> restart(Session session, Moment at) {
        Optional<Profile> now = session.profile().flatMap(profile -> life.settings().profile(profile.name()));
        if (now.isEmpty() || now.get().isReachedAs(session.profile().get()) || session.profile().get().isLoaded()) {
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
        return life.tick(at);
    }

    /** When {@link #tick} next has something to do, in milliseconds. */
    public OptionalLong nextDeadline() {
        return life.nextDeadline();
    }

    private static Output note(Rule rule, String detail) {
        return new Output.Note(new Event.Dropped(rule, detail));
    }
}
