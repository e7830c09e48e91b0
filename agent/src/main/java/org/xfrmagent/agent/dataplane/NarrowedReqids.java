package org.xfrmagent.agent.dataplane;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.xfrmagent.policies.algorithm.Protocol;

/**
 * The reqids of what peers have narrowed policies to. The kernel compares reqids, not the selectors of an SA, with what came out of it
 * (RFC 4301, section 5.2, step 4): with one reqid for all that is left of a policy, who has a part of it could send under the addresses of
 * another part.
 *
 * <pre>
 *   policy 10.2.0.0/16, reqid 4500001    nobody is there yet, or the whole of it
 *     anna     10.2.1.0/24               1073741824
 *     bert     10.2.2.0/24               1073741825
 *     bert's next SAs for it             1073741825: successors, and others for the same, have the same number
 * </pre>
 *
 * <p>A number is given anew only when all others have been. Thread-safe.
 */
public final class NarrowedReqids {
    /** From here on, below 2^31: beyond what others choose. */
    private static final int FIRST = 1 << 30;

    private record Part(Narrowed narrowed, int reqid, Set<SaId> sas) {}

    private final Map<Narrowed, Part> all = new HashMap<>();
    /** By inbound SAs: their SPIs are ours, and each is there once. */
    private final Map<SaId, Part> bySa = new HashMap<>();
    private int last = FIRST - 1;
    private boolean isAround;

    /** What became of an installation, and the reqid that it has. */
    public record Installed(Outcome outcome, int reqid) {}

    /** Whether it is one of those that are chosen here. */
    public static boolean isOne(int reqid) {
        return reqid >= FIRST;
    }

    /**
     * Lets {@code operations} be applied under the reqid of {@code narrowed}, whatever theirs is. It is kept until {@link #follow} has seen
     * the last SA go.
     *
     * @param held a packet that the policy holds asked for it: the first for {@code narrowed} has the policy's reqid then, by which the data
     *     plane finds what it waits for
     */
    public Installed install(Narrowed narrowed, boolean held, List<Operation> operations, Function<List<Operation>, Outcome> apply) {
        List<SaId> sas = operations.stream()
                .filter(operation -> operation instanceof Operation.AddSa(SaSpec sa) && sa.direction() == Direction.IN
                        && sa.id().protocol() != Protocol.IPCOMP)
                .map(operation -> ((Operation.AddSa) operation).sa().id())
                .toList();
        int reqid = hold(narrowed, held, sas);
        boolean applied = false;
        try {
            Outcome outcome = apply.apply(operations.stream().map(operation -> under(reqid, operation)).toList());
            applied = outcome instanceof Outcome.Applied;
            return new Installed(outcome, reqid);
        } finally {
            if (!applied) {
                release(sas);
            }
        }
    }

    /** {@code operations} were applied: SAs are gone by them, or elsewhere. */
    public synchronized void follow(List<Operation> operations) {
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.RemoveSa(SaId id) -> release(id);
                case Operation.RetireSa(SaId id) -> release(id);
                case Operation.MoveSa move -> Optional.ofNullable(bySa.remove(move.id())).ifPresent(part -> {
                    part.sas.remove(move.id());
                    hold(part, move.moved());
                });
                case Operation.AddSa _, Operation.AddPolicy _, Operation.RemovePolicy _ -> {}
            }
        }
    }

    /** How many are in use. */
    public synchronized int size() {
        return all.size();
    }

    private synchronized int hold(Narrowed narrowed, boolean held, List<SaId> sas) {
        Part part = all.computeIfAbsent(narrowed, _ -> new Part(narrowed, held ? narrowed.policy() : next(), new HashSet<>()));
        sas.forEach(id -> hold(part, id));
        return part.reqid;
    }

    private void hold(Part part, SaId id) {
        part.sas.add(id);
        bySa.put(id, part);
    }

    private synchronized void release(List<SaId> sas) {
        sas.forEach(this::release);
    }

    private void release(SaId id) {
        Optional.ofNullable(bySa.remove(id)).ifPresent(part -> {
            part.sas.remove(id);
            if (part.sas.isEmpty()) {
                all.remove(part.narrowed);
            }
        });
    }

    private int next() {
        do {
            last = last == Integer.MAX_VALUE ? FIRST : last + 1;
        } while (isAround && all.values().stream().anyMatch(part -> part.reqid == last));
        isAround |= last == Integer.MAX_VALUE;
        return last;
    }

    private static Operation under(int reqid, Operation operation) {
        return switch (operation) {
            case Operation.AddSa(SaSpec sa) -> new Operation.AddSa(sa.withReqid(reqid));
            case Operation.AddPolicy(PolicySpec policy) -> new Operation.AddPolicy(policy.withReqid(reqid));
            case Operation.RemovePolicy(PolicySpec policy) -> new Operation.RemovePolicy(policy.withReqid(reqid));
            case Operation.RemoveSa _, Operation.RetireSa _, Operation.MoveSa _ -> operation;
        };
    }
}
