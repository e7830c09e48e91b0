package org.xfrmagent.agent.dataplane.xfrm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.Capabilities;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.agent.dataplane.Snapshot;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.LinuxException;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.route.Rtnetlink;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmOffload;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmState;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Offload;

/**
 * The kernel's XFRM. Writes go through one thread that batches them, events come from another, questions are asked by whoever has
 * them. The kernel's network namespace is that of the thread that opened the plane.
 */
public final class XfrmDataPlane implements DataPlane {
    /** From here on one dump is cheaper than asking for each SA. */
    private static final int ASK_ONE_BY_ONE = 16;

    /** Reservations that nobody used in time are forgotten beyond this many; the SA is then simply added. */
    private static final int MOST_RESERVED = 65_536;

    private final Xfrm questions;
    /** Its own, so that nobody who needs an SPI waits for the end of a list. */
    private final Xfrm lists;
    private final Xfrm writes;
    private final Rtnetlink rtnetlink;
    private final KernelEvents events;
    private final XfrmWriter writer;
    private final KernelStates states;
    private final Capabilities capabilities;
    private final Set<SaId> reserved = ConcurrentHashMap.newKeySet();
    private final LastUses lastUses = new LastUses(() -> TimeUnit.NANOSECONDS.toSeconds(System.nanoTime()));

    private XfrmDataPlane(
            Xfrm questions, Xfrm lists, Xfrm writes, Rtnetlink rtnetlink, KernelEvents events, boolean directions, Capabilities capabilities) {
        this.rtnetlink = rtnetlink;
        this.questions = questions;
        this.lists = lists;
        this.writes = writes;
        this.events = events;
        this.capabilities = capabilities;
        this.states = new KernelStates(directions);
        this.writer = new XfrmWriter(writes, states, reserved, new PolicyDevices(rtnetlink.links()));
    }

    /**
     * Opens the kernel's XFRM and asks what it can do. A kernel without ESP opens too: its capabilities then have no protocols.
     *
     * @throws DataPlaneException if there is no XFRM, or no permission
     */
    public static XfrmDataPlane open() throws DataPlaneException {
        return open(KernelEvents.RECEIVE_BUFFER);
    }

    /** @param receiveBuffer octets of events that may wait unread */
    static XfrmDataPlane open(int receiveBuffer) throws DataPlaneException {
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            Xfrm questions = Xfrm.open();
            opened.add(questions);
            Xfrm lists = Xfrm.open();
            opened.add(lists);
            Xfrm writes = Xfrm.open();
            opened.add(writes);
            Rtnetlink rtnetlink = Rtnetlink.open();
            opened.add(rtnetlink);
            boolean directions = questions.knowsDirections();
            KernelEvents events = KernelEvents.open(receiveBuffer, questions, writes);
            opened.add(events);
            return new XfrmDataPlane(questions, lists, writes, rtnetlink, events, directions, KernelProbe.ask(writes));
        } catch (IOException refused) {
            opened.forEach(XfrmDataPlane::closeQuietly);
            throw new DataPlaneException(sentence(refused), refused);
        }
    }

    private static void closeQuietly(AutoCloseable half) {
        try {
            half.close();
        } catch (Exception ignored) {
            // The reason it is closed for is about to be told.
        }
    }

    private static String sentence(IOException refused) {
        boolean forbidden = refused instanceof LinuxException call && call.is(Errno.EPERM)
                || refused instanceof NetlinkException answer && answer.is(Errno.EPERM);
        return forbidden
                ? "the kernel's XFRM needs CAP_NET_ADMIN (start as root, or by the systemd unit)"
                : "the kernel's XFRM cannot be used: " + refused.getMessage();
    }

    @Override
    public String name() {
        return "kernel";
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public int allocate(SpiRequest request) throws DataPlaneException {
        boolean compression = request.protocol() == Protocol.IPCOMP;
        if (compression && !capabilities.protocols().contains(Protocol.IPCOMP)) {
            throw new DataPlaneException("this kernel has no IPComp with DEFLATE");
        }
        var wanted = new org.xfrmagent.netlink.xfrm.SpiRequest(
                request.source(),
                request.destination(),
                Protocols.number(request.protocol()),
                KernelStates.mode(request.mode()),
                request.reqid(),
                0,
                Optional.empty(),
                0,
                states.flow(Direction.IN).isPresent(),
                compression ? org.xfrmagent.netlink.xfrm.SpiRequest.LOWEST_CPI : org.xfrmagent.netlink.xfrm.SpiRequest.LOWEST,
                compression ? org.xfrmagent.netlink.xfrm.SpiRequest.HIGHEST_CPI : org.xfrmagent.netlink.xfrm.SpiRequest.HIGHEST);
        try {
            int spi = questions.allocateSpi(wanted);
            if (reserved.size() >= MOST_RESERVED) {
                reserved.clear();
            }
            reserved.add(new SaId(request.destination(), request.protocol(), spi));
            return spi;
        } catch (IOException refused) {
            throw new DataPlaneException("the kernel refused to " + refused.getMessage(), refused);
        }
    }

    @Override
    public Outcome apply(List<Operation> operations) {
        Outcome outcome = writer.apply(operations);
        if (outcome instanceof Outcome.Applied) {
            Optional<Operation> undevised = operations.stream().filter(this::lacksItsDevice).findFirst();
            if (undevised.isPresent()) {
                writer.apply(operations.reversed().stream().flatMap(XfrmDataPlane::opposite).toList());
                return new Outcome.Refused(undevised.get(), undevised.get() instanceof Operation.AddSa(SaSpec sa) && sa.offload() == Offload.PACKET
                        ? "the kernel has no network device see to whole packets, and the policy wants one ('offload: packet')"
                        : "no network device with the address of this end encrypts, and the policy wants one ('offload: required')");
            }
            for (Operation operation : operations) {
                switch (operation) {
                    case Operation.AddSa(SaSpec sa) -> states.remember(sa.id(), sa.marks().match().map(KernelStates::mark));
                    case Operation.RemoveSa(SaId id) -> {
                        lastUses.forget(id);
                        states.forget(id);
                    }
                    // Its mark is needed until the writer removes it.
                    case Operation.RetireSa(SaId id) -> lastUses.forget(id);
                    case Operation.MoveSa move -> {
                        lastUses.forget(move.id());
                        states.moved(move.id(), move.moved());
                    }
                    case Operation.AddPolicy _, Operation.RemovePolicy _ -> {}
                }
            }
        }
        return outcome;
    }

    /** The kernel takes a state whose device does not encrypt, and does it itself: only the state as it is now says so. */
    private boolean lacksItsDevice(Operation operation) {
        if (!(operation instanceof Operation.AddSa(SaSpec sa)) || sa.offload() != Offload.REQUIRED && sa.offload() != Offload.PACKET) {
            return false;
        }
        int needed = sa.offload() == Offload.PACKET ? XfrmOffload.PACKET : 0;
        try {
            Optional<XfrmState> state = questions.get(KernelStates.id(sa.id()), sa.marks().match().map(KernelStates::mark));
            state.ifPresent(Transaction::wipe);
            return state.flatMap(XfrmState::offload).filter(device -> (device.flags() & needed) == needed).isEmpty();
        } catch (IOException unreadable) {
            return true;
        }
    }

    private static Stream<Operation> opposite(Operation operation) {
        return switch (operation) {
            case Operation.AddSa(SaSpec sa) -> Stream.of(new Operation.RemoveSa(sa.id()));
            case Operation.AddPolicy(PolicySpec policy) -> Stream.of(new Operation.RemovePolicy(policy));
            // What installs a child does nothing else.
            case Operation.RemoveSa _, Operation.RetireSa _, Operation.MoveSa _, Operation.RemovePolicy _ -> Stream.empty();
        };
    }

    /**
     * Takes over policies that are in the kernel already, as a predecessor left them: from here on they are layers like those that
     * were added. So the successor's own policies replace them one by one, atomically, and no packet meets a gap.
     */
    public void adopt(List<PolicySpec> policies) throws DataPlaneException {
        writer.adopt(policies);
    }

    @Override
    public Map<SaId, Usage> usage(Set<SaId> which) {
        Map<SaId, Usage> found = new HashMap<>();
        Set<SaId> former = writer.former();
        long now = System.currentTimeMillis() / 1000;
        try {
            for (XfrmState state : which.size() > ASK_ONE_BY_ONE ? lists.states() : each(which)) {
                KernelStates.id(state.id())
                        .filter(id -> which.contains(id) && !former.contains(id) && !isLarval(state))
                        .ifPresent(id -> found.put(id, lastUses.usage(id, state.counters(), state.lastUsed(), now)));
                Transaction.wipe(state);
            }
        } catch (IOException unreadable) {
            throw new IllegalStateException("the kernel's SAs cannot be read: " + unreadable.getMessage(), unreadable);
        }
        Set<SaId> gone = new HashSet<>(which);
        gone.removeAll(found.keySet());
        lastUses.forgetAll(gone);
        return found;
    }

    private List<XfrmState> each(Set<SaId> which) throws IOException {
        List<XfrmState> found = new ArrayList<>();
        for (SaId id : which) {
            questions.get(KernelStates.id(id), states.markOf(id)).ifPresent(found::add);
        }
        return found;
    }

    /** A reservation, or what an ACQUIRE left: no SA yet. Every SA has an algorithm, and be it NULL. */
    private static boolean isLarval(XfrmState state) {
        return state.algorithms().isEmpty();
    }

    @Override
    public Snapshot installed() {
        long now = System.currentTimeMillis() / 1000;
        try {
            Set<SaId> leaving = writer.retired();
            List<Snapshot.InstalledSa> sas = new ArrayList<>();
            for (XfrmState state : lists.states()) {
                KernelStates.id(state.id())
                        .filter(id -> !isLarval(state) && !leaving.contains(id))
                        .ifPresent(id -> {
                            states.remember(id, state.mark());
                            sas.add(new Snapshot.InstalledSa(id, state.requestId(), lastUses.usage(id, state.counters(), state.lastUsed(), now)));
                        });
                Transaction.wipe(state);
            }
            lastUses.retain(sas.stream().map(Snapshot.InstalledSa::id).collect(Collectors.toSet()));
            return new Snapshot(List.copyOf(sas), policiesInForce());
        } catch (IOException unreadable) {
            throw new IllegalStateException("the kernel's SAD and SPD cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    /** Ours as they were given to us, whole, though the kernel may hold them in pieces and with more; others as the kernel has them. */
    private List<PolicySpec> policiesInForce() throws IOException {
        Map<XfrmPolicy.Id, PolicySpec> ours = writer.policies();
        Set<PolicySpec> inForce = new LinkedHashSet<>();
        for (XfrmPolicy policy : lists.policies()) {
            PolicySpec mine = ours.get(policy.id());
            if (mine != null && mine.priority() == policy.priority()) {
                if (!KernelPolicies.isForFragments(mine)) {
                    inForce.add(mine);
                }
            } else {
                KernelPolicies.spec(policy, device(policy)).ifPresent(inForce::add);
            }
        }
        return List.copyOf(inForce);
    }

    /** The name of the interface that a policy of the kernel's is limited to. */
    private Optional<String> device(XfrmPolicy policy) throws IOException {
        int index = policy.id().selector().interfaceIndex();
        return index == 0 ? Optional.empty() : Optional.of(PolicyDevices.name(rtnetlink.links(), index));
    }

    @Override
    public List<String> repair() throws DataPlaneException {
        List<String> followed = writer.follow();
        return Stream.concat(followed.stream(), writer.repair().stream()).toList();
    }

    @Override
    public List<String> linksChanged() throws DataPlaneException {
        return writer.follow();
    }

    @Override
    public Set<String> absentDevices() {
        return writer.absentDevices();
    }

    @Override
    public void listen(Consumer<DataPlaneEvent> sink) {
        events.start(sink, writer::holds, writer::deviceOf);
    }

    @Override
    public void close() {
        writer.close();
        events.close();
        writes.close();
        lists.close();
        questions.close();
        rtnetlink.close();
    }
}
