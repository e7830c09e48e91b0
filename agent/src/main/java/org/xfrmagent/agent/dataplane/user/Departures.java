package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.linux.Outgoing;

/** What a batch of packets has become, by the way each leaves. One thread fills it, hands it over, and begins again. */
final class Departures {
    /** Whole IPv4 packets: ESP or AH, and what is let by in the clear. */
    final List<Outgoing> ipv4 = new ArrayList<>();

    final List<Outgoing> ipv6 = new ArrayList<>();
    final List<EspInUdp.Packet> udp = new ArrayList<>();
    /** Decrypted packets, for the TUN interface. */
    final List<byte[]> inner = new ArrayList<>();

    boolean isEmpty() {
        return ipv4.isEmpty() && ipv6.isEmpty() && udp.isEmpty() && inner.isEmpty();
    }

    void clear() {
        ipv4.clear();
        ipv6.clear();
        udp.clear();
        inner.clear();
    }

    /** A packet of our own that has its IP header. The kernel chooses the route by both addresses. */
    void whole(byte[] packet, InetAddress source, InetAddress destination) {
        Outgoing outgoing = new Outgoing(Optional.of(source), new InetSocketAddress(destination, 0), packet, 0);
        (source.getAddress().length == 4 ? ipv4 : ipv6).add(outgoing);
    }

    /** Somebody else's packet, on its way as it is. IPv6 lets only local addresses be named as the source. */
    void passedBy(byte[] packet, PacketSelectors selectors) {
        InetSocketAddress destination = new InetSocketAddress(selectors.destination(), 0);
        if (selectors.ipv6()) {
            ipv6.add(new Outgoing(Optional.empty(), destination, packet, 0));
        } else {
            ipv4.add(new Outgoing(Optional.of(selectors.source()), destination, packet, 0));
        }
    }
}
