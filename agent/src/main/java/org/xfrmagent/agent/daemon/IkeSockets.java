package org.xfrmagent.agent.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.user.EspInUdp;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.wire.NonEspMarker;
import org.xfrmagent.netlink.linux.Datagram;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.LinuxException;
import org.xfrmagent.netlink.linux.Outgoing;
import org.xfrmagent.netlink.linux.UdpSocket;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.Ip;

/**
 * The UDP sockets of IKE: two ports, two address families, one reading thread each. All are exempt from the security policies. On
 * the NAT traversal port IKE shares its socket with ESP (RFC 3948, section 2.2); with the kernel data plane the kernel takes the
 * ESP out before it gets here.
 */
final class IkeSockets implements Datagrams, EspInUdp, AutoCloseable {
    /** Enough for a burst of a thousand handshakes. */
    private static final int RECEIVE_BUFFER = 4 << 20;

    /** Takes what arrives, on one socket's reading thread. */
    interface Sink {
        /**
         * @param message without non-ESP marker
         * @return what is answered at once, together with other such answers; the way of a session's answers is {@link Datagrams#send}
         */
        Optional<Bytes> ike(Path path, Bytes message);

        /** ESP in UDP, for a data plane outside the kernel. */
        void esp(Path path, byte[] packet);
    }

    /**
     * What the data plane wants of the sockets.
     *
     * @param kernelTakesEsp set UDP_ENCAP on the NAT traversal port: only for a kernel with ESP, any other swallows the packets
     * @param mark of what is sent, by which the userspace plane's routes know IKE; 0 for none
     */
    record Use(boolean kernelTakesEsp, int mark) {}

    private record Port(UdpSocket socket, AddressFamily family, int number, boolean shared) {}

    private final List<Port> ports;
    private final EventHub events;
    private final List<Thread> readers = new ArrayList<>();

    private IkeSockets(List<Port> ports, EventHub events) {
        this.ports = List.copyOf(ports);
        this.events = events;
    }

    /**
     * Opens the sockets in the calling thread's network namespace. A host without IPv6 gets those of IPv4 alone.
     *
     * @param use what the data plane wants of the sockets
     * @throws IOException with a sentence for the user
     */
    static IkeSockets open(Settings.Ports numbers, Use use, EventHub events) throws IOException {
        List<Port> open = new ArrayList<>();
        try {
            for (AddressFamily family : AddressFamily.values()) {
                for (int number : new int[] {numbers.ike(), numbers.natTraversal()}) {
                    boolean shared = number == numbers.natTraversal();
                    open(family, number, shared, use, events.log()).ifPresent(open::add);
                }
            }
            return new IkeSockets(open, events);
        } catch (IOException | RuntimeException refused) {
            open.forEach(port -> port.socket.close());
            throw refused;
        }
    }

    private static Optional<Port> open(AddressFamily family, int number, boolean shared, Use use, EventLog log) throws IOException {
        InetAddress any = Ip.of(new byte[family.bytes()]);
        UdpSocket.Options options = UdpSocket.Options.IKE
                // Two programs with SO_REUSEADDR would share the port and each get some of the datagrams.
                .withReuseAddress(false)
                .withEspInUdp(shared && use.kernelTakesEsp)
                .withMark(use.mark)
                .withBuffers(RECEIVE_BUFFER, 0);
        try {
            UdpSocket socket = UdpSocket.open(new InetSocketAddress(any, number), options);
            return Optional.of(new Port(socket, family, socket.localAddress().getPort(), shared));
        } catch (LinuxException refused) {
            if (family == AddressFamily.IPV6 && isMissing(refused.errno())) {
                log.notice("ike", "this host has no IPv6: UDP port " + number + " is open for IPv4 only");
                return Optional.empty();
            }
            throw new IOException(sentence(refused, family, number), refused);
        }
    }

    private static boolean isMissing(Errno errno) {
        return errno.name().equals("EAFNOSUPPORT") || errno.equals(Errno.EADDRNOTAVAIL);
    }

    private static String sentence(LinuxException refused, AddressFamily family, int number) {
        String port = family + " UDP port " + number;
        if (refused.is(Errno.EADDRINUSE)) {
            return port + " is in use: another IKE daemon (charon, pluto, iked) is running, or another xfrm-agent";
        }
        if (refused.is(Errno.EPERM)) {
            return port + " cannot be exempt from the security policies: CAP_NET_ADMIN is missing (start as root, or by the systemd unit)";
        }
        if (refused.errno().name().equals("EACCES")) {
            return port + " cannot be opened: CAP_NET_BIND_SERVICE is missing (start as root, or by the systemd unit)";
        }
        return port + " cannot be opened: " + refused.getMessage();
    }

    /** @param sinks one for each reading thread */
    void start(Supplier<Sink> sinks) {
        for (Port port : ports) {
            String name = "ike-" + (port.family == AddressFamily.IPV4 ? "v4-" : "v6-") + port.number;
            Sink sink = sinks.get();
            readers.add(Thread.ofPlatform().name(name).daemon().start(() -> read(port, sink)));
        }
    }

    /** Threads that read. */
    int readers() {
        return readers.size();
    }

    private void read(Port port, Sink sink) {
        List<Outgoing> answers = new ArrayList<>();
        while (true) {
            try {
                answers.clear();
                for (Datagram datagram : port.socket.receive()) {
                    received(port, datagram, sink, answers);
                }
                if (!answers.isEmpty()) {
                    // What cannot be sent was for somebody who may not exist.
                    var _ = port.socket.send(answers);
                }
            } catch (ClosedChannelException ended) {
                return;
            } catch (IOException | RuntimeException failed) {
                events.note(new Event.Dropped(Event.Rule.BUG, "receiving on UDP port " + port.number + ": " + failed.getMessage()));
            }
        }
    }

    private void received(Port port, Datagram datagram, Sink sink, List<Outgoing> answers) {
        InetSocketAddress from = datagram.source();
        Path path = new Path(datagram.destination(), datagram.destinationPort(), from.getAddress(), from.getPort());
        Bytes bytes = Bytes.wrap(datagram.data());
        if (!port.shared) {
            sink.ike(path, bytes).ifPresent(answer -> answers.add(Outgoing.of(path.local(), from, answer.toArray())));
            return;
        }
        switch (NonEspMarker.classify(bytes)) {
            case IKE -> sink.ike(path, NonEspMarker.strip(bytes))
                    .ifPresent(answer -> answers.add(Outgoing.of(path.local(), from, NonEspMarker.prepend(answer).toArray())));
            case ESP -> sink.esp(path, datagram.data());
            case KEEPALIVE -> {}
            case NOISE -> events.drop(Event.Rule.MALFORMED, () -> path + ": " + bytes.length() + " octets are too few");
        }
    }

    @Override
    public void send(Path path, Bytes message, int dscp) {
        AddressFamily family = AddressFamily.of(path.remote());
        for (Port port : ports) {
            if (port.family == family && port.number == path.localPort()) {
                send(port, path, message, dscp);
                return;
            }
        }
        events.note(new Event.Dropped(Event.Rule.BUG, path + ": there is no " + family + " socket on port " + path.localPort()));
    }

    private void send(Port port, Path path, Bytes message, int dscp) {
        // A keepalive goes as it is: a marker would make it an IKE message (RFC 3948, section 2.3).
        boolean marked = port.shared && !message.equals(NonEspMarker.keepalive());
        Bytes datagram = marked ? NonEspMarker.prepend(message) : message;
        try {
            // The two low bits are ECN's, which IKE has no use for.
            port.socket.send(new Outgoing(
                    Optional.of(path.local()), new InetSocketAddress(path.remote(), path.remotePort()), datagram.toArray(), 0, dscp << 2));
        } catch (ClosedChannelException ended) {
            // The agent is about to end.
        } catch (IOException failed) {
            // The request will be sent again; the route may be there by then.
            events.note(new Event.Dropped(Event.Rule.OVERLOADED, "cannot send " + path + ": " + failed.getMessage()));
        }
    }

    /** ESP of the userspace plane, through the port that it shares with IKE. */
    @Override
    public int send(List<EspInUdp.Packet> batch) {
        int failed = 0;
        for (Port port : ports) {
            List<Outgoing> mine = new ArrayList<>();
            for (EspInUdp.Packet packet : batch) {
                if (port.shared && AddressFamily.of(packet.remote().getAddress()) == port.family) {
                    mine.add(Outgoing.of(packet.local().getAddress(), packet.remote(), packet.esp()));
                }
            }
            if (!mine.isEmpty()) {
                failed += send(port, mine);
            }
        }
        return failed;
    }

    private static int send(Port port, List<Outgoing> packets) {
        try {
            return port.socket.send(packets).size();
        } catch (IOException ended) {
            return packets.size();
        }
    }

    @Override
    public void close() {
        ports.forEach(port -> port.socket.close());
    }
}
