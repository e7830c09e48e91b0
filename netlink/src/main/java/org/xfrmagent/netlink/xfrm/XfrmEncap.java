package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;

/**
 * UDP encapsulation of ESP (RFC 3948).
 *
 * @param type {@link #ESP_IN_UDP}, or 7 for TCP (RFC 9329)
 * @param sourcePort the UDP source port of the packets
 * @param destinationPort their destination port
 * @param originalAddress the peer's address before NAT, of the SA's family; the wildcard address if unknown
 */
public record XfrmEncap(int type, int sourcePort, int destinationPort, InetAddress originalAddress) {
    public static final int ESP_IN_UDP = 2;
}
