package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import org.xfrmagent.policies.model.Ip;

/**
 * The two ends of an IKE datagram as this host sees them. The local port says which socket: on the NAT traversal port every IKE
 * message carries the non-ESP marker (RFC 3948, section 2.2), which the transport adds and removes.
 */
public record Path(InetAddress local, int localPort, InetAddress remote, int remotePort) {
    public Path withPorts(int newLocal, int newRemote) {
        return new Path(local, newLocal, remote, newRemote);
    }

    @Override
    public String toString() {
        return text(local, localPort) + " -> " + text(remote, remotePort);
    }

    private static String text(InetAddress address, int port) {
        String host = Ip.text(address);
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
