package org.xfrmagent.agent.dataplane.user;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * The way out for ESP in UDP (RFC 3948). Port 4500 belongs to IKE: whoever owns that socket sends for the plane, and hands what
 * arrives there and is not IKE to {@link UserDataPlane#receivedEncapsulated}.
 */
public interface EspInUdp {
    /** One ESP packet, from its SPI on, without the UDP header. */
    @SuppressWarnings("ArrayRecordComponent") // one packet, one array, no copy
    record Packet(InetSocketAddress local, InetSocketAddress remote, byte[] esp) {}

    /**
     * Sends a batch, from {@code local} each. It must not block for long and must not throw.
     *
     * @return how many were not sent
     */
    int send(List<Packet> batch);

    /** For a plane that is never asked to encapsulate. */
    static EspInUdp none() {
        return List::size;
    }
}
