package org.xfrmagent.agent.dataplane.xfrm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.xfrmagent.agent.dataplane.SiteToSite.LOCAL_HOST;
import static org.xfrmagent.agent.dataplane.SiteToSite.REMOTE_HOST;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.xfrmagent.agent.dataplane.DataPlane;
import org.xfrmagent.agent.dataplane.DataPlaneContract;
import org.xfrmagent.netlink.linux.Netns;
import org.xfrmagent.netlink.linux.UdpSocket;

/** The contract on the kernel's own data plane, in a namespace of its own whose outer packets nobody receives. */
@Tag("lab")
class XfrmDataPlaneContractTest extends DataPlaneContract {
    private Optional<Netns> gateway = Optional.empty();

    @Override
    protected DataPlane open() throws IOException {
        Netns fresh = Netns.create();
        gateway = Optional.of(fresh);
        return fresh.call(() -> {
            String script = "ip link set lo up && ip link add wan type veth peer name far && ip link set wan up && ip link set far up"
                    + " && ip addr add 192.0.2.1/24 dev wan && ip addr add 10.1.0.1/32 dev lo"
                    + " && ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev wan nud permanent"
                    + " && ip addr add 192.0.2.11/24 dev wan && ip neigh add 192.0.2.12 lladdr 02:00:00:00:00:02 dev wan nud permanent"
                    + " && ip route add 10.2.0.0/16 via 192.0.2.2 src 10.1.0.1";
            assertThat(new ProcessBuilder("sh", "-c", script).inheritIO().start().waitFor()).isZero();
            return XfrmDataPlane.open();
        });
    }

    @AfterEach
    void leave() {
        gateway.ifPresent(Netns::close);
    }

    @Override
    protected void send(int packets) throws IOException {
        gateway.orElseThrow().call(() -> {
            try (UdpSocket socket = UdpSocket.open(new InetSocketAddress(LOCAL_HOST, 0), UdpSocket.Options.PLAIN)) {
                for (int i = 0; i < packets; i++) {
                    sendOne(socket);
                }
            }
            return packets;
        });
    }

    private static void sendOne(UdpSocket socket) throws IOException {
        try {
            socket.send(LOCAL_HOST, new InetSocketAddress(REMOTE_HOST, 9), new byte[100]);
        } catch (IOException held) {
            // The kernel tells the sender when there is no SA yet: that packet is gone.
        }
    }
}
