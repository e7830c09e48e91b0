package org.xfrmagent.netlink.linux;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * One datagram as it arrived.
 *
 * @param source who sent it (port 0 on a raw socket)
 * @param destination the local address it was sent to, from the packet itself if the socket asked for it (pktinfo)
 * @param destinationPort the local port it was sent to (0 on a raw socket)
 * @param data its payload, without IP or UDP header; the array is the receiver's own
 */
@SuppressWarnings("ArrayRecordComponent") // decrypted in place: a copy or a wrapper per packet would cost more than it protects
public record Datagram(InetSocketAddress source, InetAddress destination, int destinationPort, byte[] data) {
    @Override
    public String toString() {
        return source + " -> " + destination + ":" + destinationPort + ", " + data.length + " octets";
    }
}
