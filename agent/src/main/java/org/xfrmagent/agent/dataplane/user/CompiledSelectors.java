package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.IpProtocols;
import org.xfrmagent.policies.model.TrafficSelector;

/** A pair of traffic selectors as numbers, so that a thousand of them can be asked about one packet. */
final class CompiledSelectors {
    /** One end: addresses from..to as 128-bit numbers, and ports. */
    private static final class End {
        private final long fromHigh;
        private final long fromLow;
        private final long toHigh;
        private final long toLow;
        private final boolean anyPort;
        private final boolean opaque;
        private final int startPort;
        private final int endPort;

        End(TrafficSelector selector) {
            byte[] from = sixteen(selector.range().from());
            byte[] to = sixteen(selector.range().to());
            fromHigh = Octets.i64(from, 0);
            fromLow = Octets.i64(from, 8);
            toHigh = Octets.i64(to, 0);
            toLow = Octets.i64(to, 8);
            anyPort = selector.anyPort();
            opaque = selector.isOpaque();
            startPort = selector.startPort();
            endPort = selector.endPort();
        }

        private static byte[] sixteen(InetAddress address) {
            byte[] octets = address.getAddress();
            byte[] wide = new byte[16];
            System.arraycopy(octets, 0, wide, 16 - octets.length, octets.length);
            return wide;
        }

        boolean matchAddress(long high, long low) {
            return notAbove(fromHigh, fromLow, high, low) && notAbove(high, low, toHigh, toLow);
        }

        private static boolean notAbove(long high, long low, long otherHigh, long otherLow) {
            return high == otherHigh
                    ? Long.compareUnsigned(low, otherLow) <= 0
                    : Long.compareUnsigned(high, otherHigh) < 0;
        }

        /** ANY includes OPAQUE; a range of numbers never matches a port that cannot be seen (RFC 4301, section 4.4.1.1). */
        private boolean matchPort(int port) {
            if (anyPort) {
                return true;
            }
            return port == PacketSelectors.OPAQUE ? opaque : !opaque && port >= startPort && port <= endPort;
        }
    }

    private final boolean ipv6;
    private final int protocol;
    private final End source;
    private final End destination;

    CompiledSelectors(SelectorPair pair) {
        ipv6 = pair.source().family() == AddressFamily.IPV6;
        // Both ends carry the protocol; where one says "any", the other decides.
        protocol = Math.max(pair.source().protocol(), pair.destination().protocol());
        source = new End(pair.source());
        destination = new End(pair.destination());
    }

    boolean match(PacketSelectors packet) {
        return packet.ipv6() == ipv6
                && (protocol == IpProtocols.ANY || protocol == packet.protocol())
                && source.matchPort(packet.sourcePort())
                && destination.matchPort(packet.destinationPort())
                && matchAddresses(packet);
    }

    private boolean matchAddresses(PacketSelectors packet) {
        return source.matchAddress(packet.sourceHigh(), packet.sourceLow())
                && destination.matchAddress(packet.destinationHigh(), packet.destinationLow());
    }

    /** Whether these selectors would match if the packet, a later fragment, showed its protocol and ports. */
    boolean mightMatch(PacketSelectors packet) {
        boolean hiddenProtocol = packet.protocol() == PacketSelectors.OPAQUE;
        boolean hiddenPorts = packet.sourcePort() == PacketSelectors.OPAQUE
                && (IpProtocols.hasPorts(packet.protocol()) || IpProtocols.isIcmp(packet.protocol()));
        return packet.ipv6() == ipv6
                && (protocol == IpProtocols.ANY || hiddenProtocol || protocol == packet.protocol() && hiddenPorts)
                && matchAddresses(packet);
    }
}
