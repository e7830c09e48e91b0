package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.Optional;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * What the SPD looks at in a packet (RFC 4301, section 4.4.1.1). Addresses are 128-bit numbers, an IPv4 address in the low 32 bits, so
 * that comparing needs no object.
 *
 * @param ipv6 the family; the same number in the other family is another address
 * @param protocol the upper-layer protocol behind all extension headers, or {@link #OPAQUE} in a fragment that does not show it
 * @param sourcePort the source port; for ICMP type × 256 + code and for mobility headers type × 256, in both ports; {@link #OPAQUE} if
 *     the packet has none or is not the first fragment
 */
public record PacketSelectors(
        boolean ipv6,
        long sourceHigh,
        long sourceLow,
        long destinationHigh,
        long destinationLow,
        int protocol,
        int sourcePort,
        int destinationPort) {
    public static final int OPAQUE = -1;

    private static final int MOBILITY = 135;

    /** Reads the packet of {@code length} octets at {@code offset}; empty if it is not a whole IPv4 or IPv6 packet. */
    public static Optional<PacketSelectors> of(byte[] packet, int offset, int length) {
        return IpHeader.parse(packet, offset, length).map(header -> of(packet, offset, header));
    }

    static PacketSelectors of(byte[] packet, int offset, IpHeader header) {
        int protocol = header.protocol();
        int at = offset + header.upperLayer();
        int left = header.totalLength() - header.upperLayer();
        int source = OPAQUE;
        int destination = OPAQUE;
        if (!header.laterFragment()) {
            if (IpProtocols.hasPorts(protocol) && left >= 4) {
                source = Octets.u16(packet, at);
                destination = Octets.u16(packet, at + 2);
            } else if (IpProtocols.isIcmp(protocol) && left >= 2) {
                source = Octets.u16(packet, at);
                destination = source;
            } else if (protocol == MOBILITY && left >= 3) {
                source = Octets.u8(packet, at + 2) << 8;
                destination = source;
            }
        }
        return header.ipv6()
                ? new PacketSelectors(
                        true, Octets.i64(packet, offset + 8), Octets.i64(packet, offset + 16), Octets.i64(packet, offset + 24),
                        Octets.i64(packet, offset + 32), protocol, source, destination)
                : new PacketSelectors(
                        false, 0, Octets.u32(packet, offset + 12), 0, Octets.u32(packet, offset + 16), protocol, source, destination);
    }

    public InetAddress source() {
        return address(sourceHigh, sourceLow);
    }

    public InetAddress destination() {
        return address(destinationHigh, destinationLow);
    }

    private InetAddress address(long high, long low) {
        byte[] octets = new byte[ipv6 ? 16 : 4];
        if (ipv6) {
            Octets.putI64(octets, 0, high);
            Octets.putI64(octets, 8, low);
        } else {
            Octets.putI32(octets, 0, (int) low);
        }
        return Ip.of(octets);
    }

    /** As traffic selectors, for an Acquire: single addresses and ports (RFC 7296, section 2.9: the first pair of a proposal). */
    public SelectorPair toPair() {
        return new SelectorPair(selector(source(), sourcePort), selector(destination(), destinationPort));
    }

    private TrafficSelector selector(InetAddress address, int port) {
        int known = Math.max(protocol, IpProtocols.ANY);
        return port == OPAQUE
                ? new TrafficSelector(known, 0, TrafficSelector.MAX_PORT, AddressRange.of(address))
                : new TrafficSelector(known, port, port, AddressRange.of(address));
    }

    @Override
    public String toString() {
        return toPair().toString();
    }
}
