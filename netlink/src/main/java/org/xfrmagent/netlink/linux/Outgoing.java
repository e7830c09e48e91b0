package org.xfrmagent.netlink.linux;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One datagram to send.
 *
 * @param source the local address to send from; empty lets the routing table choose
 * @param destination where to; the port is ignored on a raw socket
 * @param data the payload, without IP or UDP header; read while sending, never changed
 * @param segment 0 for one datagram, else {@code data} is cut by the kernel into datagrams of this many octets (UDP_SEGMENT; the
 *     last may be shorter; at most 64 segments and 65,507 octets)
 * @param trafficClass of the IP header, DSCP and ECN (IP_TOS, IPV6_TCLASS); 0 leaves it to the socket
 */
@SuppressWarnings("ArrayRecordComponent") // as in Datagram: one packet, one array, no copy
public record Outgoing(Optional<InetAddress> source, InetSocketAddress destination, byte[] data, int segment, int trafficClass) {
    public Outgoing {
        if (segment < 0 || segment > 0xffff) {
            throw new IllegalArgumentException("a segment of " + segment + " octets");
        }
        if (trafficClass < 0 || trafficClass > 0xff) {
            throw new IllegalArgumentException("a traffic class of " + trafficClass);
        }
    }

    /** With the socket's traffic class. */
    public Outgoing(Optional<InetAddress> source, InetSocketAddress destination, byte[] data, int segment) {
        this(source, destination, data, segment, 0);
    }

    public static Outgoing of(InetSocketAddress destination, byte[] data) {
        return new Outgoing(Optional.empty(), destination, data, 0);
    }

    public static Outgoing of(InetAddress source, InetSocketAddress destination, byte[] data) {
        return new Outgoing(Optional.of(source), destination, data, 0);
    }

    /** Why one datagram of a batch was not sent: its place in the batch, and the error. */
    public record Failure(int index, Errno errno) {}

    @Override
    public String toString() {
        return source.map(Object::toString).orElse("*") + " -> " + destination + ", " + data.length + " octets";
    }
}
