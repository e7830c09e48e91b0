package org.xfrmagent.agent.dataplane.user;

import org.xfrmagent.policies.model.IpProtocols;

/**
 * Transport mode through a NAT: the TCP or UDP checksum was made with the addresses before the NAT. The packet is authentic, so the
 * checksum is simply made anew (RFC 3948, section 3.1.2).
 */
final class UpperChecksum {
    private UpperChecksum() {}

    /** @param at where the upper-layer header begins in the whole IP packet */
    static void correct(byte[] packet, int at, int protocol) {
        int field = switch (protocol) {
            case IpProtocols.TCP -> at + 16;
            case IpProtocols.UDP -> at + 6;
            default -> -1;
        };
        int length = packet.length - at;
        if (field < 0 || field + 2 > packet.length) {
            return;
        }
        boolean ipv6 = (packet[0] >> 4 & 0xf) == 6;
        if (protocol == IpProtocols.UDP && !ipv6 && Octets.u16(packet, field) == 0) {
            return; // IPv4 lets a UDP sender do without
        }
        Octets.putU16(packet, field, 0);
        long pseudo = ipv6 ? Octets.sum(packet, 8, 32, length + (long) protocol) : Octets.sum(packet, 12, 8, length + (long) protocol);
        int sum = Octets.checksum(Octets.sum(packet, at, length, pseudo));
        Octets.putU16(packet, field, protocol == IpProtocols.UDP && sum == 0 ? 0xffff : sum);
    }
}
