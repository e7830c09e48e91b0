package org.xfrmagent.netlink.xfrm;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkFamily;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/**
 * The kernel's SAD and SPD: every verb of linux/xfrm.h that key management needs. A refusal is a {@link NetlinkException} that names
 * the change and carries the kernel's explanation. Threads take turns; for many changes use {@link #batch}.
 */
public final class Xfrm implements AutoCloseable {
    private static final int XFRM_AE_RVAL = 2;
    private static final int XFRM_AE_LVAL = 4;
    /** Where struct xfrm_userpolicy_info has its direction. */
    private static final int POLICY_DIRECTION = 160;
    /** Directions from here on are those of sockets' policies. */
    private static final int SOCKET_DIRECTIONS = 3;

    private final NetlinkSocket socket;

    private Xfrm(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens a socket in the calling thread's network namespace, which it serves from whatever thread it is used. */
    public static Xfrm open() throws IOException {
        return new Xfrm(NetlinkSocket.open(NetlinkFamily.XFRM));
    }

    /** The sender that the kernel names when it tells others what was changed through this socket. */
    public int number() {
        return socket.number();
    }

    /** Applies one change. */
    public void apply(XfrmChange change) throws IOException {
        socket.execute(change.request());
    }

    /**
     * Applies all changes in order, 64 per system call. A refused one does not stop those behind it.
     *
     * @return the refused ones, by their place in {@code changes}
     */
    public List<NetlinkSocket.Failure> batch(List<? extends XfrmChange> changes) throws IOException {
        List<NetlinkRequest> requests = new ArrayList<>(changes.size());
        for (XfrmChange change : changes) {
            requests.add(change.request());
        }
        return socket.batch(requests);
    }

    public void add(XfrmState state) throws IOException {
        apply(new XfrmChange.AddState(state));
    }

    public void update(XfrmState state) throws IOException {
        apply(new XfrmChange.UpdateState(state));
    }

    public void delete(XfrmId id) throws IOException {
        apply(new XfrmChange.DeleteState(id, Optional.empty()));
    }

    public void add(XfrmPolicy policy) throws IOException {
        apply(new XfrmChange.AddPolicy(policy));
    }

    public void update(XfrmPolicy policy) throws IOException {
        apply(new XfrmChange.UpdatePolicy(policy));
    }

    public void delete(XfrmPolicy.Id id) throws IOException {
        apply(new XfrmChange.DeletePolicy(id));
    }

    /** The state with this id; empty if there is none. */
    public Optional<XfrmState> get(XfrmId id, Optional<XfrmMark> mark) throws IOException {
        StructWriter body = new StructWriter();
        XfrmCodec.stateId(body, id);
        XfrmCodec.mark(body, mark);
        Optional<StructReader> answer = find(new NetlinkRequest(XfrmNumbers.GETSA, 0, body, "get state " + id));
        return answer.isPresent() ? Optional.of(StateCodec.decode(answer.get())) : Optional.empty();
    }

    /** The policy with this id; empty if there is none. */
    public Optional<XfrmPolicy> get(XfrmPolicy.Id id) throws IOException {
        Optional<StructReader> answer = find(new NetlinkRequest(XfrmNumbers.GETPOLICY, 0, PolicyCodec.encodeId(id), "get " + id));
        return answer.isPresent() ? Optional.of(PolicyCodec.decode(answer.get())) : Optional.empty();
    }

    /** All states, with their keys. */
    public List<XfrmState> states() throws IOException {
        List<XfrmState> states = new ArrayList<>();
        List<NetlinkMessage> messages = socket.dump(new NetlinkRequest(XfrmNumbers.GETSA, 0, new StructWriter(4), "list states"));
        try {
            for (NetlinkMessage message : messages) {
                states.add(StateCodec.decode(message.payload()));
            }
        } finally {
            // Not one by one: several messages share a datagram, and with it the octets.
            messages.forEach(NetlinkMessage::wipe);
        }
        return states;
    }

    /** All policies, without those of sockets. */
    public List<XfrmPolicy> policies() throws IOException {
        List<XfrmPolicy> policies = new ArrayList<>();
        StructWriter body = new StructWriter(4);
        for (NetlinkMessage message : socket.dump(new NetlinkRequest(XfrmNumbers.GETPOLICY, 0, body, "list policies"))) {
            // The kernel dumps the policies of sockets too, with directions of their own: XFRM_POLICY_MAX (3) + IN, OUT, FWD.
            if (message.payload().skip(POLICY_DIRECTION).u8() < SOCKET_DIRECTIONS) {
                policies.add(PolicyCodec.decode(message.payload()));
            }
        }
        return policies;
    }

    /** Deletes all states of {@code protocol}; 0 is every protocol. */
    public void flushStates(int protocol) throws IOException {
        socket.execute(new NetlinkRequest(XfrmNumbers.FLUSHSA, 0, new StructWriter(4).u8(protocol), "flush states"));
    }

    /** Deletes all policies of the main type, without those of sockets. */
    public void flushPolicies() throws IOException {
        socket.execute(new NetlinkRequest(XfrmNumbers.FLUSHPOLICY, 0, new StructWriter(4), "flush policies"));
    }

    /**
     * Lets the kernel choose an SPI and make a larval state for it, which {@link #update} fills in. It vanishes by itself after
     * net.core.xfrm_acq_expires seconds; an update then fails with ESRCH, and the state is to be added.
     */
    public int allocateSpi(SpiRequest wanted) throws IOException {
        XfrmState larval = XfrmState.builder(new XfrmId(wanted.destination(), 0, wanted.protocol()), wanted.source(), wanted.mode())
                .requestId(wanted.requestId())
                .sequence(wanted.sequence())
                .lifetime(new XfrmLifetime(new XfrmLifetime.Limits(0, 0, 0, 0), new XfrmLifetime.Limits(0, 0, 0, 0)))
                .build();
        StructWriter body = new StructWriter();
        // struct xfrm_userspi_info { struct xfrm_usersa_info info; u32 min; u32 max; }: 232 octets, the range in host order
        StateCodec.info(body, larval);
        body.u32(wanted.lowest()).u32(wanted.highest());
        XfrmCodec.mark(body, wanted.mark());
        XfrmCodec.interfaceId(body, wanted.interfaceId());
        StateCodec.flow(body, wanted.directed() ? Optional.of(XfrmState.Flow.IN) : Optional.empty());
        StructReader answer = ask(new NetlinkRequest(XfrmNumbers.ALLOCSPI, 0, body, wanted));
        return StateCodec.decode(answer).id().spi();
    }

    /** What happens to packets that no policy matches, for each direction. */
    public record Defaults(XfrmPolicy.Action in, XfrmPolicy.Action forward, XfrmPolicy.Action out) {
        public static final Defaults ALLOW =
                new Defaults(XfrmPolicy.Action.ALLOW, XfrmPolicy.Action.ALLOW, XfrmPolicy.Action.ALLOW);
    }

    /** Linux 5.15. struct xfrm_userpolicy_default { u8 in; u8 fwd; u8 out; }: BLOCK 1, ACCEPT 2. */
    public Defaults defaults() throws IOException {
        StructWriter body = new StructWriter().zeros(3);
        StructReader answer = ask(new NetlinkRequest(XfrmNumbers.GETDEFAULT, 0, body, "get default policies"));
        return new Defaults(action(answer.u8()), action(answer.u8()), action(answer.u8()));
    }

    private static XfrmPolicy.Action action(int number) {
        return number == 1 ? XfrmPolicy.Action.BLOCK : XfrmPolicy.Action.ALLOW;
    }

    public void setDefaults(Defaults defaults) throws IOException {
        StructWriter body = new StructWriter();
        for (XfrmPolicy.Action action : List.of(defaults.in(), defaults.forward(), defaults.out())) {
            body.u8(action == XfrmPolicy.Action.BLOCK ? 1 : 2);
        }
        socket.execute(new NetlinkRequest(XfrmNumbers.SETDEFAULT, 0, body, "set default policies"));
    }

    /**
     * How many policies there are.
     *
     * @param in policies of direction in, out and forward
     * @param socketIn policies of sockets, likewise
     * @param buckets of the hash table now
     * @param mostBuckets it may grow to
     */
    public record SpdInfo(int in, int out, int forward, int socketIn, int socketOut, int socketForward, int buckets, int mostBuckets) {}

    public SpdInfo spdInfo() throws IOException {
        NetlinkRequest request = new NetlinkRequest(XfrmNumbers.GETSPDINFO, 0, new StructWriter().u32(-1), "count policies");
        Attributes attributes = Attributes.read(ask(request).skip(4));
        // XFRMA_SPD_INFO: struct xfrmu_spdinfo, six u32; XFRMA_SPD_HINFO: struct xfrmu_spdhinfo, two
        StructReader counts = required(attributes, 1);
        StructReader hash = required(attributes, 2);
        return new SpdInfo(
                counts.u32(), counts.u32(), counts.u32(), counts.u32(), counts.u32(), counts.u32(), hash.u32(), hash.u32());
    }

    /**
     * How many states there are.
     *
     * @param states all of them, larval ones too
     * @param buckets of the hash table now
     * @param mostBuckets it may grow to
     */
    public record SadInfo(int states, int buckets, int mostBuckets) {}

    public SadInfo sadInfo() throws IOException {
        NetlinkRequest request = new NetlinkRequest(XfrmNumbers.GETSADINFO, 0, new StructWriter().u32(-1), "count states");
        Attributes attributes = Attributes.read(ask(request).skip(4));
        StructReader hash = required(attributes, 2);
        return new SadInfo(required(attributes, 1).u32(), hash.u32(), hash.u32());
    }

    private static StructReader required(Attributes attributes, int type) throws MalformedMessage {
        Optional<Attribute> found = attributes.find(type);
        if (found.isEmpty()) {
            throw new MalformedMessage("attribute " + type + " is missing from the kernel's answer");
        }
        return found.get().content();
    }

    /** Sequence numbers and counters of a state; empty if there is none. */
    public Optional<XfrmUsage> usage(XfrmId id, Optional<XfrmMark> mark) throws IOException {
        StructWriter body = new StructWriter();
        aevent(body, id, XFRM_AE_RVAL | XFRM_AE_LVAL);
        XfrmCodec.mark(body, mark);
        Optional<StructReader> answer = find(new NetlinkRequest(XfrmNumbers.GETAE, 0, body, "get usage of " + id));
        if (answer.isEmpty()) {
            return Optional.empty();
        }
        XfrmId found = XfrmCodec.stateId(answer.get());
        Attributes attributes = Attributes.read(answer.get().skip(XfrmCodec.ADDRESS + 8));
        boolean extended = attributes.find(XfrmNumbers.XFRMA_REPLAY_ESN_VAL).isPresent();
        XfrmReplay replay = ReplayCodec.read(attributes, extended, 0);
        return Optional.of(new XfrmUsage(found, replay, XfrmCodec.counters(required(attributes, XfrmNumbers.XFRMA_LTIME_VAL))));
    }

    /** Sets sequence numbers and counters of a state (NEWAE), so that it goes on where another one stopped. */
    public void setUsage(XfrmUsage usage, Optional<XfrmMark> mark) throws IOException {
        StructWriter body = new StructWriter();
        aevent(body, usage.id(), XFRM_AE_RVAL | XFRM_AE_LVAL);
        ReplayCodec.write(body, usage.replay());
        body.attribute(XfrmNumbers.XFRMA_LTIME_VAL, inner -> XfrmCodec.counters(inner, usage.counters()));
        XfrmCodec.mark(body, mark);
        socket.execute(new NetlinkRequest(XfrmNumbers.NEWAE, NetlinkRequest.REPLACE, body, "set usage of " + usage.id()));
    }

    /** struct xfrm_aevent_id { struct xfrm_usersa_id sa_id; xfrm_address_t saddr; u32 flags; u32 reqid; }: 48 octets. */
    private static void aevent(StructWriter body, XfrmId id, int flags) {
        XfrmCodec.stateId(body, id);
        body.zeros(XfrmCodec.ADDRESS).u32(flags).u32(0);
    }

    /**
     * Moves a policy's templates and their states to new addresses (CONFIG_XFRM_MIGRATE).
     *
     * @param encap the new UDP encapsulation of the states; empty keeps the old one
     */
    public void migrate(XfrmPolicy.Id policy, List<XfrmMigration> moves, Optional<XfrmEncap> encap) throws IOException {
        StructWriter body = new StructWriter();
        PolicyCodec.idStruct(body, policy);
        PolicyCodec.type(body, policy.type());
        body.attribute(XfrmNumbers.XFRMA_MIGRATE, inner -> moves.forEach(move -> EventCodec.migration(inner, move)));
        encap.ifPresent(udp -> StateCodec.encap(body, udp));
        XfrmCodec.interfaceId(body, policy.interfaceId());
        socket.execute(new NetlinkRequest(XfrmNumbers.MIGRATE, 0, body, "migrate " + policy));
    }

    /**
     * Whether this kernel knows XFRMA_SA_DIR (Linux 6.10). Asked with a direction that does not exist, about a state that does not:
     * a kernel that knows the attribute objects to it, one that does not passes it over and finds no state.
     */
    public boolean knowsDirections() throws IOException {
        StructWriter body = new StructWriter();
        XfrmCodec.stateId(body, new XfrmId(AddressFamily.INET.any(), 0, XfrmId.ESP));
        body.attribute(XfrmNumbers.XFRMA_SA_DIR, inner -> inner.u8(0xff));
        try {
            socket.query(new NetlinkRequest(XfrmNumbers.GETSA, 0, body, "ask for XFRMA_SA_DIR"));
            return false;
        } catch (NetlinkException refused) {
            return !refused.is(Errno.ESRCH);
        }
    }

    private StructReader ask(NetlinkRequest request) throws IOException {
        List<NetlinkMessage> answers = socket.query(request);
        if (answers.isEmpty()) {
            throw new MalformedMessage(request.subject() + ": the kernel acknowledged without an answer");
        }
        return answers.getFirst().payload();
    }

    /** As {@link #ask}, but empty if the kernel knows no such object. */
    private Optional<StructReader> find(NetlinkRequest request) throws IOException {
        try {
            return Optional.of(ask(request));
        } catch (NetlinkException refused) {
            if (refused.is(Errno.ESRCH) || refused.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
