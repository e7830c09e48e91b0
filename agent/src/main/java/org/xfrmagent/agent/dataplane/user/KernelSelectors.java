package org.xfrmagent.agent.dataplane.user;

import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.xfrm.XfrmSelector;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * A selector pair as the kernel can hold it: prefixes instead of ranges, values under a mask instead of port ranges, the ICMP type as
 * source port and the code as destination port.
 */
final class KernelSelectors {
    private KernelSelectors() {}

    static List<XfrmSelector> of(SelectorPair pair) {
        List<XfrmSelector> selectors = new ArrayList<>();
        int protocol = Math.max(pair.source().protocol(), pair.destination().protocol());
        for (AddressRange source : pair.source().range().toPrefixes()) {
            for (AddressRange destination : pair.destination().range().toPrefixes()) {
                XfrmSelector addresses = new XfrmSelector(
                        AddressFamily.of(source.from()), source.from(), bits(source), destination.from(), bits(destination), protocol,
                        Ports.ANY, Ports.ANY, 0, 0);
                ports(addresses, protocol, pair, selectors);
            }
        }
        return selectors;
    }

    private static int bits(AddressRange prefix) {
        return prefix.prefixLength().orElseThrow(() -> new IllegalArgumentException(prefix + " is no prefix"));
    }

    private static void ports(XfrmSelector addresses, int protocol, SelectorPair pair, List<XfrmSelector> into) {
        if (protocol == IpProtocols.ANY) {
            into.add(addresses);
        } else if (IpProtocols.isIcmp(protocol)) {
            int first = Math.max(pair.source().startPort(), pair.destination().startPort());
            int last = Math.min(pair.source().endPort(), pair.destination().endPort());
            icmp(addresses, protocol, first, last, into);
        } else {
            for (Ports source : masks(pair.source())) {
                for (Ports destination : masks(pair.destination())) {
                    into.add(addresses.withProtocol(protocol, source, destination));
                }
            }
        }
    }

    /** From type × 256 + code to type × 256 + code. */
    private static void icmp(XfrmSelector addresses, int protocol, int first, int last, List<XfrmSelector> into) {
        if (first == 0 && last == TrafficSelector.MAX_PORT || first > last) {
            into.add(addresses);
            return;
        }
        for (int type = first >> 8; type <= last >> 8; type++) {
            int lowest = type == first >> 8 ? first & 0xff : 0;
            int highest = type == last >> 8 ? last & 0xff : 0xff;
            if (lowest == 0 && highest == 0xff) {
                into.add(addresses.withProtocol(protocol, Ports.one(type), Ports.ANY));
            } else {
                for (Ports code : masks(lowest, highest)) {
                    into.add(addresses.withProtocol(protocol, Ports.one(type), code));
                }
            }
        }
    }

    private static List<Ports> masks(TrafficSelector selector) {
        // The kernel cannot ask for "no port to be seen": it knows only the protocol then.
        return selector.anyPort() || selector.isOpaque() ? List.of(Ports.ANY) : masks(selector.startPort(), selector.endPort());
    }

    /** The fewest values under masks that cover a range of 16-bit numbers, as prefixes cover a range of addresses. */
    static List<Ports> masks(int first, int last) {
        List<Ports> masks = new ArrayList<>();
        int next = first;
        while (next <= last) {
            int free = next == 0 ? 16 : Integer.numberOfTrailingZeros(next);
            while (next + (1 << free) - 1 > last) {
                free--;
            }
            masks.add(new Ports(next, 0xffff & -(1 << free)));
            next += 1 << free;
        }
        return masks;
    }
}
