package org.xfrmagent.agent.sim;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.CannotSign;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.NarrowedReqids;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.engine.Doorkeeper;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Action;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Lease;
import org.xfrmagent.agent.engine.core.Moment;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.engine.core.Way;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/** One gateway of the simulation: an endpoint, its data plane, and the driver that does what it asks. */
final class SimulatedHost {
    final String name;
    final InetAddress address;
    /** The addresses that it has now; the first is the one it calls from. */
    final List<InetAddress> addresses = new ArrayList<>();
    /** Those of them that are about to go. */
    final Set<InetAddress> deprecated = new HashSet<>();
    final RememberingPlane plane;
    NarrowedReqids reqids = new NarrowedReqids();
    final List<Event> events = new ArrayList<>();
    private final List<Long> eventTimes = new ArrayList<>();
    private final Invariants invariants = new Invariants(this);
    final Map<Long, ChildSa> unused = new HashMap<>();
    private final SimulatedNetwork network;
    private final SecureRandom entropy;
    Settings settings;
    private Endpoint endpoint;
    private Doorkeeper doorkeeper;
    private long sessionIds;
    private int serials;
    private int incarnation;
    boolean dead;
    long lastUsedSecondsAgo = -1;
    Usage usage = Usage.NONE;
    /** Addresses that are lent, to so many sessions. */
    final Map<InetAddress, Integer> leases = new HashMap<>();
    /** How long it takes to know whether a chain of certificates is good; for ever if that is negative. */
    int chainMillis = 1;
    int tokenMillis = 1;
    /** Who does what EAP asks of somebody outside. */
    Function<EapWork, Optional<EapWork.Result>> judge = _ -> Optional.empty();

    /** Addresses that peers have given it, by the sessions that have them. */
    final Map<InetAddress, Integer> taken = new HashMap<>();
    /** Whether its data plane has IPComp. */
    boolean compresses = true;
    /** How often it looked for a peer's address. */
    int calls;

    SimulatedHost(String name, InetAddress address, Settings settings, SimulatedNetwork network, SecureRandom entropy, int firstSpi) {
        this.name = name;
        this.address = address;
        this.addresses.add(address);
        this.settings = settings;
        this.network = network;
        this.entropy = entropy;
        this.plane = new RememberingPlane(firstSpi);
        this.endpoint = new Endpoint(0, settings, () -> ++sessionIds);
        this.doorkeeper = endpoint.doorkeeper(now());
        network.attach(this);
    }

    /** Forgets everything, as after kill -9 and a start, with other limits. */
    void restart(HalfOpenLimits limits) {
        settings = new Settings(settings.profiles(), settings.credentials(), settings.ports(), limits);
        restart();
    }

    /** Forgets everything, as after kill -9 and a start. */
    void restart() {
        plane.sas.clear();
        plane.policies.clear();
        plane.stolen.clear();
        reqids = new NarrowedReqids();
        invariants.restarted();
        incarnation++;
        dead = false;
        endpoint = new Endpoint(0, settings, () -> ++sessionIds);
        doorkeeper = endpoint.doorkeeper(now());
    }

    void reconfigure(Settings next) {
        settings = next;
        run(endpoint.reconfigure(next, now()));
    }

    /** It has these addresses from now on, and is told so by its kernel. */
    void readdress(InetAddress... all) {
        addresses.clear();
        addresses.addAll(List.of(all));
        run(endpoint.networkChanged(now()));
    }

    Moment now() {
        return new Moment(network.now(), entropy);
    }

    // ---- what happens to it

    void receive(Path path, Bytes datagram) {
        if (dead) {
            return;
        }
        switch (doorkeeper.examine(path, datagram, 0, now().millis())) {
            case Doorkeeper.Verdict.Known _, Doorkeeper.Verdict.Stranger _ -> run(endpoint.datagram(path, datagram, now()));
            case Doorkeeper.Verdict.Challenge(Bytes reply) -> network.send(this, path, reply);
            case Doorkeeper.Verdict.Drop(Event.Rule rule) -> note(new Event.Dropped(rule, "by the doorkeeper, from " + path.remote()));
        }
    }

    void tick() {
        if (!dead) {
            run(endpoint.tick(now()));
        }
    }

    OptionalLong deadline() {
        return dead ? OptionalLong.empty() : endpoint.nextDeadline();
    }

    void up(String peer, String... policies) {
        run(endpoint.up(settings.profile(peer).orElseThrow(), List.of(policies), now()));
    }

    void upWithoutChildren(String peer) {
        run(endpoint.upWithoutChildren(settings.profile(peer).orElseThrow(), now()));
    }

    void down(String peer) {
        run(endpoint.down(Optional.of(peer), Optional.empty(), Optional.empty(), now()));
    }

    void giveUp() {
        List.copyOf(endpoint.sessions().keySet()).forEach(session -> run(endpoint.giveUp(session, now())));
    }

    void downPolicy(String policy) {
        run(endpoint.down(Optional.empty(), Optional.of(policy), Optional.empty(), now()));
    }

    void downChild(long session, int serial) {
        run(endpoint.downChild(session, serial, now()));
    }

    void redirect(String gateway) {
        List.copyOf(endpoint.sessions().keySet()).forEach(session -> run(endpoint.redirect(session, gateway, now())));
    }

    void rekey(long session, OptionalInt serial) {
        run(endpoint.rekey(session, serial, now()));
    }

    /** The user wants all IKE SAs made from scratch. */
    void reauthenticate() {
        List.copyOf(endpoint.sessions().keySet()).forEach(session -> run(endpoint.reauthenticate(session, now())));
    }

    /** The user wants fresh keys: for all IKE SAs. */
    void rekeyIkeSas() {
        List.copyOf(endpoint.sessions().keySet()).forEach(session -> rekey(session, OptionalInt.empty()));
    }

    /** The user wants fresh keys: for all children of one policy. */
    void rekeyChildren(String policy) {
        for (Session session : List.copyOf(endpoint.sessions().values())) {
            session.children().stream()
                    .filter(child -> child.name().equals(policy))
                    .forEach(child -> rekey(session.id(), OptionalInt.of(child.serial())));
        }
    }

    void kernel(DataPlaneEvent event) {
        run(endpoint.kernel(event, now()));
    }

    /** Somebody else removes an SA from under it, and the data plane says so. */
    void steal(SaId id) {
        if (plane.sas.remove(id) != null) {
            plane.stolen.add(id);
            kernel(new DataPlaneEvent.SaGone(id));
        }
    }

    void shutdown() {
        run(endpoint.shutdown("the agent is stopping", now()));
    }

    // ---- what it does

    private void run(List<Output> outputs) {
        for (Output output : outputs) {
            switch (output) {
                case Output.Act(Session session, Action.Send(Path path, Bytes datagram)) -> {
                    invariants.sent(datagram);
                    network.send(this, path, datagram);
                }
                case Output.Act(Session session, Action.Emit(Event event)) -> note(event);
                case Output.Act(Session session, Action.Do(long ticket, Job job)) -> {
                    Result result = work(job);
                    int issuer = incarnation;
                    int millis = job instanceof Job.VerifyChain ? chainMillis : job instanceof Job.Sign ? tokenMillis : 1;
                    if (millis < 0) {
                        continue;
                    }
                    network.later(millis, () -> {
                        if (!dead && issuer == incarnation) {
                            run(endpoint.completed(session.id(), ticket, result, now()));
                        }
                    });
                }
                case Output.Reply(Path path, Bytes datagram) -> network.send(this, path, datagram);
                case Output.Wanted(Profile profile, var wishes) -> network.later(1, () -> {
                    if (!dead) {
                        calls++;
                        run(endpoint.initiate(
                                profile, new Path(addresses.getFirst(), 500, network.addressOf(profile.name()), 500), wishes, now()));
                    }
                });
                case Output.Note(Event event) -> note(event);
            }
        }
        invariants.hold();
    }

    /** What happened, a line each. */
    List<String> journal() {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            lines.add(eventTimes.get(i) + " " + name + " " + events.get(i));
        }
        return lines;
    }

    private void note(Event event) {
        events.add(event);
        eventTimes.add(network.now());
        if (event instanceof Event.Dropped(Event.Rule rule, String detail) && rule == Event.Rule.BUG) {
            throw new AssertionError(name + ": " + detail);
        }
    }

    private Outcome applied(List<Operation> operations) {
        Outcome outcome = plane.apply(operations);
        if (outcome instanceof Outcome.Applied) {
            reqids.follow(operations);
        }
        return outcome;
    }

    private Result work(Job job) {
        return switch (job) {
            case Job.AllocateSpi(_, boolean compressed) -> new Result.SpiAllocated(
                    plane.allocate(), ++serials, compressed && compresses ? OptionalInt.of(plane.allocateCpi()) : OptionalInt.empty());
            case Job.Apply(var operations) -> new Result.Installed(applied(operations));
            case Job.Install(var narrowed, boolean held, var operations) -> {
                NarrowedReqids.Installed installed = reqids.install(narrowed, held, operations, this::applied);
                yield new Result.Installed(installed.outcome(), OptionalInt.of(installed.reqid()));
            }
            case Job.LeaseAddresses(var pools, var lessee, var wanted) -> {
                List<Lease> lent = new ArrayList<>();
                wanted.forEach(each -> free(pools, each).filter(lease -> !lent.contains(lease)).ifPresent(lease -> {
                    lent.add(lease);
                    leases.merge(lease.address(), 1, Integer::sum);
                }));
                yield lent.isEmpty() ? new Result.Failed("the pool is empty") : new Result.Leased(lent);
            }
            case Job.ReleaseAddresses(List<Lease> lent) -> {
                lent.forEach(lease -> leases.computeIfPresent(lease.address(), (_, sessions) -> sessions == 1 ? null : sessions - 1));
                yield new Result.Released();
            }
            case Job.VerifyChain(var credentials, var peer, var remote, var certificates) ->
                credentials.objection(peer, remote, certificates).<Result>map(Result.Failed::new).orElseGet(Result.ChainVerified::new);
            case Job.Sign(var key, var scheme, var octets) -> {
                try {
                    yield new Result.Signed(key.sign(scheme, octets));
                } catch (CannotSign refused) {
                    yield new Result.Failed(refused.reason());
                }
            }
            case Job.EapRound(_, _, _, _, var work) -> judge.apply(work).<Result>map(Result.EapAnswered::new)
                    .orElseGet(() -> new Result.Failed("nothing outside does " + work.getClass().getSimpleName()));
            case Job.TakeAddresses(var given, var gateway, var behind) -> {
                given.addresses().forEach(address -> taken.merge(address, 1, Integer::sum));
                yield new Result.Taken();
            }
            case Job.DropAddresses(List<InetAddress> dropped) -> {
                dropped.forEach(address -> taken.computeIfPresent(address, (_, sessions) -> sessions == 1 ? null : sessions - 1));
                yield new Result.Released();
            }
            case Job.FindWays find -> new Result.WaysFound(
                    find.remotes().stream()
                            .flatMap(remote -> Stream.concat(
                                            Stream.of(find.current().local()).filter(addresses::contains), addresses.stream())
                                    .distinct()
                                    .filter(local -> local.getAddress().length == remote.getAddress().length)
                                    .map(local -> new Way(local, remote)))
                            .toList(),
                    addresses,
                    !addresses.contains(find.current().local()) ? Result.Standing.GONE
                            : deprecated.contains(find.current().local()) ? Result.Standing.DEPRECATED : Result.Standing.GOOD);
            case Job.ReadUsage(var sas) -> {
                Map<SaId, Usage> usage = new HashMap<>();
                sas.forEach(id -> usage.put(id, new Usage(this.usage.bytes(), this.usage.packets(), lastUsedSecondsAgo)));
                yield new Result.UsageRead(usage);
            }
        };
    }

    /** The one that is named, or the first that nobody has. */
    private Optional<Lease> free(List<Pool> pools, VirtualAddress wanted) {
        return pools.stream()
                .flatMap(pool -> pool.addresses().stream()
                        .filter(range -> range.family() == wanted.family())
                        .map(range -> new Lease(pool.name(), wanted.address().orElse(range.from()))))
                .filter(lease -> wanted.address().isPresent() || !leases.containsKey(lease.address()))
                .findFirst();
    }

    // ---- what one sees

    List<Session> sessions() {
        return List.copyOf(endpoint.sessions().values());
    }

    List<Session> established() {
        return sessions().stream().filter(session -> session.phase() instanceof Phase.Established || session.phase() instanceof PhaseV1.Up).toList();
    }

    List<ChildSa> children() {
        return established().stream().flatMap(session -> session.children().stream()).toList();
    }

    <T extends Event> List<T> events(Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }
}
