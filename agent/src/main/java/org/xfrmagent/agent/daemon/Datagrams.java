package org.xfrmagent.agent.daemon;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;

/** Sends IKE messages. The socket is the one of the path's local port, which also decides about the non-ESP marker. */
@FunctionalInterface
interface Datagrams {
    /** @param dscp of the IP header: 0 to 63 (RFC 2474) */
    void send(Path path, Bytes message, int dscp);
}
