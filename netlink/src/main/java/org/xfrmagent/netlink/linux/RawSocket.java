package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * A raw IP socket for one protocol, such as ESP (50) or AH (51), over IPv4 or IPv6. Datagrams carry no IP header in either
 * direction: the kernel writes it, and what it delivers for IPv4 is cut off unless it is asked for. Protocol 255 (IPPROTO_RAW) only
 * sends, and what it sends begins with the IP header. Ports are 0. Closing works as in {@link UdpSocket}.
 */
public final class RawSocket implements AutoCloseable {
    private static final int BATCH = 32;
    private static final int LARGEST = 65_535;

    private final Fd fd;
    private final InetSocketAddress local;
    private final boolean cutHeader;
    private final ReceiveBatch receiving;
    private final SendBatch sending;

    private RawSocket(Fd fd, InetSocketAddress local, Options options) {
        this.fd = fd;
        this.local = local;
        this.cutHeader = local.getAddress() instanceof Inet4Address && !options.keepIpv4Header;
        this.receiving = new ReceiveBatch(fd, BATCH, LARGEST);
        this.sending = new SendBatch(fd);
    }

    /**
     * @param bypassXfrm policies of the kernel do not apply to this socket
     * @param mark SO_MARK of what is sent; 0 is none
     * @param receiveBuffer octets; 0 leaves the system's default
     * @param sendBuffer octets; 0 leaves the system's default
     * @param keepIpv4Header what is received over IPv4 begins with its IP header (IPv6 never shows it)
     */
    public record Options(boolean bypassXfrm, int mark, int receiveBuffer, int sendBuffer, boolean keepIpv4Header) {
        public static final Options PLAIN = new Options(false, 0, 0, 0, false);
        public static final Options BYPASS = new Options(true, 0, 0, 0, false);
    }

    /**
     * @param local the address to receive at; the wildcard address of a family takes all of that family
     * @param protocol the IP protocol number
     */
    public static RawSocket open(InetAddress local, int protocol, Options options) throws IOException {
        int family = Native.family(local);
        Fd fd = Fd.socket(family, Native.SOCK_RAW, protocol, "raw IP protocol " + protocol);
        try {
            (family == Native.AF_INET6 ? SocketOptions.IPV6_RECVPKTINFO : SocketOptions.IP_PKTINFO).set(fd, 1);
            if (options.bypassXfrm) {
                SocketOptions.bypassXfrm(fd, family);
            }
            if (options.mark != 0) {
                SocketOptions.SO_MARK.set(fd, options.mark);
            }
            SocketOptions.buffers(fd, options.receiveBuffer, options.sendBuffer);
            UdpSocket.bind(fd, new InetSocketAddress(local, 0));
            return new RawSocket(fd, new InetSocketAddress(local, 0), options);
        } catch (IOException | RuntimeException refused) {
            fd.close();
            throw refused;
        }
    }

    /** Waits for packets and returns all that are there, at least one. */
    public List<Datagram> receive() throws IOException {
        return receive(-1);
    }

    /** As {@link #receive()}, but returns an empty list after {@code timeoutMillis}. */
    public List<Datagram> receive(int timeoutMillis) throws IOException {
        return receiving.receive(local, cutHeader, timeoutMillis);
    }

    /** Sends one payload from {@code source} to {@code destination}. */
    public void send(InetAddress source, InetAddress destination, byte[] data) throws IOException {
        Outgoing packet = new Outgoing(Optional.of(source), new InetSocketAddress(destination, 0), data, 0);
        for (Outgoing.Failure failure : sending.send(List.of(packet))) {
            throw new LinuxException("sendmmsg", failure.errno(), packet.toString());
        }
    }

    /** Sends all with as few system calls as possible; the result tells which were refused. */
    public List<Outgoing.Failure> send(List<Outgoing> packets) throws IOException {
        return sending.send(packets);
    }

    @Override
    public void close() {
        fd.close();
    }
}
