package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.kernel.KernelSelectors;
import org.xfrmagent.agent.dataplane.kernel.PolicyRepair;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.xfrm.Xfrm;
import org.xfrmagent.netlink.xfrm.XfrmChange;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmMark;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.policies.model.TrafficSelector;

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
    private final OptionalInt localIpv6;
    private final Set<XfrmPolicy.Id> leftovers = new HashSet<>();
    private Map<XfrmPolicy.Id, XfrmPolicy> wanted = Map.of();
    private volatile Map<XfrmPolicy.Id, XfrmPolicy> installed = Map.of();

    /** @param localIpv6 the mark of IPv6 packets out of the TUN interface; empty if they have none, see {@link IngressMark} */
    Fence(Xfrm xfrm, OptionalInt localIpv6) {
        this.xfrm = xfrm;
        this.localIpv6 = localIpv6;
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
        wanted = wanted(policies);
        Map<XfrmPolicy.Id, XfrmPolicy> tightened = new HashMap<>(installed);
        List<XfrmChange> changes = new ArrayList<>();
        wanted.forEach((id, policy) -> {
            // The exemption lets by only what has been judged: it closes nothing and opens nothing.
            boolean blocks = policy.action() == XfrmPolicy.Action.BLOCK || id.mark().isPresent();
            if (blocks && !policy.equals(installed.get(id))) {
                changes.add(new XfrmChange.UpdatePolicy(policy));
                tightened.put(id, policy);
            }
        });
        // Remembered before it is done: should a part fail, an update back to the former state undoes that part too.
        installed = tightened;
        check(xfrm.batch(changes));
    }

    /** The second half: what opens. */
    void relax() throws IOException {
        List<XfrmChange> changes = new ArrayList<>();
        wanted.forEach((id, policy) -> {
            if (!policy.equals(installed.get(id))) {
                changes.add(new XfrmChange.UpdatePolicy(policy));
            }
        });
        for (XfrmPolicy.Id id : installed.keySet()) {
            if (!wanted.containsKey(id)) {
                changes.add(new XfrmChange.DeletePolicy(id));
            }
        }
        Map<XfrmPolicy.Id, XfrmPolicy> union = new HashMap<>(installed);
        union.putAll(wanted);
        installed = union;
        check(xfrm.batch(changes));
        installed = wanted;
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

    private Map<XfrmPolicy.Id, XfrmPolicy> wanted(List<PolicySpec> policies) throws IOException {
        boolean discards = policies.stream()
                .anyMatch(policy -> policy.direction() == Direction.OUT && policy.verdict() instanceof PolicySpec.Discard);
        Map<XfrmPolicy.Id, XfrmPolicy> wanted = new LinkedHashMap<>();
        for (PolicySpec policy : policies) {
            if (policy.direction() == Direction.OUT && !discards) {
                continue;
            }
            boolean ipv6 = policy.selectors().source().family().bytes() == 16;
            if (policy.direction() == Direction.IN && ipv6 && localIpv6.isEmpty() && policy.verdict() instanceof PolicySpec.Protect) {
                continue;
            }
            XfrmDirection direction = switch (policy.direction()) {
                case IN -> XfrmDirection.IN;
                case OUT -> XfrmDirection.OUT;
                case FWD -> XfrmDirection.FORWARD;
            };
            if (policy.direction() == Direction.IN && ipv6 && localIpv6.isPresent()) {
                XfrmPolicy exempt = exemption(localIpv6.getAsInt());
                wanted.put(exempt.id(), exempt);
            }
            for (XfrmSelector selector : selectors(policy)) {
                XfrmPolicy.Id id = XfrmPolicy.Id.of(selector, direction);
                wanted.putIfAbsent(id, XfrmPolicy.of(id, action(policy), priority(policy), List.of()));
            }
        }
        return wanted;
    }

    /** What blocks a port blocks the fragments that may belong to it. */
    private static List<XfrmSelector> selectors(PolicySpec policy) throws IOException {
        boolean protect = policy.verdict() instanceof PolicySpec.Protect;
        SelectorPair pair = protect ? ofAllPorts(policy.selectors()) : policy.selectors();
        try {
            List<XfrmSelector> selectors = new ArrayList<>(KernelSelectors.of(pair));
            Optional<SelectorPair> fragments = KernelSelectors.fragments(pair);
            if (fragments.isPresent() && action(policy) == XfrmPolicy.Action.BLOCK) {
                selectors.addAll(KernelSelectors.of(fragments.get()));
            }
            return selectors;
        } catch (DataPlaneException noWords) {
            throw new IOException(noWords.getMessage(), noWords);
        }
    }

    /** The kernel has no word for OPAQUE ports. Where clear text is to be kept away it may be more than that. */
    private static SelectorPair ofAllPorts(SelectorPair pair) {
        return new SelectorPair(ofAllPorts(pair.source()), ofAllPorts(pair.destination()));
    }

    private static TrafficSelector ofAllPorts(TrafficSelector selector) {
        return selector.isOpaque() ? new TrafficSelector(selector.protocol(), 0, TrafficSelector.MAX_PORT, selector.range()) : selector;
    }

    /** Before all others: what came out of the TUN interface, for it has been judged there. */
    private static XfrmPolicy exemption(int mark) {
        XfrmPolicy.Id id = new XfrmPolicy.Id(
                XfrmSelector.any(AddressFamily.INET6), XfrmDirection.IN, Optional.of(new XfrmMark(mark, -1)), 0, XfrmPolicy.Type.MAIN);
        return XfrmPolicy.of(id, XfrmPolicy.Action.ALLOW, BASE, List.of());
    }

    private static XfrmPolicy.Action action(PolicySpec policy) {
        return switch (policy.verdict()) {
            case PolicySpec.Bypass bypass -> XfrmPolicy.Action.ALLOW;
            case PolicySpec.Discard discard -> XfrmPolicy.Action.BLOCK;
            case PolicySpec.Protect protect ->
                    policy.direction() == Direction.OUT ? XfrmPolicy.Action.ALLOW : XfrmPolicy.Action.BLOCK;
        };
    }

    private static int priority(PolicySpec policy) {
        return BASE + Math.clamp(policy.priority(), 1, LARGEST_PRIORITY);
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
