package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.xfrmagent.netlink.linux.Datagram;
import org.xfrmagent.netlink.linux.Outgoing;
import org.xfrmagent.netlink.linux.UdpSocket;

/** The socket of port 4500 as the daemon would hold it. */
final class Port4500 implements EspInUdp, AutoCloseable {
    static final int NUMBER = 4500;

    private final UdpSocket socket;
    private final CompletableFuture<UserDataPlane> plane = new CompletableFuture<>();

    Port4500(Namespaces hosts, String host, InetAddress local) throws IOException {
        socket = hosts.call(host, () -> UdpSocket.open(
                new InetSocketAddress(local, NUMBER), UdpSocket.Options.IKE.withMark(UserPlaneOptions.MARK)));
        Thread.ofPlatform().daemon().name(host + " port 4500").start(this::receive);
    }

    /** Where what comes in goes. */
    void leadsTo(UserDataPlane to) {
        plane.complete(to);
    }

    private void receive() {
        try {
            UserDataPlane to = plane.join();
            while (true) {
                for (Datagram datagram : socket.receive()) {
                    to.receivedEncapsulated(
                            datagram.source(), new InetSocketAddress(datagram.destination(), datagram.destinationPort()),
                            datagram.data());
                }
            }
        } catch (ClosedChannelException closed) {
            // The end of the test.
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public int send(List<Packet> batch) {
        try {
            List<Outgoing> all = batch.stream()
                    .map(packet -> Outgoing.of(packet.local().getAddress(), packet.remote(), packet.esp()))
                    .toList();
            return socket.send(all).size();
        } catch (IOException failed) {
            return batch.size();
        }
    }

    @Override
    public void close() {
        socket.close();
    }
}
