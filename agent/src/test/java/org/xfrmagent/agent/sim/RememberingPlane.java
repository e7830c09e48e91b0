package org.xfrmagent.agent.sim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaKeys;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.policies.model.AddressRange;

/** The SAD and SPD of a simulated host: what was applied, and whether it made sense. */
final class RememberingPlane {
    final Map<SaId, SaSpec> sas = new LinkedHashMap<>();
    final List<PolicySpec> policies = new ArrayList<>();
    /** What somebody else removed: it may be removed again. */
    final Set<SaId> stolen = new HashSet<>();
    Optional<String> refusal = Optional.empty();
    /** What of an installation is refused, if anything. */
    Class<? extends Operation> refuses = Operation.AddSa.class;
    private int nextSpi;
    private int nextCpi;

    RememberingPlane(int firstSpi) {
        nextSpi = firstSpi;
        nextCpi = firstSpi >>> 16 & 0xfff;
    }

    int allocate() {
        return nextSpi++;
    }

    int allocateCpi() {
        return nextCpi++;
    }

    Outcome apply(List<Operation> operations) {
        if (refusal.isPresent() && operations.getFirst() instanceof Operation.AddSa) {
            return new Outcome.Refused(operations.stream().filter(refuses::isInstance).findFirst().orElseThrow(), refusal.get());
        }
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.AddSa(SaSpec sa) -> {
                    if (sas.put(sa.id(), sa) != null) {
                        throw new AssertionError(sa.id() + " was added twice");
                    }
                }
                case Operation.RemoveSa(SaId id) -> remove(id);
                case Operation.RetireSa(SaId id) -> remove(id);
                case Operation.MoveSa move -> {
                    SaSpec before = sas.remove(move.id());
                    if (before == null) {
                        throw new AssertionError(move.id() + " was moved and is not there");
                    }
                    if (sas.put(move.moved(), before.moved(move)) != null) {
                        throw new AssertionError(move.id() + " was moved onto another");
                    }
                }
                case Operation.AddPolicy(PolicySpec policy) -> policies.add(policy);
                case Operation.RemovePolicy(PolicySpec policy) -> {
                    if (!policies.remove(policy)) {
                        throw new AssertionError(policy + " was removed and is not there");
                    }
                }
            }
        }
        return new Outcome.Applied();
    }

    private void remove(SaId id) {
        if (sas.remove(id) == null && !stolen.remove(id)) {
            throw new AssertionError(id + " was removed and is not there");
        }
    }

    /**
     * Whether a packet from one address to another that has come by {@code in} is taken: as the kernel does it, by the reqid of the policy
     * for it alone (RFC 4301, section 5.2, step 4).
     */
    boolean takes(SaSpec in, String from, String to) {
        AddressRange source = AddressRange.parse(from);
        AddressRange destination = AddressRange.parse(to);
        return policies.reversed().stream()
                .filter(policy -> policy.direction() == Direction.IN && policy.selectors().source().range().contains(source)
                        && policy.selectors().destination().range().contains(destination))
                .findFirst()
                .filter(policy -> policy.verdict() instanceof PolicySpec.Protect protect && protect.reqid() == in.reqid())
                .isPresent();
    }

    List<SaSpec> all(Direction direction) {
        return sas.values().stream().filter(sa -> sa.direction() == direction).toList();
    }

    /** Whether what leaves on {@code out} can be read by {@code in}. */
    static boolean fit(SaSpec out, SaSpec in) {
        return out.id().spi() == in.id().spi()
                && out.id().protocol() == in.id().protocol()
                && out.mode() == in.mode()
                && out.compression().equals(in.compression())
                && out.esn() == in.esn()
                && out.encapsulation().isPresent() == in.encapsulation().isPresent()
                && sameKeys(out.keys(), in.keys());
    }

    private static boolean sameKeys(SaKeys one, SaKeys other) {
        return one.equals(other);
    }
}
