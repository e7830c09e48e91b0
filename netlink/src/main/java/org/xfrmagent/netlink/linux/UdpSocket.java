package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * A UDP socket that knows which local address each datagram came to and leaves from, moves batches with one system call, and can
 * be exempt from the security policies. Any number of threads may send; receiving threads take turns. {@link #close()} from
 * another thread ends a waiting {@link #receive()} with {@link java.nio.channels.ClosedChannelException}.
 */
public final class UdpSocket implements AutoCloseable {
    private static final int ESPINUDP = 2;
    /** The largest UDP payload there is, and the size of a batch that UDP_GRO hands up. */
    private static final int LARGEST = 65_535;

    private final Fd fd;
    private final InetSocketAddress local;
    private final ReceiveBatch receiving;
    private final SendBatch sending;

    private UdpSocket(Fd fd, InetSocketAddress local, Options options) {
        this.fd = fd;
        this.local = local;
        this.receiving = new ReceiveBatch(fd, options.batch, LARGEST);
        this.sending = new SendBatch(fd);
    }

    /**
     * How to open a socket; every method returns a changed copy.
     *
     * @param reuseAddress SO_REUSEADDR
     * @param pktinfo each datagram tells its local address (needed on a wildcard address)
     * @param bypassXfrm policies of the kernel do not apply to this socket, in and out
     * @param espInUdp the kernel takes ESP out of UDP (RFC 3948) on this socket: only for a kernel that has ESP
     * @param gro the kernel may glue datagrams of one flow; {@link UdpSocket#receive()} cuts them apart again
     * @param freeBind the local address need not exist yet
     * @param mark SO_MARK of what is sent; 0 is none
     * @param receiveBuffer octets; 0 leaves the system's default
     * @param sendBuffer octets; 0 leaves the system's default
     * @param batch datagrams per receive call
     * @param device interface to bind to, or empty
     */
    public record Options(
            boolean reuseAddress,
            boolean pktinfo,
            boolean bypassXfrm,
            boolean espInUdp,
            boolean gro,
            boolean freeBind,
            int mark,
            int receiveBuffer,
            int sendBuffer,
            int batch,
            Optional<String> device) {

        /** A plain socket with pktinfo, and 32 datagrams per receive. IPv6 sockets never take IPv4 (IPV6_V6ONLY). */
        public static final Options PLAIN = new Options(false, true, false, false, false, false, 0, 0, 0, 32, Optional.empty());

        /** What an IKE socket needs: address reuse, pktinfo and the bypass of all policies. */
        public static final Options IKE = PLAIN.withReuseAddress(true).withBypassXfrm(true);

        public Options withReuseAddress(boolean wanted) {
            return new Options(
                    wanted, pktinfo, bypassXfrm, espInUdp, gro, freeBind, mark, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withPktinfo(boolean wanted) {
            return new Options(
                    reuseAddress, wanted, bypassXfrm, espInUdp, gro, freeBind, mark, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withBypassXfrm(boolean wanted) {
            return new Options(
                    reuseAddress, pktinfo, wanted, espInUdp, gro, freeBind, mark, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withEspInUdp(boolean wanted) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, wanted, gro, freeBind, mark, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withGro(boolean wanted) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, espInUdp, wanted, freeBind, mark, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withFreeBind(boolean wanted) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, espInUdp, gro, wanted, mark, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withMark(int wanted) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, espInUdp, gro, freeBind, wanted, receiveBuffer, sendBuffer, batch, device);
        }

        public Options withBuffers(int receiveOctets, int sendOctets) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, espInUdp, gro, freeBind, mark, receiveOctets, sendOctets, batch, device);
        }

        public Options withBatch(int datagrams) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, espInUdp, gro, freeBind, mark, receiveBuffer, sendBuffer, datagrams, device);
        }

        public Options withDevice(String name) {
            return new Options(
                    reuseAddress, pktinfo, bypassXfrm, espInUdp, gro, freeBind, mark, receiveBuffer, sendBuffer, batch,
                    Optional.of(name));
        }
    }

    /**
     * Opens and binds a socket in the calling thread's network namespace. The family is that of {@code local}; the wildcard
     * address and port 0 are allowed.
     *
     * @throws LinuxException if the kernel refuses; the message names the option or the address
     */
    public static UdpSocket open(InetSocketAddress local, Options options) throws IOException {
        int family = Native.family(local.getAddress());
        Fd fd = Fd.socket(family, Native.SOCK_DGRAM, 0, "UDP");
        try {
            configure(fd, family, options);
            return new UdpSocket(fd, bind(fd, local), options);
        } catch (IOException | RuntimeException refused) {
            fd.close();
            throw refused;
        }
    }

    private static void configure(Fd fd, int family, Options options) throws IOException {
        boolean six = family == Native.AF_INET6;
        if (six) {
            SocketOptions.IPV6_V6ONLY.set(fd, 1);
        }
        if (options.reuseAddress) {
            SocketOptions.SO_REUSEADDR.set(fd, 1);
        }
        if (options.pktinfo) {
            (six ? SocketOptions.IPV6_RECVPKTINFO : SocketOptions.IP_PKTINFO).set(fd, 1);
        }
        if (options.bypassXfrm) {
            SocketOptions.bypassXfrm(fd, family);
        }
        if (options.freeBind) {
            (six ? SocketOptions.IPV6_FREEBIND : SocketOptions.IP_FREEBIND).set(fd, 1);
        }
        if (options.mark != 0) {
            SocketOptions.SO_MARK.set(fd, options.mark);
        }
        if (options.device.isPresent()) {
            SocketOptions.SO_BINDTODEVICE.set(fd, options.device.get());
        }
        if (options.gro) {
            SocketOptions.UDP_GRO.set(fd, 1);
        }
        if (options.espInUdp) {
            SocketOptions.UDP_ENCAP.set(fd, ESPINUDP);
        }
        SocketOptions.buffers(fd, options.receiveBuffer, options.sendBuffer);
    }

    static InetSocketAddress bind(Fd fd, InetSocketAddress local) throws IOException {
        int number = fd.enter();
        try {
            byte[] address = Native.sockaddr(local.getAddress(), local.getPort());
            LibC.check(LibC.calls().bind(number, address, address.length), "bind", local.toString());
            byte[] bound = new byte[Native.SOCKADDR_IN6];
            LibC.check(LibC.calls().getsockname(number, bound, Native.cInt(bound.length)), "getsockname", "");
            ByteBuffer view = Native.hostOrder(bound);
            return Native.socketAddress(view, 0);
        } finally {
            fd.leave();
        }
    }

    /** The address and port this socket is bound to; the port is the real one if 0 was asked for. */
    public InetSocketAddress localAddress() {
        return local;
    }

    /** Waits for datagrams and returns all that are there, in order of arrival, at least one. */
    public List<Datagram> receive() throws IOException {
        return receive(-1);
    }

    /**
     * As {@link #receive()}, but returns an empty list after {@code timeoutMillis}. Errors that ICMP reports about earlier sends
     * are passed over: anyone can forge them.
     */
    public List<Datagram> receive(int timeoutMillis) throws IOException {
        return receiving.receive(local, false, timeoutMillis);
    }

    /** Sends one datagram from {@code source} to {@code destination}. */
    public void send(InetAddress source, InetSocketAddress destination, byte[] data) throws IOException {
        send(Outgoing.of(source, destination, data));
    }

    public void send(Outgoing datagram) throws IOException {
        for (Outgoing.Failure failure : sending.send(List.of(datagram))) {
            throw new LinuxException("sendmmsg", failure.errno(), datagram.toString());
        }
    }

    /** Sends all with as few system calls as possible; the result tells which were refused. Bad ones do not stop the others. */
    public List<Outgoing.Failure> send(List<Outgoing> datagrams) throws IOException {
        return sending.send(datagrams);
    }

    @Override
    public void close() {
        fd.close();
    }
}
