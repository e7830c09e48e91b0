package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.Retired;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.dataplane.UdpEncapsulation;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.dataplane.UsageTable;
import org.xfrmagent.netlink.linux.TunDevice;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Mode;

/**
 * The data plane for a kernel without ESP: SAD and SPD live here, packets come and go through a TUN interface.
 *
 * <p>Nothing protected goes past it. Outbound packets are led into the interface by routes and rules that stand as long as their policy
 * does, with or without an SA, and behind them routes to nowhere, in case this program dies. Inbound packets in the clear meet a block
 * policy in the kernel's own SPD; only what comes out of the interface is exempt. See {@link Surroundings}.
 */
public final class UserDataPlane implements DataPlane {
    private static final int PREDECESSOR_SECONDS = 10;

    private final Spd spd = new Spd();
    private final Sad sad = new Sad();
    /** Held while policies and SAs change together. */
    private final ReentrantLock changing = new ReentrantLock();
    private final Retired retired = new Retired();
    /** Ids of inbound SAs that have moved: what was sent there is still taken. */
    private final Retired former = new Retired();
    private final PathMtu pathMtu;
    private final DropCounters drops = new DropCounters();
    private final SpiAllocator spis;
    private final EventQueue events;
    private final Outbound outbound;
    private final TunPump pump;
    private final Surroundings surroundings;
    /** The interface's. */
    private final String name;
    private final LongSupplier nanos;
    private final long openedNanos;
    /** The event thread's own. */
    private final Sad.Round round = sad.round(EventQueue.TICKS);
    private boolean predecessorForgotten;

    private UserDataPlane(UserPlaneOptions options, TunDevice tun, Surroundings surroundings) throws IOException {
        this.surroundings = surroundings;
        this.name = tun.name();
        this.pathMtu = new PathMtu(options.nanos());
        this.spis = new SpiAllocator(options.nanos());
        this.events = new EventQueue(tun.name() + " events", this::tick);
        this.outbound = new Outbound(spd, sad, changing, pathMtu, drops, events::add, this::expire, options.nanos());
        Inbound inbound = new Inbound(spd, sad, drops, events::add, this::expire, options.nanos());
        this.pump = new TunPump(tun, outbound, inbound, options.espInUdp(), pathMtu, surroundings::linkMtu, drops, options.mark());
        this.nanos = options.nanos();
        this.openedNanos = nanos.getAsLong();
    }

    /**
     * Makes the TUN interface and what surrounds it, in the calling thread's network namespace, and begins to carry packets. What a
     * predecessor protected when it was killed stays blocked for {@value #PREDECESSOR_SECONDS} seconds, time enough to protect it again.
     */
    public static UserDataPlane open(UserPlaneOptions options) throws DataPlaneException {
        try {
            TunDevice tun = TunDevice.open(options.tunName(), TunDevice.Options.PLAIN);
            try {
                UserDataPlane plane = new UserDataPlane(options, tun, KernelSurroundings.open(tun.name(), options));
                plane.events.start();
                plane.pump.start();
                plane.surroundings.watch(plane.events::add);
                return plane;
            } catch (IOException | RuntimeException failed) {
                tun.close();
                throw failed;
            }
        } catch (IOException failed) {
            throw new DataPlaneException("the userspace data plane cannot start: " + failed.getMessage(), failed);
        }
    }

    @Override
    public String name() {
        return "userspace";
    }

    @Override
    public Capabilities capabilities() {
        Set<Algorithm> algorithms = Algorithms.all().stream()
                .filter(row -> row.type() == TransformType.ENCR || row.type() == TransformType.INTEG)
                .filter(row -> row.usableIn(Protocol.ESP) || row.usableIn(Protocol.AH))
                .collect(Collectors.toUnmodifiableSet());
        return new Capabilities(EnumSet.of(Protocol.ESP, Protocol.AH, Protocol.IPCOMP), EnumSet.allOf(Mode.class), true, true, algorithms);
    }

    @Override
    public int allocate(SpiRequest request) throws DataPlaneException {
        return spis.allocate(request, id -> sad.get(id).isPresent());
    }

    /** A list of operations, checked against what is there, and ready to be made real at once. */
    private record Plan(Map<SaId, Optional<Sa>> sas, List<Move> moves, Spd.Change policies) {}

    /** An SA that goes on elsewhere. */
    private record Move(Sa sa, SaSpec before, SaSpec after) {}

    @Override
    public synchronized Outcome apply(List<Operation> operations) {
        Map<SaId, Optional<Sa>> sas = new LinkedHashMap<>();
        List<SaId> retiring = new ArrayList<>();
        List<Move> moves = new ArrayList<>();
        PolicyChanges policies = new PolicyChanges();
        for (Operation operation : operations) {
            try {
                switch (operation) {
                    case Operation.AddSa(SaSpec spec) -> {
                        if (sas.getOrDefault(spec.id(), sad.get(spec.id())).isPresent()) {
                            return new Outcome.Refused(operation, "there is an SA " + spec.id() + " already");
                        }
                        Optional<String> lacking = Lacking.of(spec);
                        if (lacking.isPresent()) {
                            return new Outcome.Refused(operation, lacking.get());
                        }
                        if (!pump.speaks(spec.source())) {
                            return new Outcome.Refused(operation, "this machine has no IPv6, and the SA " + spec.id() + " needs it");
                        }
                        sas.put(spec.id(), Optional.of(new Sa(spec, nanos.getAsLong())));
                    }
                    case Operation.RemoveSa(SaId id) -> sas.put(id, Optional.empty());
                    case Operation.RetireSa(SaId id) -> retiring.add(id);
                    case Operation.MoveSa move -> {
                        Optional<String> why = impossible(move, sas);
                        if (why.isPresent()) {
                            return new Outcome.Refused(operation, why.get());
                        }
                        Sa sa = sad.get(move.id()).orElseThrow();
                        moves.add(new Move(sa, sa.spec(), sa.spec().moved(move)));
                    }
                    case Operation.AddPolicy(PolicySpec policy) -> {
                        Optional<String> lacking = Lacking.of(policy);
                        if (lacking.isPresent()) {
                            return new Outcome.Refused(operation, lacking.get());
                        }
                        policies.add(policy);
                    }
                    case Operation.RemovePolicy(PolicySpec policy) -> policies.remove(policy, spd);
                }
            } catch (IllegalArgumentException unsuitable) {
                return new Outcome.Refused(operation, String.valueOf(unsuitable.getMessage()));
            }
        }
        Outcome outcome = commit(operations, new Plan(sas, List.copyOf(moves), policies.change()));
        if (outcome instanceof Outcome.Applied) {
            retiring.forEach(id -> retired.add(id, nanos.getAsLong()));
        }
        return outcome;
    }

    private Optional<String> impossible(Operation.MoveSa move, Map<SaId, Optional<Sa>> sas) {
        if (sad.get(move.id()).isEmpty() || sas.containsKey(move.id())) {
            return Optional.of("there is no SA " + move.id());
        }
        Optional<Sa> there = sad.get(move.moved()).filter(sa -> !sa.id().equals(move.id()));
        if (!move.moved().equals(move.id()) && (there.isPresent() || sas.containsKey(move.moved()))) {
            return Optional.of("there is an SA " + move.moved() + " already");
        }
        if (!pump.speaks(move.source())) {
            return Optional.of("this machine has no IPv6, and the SA " + move.moved() + " needs it");
        }
        return move.id().protocol() == Protocol.AH && move.encapsulation().isPresent()
                ? Optional.of("AH cannot pass a NAT: there is no AH in UDP (RFC 3948)")
                : Optional.empty();
    }

    /** New SAs before the policies that name them, old SAs after the policies that named them: no packet falls between. */
    private Outcome commit(List<Operation> operations, Plan plan) {
        changing.lock();
        try {
            return change(operations, plan);
        } finally {
            changing.unlock();
        }
    }

    private Outcome change(List<Operation> operations, Plan plan) {
        Map<SaId, Sa> replaced = new HashMap<>();
        plan.moves.forEach(move -> move(move.sa, move.after));
        plan.sas.forEach((id, wanted) -> {
            if (wanted.isPresent()) {
                sad.remove(id).ifPresent(old -> replaced.put(id, old));
                sad.add(wanted.get());
            }
        });
        if (!plan.policies.isEmpty()) {
            Spd.Former former = spd.change(plan.policies);
            try {
                surroundings.update(plan.policies, spd::all);
            } catch (IOException refused) {
                return undo(operations, plan, replaced, former, refused);
            }
        }
        plan.sas.forEach((id, wanted) -> {
            if (wanted.isEmpty()) {
                sad.remove(id).ifPresent(Sa::kill);
            } else {
                spis.used(id);
                outbound.satisfied(wanted.get().spec().reqid());
                leads(wanted.get().spec());
            }
        });
        plan.moves.forEach(move -> leads(move.after));
        replaced.values().forEach(Sa::kill);
        return new Outcome.Applied();
    }

    /** What was known of the way to an SA's destination may be of another time. */
    private void leads(SaSpec spec) {
        InetAddress destination = spec.id().destination();
        if (spec.direction() == Direction.OUT) {
            pathMtu.forget(destination);
            surroundings.linkMtu(spec.source(), destination).ifPresent(mtu -> pathMtu.link(destination, mtu));
        }
    }

    private void move(Sa sa, SaSpec next) {
        SaId before = sa.id();
        former.forget(next.id());
        sad.alsoAs(next.id(), sa);
        sa.move(next);
        if (sa.spec().direction() == Direction.OUT) {
            sad.forget(before);
        } else if (!before.equals(next.id())) {
            former.add(before, nanos.getAsLong());
        }
    }

    private Outcome undo(
            List<Operation> operations, Plan plan, Map<SaId, Sa> replaced, Spd.Former former, IOException refused) {
        spd.restore(former);
        String also = "";
        try {
            surroundings.update(spd.all());
        } catch (IOException again) {
            also = "; and going back failed too: " + again.getMessage();
        }
        plan.sas.forEach((id, wanted) -> {
            if (wanted.isPresent()) {
                sad.remove(id);
            }
        });
        replaced.values().forEach(sad::add);
        plan.moves.forEach(move -> move(move.sa, move.before));
        Operation culprit = operations.stream()
                .filter(operation -> operation instanceof Operation.AddPolicy || operation instanceof Operation.RemovePolicy)
                .findFirst()
                .orElseGet(operations::getFirst);
        return new Outcome.Refused(culprit, "the kernel refused what keeps clear text away: " + refused.getMessage() + also);
    }

    @Override
    public Map<SaId, Usage> usage(Set<SaId> which) {
        UsageTable.Builder result = new UsageTable.Builder(which.size());
        long now = nanos.getAsLong();
        which.forEach(id -> sad.get(id).filter(sa -> sa.id().equals(id)).ifPresent(sa -> result.add(id, sa.usage(now))));
        return result.build();
    }

    @Override
    public Snapshot installed() {
        long now = nanos.getAsLong();
        Set<SaId> leaving = retired.all();
        List<Snapshot.InstalledSa> sas = sad.all().stream()
                .filter(sa -> !leaving.contains(sa.id()))
                .map(sa -> new Snapshot.InstalledSa(sa.id(), sa.spec().reqid(), sa.usage(now)))
                .toList();
        return new Snapshot(sas, spd.inForce());
    }

    /** In the calling thread's network namespace, which must be the plane's own. */
    @Override
    public synchronized List<String> repair() throws DataPlaneException {
        List<String> sentences = new ArrayList<>();
        try {
            if (surroundings.interfaceIsGone()) {
                pump.replace(TunDevice.open(name, TunDevice.Options.PLAIN));
                sentences.add("somebody deleted the interface " + name + ": here is another");
            }
            sentences.addAll(surroundings.repair());
            return sentences;
        } catch (IOException refused) {
            throw new DataPlaneException("what surrounds the interface " + name + " cannot be mended: " + refused.getMessage(), refused);
        }
    }

    @Override
    public void listen(Consumer<DataPlaneEvent> sink) {
        events.listen(sink);
    }

    /** Why packets were dropped since the start. */
    public DropCounters drops() {
        return drops;
    }

    /**
     * Takes in an ESP packet that came to the IKE port (RFC 3948): four octets of the UDP payload that are not zero are its SPI. The
     * array is the plane's from here on.
     *
     * @param source the peer, as the datagram shows it
     * @param destination the local address and port it came to
     */
    public void receivedEncapsulated(InetSocketAddress source, InetSocketAddress destination, byte[] packet) {
        if (packet.length == 1) {
            return; // a NAT keepalive (RFC 3948, section 2.3)
        }
        Inbound.Arrival arrival = new Inbound.Arrival(source.getAddress(), destination.getAddress(),
                Optional.of(new UdpEncapsulation(source.getPort(), destination.getPort())), OptionalInt.empty());
        try {
            pump.receivedEncapsulated(arrival, packet);
        } catch (IOException closed) {
            drops.count(DropReason.NOT_SENT);
        }
    }

    private void tick() {
        long now = nanos.getAsLong();
        if (now - openedNanos > PREDECESSOR_SECONDS * 1_000_000_000L) {
            forgetPredecessor();
        }
        retired.takeDue(now).forEach(id -> sad.remove(id).ifPresent(Sa::kill));
        former.takeDue(now).forEach(sad::forget);
        for (Sa sa : round.next()) {
            switch (sa.lifetime(now)) {
                case GOOD -> {}
                case SOFT -> events.add(new DataPlaneEvent.SoftExpire(sa.id(), sa.spec().reqid()));
                case HARD -> expire(sa);
            }
        }
    }

    private synchronized void forgetPredecessor() {
        if (predecessorForgotten) {
            return;
        }
        try {
            surroundings.forgetPredecessor();
            predecessorForgotten = true;
        } catch (IOException again) {
            // What is left blocks more than it should, and the next tick tries again.
        }
    }

    /** Called on a packet thread or the event thread; never twice for one SA. */
    private void expire(Sa sa) {
        sa.kill();
        sad.remove(sa.id());
        events.add(new DataPlaneEvent.HardExpire(sa.id(), sa.spec().reqid()));
    }

    /** Ends the plane and takes away the interface, its routes and rules, and the kernel's policies. SAs and policies are gone with it. */
    @Override
    public synchronized void close() {
        events.close();
        // The fence falls last: until the routes are gone nothing may come in, and the interface is what the routes lead to.
        surroundings.close();
        pump.close();
        sad.all().forEach(sa -> sad.remove(sa.id()).ifPresent(Sa::kill));
    }
}
