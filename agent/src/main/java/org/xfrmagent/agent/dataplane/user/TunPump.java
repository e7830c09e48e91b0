package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import org.xfrmagent.netlink.linux.Datagram;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.linux.LinuxException;
import org.xfrmagent.netlink.linux.Outgoing;
import org.xfrmagent.netlink.linux.RawSocket;
import org.xfrmagent.netlink.linux.TunDevice;
import org.xfrmagent.policies.model.Ip;

/**
 * Moves packets between the TUN interface and the sockets, in batches, on one platform thread per descriptor. No packet can end a
 * thread: what goes wrong is counted.
 *
 * <pre>
 *   applications, LAN ──route──▶ TUN ──▶ Outbound ──▶ raw socket, or the daemon's port 4500 ──▶ wire
 *                    ◀──route── TUN ◀── Inbound  ◀── raw sockets ESP, AH; port 4500       ◀── wire
 * </pre>
 */
final class TunPump implements AutoCloseable {
    /** Packets taken from the TUN interface before they are sent on together. */
    private static final int BATCH = 64;

    private static final int IPPROTO_ESP = 50;
    private static final int IPPROTO_AH = 51;
    /** Sends whole IP packets, header and all, and receives nothing. */
    private static final int IPPROTO_RAW = 255;

    private static final int SOCKET_BUFFER = 4 << 20;
    private static final long AFTER_FAILURE_NANOS = 100_000_000L;

    private volatile TunDevice tun;
    private volatile boolean closed;
    private final Outbound outbound;
    private final Inbound inbound;
    private final EspInUdp espInUdp;
    private final PathMtu pathMtu;
    private final BiFunction<InetAddress, InetAddress, OptionalInt> linkMtu;
    private final DropCounters drops;
    private final RawSocket sendV4;
    private final Optional<RawSocket> sendV6;
    private final List<RawSocket> receivers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    /** What one turn of a thread does; it throws when its descriptor is closed. */
    private interface Turn {
        void take(Departures departures) throws IOException;
    }

    TunPump(
            TunDevice tun,
            Outbound outbound,
            Inbound inbound,
            EspInUdp espInUdp,
            PathMtu pathMtu,
            BiFunction<InetAddress, InetAddress, OptionalInt> linkMtu,
            DropCounters drops,
            int mark)
            throws IOException {
        this.tun = tun;
        this.outbound = outbound;
        this.inbound = inbound;
        this.espInUdp = espInUdp;
        this.pathMtu = pathMtu;
        this.linkMtu = linkMtu;
        this.drops = drops;
        RawSocket.Options options = new RawSocket.Options(true, mark, SOCKET_BUFFER, SOCKET_BUFFER, true);
        InetAddress any4 = Ip.of(new byte[4]);
        InetAddress any6 = Ip.of(new byte[16]);
        sendV4 = RawSocket.open(any4, IPPROTO_RAW, options);
        sendV6 = openV6(any6, IPPROTO_RAW, options);
        String name = tun.name();
        thread(name + " tun", this::outboundTurn);
        for (int protocol : new int[] {IPPROTO_ESP, IPPROTO_AH}) {
            boolean esp = protocol == IPPROTO_ESP;
            receiver(name, RawSocket.open(any4, protocol, options), esp, false);
            openV6(any6, protocol, options).ifPresent(socket -> receiver(name, socket, esp, true));
        }
    }

    /** Empty on a machine without IPv6. */
    private static Optional<RawSocket> openV6(InetAddress any, int protocol, RawSocket.Options options) throws IOException {
        try {
            return Optional.of(RawSocket.open(any, protocol, options));
        } catch (LinuxException refused) {
            if (refused.errno().name().equals("EAFNOSUPPORT")) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    private void receiver(String name, RawSocket socket, boolean esp, boolean ipv6) {
        receivers.add(socket);
        thread(name + (esp ? " esp" : " ah") + (ipv6 ? "6" : "4"), departures -> {
            for (Datagram datagram : socket.receive()) {
                guarded(() -> arrived(datagram, esp, ipv6, departures));
            }
        });
    }

    private void thread(String name, Turn turn) {
        threads.add(Thread.ofPlatform().daemon().name(name).unstarted(() -> run(turn)));
    }

    void start() {
        threads.forEach(Thread::start);
    }

    private void run(Turn turn) {
        Departures departures = new Departures();
        while (true) {
            try {
                turn.take(departures);
                flush(departures);
            } catch (ClosedChannelException ended) {
                if (closed) {
                    return;
                }
                // The interface is another one now.
            } catch (IOException failed) {
                // The interface is down, say; somebody may set it up again.
                drops.count(DropReason.INTERNAL);
                LockSupport.parkNanos(AFTER_FAILURE_NANOS);
            }
            departures.clear();
        }
    }

    /** Goes on with another interface: somebody deleted the former one. */
    void replace(TunDevice other) {
        TunDevice former = tun;
        tun = other;
        former.close();
    }

    private void outboundTurn(Departures departures) throws IOException {
        TunDevice from = tun;
        byte[] packet = from.read();
        for (int count = 0; packet.length > 0; packet = from.read(0)) {
            byte[] one = packet;
            guarded(() -> outbound.process(one, departures));
            if (++count == BATCH) {
                return;
            }
        }
    }

    private void arrived(Datagram datagram, boolean esp, boolean ipv6, Departures departures) {
        byte[] data = datagram.data();
        InetAddress source = datagram.source().getAddress();
        if (ipv6) {
            if (esp) {
                inbound.esp(
                        new Inbound.Arrival(source, datagram.destination(), Optional.empty(), OptionalInt.empty()), data, 0, data.length,
                        departures);
            } else {
                inbound.ah(withHeaderV6(source, datagram.destination(), data), departures);
            }
            return;
        }
        if (!esp) {
            inbound.ah(data, departures);
            return;
        }
        int header = (data[0] & 0xf) * 4;
        inbound.esp(
                new Inbound.Arrival(source, datagram.destination(), Optional.empty(), OptionalInt.of(Octets.u8(data, 1))), data, header,
                data.length - header, departures);
    }

    /**
     * The kernel keeps the IPv6 header to itself. For AH it can be made again, because what cannot be known counts as zero; only
     * extension headers in front of AH, which hardly any packet has, are lost, and such a packet is refused.
     */
    private static byte[] withHeaderV6(InetAddress source, InetAddress destination, byte[] data) {
        byte[] packet = new byte[IpHeader.V6_LENGTH + data.length];
        OuterHeader.write(packet, source, destination, IPPROTO_AH, packet.length, 0, true, 0);
        System.arraycopy(data, 0, packet, IpHeader.V6_LENGTH, data.length);
        return packet;
    }

    /** An ESP packet that came in UDP, on the thread of whoever received it. */
    void receivedEncapsulated(Inbound.Arrival arrival, byte[] esp) throws IOException {
        Departures departures = new Departures();
        guarded(() -> inbound.esp(arrival, esp, 0, esp.length, departures));
        flush(departures);
    }

    private void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException bug) {
            drops.count(DropReason.INTERNAL);
        }
    }

    private void flush(Departures departures) throws IOException {
        if (!departures.ipv4.isEmpty()) {
            report(departures.ipv4, sendV4.send(departures.ipv4));
        }
        if (!departures.ipv6.isEmpty()) {
            if (sendV6.isPresent()) {
                report(departures.ipv6, sendV6.get().send(departures.ipv6));
            } else {
                drops.count(DropReason.NOT_SENT, departures.ipv6.size());
            }
        }
        if (!departures.udp.isEmpty()) {
            drops.count(DropReason.NOT_SENT, espInUdp.send(List.copyOf(departures.udp)));
        }
        for (byte[] packet : departures.inner) {
            try {
                tun.write(packet);
            } catch (LinuxException refused) {
                drops.count(DropReason.NOT_SENT);
            }
        }
    }

    private void report(List<Outgoing> batch, List<Outgoing.Failure> failures) {
        for (Outgoing.Failure failure : failures) {
            drops.count(DropReason.NOT_SENT);
            Outgoing packet = batch.get(failure.index());
            if (failure.errno().equals(Errno.EMSGSIZE)) {
                InetAddress destination = packet.destination().getAddress();
                packet.source().ifPresent(source -> linkMtu.apply(source, destination).ifPresent(mtu -> pathMtu.link(destination, mtu)));
                pathMtu.refused(destination, packet.data().length);
            }
        }
    }

    /** Whether packets of this address's family can be sent. */
    boolean speaks(InetAddress address) {
        return address instanceof Inet4Address || sendV6.isPresent();
    }

    @Override
    public void close() {
        closed = true;
        tun.close();
        receivers.forEach(RawSocket::close);
        sendV4.close();
        sendV6.ifPresent(RawSocket::close);
    }
}
