package org.xfrmagent.agent.dataplane.xfrm;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.Direction;
import org.xfrmagent.agent.dataplane.PolicySpec;
import org.xfrmagent.agent.dataplane.PolicySpec.Verdict;
import org.xfrmagent.agent.dataplane.kernel.KernelSelectors;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.XfrmDirection;
import org.xfrmagent.netlink.xfrm.XfrmId;
import org.xfrmagent.netlink.xfrm.XfrmMode;
import org.xfrmagent.netlink.xfrm.XfrmOffload;
import org.xfrmagent.netlink.xfrm.XfrmPolicy;
import org.xfrmagent.netlink.xfrm.XfrmPolicy.Action;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmTemplate;
import org.xfrmagent.policies.algorithm.Protocol;

/** Rows of the SPD as the kernel has them, and back. */
final class KernelPolicies {
    private KernelPolicies() {}

    /**
     * What the kernel needs for {@code spec}: itself, and one that discards the fragments which would pass by it. RFC 4301, section 7, wants
     * a policy with ports to have a companion for fragments; the kernel cannot tell whether a fragment belongs to one of its ports, so it
     * can go neither under the policy nor past it. What comes in for this machine is whole again before it is judged.
     */
    static List<PolicySpec> rows(PolicySpec spec) {
        return spec.verdict() instanceof PolicySpec.Bypass || spec.direction() == Direction.IN
                ? List.of(spec)
                : Stream.concat(Stream.of(spec), KernelSelectors.fragments(spec.selectors()).map(fragments -> new PolicySpec(
                        spec.direction(), fragments, spec.priority(), new PolicySpec.Discard(), spec.ifId(), spec.mark(), spec.device())).stream()).toList();
    }

    /** Whether it is one that {@link #rows} adds: no packet has these ports. */
    static boolean isForFragments(PolicySpec spec) {
        return spec.verdict() instanceof PolicySpec.Discard
                && Stream.of(spec.selectors().source(), spec.selectors().destination())
                        .allMatch(selector -> selector.startPort() == 0 && selector.endPort() == 0);
    }

    /** The places in the kernel's SPD that {@code spec} takes: one for each kernel selector. */
    static List<Place> places(PolicySpec spec) throws DataPlaneException {
        return KernelSelectors.of(spec.selectors()).stream()
                .map(selector -> new Place(
                        new XfrmPolicy.Id(
                                selector, direction(spec.direction()), spec.mark().map(KernelStates::mark), spec.ifId().orElse(0),
                                XfrmPolicy.Type.MAIN),
                        spec.device()))
                .toList();
    }

    /** @param device that is to have it as well */
    static XfrmPolicy policy(XfrmPolicy.Id place, PolicySpec spec, Optional<XfrmOffload> device) {
        XfrmPolicy plain = policy(place, spec);
        return device.isPresent() ? plain.on(device.get()) : plain;
    }

    private static XfrmPolicy policy(XfrmPolicy.Id place, PolicySpec spec) {
        return switch (spec.verdict()) {
            case PolicySpec.Bypass _ -> XfrmPolicy.of(place, Action.ALLOW, spec.priority(), List.of());
            case PolicySpec.Discard _ -> XfrmPolicy.of(place, Action.BLOCK, spec.priority(), List.of());
            case PolicySpec.Protect protect ->
                XfrmPolicy.of(place, Action.ALLOW, spec.priority(), templates(spec.direction(), place.selector(), protect));
        };
    }

    /**
     * In the order in which a packet to the peer meets them. With compression that alone makes the tunnel, and ESP or AH is in transport mode
     * around it. What comes in need not have been compressed: the peer sends short packets as they are (RFC 3173, section 2.2).
     */
    private static List<XfrmTemplate> templates(Direction direction, XfrmSelector selector, PolicySpec.Protect protect) {
        if (protect.compression().isEmpty()) {
            return List.of(template(direction, selector, protect));
        }
        PolicySpec.Protect first = new PolicySpec.Protect(
                protect.endpoints(), Protocol.IPCOMP, protect.reqid(), protect.compression().get().cpi());
        AddressFamily outer = protect.endpoints().map(ends -> AddressFamily.of(ends.source())).orElse(selector.family());
        return List.of(
                template(direction, selector, first).withOptional(direction != Direction.OUT),
                XfrmTemplate.transport(outer, protect.spi().orElse(0), Protocols.number(protect.protocol()), protect.reqid()));
    }

    /**
     * A template that must be fulfilled ("level required"): without an SA the packet is held or dropped. What comes in is judged by its
     * SA's reqid, which no other policy has. Where from is not asked: the peer may have moved a moment ago (RFC 4555), and be on its way.
     */
    private static XfrmTemplate template(Direction direction, XfrmSelector selector, PolicySpec.Protect protect) {
        int spi = protect.spi().orElse(0);
        int protocol = Protocols.number(protect.protocol());
        return protect.endpoints()
                .map(ends -> XfrmTemplate.tunnel(
                        direction == Direction.OUT ? ends.source() : AddressFamily.of(ends.source()).any(), ends.destination(), spi,
                        protocol, protect.reqid()))
                .orElseGet(() -> XfrmTemplate.transport(selector.family(), spi, protocol, protect.reqid()));
    }

    static XfrmDirection direction(Direction direction) {
        return switch (direction) {
            case IN -> XfrmDirection.IN;
            case OUT -> XfrmDirection.OUT;
            case FWD -> XfrmDirection.FORWARD;
        };
    }

    /**
     * The row of the SPD that a kernel policy is; empty for what the agent has no words for (several templates that are not for IPComp).
     *
     * @param device the name of the interface that it is limited to
     */
    static Optional<PolicySpec> spec(XfrmPolicy policy, Optional<String> device) {
        XfrmPolicy.Id id = policy.id();
        if (id.type() != XfrmPolicy.Type.MAIN || policy.templates().size() > 2) {
            return Optional.empty();
        }
        Direction direction = switch (id.direction()) {
            case IN -> Direction.IN;
            case OUT -> Direction.OUT;
            case FORWARD -> Direction.FWD;
        };
        OptionalInt ifId = id.interfaceId() == 0 ? OptionalInt.empty() : OptionalInt.of(id.interfaceId());
        return verdict(policy)
                .map(verdict -> new PolicySpec(
                        direction, KernelSelectors.pair(id.selector()), policy.priority(), verdict, ifId, id.mark().map(KernelStates::mark),
                        device));
    }

    private static Optional<Verdict> verdict(XfrmPolicy policy) {
        if (policy.action() == Action.BLOCK) {
            return Optional.of(new PolicySpec.Discard());
        }
        if (policy.templates().isEmpty()) {
            return Optional.of(new PolicySpec.Bypass());
        }
        XfrmTemplate first = policy.templates().getFirst();
        XfrmTemplate last = policy.templates().getLast();
        boolean compressed = policy.templates().size() == 2;
        if (compressed != (first.protocol() == XfrmId.COMP) || compressed && last.mode() != XfrmMode.TRANSPORT) {
            return Optional.empty();
        }
        Optional<PolicySpec.Endpoints> ends = first.mode() == XfrmMode.TUNNEL
                ? Optional.of(new PolicySpec.Endpoints(first.source(), first.destination()))
                : Optional.empty();
        Optional<PolicySpec.Compression> compression = compressed ? Optional.of(new PolicySpec.Compression(spi(first))) : Optional.empty();
        return Protocols.of(last.protocol()).map(protocol -> new PolicySpec.Protect(ends, protocol, last.requestId(), spi(last)).compressed(compression));
    }

    private static OptionalInt spi(XfrmTemplate template) {
        return template.spi() == 0 ? OptionalInt.empty() : OptionalInt.of(template.spi());
    }
}
