package org.xfrmagent.policies.model;

import java.net.InetAddress;
import java.util.Optional;

/**
 * One end of the traffic that a policy or an SA concerns (RFC 7296 section 3.13.1).
 *
 * @param protocol the upper-layer protocol, 0 = any
 * @param startPort the first port; for ICMP and ICMPv6 type × 256 + code; 65535 with {@code endPort} 0 means OPAQUE: packets whose
 *     ports cannot be seen
 * @param endPort the last port
 * @param range the addresses
 */
public record TrafficSelector(int protocol, int startPort, int endPort, AddressRange range) {
    public static final int MAX_PORT = 65535;
    public static final TrafficSelector ANY_V4 = of(AddressRange.ALL_IPV4);
    public static final TrafficSelector ANY_V6 = of(AddressRange.ALL_IPV6);

    /** @throws IllegalArgumentException for a number out of range or ports that run downwards and are not OPAQUE */
    public TrafficSelector {
        if (protocol < 0 || protocol > 255) {
            throw new IllegalArgumentException("a protocol is 0 to 255, not " + protocol);
        }
        boolean numbers = startPort >= 0 && startPort <= MAX_PORT && endPort >= 0 && endPort <= MAX_PORT;
        if (!numbers || startPort > endPort && !opaque(startPort, endPort)) {
            throw new IllegalArgumentException("ports run upwards from 0 to 65535, and " + startPort + " to " + endPort + " does not");
        }
    }

    /** All traffic of {@code range}. */
    public static TrafficSelector of(AddressRange range) {
        return new TrafficSelector(IpProtocols.ANY, 0, MAX_PORT, range);
    }

    public static TrafficSelector of(InetAddress address) {
        return of(AddressRange.of(address));
    }

    public static TrafficSelector any(AddressFamily family) {
        return family == AddressFamily.IPV4 ? ANY_V4 : ANY_V6;
    }

    private static boolean opaque(int startPort, int endPort) {
        return startPort == MAX_PORT && endPort == 0;
    }

    public AddressFamily family() {
        return range.family();
    }

    public boolean isOpaque() {
        return opaque(startPort, endPort);
    }

    public boolean anyPort() {
        return startPort == 0 && endPort == MAX_PORT;
    }

    /** Whether every packet that {@code other} selects is selected by this one too. */
    public boolean contains(TrafficSelector other) {
        return intersect(other).filter(other::equals).isPresent();
    }

    /** What both select; empty when there is no such packet. Any port includes OPAQUE (RFC 4301 section 4.4.1.1). */
    public Optional<TrafficSelector> intersect(TrafficSelector other) {
        if (protocol != other.protocol && protocol != IpProtocols.ANY && other.protocol != IpProtocols.ANY) {
            return Optional.empty();
        }
        int both = Math.max(protocol, other.protocol);
        if (isOpaque() || other.isOpaque()) {
            return (isOpaque() || anyPort()) && (other.isOpaque() || other.anyPort())
                    ? range.intersect(other.range).map(common -> new TrafficSelector(both, MAX_PORT, 0, common))
                    : Optional.empty();
        }
        int first = Math.max(startPort, other.startPort);
        int last = Math.min(endPort, other.endPort);
        return first > last
                ? Optional.empty()
                : range.intersect(other.range).map(common -> new TrafficSelector(both, first, last, common));
    }

    /** Whether some packet has one end here and the other there: of one family, one protocol, and for ICMP of one type. */
    public boolean meets(TrafficSelector other) {
        boolean protocols = protocol == other.protocol || protocol == IpProtocols.ANY || other.protocol == IpProtocols.ANY;
        boolean typed = IpProtocols.isIcmp(Math.max(protocol, other.protocol)) && !isOpaque() && !other.isOpaque();
        return family() == other.family() && protocols && (!typed || startPort <= other.endPort && other.startPort <= endPort);
    }

    /** strongSwan's form: {@code 10.1.0.0/16}, {@code 10.0.0.1/32[tcp/22]}, {@code 10.0.0.0/8[icmp/8(0)]}. */
    @Override
    public String toString() {
        if (protocol == IpProtocols.ANY && anyPort()) {
            return range.toString();
        }
        String name = protocol == IpProtocols.ANY ? "0" : IpProtocols.name(protocol);
        return range + "[" + name + (anyPort() ? "" : "/" + ports()) + "]";
    }

    private String ports() {
        if (isOpaque()) {
            return "OPAQUE";
        }
        if (!IpProtocols.isIcmp(protocol)) {
            return startPort == endPort ? Integer.toString(startPort) : startPort + "-" + endPort;
        }
        int firstType = startPort >> 8;
        int lastType = endPort >> 8;
        boolean allCodes = (startPort & 0xff) == 0 && (endPort & 0xff) == 0xff;
        if (startPort == endPort) {
            return firstType + "(" + (startPort & 0xff) + ")";
        }
        if (allCodes) {
            return firstType == lastType ? Integer.toString(firstType) : firstType + "-" + lastType;
        }
        return firstType + "(" + (startPort & 0xff) + ")-" + lastType + "(" + (endPort & 0xff) + ")";
    }
}
