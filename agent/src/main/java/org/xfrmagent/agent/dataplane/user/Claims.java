package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.kernel.KernelSelectors;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmMark;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * What the {@link Fence} is to hold: for each place in the kernel's SPD the policies that speak for it, of which the one that is asked
 * first decides. So a change is told by the places that it touches, however many others there are.
 */
final class Claims {
    private final OptionalInt localIpv6;
    /** In each place the policy that is asked first in front. */
    private final Map<XfrmPolicy.Id, List<PolicySpec>> claims = new HashMap<>();

    /** OUT, with the verdict to discard: while there is none, OUT needs no fence. */
    private int discards;

    /** IN, about IPv6: while there is one, what came out of the TUN interface is exempt. */
    private int ipv6;

    /** @param localIpv6 as {@link Fence} has it */
    Claims(OptionalInt localIpv6) {
        this.localIpv6 = localIpv6;
    }

    /**
     * These policies and no others, within a direction in the order they are asked.
     *
     * @return all places that are spoken for
     */
    Set<XfrmPolicy.Id> replace(List<PolicySpec> policies) throws IOException {
        claims.clear();
        discards = (int) policies.stream().filter(Claims::isOutboundDiscard).count();
        ipv6 = (int) policies.stream().filter(Claims::isInboundIpv6).count();
        for (PolicySpec policy : policies) {
            for (XfrmPolicy.Id place : places(policy)) {
                claims.computeIfAbsent(place, _ -> new ArrayList<>()).add(policy);
            }
        }
        if (isExempting()) {
            claims.put(exemption().id(), List.of());
        }
        return Collections.unmodifiableSet(claims.keySet());
    }

    /**
     * The same policies but for a change.
     *
     * @return the places that it touches; empty if it touches all, and nothing was done: {@link #replace} is to be asked
     */
    Optional<Set<XfrmPolicy.Id>> change(Spd.Change change) throws IOException {
        int discardsThen = discards + sum(change, Claims::isOutboundDiscard);
        int ipv6Then = ipv6 + sum(change, Claims::isInboundIpv6);
        if ((discardsThen > 0) != (discards > 0) || (ipv6Then > 0) != (ipv6 > 0)) {
            return Optional.empty();
        }
        discards = discardsThen;
        ipv6 = ipv6Then;
        Set<XfrmPolicy.Id> touched = new LinkedHashSet<>();
        for (PolicySpec policy : change.removed()) {
            for (XfrmPolicy.Id place : places(policy)) {
                List<PolicySpec> speakers = claims.getOrDefault(place, new ArrayList<>());
                speakers.remove(policy);
                if (speakers.isEmpty()) {
                    claims.remove(place);
                }
                touched.add(place);
            }
        }
        for (PolicySpec policy : change.added()) {
            for (XfrmPolicy.Id place : places(policy)) {
                insert(claims.computeIfAbsent(place, _ -> new ArrayList<>()), policy);
                touched.add(place);
            }
        }
        return Optional.of(touched);
    }

    private static int sum(Spd.Change change, Predicate<PolicySpec> which) {
        return (int) (change.added().stream().filter(which).count() - change.removed().stream().filter(which).count());
    }

    /** As {@link Spd} orders them: before the first that is of a higher number, or of the same and so older. */
    private static void insert(List<PolicySpec> speakers, PolicySpec policy) {
        int place = 0;
        while (place < speakers.size() && speakers.get(place).priority() < policy.priority()) {
            place++;
        }
        speakers.add(place, policy);
    }

    /** What is to stand in a place. */
    Optional<XfrmPolicy> wanted(XfrmPolicy.Id place) {
        if (place.mark().isPresent()) {
            return isExempting() ? Optional.of(exemption()) : Optional.empty();
        }
        List<PolicySpec> speakers = claims.getOrDefault(place, List.of());
        return speakers.isEmpty()
                ? Optional.empty()
                : Optional.of(XfrmPolicy.of(place, action(speakers.getFirst()), priority(speakers.getFirst()), List.of()));
    }

    private boolean isExempting() {
        return ipv6 > 0 && localIpv6.isPresent();
    }

    private static boolean isOutboundDiscard(PolicySpec policy) {
        return policy.direction() == Direction.OUT && policy.verdict() instanceof PolicySpec.Discard;
    }

    private static boolean isInboundIpv6(PolicySpec policy) {
        return policy.direction() == Direction.IN && isIpv6(policy);
    }

    private static boolean isIpv6(PolicySpec policy) {
        return policy.selectors().source().family().bytes() == 16;
    }

    /** Where a policy speaks; nowhere if the fence has nothing to do for it. */
    private Collection<XfrmPolicy.Id> places(PolicySpec policy) throws IOException {
        if (policy.direction() == Direction.OUT && discards == 0
                || isInboundIpv6(policy) && localIpv6.isEmpty() && policy.verdict() instanceof PolicySpec.Protect) {
            return List.of();
        }
        XfrmDirection direction = switch (policy.direction()) {
            case IN -> XfrmDirection.IN;
            case OUT -> XfrmDirection.OUT;
            case FWD -> XfrmDirection.FORWARD;
        };
        Set<XfrmPolicy.Id> places = new LinkedHashSet<>();
        for (XfrmSelector selector : selectors(policy)) {
            places.add(XfrmPolicy.Id.of(selector, direction));
        }
        return places;
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
    private XfrmPolicy exemption() {
        XfrmPolicy.Id id = new XfrmPolicy.Id(
                XfrmSelector.any(AddressFamily.INET6), XfrmDirection.IN, Optional.of(new XfrmMark(localIpv6.orElseThrow(), -1)), 0, XfrmPolicy.Type.MAIN);
        return XfrmPolicy.of(id, XfrmPolicy.Action.ALLOW, Fence.BASE, List.of());
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
        return Fence.BASE + Math.clamp(policy.priority(), 1, Fence.LARGEST_PRIORITY);
    }
}
