package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jnr.ffi.Pointer;

/**
 * recvmmsg(2): up to {@code count} datagrams with one system call, into one piece of native memory that is copied out once.
 *
 * <pre>
 * struct msghdr  { ptr name; u32 namelen; pad 4; ptr iov; size_t iovlen; ptr control; size_t controllen; int flags; pad 4; }  56
 * struct mmsghdr { struct msghdr hdr; u32 len; pad 4; }                                                                       64
 * struct iovec   { ptr base; size_t len; }                                                                                    16
 * struct cmsghdr { size_t len; int level; int type; }  and the data, padded to 8                                              16
 * memory:  count × mmsghdr | count × iovec | count × (32 octets name, 128 octets control) | count × data
 * </pre>
 */
final class ReceiveBatch {
    private static final int MMSGHDR = 64;
    private static final int IOVEC = 16;
    private static final int NAME = 32;
    private static final int CONTROL = 128;
    private static final int SIDE = NAME + CONTROL;
    private static final int MSG_DONTWAIT = 0x40;
    private static final int MSG_TRUNC = 0x20;

    static final int SOL_UDP = 17;
    static final int UDP_GRO = 104;
    private static final int IPPROTO_IP = 0;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IP_PKTINFO = 8;
    private static final int IPV6_PKTINFO = 50;

    /** What an ICMP message or a route change leaves on the socket: about an earlier packet of ours, not about reading. */
    private static final Set<String> OF_EARLIER_PACKETS = Stream.of(
                    "ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH", "EHOSTDOWN", "ENETDOWN", "ENONET", "EPROTO", "EMSGSIZE", "ENOPROTOOPT", "EACCES",
                    "EOPNOTSUPP", "EPERM")
            .collect(Collectors.toUnmodifiableSet());

    private final ReentrantLock lock = new ReentrantLock();
    private final Fd fd;
    private final int count;
    private final int size;
    private final Pointer memory;
    private final byte[] pristine;
    private final byte[] headers;
    private final byte[] sides;
    private int used;

    /**
     * @param count datagrams per call
     * @param size octets kept of each; what is longer is dropped whole, never cut
     */
    ReceiveBatch(Fd fd, int count, int size) {
        this.fd = fd;
        this.count = count;
        this.size = size;
        this.memory = LibC.allocate(count * (MMSGHDR + IOVEC + SIDE + size));
        this.pristine = new byte[count * MMSGHDR];
        this.headers = new byte[count * MMSGHDR];
        this.sides = new byte[count * SIDE];
        this.used = count;
        ByteBuffer header = Native.hostOrder(pristine);
        byte[] vectors = new byte[count * IOVEC];
        ByteBuffer vector = Native.hostOrder(vectors);
        long base = memory.address();
        for (int i = 0; i < count; i++) {
            header.putLong(i * MMSGHDR, base + sideAt(i)).putInt(i * MMSGHDR + 8, NAME);
            header.putLong(i * MMSGHDR + 16, base + vectorAt(i)).putLong(i * MMSGHDR + 24, 1);
            header.putLong(i * MMSGHDR + 32, base + sideAt(i) + NAME).putLong(i * MMSGHDR + 40, CONTROL);
            vector.putLong(i * IOVEC, base + dataAt(i)).putLong(i * IOVEC + 8, size);
        }
        memory.put(vectorAt(0), vectors, 0, vectors.length);
    }

    private int vectorAt(int index) {
        return count * MMSGHDR + index * IOVEC;
    }

    private int sideAt(int index) {
        return count * (MMSGHDR + IOVEC) + index * SIDE;
    }

    private int dataAt(int index) {
        return count * (MMSGHDR + IOVEC + SIDE) + index * size;
    }

    /**
     * Waits for datagrams and returns all that are there, at least one unless the time is over.
     *
     * @param local what the socket is bound to: the destination of a datagram that does not tell its own
     * @param skipIpv4Header true on a raw IPv4 socket, which delivers the IP header too
     * @param timeoutMillis negative waits for ever
     */
    List<Datagram> receive(InetSocketAddress local, boolean skipIpv4Header, int timeoutMillis) throws IOException {
        lock.lock();
        try {
            int number = fd.enter();
            try {
                while (true) {
                    int received = once(number);
                    if (received > 0) {
                        List<Datagram> datagrams = decode(received, local, skipIpv4Header);
                        if (!datagrams.isEmpty()) {
                            return datagrams;
                        }
                    } else if (!fd.awaitReadable(timeoutMillis)) {
                        return List.of();
                    }
                }
            } finally {
                fd.leave();
            }
        } finally {
            lock.unlock();
        }
    }

    /** One recvmmsg; 0 if there is nothing to read now. */
    private int once(int number) throws LinuxException {
        memory.put(0, pristine, 0, used * MMSGHDR);
        used = 0;
        while (true) {
            int received = LibC.calls().recvmmsg(number, memory, count, MSG_DONTWAIT, LibC.nothing());
            if (received >= 0) {
                used = received;
                return received;
            }
            Errno errno = LibC.errno();
            if (errno.equals(Errno.EAGAIN)) {
                return 0;
            }
            if (!errno.equals(Errno.EINTR) && !OF_EARLIER_PACKETS.contains(errno.name())) {
                throw new LinuxException("recvmmsg", errno, "");
            }
        }
    }

    private List<Datagram> decode(int received, InetSocketAddress local, boolean skipIpv4Header) {
        memory.get(0, headers, 0, received * MMSGHDR);
        memory.get(sideAt(0), sides, 0, received * SIDE);
        ByteBuffer header = Native.hostOrder(headers);
        ByteBuffer side = Native.hostOrder(sides);
        List<Datagram> datagrams = new ArrayList<>(received);
        for (int i = 0; i < received; i++) {
            int length = header.getInt(i * MMSGHDR + 56);
            if ((header.getInt(i * MMSGHDR + 48) & MSG_TRUNC) != 0 || header.getInt(i * MMSGHDR + 8) == 0) {
                continue;
            }
            byte[] data = new byte[length];
            memory.get(dataAt(i), data, 0, length);
            InetSocketAddress source = Native.socketAddress(side, i * SIDE);
            if (skipIpv4Header) {
                if (length < 20 || (data[0] & 0xf) * 4 > length) {
                    continue;
                }
                InetAddress destination = Native.address(ByteBuffer.wrap(data), 16, 4, 0);
                datagrams.add(new Datagram(source, destination, 0, Arrays.copyOfRange(data, (data[0] & 0xf) * 4, length)));
            } else {
                int end = i * SIDE + NAME + (int) header.getLong(i * MMSGHDR + 40);
                deliver(datagrams, source, local, data, side, i * SIDE + NAME, end);
            }
        }
        return datagrams;
    }

    /** Reads the control messages, and cuts what UDP_GRO has glued together into the datagrams that crossed the wire. */
    private static void deliver(
            List<Datagram> into, InetSocketAddress source, InetSocketAddress local, byte[] data, ByteBuffer side, int from, int end) {
        InetAddress destination = local.getAddress();
        int segment = data.length;
        for (int at = from; at + 16 <= end; ) {
            long length = side.getLong(at);
            if (length < 16 || length > end - at) {
                break;
            }
            int level = side.getInt(at + 8);
            int type = side.getInt(at + 12);
            if (level == IPPROTO_IP && type == IP_PKTINFO) {
                // struct in_pktinfo { int ifindex; u8 spec_dst[4]; u8 destination[4]; }
                destination = Native.address(side, at + 16 + 8, 4, 0);
            } else if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO) {
                // struct in6_pktinfo { u8 destination[16]; int ifindex; }
                destination = Native.address(side, at + 16, 16, side.getInt(at + 32));
            } else if (level == SOL_UDP && type == UDP_GRO) {
                segment = side.getInt(at + 16);
            }
            at += (int) ((length + 7) & ~7L);
        }
        if (segment <= 0 || segment >= data.length) {
            into.add(new Datagram(source, destination, local.getPort(), data));
            return;
        }
        for (int at = 0; at < data.length; at += segment) {
            byte[] one = Arrays.copyOfRange(data, at, Math.min(at + segment, data.length));
            into.add(new Datagram(source, destination, local.getPort(), one));
        }
    }
}
