package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.Retired;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.kernel.PolicyRepair;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;

/**
 * The one thread that writes to the kernel's SAD and SPD. Whatever is waiting goes in one batch: many sessions that install their
 * children at once cost one system call per 64 messages.
 */
final class XfrmWriter implements AutoCloseable {
    private static final int TRANSACTIONS_PER_BATCH = 64;
    private static final long CLOSE_MILLIS = 2_000;

    private record Pending(List<Operation> operations, CompletableFuture<Outcome> outcome) {
        /** Ends the thread. */
        private static Pending end() {
            return new Pending(List.of(), new CompletableFuture<>());
        }
    }

    private final Xfrm xfrm;
    private final KernelStates states;
    private final Set<SaId> reserved;
    private final Transaction.Mover mover;
    private final PolicyStacks stacks = new PolicyStacks();
    private final PolicyDevices devices;
    /** Guards the stacks and the devices, which others may look at between batches. */
    private final ReentrantLock lock = new ReentrantLock();
    private final Retired retired = new Retired();
    /** Under which inbound SAs that have moved are still found. */
    private final Retired former = new Retired();
    private final LinkedBlockingQueue<Pending> queue = new LinkedBlockingQueue<>();
    private final Thread thread;
    private volatile boolean closed;

    /** @param reserved the SAs whose SPI the kernel gave us; safe for threads */
    XfrmWriter(Xfrm xfrm, KernelStates states, Set<SaId> reserved, PolicyDevices devices) {
        this.xfrm = xfrm;
        this.devices = devices;
        this.states = states;
        this.reserved = reserved;
        this.mover = new Ends();
        this.thread = Thread.ofPlatform().name("xfrm-writer").daemon().start(this::run);
    }

    /** Waits until the kernel has taken or refused {@code operations}. */
    Outcome apply(List<Operation> operations) {
        if (operations.isEmpty()) {
            return new Outcome.Applied();
        }
        Pending pending = new Pending(List.copyOf(operations), new CompletableFuture<>());
        queue.add(pending);
        if (closed) {
            pending.outcome.complete(closedOutcome(operations));
        }
        return pending.outcome.join();
    }

    private static Outcome closedOutcome(List<Operation> operations) {
        return operations.isEmpty()
                ? new Outcome.Applied()
                : new Outcome.Refused(operations.getFirst(), "the kernel data plane is closed");
    }

    /** Counts policies that the kernel has as ours, without telling the kernel. */
    void adopt(List<PolicySpec> policies) throws DataPlaneException {
        lock.lock();
        try {
            for (PolicySpec policy : policies) {
                devices.comes(policy);
                // With their rows for fragments, which are among them too: these stay until both have been removed.
                for (PolicySpec row : KernelPolicies.rows(policy)) {
                    PolicyStacks.Layer layer = stacks.layer(row);
                    KernelPolicies.places(row).forEach(place -> stacks.put(place, layer));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** What should be in the kernel's SPD by now. */
    Map<XfrmPolicy.Id, PolicySpec> policies() {
        lock.lock();
        try {
            return heads();
        } finally {
            lock.unlock();
        }
    }

    private Map<XfrmPolicy.Id, PolicySpec> heads() {
        Map<XfrmPolicy.Id, PolicySpec> heads = new HashMap<>();
        stacks.heads().forEach((place, head) -> devices.id(place).ifPresent(id -> heads.put(id, head)));
        return heads;
    }

    /** The network interfaces that policies name and that are not there. */
    Set<String> absentDevices() {
        lock.lock();
        try {
            return devices.absent();
        } finally {
            lock.unlock();
        }
    }

    /** SAs that are out of use and not yet removed. */
    Set<SaId> retired() {
        return Stream.concat(retired.all().stream(), former.all().stream()).collect(Collectors.toSet());
    }

    /** Ids of SAs that have moved, and that the kernel still knows. */
    Set<SaId> former() {
        return former.all();
    }

    /** The network interface that a policy of ours in this place is for. */
    Optional<String> deviceOf(XfrmPolicy.Id place) {
        lock.lock();
        try {
            return devices.place(place).device();
        } finally {
            lock.unlock();
        }
    }

    /** Whether a policy of ours belongs in this place. */
    boolean holds(XfrmPolicy.Id place) {
        lock.lock();
        try {
            return stacks.head(devices.place(place)).isPresent();
        } finally {
            lock.unlock();
        }
    }

    /** Compares the kernel's SPD with the stacks and puts back what differs; nothing is written meanwhile. */
    List<String> repair() throws DataPlaneException {
        lock.lock();
        try {
            Map<XfrmPolicy.Id, XfrmPolicy> wanted = new HashMap<>();
            heads().forEach((place, head) -> wanted.put(place, KernelPolicies.policy(place, head, devices.offload(head))));
            PolicyRepair repair = PolicyRepair.of(wanted, xfrm.policies());
            List<NetlinkSocket.Failure> failures = xfrm.batch(repair.changes());
            if (!failures.isEmpty()) {
                throw new DataPlaneException("of " + repair.changes().size() + " policies that somebody removed or changed the kernel "
                        + "refused to take back " + failures.size() + ": " + failures.getFirst().error().getMessage());
            }
            return repair.sentences();
        } catch (IOException unreadable) {
            throw new DataPlaneException("the kernel's policies cannot be compared: " + unreadable.getMessage(), unreadable);
        } finally {
            lock.unlock();
        }
    }

    /** Brings policies to the index that their network interface has now, before they leave the one that it had; nothing is written meanwhile. */
    List<String> follow() throws DataPlaneException {
        lock.lock();
        try {
            if (devices.isEmpty()) {
                return List.of();
            }
            Map<Place, PolicySpec> bound = new HashMap<>();
            stacks.heads().forEach((place, head) -> place.device().ifPresent(_ -> bound.put(place, head)));
            Map<String, OptionalInt> changed = devices.follow(bound.keySet().stream().flatMap(place -> place.device().stream()).collect(Collectors.toSet()));
            List<XfrmChange> changes = new ArrayList<>();
            List<XfrmChange> removals = new ArrayList<>();
            bound.forEach((place, head) -> place.device().filter(changed::containsKey).ifPresent(device -> {
                devices.id(place).ifPresent(id -> changes.add(new XfrmChange.UpdatePolicy(KernelPolicies.policy(id, head, devices.offload(head)))));
                changed.getOrDefault(device, OptionalInt.empty()).ifPresent(before -> removals.add(new XfrmChange.DeletePolicy(place.at(before))));
            }));
            List<NetlinkSocket.Failure> failures = xfrm.batch(changes);
            xfrm.batch(removals);
            if (!failures.isEmpty()) {
                throw new DataPlaneException("of " + changes.size() + " policies of network interfaces that have come the kernel refused "
                        + failures.size() + ": " + failures.getFirst().error().getMessage());
            }
            return changed.keySet().stream().sorted().map(device -> devices.absent().contains(device)
                    ? "the network interface " + device + " is gone: the policies that name it stand by"
                    : "the network interface " + device + " is there: the policies that name it are in force").toList();
        } catch (IOException unreadable) {
            throw new DataPlaneException("the policies of network interfaces cannot be brought up to date: " + unreadable.getMessage(), unreadable);
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        boolean ended = false;
        while (!ended) {
            List<Pending> batch = new ArrayList<>();
            try {
                Pending first = await();
                if (first == null) {
                    removeRetired();
                    continue;
                }
                batch.add(first);
            } catch (InterruptedException never) {
                return;
            }
            queue.drainTo(batch, TRANSACTIONS_PER_BATCH - 1);
            ended = batch.removeIf(pending -> pending.operations.isEmpty());
            if (!batch.isEmpty()) {
                write(batch);
            }
        }
        delete(retired());
        for (Pending late = queue.poll(); late != null; late = queue.poll()) {
            late.outcome.complete(closedOutcome(late.operations));
        }
    }

    /** Null when it is time to remove what is retired. */
    private @Nullable Pending await() throws InterruptedException {
        long now = System.nanoTime();
        OptionalLong next = LongStream.concat(retired.next(now).stream(), former.next(now).stream()).min();
        return next.isEmpty() ? queue.take() : queue.poll(next.getAsLong(), TimeUnit.NANOSECONDS);
    }

    private void removeRetired() {
        long now = System.nanoTime();
        delete(retired.takeDue(now));
        delete(former.takeDue(now));
    }

    /** Their failures tell nothing: they may have expired. */
    private void delete(Collection<SaId> ids) {
        try {
            xfrm.batch(ids.stream().map(id -> new XfrmChange.DeleteState(KernelStates.id(id), states.markOf(id))).toList());
            ids.forEach(states::forget);
        } catch (IOException broken) {
            // The kernel is asked again when the next agent finds them, or they expire.
        }
    }

    private void write(List<Pending> batch) {
        List<Transaction> transactions =
                batch.stream().map(pending -> new Transaction(pending.operations, stacks, devices)).toList();
        lock.lock();
        try (PacketHold _ = transactions.stream().anyMatch(Transaction::moves) ? new PacketHold() : null) {
            round(transactions, transaction -> transaction.first(states, reserved, mover), Transaction::firstFailed);
            round(transactions, Transaction::second, Transaction::secondFailed);
            round(transactions, Transaction::last, (_, _, _) -> {});
            long now = System.nanoTime();
            transactions.forEach(transaction -> transaction.retirements().forEach(id -> retired.add(id, now)));
            transactions.forEach(transaction -> transaction.former().forEach(id -> former.add(id, now)));
        } catch (RuntimeException bug) {
            transactions.forEach(transaction -> transaction.broken("the kernel data plane failed: " + bug));
        } finally {
            lock.unlock();
            transactions.forEach(Transaction::wipe);
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).outcome.complete(transactions.get(i).outcome());
            }
        }
    }

    private final class Ends implements Transaction.Mover {
        @Override
        public StateMove begin(Operation.MoveSa move) throws DataPlaneException {
            if (former.forget(move.moved())) {
                // It comes back to where it was a moment ago.
                delete(List.of(move.moved()));
            }
            return StateMove.begin(xfrm, move, states.markOf(move.id()));
        }

        @Override
        public StateMove counted(StateMove begun) throws DataPlaneException {
            return begun.counted(xfrm);
        }
    }

    @FunctionalInterface
    private interface OnFailure {
        void failed(Transaction transaction, int index, NetlinkException why);
    }

    /** Sends one round of all transactions as one batch, and tells each what failed. */
    private void round(
            List<Transaction> transactions, Function<Transaction, List<XfrmChange>> changes, OnFailure onFailure) {
        List<XfrmChange> all = new ArrayList<>();
        List<Transaction> owners = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Transaction transaction : transactions) {
            List<XfrmChange> own = changes.apply(transaction);
            for (int i = 0; i < own.size(); i++) {
                all.add(own.get(i));
                owners.add(transaction);
                places.add(i);
            }
        }
        if (all.isEmpty()) {
            return;
        }
        try {
            for (NetlinkSocket.Failure failure : xfrm.batch(all)) {
                onFailure.failed(owners.get(failure.index()), places.get(failure.index()), failure.error());
            }
        } catch (IOException broken) {
            owners.forEach(transaction -> transaction.broken("the kernel cannot be reached: " + broken.getMessage()));
        }
    }

    /** Finishes what was given before and ends the thread. */
    @Override
    public void close() {
        closed = true;
        queue.add(Pending.end());
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException impatient) {
            Thread.currentThread().interrupt();
        }
    }
}
