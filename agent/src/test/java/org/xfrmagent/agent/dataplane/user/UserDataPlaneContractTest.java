package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneContract;
import org.xfrmagent.netlink.linux.UdpSocket;

/** The contract on the userspace plane, in a namespace of its own whose outer packets nobody receives. */
@Tag("netns")
class UserDataPlaneContractTest extends DataPlaneContract {
    private Namespaces namespaces = none();

    private static Namespaces none() {
        try {
            return new Namespaces();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    @Override
    protected DataPlane open() throws Exception {
        namespaces = new Namespaces("gw", "peer");
        namespaces.link("gw", "wan", "peer", "eth");
        namespaces.in("gw", "ip address add 192.0.2.1/24 dev wan");
        namespaces.in("gw", "ip neighbour add 192.0.2.2 lladdr 02:00:00:00:00:02 dev wan nud permanent");
        namespaces.in("gw", "ip address add 10.1.0.1/32 dev lo");
        return namespaces.call("gw", () -> UserDataPlane.open(UserPlaneOptions.with(EspInUdp.none())));
    }

    @AfterEach
    void leave() throws Exception {
        namespaces.close();
    }

    @Override
    protected void send(int packets) throws Exception {
        namespaces.call("gw", () -> {
            try (UdpSocket socket = UdpSocket.open(new InetSocketAddress(LOCAL_HOST, 0), UdpSocket.Options.PLAIN)) {
                for (int i = 0; i < packets; i++) {
                    socket.send(LOCAL_HOST, new InetSocketAddress(REMOTE_HOST, 9), new byte[100]);
                }
            }
            return packets;
        });
    }
}
