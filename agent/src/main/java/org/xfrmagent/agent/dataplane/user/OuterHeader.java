package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;

/**
 * The outer IP header of a tunnel (RFC 4301, section 5.1.2). DSCP is copied; so is ECN (RFC 6040, normal mode); DF is copied from
 * IPv4 and set for IPv6, which routers never fragment.
 */
final class OuterHeader {
    /** The congestion bits of a traffic class; the others are the DSCP. */
    static final int ECN = 3;
    private static final int HOPS = 64;
    private static final int DONT_FRAGMENT = 0x4000;

    private OuterHeader() {}

    static int length(InetAddress source) {
        return source.getAddress().length == 4 ? IpHeader.V4_LENGTH : IpHeader.V6_LENGTH;
    }

    /** DSCP and ECN of the IP packet at {@code offset}, as the octet that IPv4 calls type of service. */
    static int trafficClass(byte[] packet, int offset) {
        return (packet[offset] >> 4 & 0xf) == 4 ? Octets.u8(packet, offset + 1) : Octets.u16(packet, offset) >> 4 & 0xff;
    }

    static boolean dontFragment(byte[] packet, int offset) {
        return (packet[offset] >> 4 & 0xf) != 4 || (Octets.u16(packet, offset + 6) & DONT_FRAGMENT) != 0;
    }

    /**
     * Writes a header without options at index 0.
     *
     * @param total octets of the whole packet
     * @param identification of an IPv4 packet that may be fragmented
     */
    static void write(
            byte[] packet,
            InetAddress source,
            InetAddress destination,
            int protocol,
            int total,
            int trafficClass,
            boolean dontFragment,
            int identification) {
        byte[] from = source.getAddress();
        byte[] to = destination.getAddress();
        if (from.length == 4) {
            packet[0] = 0x45;
            packet[1] = (byte) trafficClass;
            Octets.putU16(packet, 2, total);
            Octets.putU16(packet, 4, dontFragment ? 0 : identification);
            Octets.putU16(packet, 6, dontFragment ? DONT_FRAGMENT : 0);
            packet[8] = HOPS;
            packet[9] = (byte) protocol;
            System.arraycopy(from, 0, packet, 12, 4);
            System.arraycopy(to, 0, packet, 16, 4);
            checksumV4(packet, IpHeader.V4_LENGTH);
        } else {
            Octets.putI32(packet, 0, 6 << 28 | trafficClass << 20);
            Octets.putU16(packet, 4, total - IpHeader.V6_LENGTH);
            packet[6] = (byte) protocol;
            packet[7] = HOPS;
            System.arraycopy(from, 0, packet, 8, 16);
            System.arraycopy(to, 0, packet, 24, 16);
        }
    }

    /** Puts the right checksum into the IPv4 header of {@code length} octets at index 0. */
    static void checksumV4(byte[] packet, int length) {
        Octets.putU16(packet, 10, 0);
        Octets.putU16(packet, 10, Octets.checksum(Octets.sum(packet, 0, length, 0)));
    }

    /**
     * Gives the inner packet the congestion mark that the outer one met (RFC 6040, figure 4).
     *
     * <pre>
     *   inner \ outer   Not-ECT  ECT(0)   ECT(1)   CE
     *   Not-ECT         Not-ECT  Not-ECT  Not-ECT  drop
     *   ECT(0)          ECT(0)   ECT(0)   ECT(1)   CE
     *   ECT(1)          ECT(1)   ECT(1)   ECT(1)   CE
     *   CE              CE       CE       CE       CE
     * </pre>
     *
     * @param outer traffic class of the outer header
     * @return false if the packet is to be dropped
     */
    static boolean mergeEcn(byte[] packet, int offset, int outer) {
        int inner = trafficClass(packet, offset) & 3;
        int merged = switch (outer & 3) {
            case 3 -> inner == 0 ? -1 : 3;
            case 1 -> inner == 2 ? 1 : inner;
            default -> inner;
        };
        if (merged < 0) {
            return false;
        }
        if (merged != inner) {
            setTrafficClass(packet, offset, trafficClass(packet, offset) & ~ECN | merged);
        }
        return true;
    }

    /** Gives the inner packet the DSCP of the outer one (RFC 4301, section 5.1.2, "bypass DSCP"). */
    static void copyDscp(byte[] packet, int offset, int outer) {
        setTrafficClass(packet, offset, outer & ~ECN | trafficClass(packet, offset) & ECN);
    }

    private static void setTrafficClass(byte[] packet, int offset, int trafficClass) {
        if ((packet[offset] >> 4 & 0xf) == 4) {
            int before = Octets.u16(packet, offset);
            packet[offset + 1] = (byte) trafficClass;
            int after = Octets.u16(packet, offset);
            // RFC 1624: HC' = ~(~HC + ~m + m')
            long sum = (~Octets.u16(packet, offset + 10) & 0xffffL) + (~before & 0xffff) + after;
            Octets.putU16(packet, offset + 10, Octets.checksum(sum));
        } else {
            packet[offset] = (byte) (packet[offset] & 0xf0 | trafficClass >> 4);
            packet[offset + 1] = (byte) (packet[offset + 1] & 0x0f | trafficClass << 4);
        }
    }
}
