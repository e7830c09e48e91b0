package org.xfrmagent.agent.dataplane.xfrm;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmOffload;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.policies.model.Offload;

/**
 * One list of operations on its way into the kernel. The kernel has no transactions, so this goes in rounds, each one batch:
 *
 * <pre>
 *   first     everything but the removal of SAs; one that moves is taken out just before
 *   second    UPDSA of a larval state that expired meanwhile: NEWSA instead
 *   last      accepted: the removals, which cannot be undone; refused: the opposite of what the kernel took, backwards
 * </pre>
 *
 * <p>Belongs to the writer's thread.
 */
final class Transaction {
    /** One message, and what its operation was. */
    private static final class Part {
        private final Operation operation;
        private final XfrmChange change;
        private boolean failed;

        private Part(Operation operation, XfrmChange change) {
            this.operation = operation;
            this.change = change;
        }
    }

    /** Takes SAs out of the kernel, to go on elsewhere. */
    interface Mover {
        StateMove begin(Operation.MoveSa move) throws DataPlaneException;

        StateMove counted(StateMove begun) throws DataPlaneException;
    }

    /** An SA that is still where it was; {@code place}: where among the parts its own belong. */
    private record Begun(StateMove move, Operation operation, int place) {}

    /** An SA that is on its way; {@code parts}: what may bring it there, of which one is enough. */
    private record Moving(StateMove move, List<Part> parts) {
        private boolean isThere() {
            return parts.isEmpty() || parts.stream().anyMatch(part -> !part.failed);
        }
    }

    /** A change of a policy stack that can be taken back; {@code part} is the message it needed, if any. */
    private record Edit(Place place, PolicyStacks.Layer layer, boolean added, Optional<Part> part) {}

    private final List<Operation> operations;
    private final PolicyStacks stacks;
    private final PolicyDevices devices;
    private final List<Part> parts = new ArrayList<>();
    private final List<Edit> edits = new ArrayList<>();
    private final List<Moving> moves = new ArrayList<>();
    private final List<Part> second = new ArrayList<>();
    private final List<XfrmChange> removals = new ArrayList<>();
    private final List<SaId> retirements = new ArrayList<>();
    private Optional<Outcome.Refused> refused = Optional.empty();

    Transaction(List<Operation> operations, PolicyStacks stacks, PolicyDevices devices) {
        this.operations = operations;
        this.stacks = stacks;
        this.devices = devices;
    }

    /** @param reserved the SAs whose SPI the kernel gave us; each is taken out once it is used */
    List<XfrmChange> first(KernelStates states, Set<SaId> reserved, Mover mover) {
        Set<SaId> added = new HashSet<>();
        for (Operation operation : operations) {
            if (operation instanceof Operation.AddSa(SaSpec sa)) {
                added.add(sa.id());
            }
        }
        List<Begun> begun = new ArrayList<>();
        for (Operation operation : operations) {
            try {
                switch (operation) {
                    case Operation.AddSa(SaSpec sa) -> add(operation, sa, states, reserved);
                    case Operation.RemoveSa(SaId id) -> remove(operation, id, added.contains(id), states, reserved);
                    case Operation.RetireSa(SaId id) -> retirements.add(id);
                    case Operation.MoveSa move -> begun.add(new Begun(mover.begin(move), operation, parts.size()));
                    case Operation.AddPolicy(PolicySpec policy) -> add(operation, policy);
                    case Operation.RemovePolicy(PolicySpec policy) -> remove(operation, policy);
                }
            } catch (DataPlaneException impossible) {
                return nothing(operation, impossible);
            }
        }
        int inserted = 0;
        for (Begun one : begun) {
            try {
                StateMove move = mover.counted(one.move);
                List<Part> own = move.changes().stream().map(change -> new Part(one.operation, change)).toList();
                parts.addAll(one.place + inserted, own);
                inserted += own.size();
                moves.add(new Moving(move, own));
            } catch (DataPlaneException impossible) {
                return nothing(one.operation, impossible);
            }
        }
        return changes(parts);
    }

    /** None of it is sent; an SA that was taken out comes back in the last round. */
    private List<XfrmChange> nothing(Operation operation, DataPlaneException impossible) {
        refuse(operation, String.valueOf(impossible.getMessage()));
        takeBackEdits();
        parts.forEach(part -> part.failed = true);
        parts.stream().filter(part -> !isMove(part)).forEach(Transaction::wipe);
        removals.clear();
        return List.of();
    }

    private void add(Operation operation, SaSpec sa, KernelStates states, Set<SaId> reserved) throws DataPlaneException {
        XfrmState state = states.state(sa);
        boolean larval = sa.direction() == Direction.IN && reserved.remove(sa.id());
        parts.add(new Part(operation, larval ? new XfrmChange.UpdateState(state) : new XfrmChange.AddState(state)));
    }

    private void remove(Operation operation, SaId id, boolean addedAgain, KernelStates states, Set<SaId> reserved) {
        reserved.remove(id);
        XfrmChange deletion = new XfrmChange.DeleteState(KernelStates.id(id), states.markOf(id));
        if (addedAgain) {
            // It makes room for its successor, so it cannot wait for the last round.
            parts.add(new Part(operation, deletion));
        } else {
            removals.add(deletion);
        }
    }

    private void add(Operation operation, PolicySpec policy) throws DataPlaneException {
        devices.comes(policy);
        for (PolicySpec row : KernelPolicies.rows(policy)) {
            List<Place> places = KernelPolicies.places(row);
            PolicyStacks.Layer layer = stacks.layer(row);
            for (Place place : places) {
                edit(operation, place, layer, true, stacks.put(place, layer));
            }
        }
    }

    private void remove(Operation operation, PolicySpec policy) throws DataPlaneException {
        devices.goes(policy);
        for (PolicySpec row : KernelPolicies.rows(policy)) {
            for (Place place : KernelPolicies.places(row)) {
                removeRow(operation, place, row);
            }
        }
    }

    private void removeRow(Operation operation, Place place, PolicySpec row) {
        Optional<PolicyStacks.Layer> layer = stacks.find(place, row);
        if (layer.isPresent()) {
            edit(operation, place, layer.get(), false, stacks.take(place, layer.get()));
        } else if (stacks.head(place).isEmpty()) {
            // Left behind by a predecessor: nothing of ours is in this place.
            devices.id(place).ifPresent(id -> parts.add(new Part(operation, new XfrmChange.DeletePolicy(id))));
        }
    }

    private void edit(
            Operation operation, Place place, PolicyStacks.Layer layer, boolean added, Optional<PolicyStacks.Change> change) {
        Optional<Part> part = change.flatMap(wanted -> message(wanted, false)).map(message -> new Part(operation, message));
        part.ifPresent(parts::add);
        edits.add(new Edit(place, layer, added, part));
    }

    /**
     * A place that nothing of ours was in is added to, never taken over: what is there is another program's. When taking back we
     * know what is there, or want it gone. Empty while the interface that the place names is not there.
     */
    private Optional<XfrmChange> message(PolicyStacks.Change change, boolean takingBack) {
        return switch (change) {
            case PolicyStacks.Install(Place place, PolicySpec spec, boolean first) -> devices.id(place).map(id -> {
                XfrmPolicy policy = KernelPolicies.policy(id, spec, devices.offload(spec));
                return first && !takingBack ? new XfrmChange.AddPolicy(policy) : new XfrmChange.UpdatePolicy(policy);
            });
            case PolicyStacks.Remove(Place place) -> devices.id(place).map(XfrmChange.DeletePolicy::new);
        };
    }

    private static List<XfrmChange> changes(List<Part> parts) {
        return parts.stream().map(part -> part.change).toList();
    }

    /** The same by the kernel itself, if a device was to do it where it can. */
    private static Optional<Part> withoutDevice(Part part) {
        if (!(part.operation instanceof Operation.AddSa(SaSpec sa)) || sa.offload() != Offload.AUTO) {
            return Optional.empty();
        }
        return switch (part.change) {
            case XfrmChange.AddState(XfrmState state) when state.offload().isPresent() ->
                Optional.of(new Part(part.operation, new XfrmChange.AddState(state.withoutOffload())));
            case XfrmChange.UpdateState(XfrmState state) when state.offload().isPresent() ->
                Optional.of(new Part(part.operation, new XfrmChange.UpdateState(state.withoutOffload())));
            default -> Optional.empty();
        };
    }

    /** The {@code index}th change of the first round failed. */
    void firstFailed(int index, NetlinkException why) {
        Part part = parts.get(index);
        Optional<Moving> moving = moves.stream().filter(one -> one.parts.contains(part)).findFirst();
        if (moving.isPresent() && moving.get().parts.size() > 1) {
            part.failed = true;
            if (!moving.get().isThere()) {
                // A packet has left its larval state just between the two.
                again(moving.get(), part);
            }
        } else if (withoutDevice(part).isPresent()) {
            part.failed = true;
            second.add(withoutDevice(part).get());
        } else if (part.change instanceof XfrmChange.UpdateState(XfrmState state) && why.is(Errno.ESRCH) && !isMove(part)) {
            part.failed = true;
            second.add(new Part(part.operation, new XfrmChange.AddState(state)));
        } else {
            failed(part, why);
        }
    }

    private void again(Moving moving, Part part) {
        Part last = new Part(part.operation, new XfrmChange.UpdateState(moving.move.after()));
        second.add(last);
        moves.set(moves.indexOf(moving), new Moving(moving.move, List.of(last)));
    }

    List<XfrmChange> second() {
        return changes(second);
    }

    void secondFailed(int index, NetlinkException why) {
        failed(second.get(index), why);
    }

    private void failed(Part part, NetlinkException why) {
        boolean gone = switch (part.change) {
            case XfrmChange.DeleteState _ -> why.is(Errno.ESRCH);
            case XfrmChange.DeletePolicy _ -> why.is(Errno.ENOENT);
            default -> false;
        };
        if (!gone) {
            part.failed = true;
            refuse(part.operation, sentence(part.change, why));
        }
    }

    private String sentence(XfrmChange change, NetlinkException why) {
        String text = "the kernel refused to " + why.getMessage();
        return change instanceof XfrmChange.AddPolicy && why.is(Errno.EEXIST)
                ? text + " (another program has a policy for the same packets there)"
                : text + device(change).filter(offload -> (offload.flags() & XfrmOffload.PACKET) != 0)
                        .map(offload -> " (the network device " + devices.called(offload.link()) + " is to see to whole packets: 'offload: packet')").orElse("");
    }

    private static Optional<XfrmOffload> device(XfrmChange change) {
        return switch (change) {
            case XfrmChange.AddState(XfrmState state) -> state.offload();
            case XfrmChange.UpdateState(XfrmState state) -> state.offload();
            case XfrmChange.AddPolicy(XfrmPolicy policy) -> policy.offload();
            case XfrmChange.UpdatePolicy(XfrmPolicy policy) -> policy.offload();
            default -> Optional.empty();
        };
    }

    /** The netlink socket itself failed: nobody knows what the kernel took. */
    void broken(String reason) {
        if (!operations.isEmpty()) {
            refuse(operations.getFirst(), reason);
        }
    }

    private void refuse(Operation operation, String reason) {
        if (refused.isEmpty()) {
            refused = Optional.of(new Outcome.Refused(operation, reason));
        }
    }

    /** Whether something that sends is on its way, so that packets are to wait. */
    boolean moves() {
        return operations.stream().anyMatch(operation -> operation instanceof Operation.MoveSa move && move.direction() == Direction.OUT);
    }

    /** The ids under which SAs that have moved are still found; none if it was refused. */
    List<SaId> former() {
        return refused.isPresent()
                ? List.of()
                : moves.stream().flatMap(moving -> moving.move.former().stream()).flatMap(id -> KernelStates.id(id).stream()).toList();
    }

    /** What is out of use from here on; nothing if it was refused. */
    List<SaId> retirements() {
        return refused.isPresent() ? List.of() : retirements;
    }

    /** Their failures tell nothing: what is to be removed may be gone. */
    List<XfrmChange> last() {
        if (refused.isEmpty()) {
            return List.copyOf(removals);
        }
        List<XfrmChange> undo = takeBackEdits();
        parts.forEach(part -> takeBack(part, undo));
        second.forEach(part -> takeBack(part, undo));
        moves.reversed().forEach(moving -> undo.addAll(moving.move.undo(moving.isThere())));
        return undo;
    }

    private static boolean isMove(Part part) {
        return part.operation instanceof Operation.MoveSa;
    }

    private static void takeBack(Part part, List<XfrmChange> undo) {
        if (part.failed || isMove(part)) {
            // What failed with EEXIST is not ours to delete.
            return;
        }
        switch (part.change) {
            case XfrmChange.AddState(XfrmState state) -> undo.add(new XfrmChange.DeleteState(state.id(), state.mark()));
            case XfrmChange.UpdateState(XfrmState state) -> undo.add(new XfrmChange.DeleteState(state.id(), state.mark()));
            default -> {}
        }
    }

    private List<XfrmChange> takeBackEdits() {
        List<XfrmChange> undo = new ArrayList<>();
        for (Edit edit : edits.reversed()) {
            Optional<PolicyStacks.Change> change =
                    edit.added ? stacks.take(edit.place, edit.layer) : stacks.put(edit.place, edit.layer);
            boolean failed = edit.part.isPresent() && edit.part.get().failed;
            if (change.isPresent() && !(failed && change.get() instanceof PolicyStacks.Remove)) {
                message(change.get(), true).ifPresent(undo::add);
            }
        }
        edits.clear();
        return undo;
    }

    /** The kernel has its copy of the keys. */
    void wipe() {
        parts.forEach(Transaction::wipe);
    }

    private static void wipe(Part part) {
        switch (part.change) {
            case XfrmChange.AddState(XfrmState state) -> wipe(state);
            case XfrmChange.UpdateState(XfrmState state) -> wipe(state);
            default -> {}
        }
    }

    static void wipe(XfrmState state) {
        state.algorithms().forEach(algorithm -> algorithm.key().wipe());
    }

    Outcome outcome() {
        return refused.isPresent() ? refused.get() : new Outcome.Applied();
    }
}
