package org.xfrmagent.agent.daemon;

import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Path;

/** Sends IKE messages. The socket is the one of the path's local port, which also decides about the non-ESP marker. */
@FunctionalInterface
interface Datagrams {
    void send(Path path, Bytes message);
}
