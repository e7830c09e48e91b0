package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import org.xfrmagent.policies.model.Ip;

/** A pair of outer addresses between which packets can travel, as far as this host's addresses and routes say. */
public record Way(InetAddress local, InetAddress remote) {
    public static Way of(Path path) {
        return new Way(path.local(), path.remote());
    }

    @Override
    public String toString() {
        return Ip.text(local) + " -> " + Ip.text(remote);
    }
}
