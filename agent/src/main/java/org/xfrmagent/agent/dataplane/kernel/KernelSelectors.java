package org.xfrmagent.agent.dataplane.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.DataPlaneException;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Traffic selectors as the kernel has them: one prefix on each side, one protocol, ports under a mask. What is no prefix or no
 * mask becomes several. For ICMP the kernel puts the type where the source port is and the code where the destination port is, in
 * both directions.
 */
public final class KernelSelectors {
    /** More than this is no policy but a mistake. */
    static final int MOST = 4_096;

    private KernelSelectors() {}

    /**
     * The fewest kernel selectors that together select what {@code pair} does.
     *
     * @throws DataPlaneException with a sentence if the kernel has no words for it
     */
    public static List<XfrmSelector> of(SelectorPair pair) throws DataPlaneException {
        TrafficSelector source = pair.source();
        TrafficSelector destination = pair.destination();
        if (source.family() != destination.family()) {
            throw new DataPlaneException("the selectors " + pair + " mix " + source.family() + " and " + destination.family());
        }
        int protocol = protocol(pair);
        List<AddressRange> sources = source.range().toPrefixes();
        List<AddressRange> destinations = destination.range().toPrefixes();
        List<PortPair> ports = IpProtocols.isIcmp(protocol) ? typesAndCodes(pair) : ports(pair);
        long count = (long) sources.size() * destinations.size() * ports.size();
        if (count > MOST) {
            throw new DataPlaneException("the selectors " + pair + " need " + count
                    + " policies in the kernel, which knows prefixes and masks only; the most is " + MOST);
        }
        List<XfrmSelector> all = new ArrayList<>((int) count);
        for (AddressRange from : sources) {
            for (AddressRange to : destinations) {
                for (PortPair each : ports) {
                    all.add(XfrmSelector.of(from.from(), bits(from), to.from(), bits(to)).withProtocol(protocol, each.source, each.destination));
                }
            }
        }
        return List.copyOf(all);
    }

    /**
     * What the kernel takes a fragment for that {@code pair} might cover: it reads the ports of no fragment, not even of the first, and
     * looks for a policy with 0 for both; of ICMPv6, with type and code 0, which nobody sends. Without a policy for these a fragmented
     * datagram passes by one that names its port. Empty if {@code pair} covers them, or names no ports.
     *
     * <p>Not for ICMP, where a fragment looks like an echo reply, and goes where these go.
     */
    public static Optional<SelectorPair> fragments(SelectorPair pair) {
        int protocol = Math.max(pair.source().protocol(), pair.destination().protocol());
        boolean numbered = IpProtocols.hasPorts(protocol) || protocol == IpProtocols.ICMPV6;
        boolean covered = pair.source().startPort() == 0 && pair.destination().startPort() == 0;
        return numbered && !covered
                ? Optional.of(new SelectorPair(
                        new TrafficSelector(protocol, 0, 0, pair.source().range()),
                        new TrafficSelector(protocol, 0, 0, pair.destination().range())))
                : Optional.empty();
    }

    private record PortPair(Ports source, Ports destination) {}

    private static int protocol(SelectorPair pair) throws DataPlaneException {
        int one = pair.source().protocol();
        int other = pair.destination().protocol();
        if (one != other && one != IpProtocols.ANY && other != IpProtocols.ANY) {
            throw new DataPlaneException("no packet fits " + pair + ": the protocols differ");
        }
        return Math.max(one, other);
    }

    private static List<PortPair> ports(SelectorPair pair) throws DataPlaneException {
        List<PortPair> pairs = new ArrayList<>();
        for (Ports source : masks(pair.source(), pair)) {
            for (Ports destination : masks(pair.destination(), pair)) {
                pairs.add(new PortPair(source, destination));
            }
        }
        return pairs;
    }

    private static List<Ports> masks(TrafficSelector selector, SelectorPair pair) throws DataPlaneException {
        if (selector.isOpaque()) {
            throw new DataPlaneException("the kernel has no policies for OPAQUE ports, as " + pair + " asks for");
        }
        return PortMasks.covering(selector.startPort(), selector.endPort());
    }

    /** Type and code stand in both selectors or in one: what both allow, type by type where the codes are not the same for all. */
    private static List<PortPair> typesAndCodes(SelectorPair pair) throws DataPlaneException {
        if (pair.source().isOpaque() || pair.destination().isOpaque()) {
            throw new DataPlaneException("the kernel has no policies for OPAQUE types, as " + pair + " asks for");
        }
        int first = Math.max(pair.source().startPort(), pair.destination().startPort());
        int last = Math.min(pair.source().endPort(), pair.destination().endPort());
        if (first > last) {
            throw new DataPlaneException("no packet fits " + pair + ": the ICMP types differ");
        }
        List<PortPair> pairs = new ArrayList<>();
        int firstType = first >> 8;
        int lastType = last >> 8;
        boolean allCodes = (first & 0xff) == 0 && (last & 0xff) == 0xff;
        if (allCodes) {
            boolean allTypes = firstType == 0 && lastType == 0xff;
            for (Ports types : allTypes ? List.of(Ports.ANY) : PortMasks.covering(firstType, lastType)) {
                pairs.add(new PortPair(types, Ports.ANY));
            }
            return pairs;
        }
        for (int type = firstType; type <= lastType; type++) {
            int from = type == firstType ? first & 0xff : 0;
            int to = type == lastType ? last & 0xff : 0xff;
            List<Ports> codes = from == 0 && to == 0xff ? List.of(Ports.ANY) : PortMasks.covering(from, to);
            for (Ports code : codes) {
                pairs.add(new PortPair(Ports.one(type), code));
            }
        }
        return pairs;
    }

    private static int bits(AddressRange prefix) {
        Optional<Integer> length = prefix.prefixLength();
        return length.orElseThrow(() -> new IllegalStateException(prefix + " is no prefix"));
    }

    /** What a kernel selector selects; of a family it leaves open, IPv4. */
    public static SelectorPair pair(XfrmSelector selector) {
        return new SelectorPair(
                side(selector, AddressRange.prefix(selector.source(), selector.sourcePrefix()), selector.sourcePort()),
                side(selector, AddressRange.prefix(selector.destination(), selector.destinationPrefix()), selector.destinationPort()));
    }

    private static TrafficSelector side(XfrmSelector selector, AddressRange range, Ports ports) {
        if (IpProtocols.isIcmp(selector.protocol())) {
            Ports types = selector.sourcePort();
            Ports codes = selector.destinationPort();
            int firstType = Math.min(PortMasks.first(types), 0xff);
            int lastType = Math.min(PortMasks.last(types), 0xff);
            int firstCode = codes.mask() == 0 ? 0 : PortMasks.first(codes);
            int lastCode = codes.mask() == 0 ? 0xff : PortMasks.last(codes);
            return new TrafficSelector(selector.protocol(), firstType << 8 | firstCode & 0xff, lastType << 8 | lastCode & 0xff, range);
        }
        return new TrafficSelector(selector.protocol(), PortMasks.first(ports), PortMasks.last(ports), range);
    }

    /**
     * The selectors of one packet, as an ACQUIRE carries them: single addresses and ports. A protocol without ports has port 0
     * there, which means any.
     */
    public static SelectorPair packet(XfrmSelector selector) {
        int protocol = selector.protocol();
        boolean numbered = IpProtocols.isIcmp(protocol) || IpProtocols.hasPorts(protocol) && selector.sourcePort().value() != 0;
        return numbered ? pair(selector) : pair(selector.withProtocol(protocol, Ports.ANY, Ports.ANY));
    }
}
