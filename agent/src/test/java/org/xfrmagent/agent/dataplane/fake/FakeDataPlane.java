package org.xfrmagent.agent.dataplane.fake;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.Mode;

/**
 * A SAD and an SPD of plain lists. It keeps the contract of {@link DataPlane} with traffic that exists only in words ({@link #send}),
 * records every list of operations, refuses what it is told to refuse, and says what it is told to say.
 */
public final class FakeDataPlane implements DataPlane {
    private static final int FIRST_SPI = 0xc000_0001;

    private final Map<SaId, SaSpec> sas = new LinkedHashMap<>();
    private final Map<SaId, Usage> usage = new HashMap<>();
    private final Set<SaId> softTold = new HashSet<>();
    /** The newest first. */
    private final List<PolicySpec> policies = new ArrayList<>();

    /** What somebody else took, the newest first. */
    private final List<PolicySpec> stolen = new ArrayList<>();

    private final Set<Integer> acquired = new HashSet<>();
    private final List<List<Operation>> applied = new ArrayList<>();
    private Function<Operation, Optional<String>> refusal = operation -> Optional.empty();
    private Consumer<DataPlaneEvent> sink = event -> {};
    private int nextSpi = FIRST_SPI;
    private int nextCpi = 0x100;
    private boolean closed;

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public Capabilities capabilities() {
        return new Capabilities(
                EnumSet.of(Protocol.ESP, Protocol.AH, Protocol.IPCOMP), EnumSet.allOf(Mode.class), true, true, Set.copyOf(Algorithms.all()));
    }

    /** Counts upwards from 0xc0000001, and CPIs from 0x100, so that tests can name them. */
    @Override
    public synchronized int allocate(SpiRequest request) throws DataPlaneException {
        if (closed) {
            throw new DataPlaneException("the fake plane is closed");
        }
        return request.protocol() == Protocol.IPCOMP ? nextCpi++ : nextSpi++;
    }

    @Override
    public synchronized Outcome apply(List<Operation> operations) {
        Map<SaId, SaSpec> sasBefore = new LinkedHashMap<>(sas);
        List<PolicySpec> policiesBefore = new ArrayList<>(policies);
        for (Operation operation : operations) {
            Optional<String> refused = refusal.apply(operation).or(() -> change(operation));
            if (refused.isPresent()) {
                sas.clear();
                sas.putAll(sasBefore);
                policies.clear();
                policies.addAll(policiesBefore);
                return new Outcome.Refused(operation, refused.get());
            }
        }
        usage.keySet().retainAll(sas.keySet());
        applied.add(List.copyOf(operations));
        return new Outcome.Applied();
    }

    private Optional<String> change(Operation operation) {
        switch (operation) {
            case Operation.AddSa(SaSpec sa) -> {
                if (sas.putIfAbsent(sa.id(), sa) != null) {
                    return Optional.of("there is an SA " + sa.id() + " already");
                }
                usage.put(sa.id(), Usage.NONE);
                softTold.remove(sa.id());
                acquired.remove(sa.reqid());
            }
            case Operation.RemoveSa(SaId id) -> sas.remove(id);
            case Operation.RetireSa(SaId id) -> sas.remove(id);
            case Operation.MoveSa move -> {
                SaSpec before = sas.get(move.id());
                if (before == null) {
                    return Optional.of("there is no SA " + move.id());
                }
                if (!move.moved().equals(move.id()) && sas.containsKey(move.moved())) {
                    return Optional.of("there is an SA " + move.moved() + " already");
                }
                sas.remove(move.id());
                sas.put(move.moved(), before.moved(move));
                usage.put(move.moved(), usage.getOrDefault(move.id(), Usage.NONE));
            }
            case Operation.AddPolicy(PolicySpec policy) -> policies.addFirst(policy);
            case Operation.RemovePolicy(PolicySpec policy) -> policies.remove(policy);
        }
        return Optional.empty();
    }

    @Override
    public synchronized Map<SaId, Usage> usage(Set<SaId> which) {
        Map<SaId, Usage> result = new HashMap<>(usage);
        result.keySet().retainAll(which);
        return result;
    }

    @Override
    public synchronized Snapshot installed() {
        List<Snapshot.InstalledSa> installed = sas.values().stream()
                .map(sa -> new Snapshot.InstalledSa(sa.id(), sa.reqid(), usage.getOrDefault(sa.id(), Usage.NONE)))
                .toList();
        record Key(Direction direction, SelectorPair selectors, OptionalInt ifId, Optional<Mark> mark) {}
        Map<Key, PolicySpec> inForce = new LinkedHashMap<>();
        ordered().forEach(policy ->
                inForce.putIfAbsent(new Key(policy.direction(), policy.selectors(), policy.ifId(), policy.mark()), policy));
        return new Snapshot(installed, List.copyOf(inForce.values()));
    }

    private List<PolicySpec> ordered() {
        return policies.stream().sorted(Comparator.comparingInt(PolicySpec::priority)).toList();
    }

    @Override
    public synchronized List<String> repair() {
        if (stolen.isEmpty()) {
            return List.of();
        }
        List<String> sentences = List.of("somebody removed " + stolen.size() + " policies: put back");
        policies.addAll(0, stolen);
        stolen.clear();
        return sentences;
    }

    @Override
    public synchronized void listen(Consumer<DataPlaneEvent> sink) {
        this.sink = sink;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    // What tests ask and command.

    /** Every list of operations that was applied, in order. */
    public synchronized List<List<Operation>> applied() {
        return List.copyOf(applied);
    }

    /** All operations that were applied, in order. */
    public synchronized List<Operation> operations() {
        return applied.stream().flatMap(List::stream).toList();
    }

    public synchronized Optional<SaSpec> sa(SaId id) {
        return Optional.ofNullable(sas.get(id));
    }

    public synchronized boolean isClosed() {
        return closed;
    }

    /** From now on an operation for which {@code reason} has an answer is refused with it. */
    public synchronized void refuse(Function<Operation, Optional<String>> reason) {
        refusal = reason;
    }

    /** As if somebody else removed it; {@link #repair} puts it back. */
    public synchronized void steal(PolicySpec policy) {
        if (policies.remove(policy)) {
            stolen.add(policy);
        }
    }

    /** As if somebody else removed it. */
    public synchronized void steal(SaId id) {
        sas.remove(id);
        usage.remove(id);
    }

    /** Says something of its own accord, on the caller's thread; the SA of a hard expiry is gone first. */
    public void emit(DataPlaneEvent event) {
        Consumer<DataPlaneEvent> to;
        synchronized (this) {
            if (event instanceof DataPlaneEvent.HardExpire expired) {
                sas.remove(expired.id());
                usage.remove(expired.id());
            }
            to = sink;
        }
        to.accept(event);
    }

    /** As if a packet of {@code octets} with these selectors left: it is counted, or an SA is asked for, and limits are watched. */
    public void send(SelectorPair packet, int octets) {
        List<DataPlaneEvent> events = new ArrayList<>();
        synchronized (this) {
            ordered().stream()
                    .filter(policy -> policy.direction() == Direction.OUT)
                    .filter(policy -> policy.selectors().source().contains(packet.source())
                            && policy.selectors().destination().contains(packet.destination()))
                    .findFirst()
                    .ifPresent(policy -> {
                        if (policy.verdict() instanceof PolicySpec.Protect protect) {
                            protect(protect, packet, octets, events);
                        }
                    });
        }
        events.forEach(this::emit);
    }

    private void protect(PolicySpec.Protect protect, SelectorPair packet, int octets, List<DataPlaneEvent> events) {
        Optional<SaSpec> found = List.copyOf(sas.values()).reversed().stream()
                .filter(sa -> sa.direction() == Direction.OUT && sa.reqid() == protect.reqid())
                .filter(sa -> protect.spi().isEmpty() || protect.spi().getAsInt() == sa.id().spi())
                .findFirst();
        if (found.isEmpty()) {
            if (acquired.add(protect.reqid())) {
                events.add(new DataPlaneEvent.Acquire(protect.reqid(), packet));
            }
            return;
        }
        SaSpec sa = found.get();
        Usage before = usage.getOrDefault(sa.id(), Usage.NONE);
        Usage now = new Usage(before.bytes() + octets, before.packets() + 1, 0);
        usage.put(sa.id(), now);
        SaLimits limits = sa.limits();
        if (reached(now.packets(), limits.hardPackets()) || reached(now.bytes(), limits.hardBytes())) {
            sas.remove(sa.id());
            usage.remove(sa.id());
            events.add(new DataPlaneEvent.HardExpire(sa.id(), sa.reqid()));
        } else if ((reached(now.packets(), limits.softPackets()) || reached(now.bytes(), limits.softBytes()))
                && softTold.add(sa.id())) {
            events.add(new DataPlaneEvent.SoftExpire(sa.id(), sa.reqid()));
        }
    }

    private static boolean reached(long value, long limit) {
        return limit > 0 && value >= limit;
    }
}
