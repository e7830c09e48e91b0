package org.xfrmagent.agent.engine.core;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Ip;

/**
 * One relation with a peer: its IKE SA and all children. Plain data: it can be written down, compared and read by any thread.
 *
 * @param id numbers it for people, unique in this agent's life
 * @param shard whose it is; the top octet of our SPIs
 * @param initiator whether we started it
 * @param profile the configured peer; a responder learns it in IKE_AUTH
 * @param children those installed, oldest first
 * @param tasks requests of ours that wait for their turn
 * @param delayed tasks whose time has not come
 * @param jobs what we wait for outside the engine, by ticket
 * @param lastHeard when an authentic message last came from the peer, in {@link Moment#millis}
 * @param lastSent when we last sent anything, for NAT keepalives
 * @param reassembly what has come of a message in fragments; in IKEv1 there is one as soon as both sides may send such
 * @param mobility where else its ends are
 */
public record Session(
        long id,
        int shard,
        boolean initiator,
        boolean firstContact,
        Settings settings,
        Optional<Profile> profile,
        Path path,
        Nat nat,
        Phase phase,
        ChildSas children,
        TaskList<Task> tasks,
        TaskList<Task.Delayed> delayed,
        Map<Long, Awaiting> jobs,
        long nextTicket,
        long lastHeard,
        long lastSent,
        Optional<Reassembly> reassembly,
        Mobility mobility) {
    /** Who sits behind a NAT (RFC 7296, section 2.23). */
    public record Nat(boolean local, boolean remote) {
        public static final Nat NONE = new Nat(false, false);

        public boolean any() {
            return local || remote;
        }

        /** Whether its mapping may change, and we are the one that has to follow it. */
        public boolean onPeersSideOnly() {
            return remote && !local;
        }
    }

    public Session {
        jobs = Map.copyOf(jobs);
    }

    /** A session before its first message. */
    public static Session fresh(
            long id, int shard, boolean initiator, boolean firstContact, Settings settings, Optional<Profile> profile, Path path, long now) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, Nat.NONE, new Phase.Idle(false), ChildSas.NONE, TaskList.waiting(List.of()),
                TaskList.delayed(List.of()), Map.of(), 1, now, now, Optional.empty(), Mobility.NONE);
    }

    /** The peer's configured name, or its address while that is all we know. */
    public String peerName() {
        return profile.map(Profile::name).orElseGet(() -> Ip.text(path.remote()));
    }

    /** Whether its peer is no more, or is reached otherwise by now, and it only stays until it ends. */
    public boolean outlasts() {
        return phase.isUp() && tasks.about(Task.DeleteIke.class).isEmpty()
                && profile.filter(peer -> settings.profile(peer.name()).filter(now -> now.isReachedAs(peer)).isEmpty()).isPresent();
    }

    /** Whether this child is one of its policy as that is now, and not one that only stays until it ends. */
    public boolean isCurrent(ChildSa child) {
        return settings.profile(peerName()).flatMap(peer -> peer.child(child.name()))
                .filter(now -> now.protectsAs(child.profile())).isPresent();
    }

    /** Which its messages go with: the peer's, or that of the first who it may be. */
    public int dscp() {
        return profile.or(() -> phase instanceof Phase.HalfOpen halfOpen ? halfOpen.candidates().stream().findFirst() : Optional.empty())
                .map(peer -> peer.peer().dscp()).orElse(0);
    }

    public boolean isClosed() {
        return phase instanceof Phase.Closed;
    }

    public Optional<ChildSa> child(int serial) {
        return children.numbered(serial);
    }

    public Session withPhase(Phase next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, next, children, tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    public Session withSettings(Settings next, Optional<Profile> nextProfile) {
        return new Session(
                id, shard, initiator, firstContact, next, nextProfile, path, nat, phase, children, tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    public Session withProfile(Profile next) {
        return withSettings(settings, Optional.of(next));
    }

    public Session withPath(Path next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, next, nat, phase, children, tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    public Session withNat(Nat next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, next, phase, children, tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    public Session withChildren(List<ChildSa> next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, ChildSas.of(next), tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    /** With {@code child} in the place of the one that has its serial, or else as the youngest. */
    public Session withChild(ChildSa child) {
        return withChildren(children.with(child));
    }

    /** With the child changed, if it is there. */
    public Session withChild(int serial, UnaryOperator<ChildSa> how) {
        return child(serial).map(child -> withChild(how.apply(child))).orElse(this);
    }

    public Session withoutChild(int serial) {
        return withChildren(children.without(serial));
    }

    public Session withTasks(List<Task> next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, TaskList.waiting(next), delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    public Session withDelayed(List<Task.Delayed> next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, tasks, TaskList.delayed(next), jobs, nextTicket, lastHeard,
                lastSent, reassembly, mobility);
    }

    public Session withJobs(Map<Long, Awaiting> next, long ticket) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, tasks, delayed, next, ticket, lastHeard,
                lastSent, reassembly, mobility);
    }

    /** The same session with what it waits for changed. */
    public Session withAwaiting(UnaryOperator<Awaiting> how) {
        Map<Long, Awaiting> changed = new HashMap<>(jobs);
        changed.replaceAll((ticket, awaiting) -> how.apply(awaiting));
        return withJobs(changed, nextTicket);
    }

    public Session heardAt(long millis) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, tasks, delayed, jobs, nextTicket, millis,
                lastSent, reassembly, mobility);
    }

    public Session sentAt(long millis) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, tasks, delayed, jobs, nextTicket, lastHeard,
                millis, reassembly, mobility);
    }

    public Session withReassembly(Optional<Reassembly> next) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, next, mobility);
    }

    public Session withMobility(UnaryOperator<Mobility> how) {
        return new Session(
                id, shard, initiator, firstContact, settings, profile, path, nat, phase, children, tasks, delayed, jobs, nextTicket, lastHeard,
                lastSent, reassembly, how.apply(mobility));
    }

    /**
     * Why we cannot authenticate anew, if so: only a peer that has called us asks for its addresses, and shows who its user is. A sentence.
     * An address that is told unasked comes along.
     */
    public Optional<String> notAnew() {
        boolean calledUs = switch (phase) {
            case PhaseV1.Up up -> !up.sa().initiator();
            default -> !initiator;
        };
        boolean asks = phase instanceof Phase.Established || profile.filter(known -> known.peer().config() == ConfigExchange.PULL).isPresent();
        boolean lodges = asks && !phase.inner().theirs().isEmpty();
        return calledUs && (lodges || phase.user().isPresent())
                ? Optional.of("the peer called us and " + (lodges ? "has addresses of our pools" : "has shown a user") + ", so only it can authenticate anew")
                : Optional.empty();
    }
}
