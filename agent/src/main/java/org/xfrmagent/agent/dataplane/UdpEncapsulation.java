package org.xfrmagent.agent.dataplane;

/** ESP in UDP (RFC 3948): the ports as they are in the packets of this SA's direction. */
public record UdpEncapsulation(int sourcePort, int destinationPort) {}
