package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.kernel.PolicyRepair;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;

/**
 * The kernel's SPD as a fence around the TUN interface: it needs no ESP for that, only CONFIG_XFRM.
 *
 * <pre>
 *             IN, FWD                                         OUT (only if something is discarded)
 *   protect   block: it must come out of the TUN interface    allow: the routes lead it into the TUN interface
 *   discard   block                                           block
 *   bypass    allow                                           allow
 * </pre>
 *
 * Packets out of the TUN interface are exempt from IN and FWD: see {@link TunInterface} and {@link IngressMark}. Priorities are those of the policies above a
 * base, by which the plane knows its own policies again after a crash.
 */
final class Fence implements AutoCloseable {
    /** "x", and room for the policies' own priorities. */
    static final int BASE = 0x7800_0000;

    static final int LARGEST_PRIORITY = 0xff_ffff;

    private final Xfrm xfrm;
    private final Set<XfrmPolicy.Id> leftovers = new HashSet<>();
    private final Claims claims;
    /** The places that the change under way may touch. */
    private Set<XfrmPolicy.Id> touched = Set.of();
    private final Map<XfrmPolicy.Id, XfrmPolicy> installed = new ConcurrentHashMap<>();

    /** @param localIpv6 the mark of IPv6 packets out of the TUN interface; empty if they have none, see {@link IngressMark} */
    Fence(Xfrm xfrm, OptionalInt localIpv6) {
        this.xfrm = xfrm;
        this.claims = new Claims(localIpv6);
    }

    /** Takes over from a predecessor that was killed: what it blocked stays blocked until {@link #forgetPredecessor}. */
    void adoptPredecessor() throws IOException {
        List<XfrmChange> deletions = new ArrayList<>();
        for (XfrmPolicy policy : xfrm.policies()) {
            if ((policy.priority() & ~LARGEST_PRIORITY) == BASE && policy.templates().isEmpty()) {
                if (policy.action() == XfrmPolicy.Action.BLOCK) {
                    leftovers.add(policy.id());
                } else {
                    deletions.add(new XfrmChange.DeletePolicy(policy.id()));
                }
            }
        }
        check(xfrm.batch(deletions));
    }

    /** Takes away what is left of the predecessor and has not been replaced. */
    void forgetPredecessor() throws IOException {
        leftovers.removeAll(installed.keySet());
        check(xfrm.batch(leftovers.stream().map(XfrmChange.DeletePolicy::new).toList()));
        leftovers.clear();
    }

    void update(List<PolicySpec> policies) throws IOException {
        tighten(policies);
        relax();
    }

    /**
     * The first half of a change: what blocks. The rest, {@link #relax}, must wait until the routes are right: where a discard becomes
     * a protect the fence opens, and a packet that is not yet led into the interface would leave in the clear.
     */
    void tighten(List<PolicySpec> policies) throws IOException {
        Set<XfrmPolicy.Id> places = new LinkedHashSet<>(claims.replace(policies));
        places.addAll(installed.keySet());
        tighten(places);
    }

    /** The same after a change, which costs what the change does: {@code all} is asked only where more than that may differ. */
    void tighten(Spd.Change change, Supplier<List<PolicySpec>> all) throws IOException {
        Optional<Set<XfrmPolicy.Id>> places = claims.change(change);
        if (places.isPresent()) {
            tighten(places.get());
        } else {
            tighten(all.get());
        }
    }

    private void tighten(Set<XfrmPolicy.Id> places) throws IOException {
        touched = places;
        List<XfrmChange> changes = new ArrayList<>();
        for (XfrmPolicy.Id id : places) {
            Optional<XfrmPolicy> wanted = claims.wanted(id);
            // The exemption lets by only what has been judged: it closes nothing and opens nothing.
            if (wanted.isPresent() && (wanted.get().action() == XfrmPolicy.Action.BLOCK || id.mark().isPresent()) && !wanted.get().equals(installed.get(id))) {
                changes.add(new XfrmChange.UpdatePolicy(wanted.get()));
                // Remembered before it is done: should a part fail, an update back to the former state undoes that part too.
                installed.put(id, wanted.get());
            }
        }
        check(xfrm.batch(changes));
    }

    /** The second half: what opens. */
    void relax() throws IOException {
        List<XfrmChange> changes = new ArrayList<>();
        List<XfrmPolicy.Id> gone = new ArrayList<>();
        for (XfrmPolicy.Id id : touched) {
            Optional<XfrmPolicy> wanted = claims.wanted(id);
            if (wanted.isPresent() && !wanted.get().equals(installed.get(id))) {
                changes.add(new XfrmChange.UpdatePolicy(wanted.get()));
                installed.put(id, wanted.get());
            } else if (wanted.isEmpty() && installed.containsKey(id)) {
                changes.add(new XfrmChange.DeletePolicy(id));
                gone.add(id);
            }
        }
        check(xfrm.batch(changes));
        installed.keySet().removeAll(gone);
    }

    /** Whether a policy in this place is the fence's. Any thread may ask. */
    boolean holds(XfrmPolicy.Id place) {
        return installed.containsKey(place);
    }

    List<String> repair() throws IOException {
        PolicyRepair repair = PolicyRepair.of(installed, xfrm.policies());
        check(xfrm.batch(repair.changes()));
        return repair.sentences();
    }

    private static void check(List<NetlinkSocket.Failure> failures) throws NetlinkException {
        for (NetlinkSocket.Failure failure : failures) {
            if (!failure.error().is(Errno.ENOENT)) {
                throw failure.error();
            }
        }
    }

    @Override
    public void close() {
        try {
            update(List.of());
            forgetPredecessor();
        } catch (IOException failed) {
            // What is left blocks clear text, and the next start clears it.
        }
        xfrm.close();
    }
}
