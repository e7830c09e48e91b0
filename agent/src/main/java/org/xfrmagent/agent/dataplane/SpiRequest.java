package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/** An inbound SPI, of IPComp a CPI, for traffic from {@code source} (the peer) to {@code destination} (us). */
public record SpiRequest(InetAddress source, InetAddress destination, Protocol protocol, Mode mode, int reqid) {}
