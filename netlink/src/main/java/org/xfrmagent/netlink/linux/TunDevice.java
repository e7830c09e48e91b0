package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import jnr.ffi.Pointer;

/**
 * One queue of a TUN interface (linux/if_tun.h): packets that the kernel routes to the interface are read here, and what is written
 * here arrives at the kernel as if received. The interface vanishes when its last queue is closed.
 *
 * <p>With {@link Options#vnetHeader} every packet, in both directions, has a {@link VnetHeader} of 10 octets in front, which lets
 * the kernel hand over TCP and UDP segments of up to 64 KiB unsegmented and without checksum.
 */
public final class TunDevice implements AutoCloseable {
    private static final long TUNSETIFF = 0x400454caL;
    private static final long TUNSETOFFLOAD = 0x400454d0L;
    private static final long TUNSETVNETHDRSZ = 0x400454d8L;
    private static final int IFF_TUN = 0x0001;
    private static final int IFF_MULTI_QUEUE = 0x0100;
    private static final int IFF_NO_PI = 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFNAMSIZ = 16;
    /** struct ifreq { char name[16]; union { short flags; … } (24 octets) } */
    private static final int IFREQ = 40;

    private static final int LARGEST = 65_535 + VnetHeader.LENGTH;

    private final Fd fd;
    private final String name;
    private final boolean vnetHeader;
    private final ReentrantLock reading = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private final Pointer readBuffer = LibC.allocate(LARGEST);
    private final Pointer writeBuffer = LibC.allocate(LARGEST);

    private TunDevice(Fd fd, String name, boolean vnetHeader) {
        this.fd = fd;
        this.name = name;
        this.vnetHeader = vnetHeader;
    }

    /** What the kernel may leave to the reader (TUN_F_*): it needs {@link Options#vnetHeader}. */
    public enum Offload {
        CHECKSUM(0x01),
        TSO4(0x02),
        TSO6(0x04),
        TSO_ECN(0x08),
        /** UDP segments: Linux 6.2, an older kernel refuses the whole set with EINVAL. */
        USO4(0x20),
        USO6(0x40);

        private final int bit;

        Offload(int bit) {
            this.bit = bit;
        }
    }

    /**
     * @param multiQueue the interface may be opened several times, once per queue, always with this flag
     * @param vnetHeader packets carry a {@link VnetHeader}
     * @param offloads what the reader can deal with; all imply CHECKSUM
     */
    public record Options(boolean multiQueue, boolean vnetHeader, Set<Offload> offloads) {
        public static final Options PLAIN = new Options(false, false, Set.of());

        public Options {
            offloads = Set.copyOf(offloads);
            if (!offloads.isEmpty() && !vnetHeader) {
                throw new IllegalArgumentException("offloads " + offloads + " need vnetHeader");
            }
        }
    }

    /**
     * Opens a queue of interface {@code name} in the calling thread's network namespace, and makes the interface if there is none.
     *
     * @param name at most 15 octets; a name with {@code %d} gets a free number
     */
    public static TunDevice open(String name, Options options) throws IOException {
        byte[] wanted = name.getBytes(StandardCharsets.UTF_8);
        if (wanted.length == 0 || wanted.length >= IFNAMSIZ) {
            throw new IllegalArgumentException("interface name \"" + name + "\" has " + wanted.length + " octets, not 1 to 15");
        }
        Fd fd = Fd.open("/dev/net/tun", LibC.O_RDWR | LibC.O_NONBLOCK);
        try {
            int number = fd.enter();
            try {
                byte[] request = Arrays.copyOf(wanted, IFREQ);
                int flags = IFF_TUN | IFF_NO_PI | (options.multiQueue ? IFF_MULTI_QUEUE : 0) | (options.vnetHeader ? IFF_VNET_HDR : 0);
                Native.hostOrder(request).putShort(IFNAMSIZ, (short) flags);
                LibC.check(LibC.calls().ioctl(number, TUNSETIFF, request), "ioctl TUNSETIFF", name);
                if (options.vnetHeader) {
                    byte[] length = Native.cInt(VnetHeader.LENGTH);
                    LibC.check(LibC.calls().ioctl(number, TUNSETVNETHDRSZ, length), "ioctl TUNSETVNETHDRSZ", name);
                    int bits = options.offloads.stream().mapToInt(offload -> offload.bit | Offload.CHECKSUM.bit).reduce(0, (a, b) -> a | b);
                    LibC.check(LibC.calls().ioctl(number, TUNSETOFFLOAD, (long) bits), "ioctl TUNSETOFFLOAD", options.offloads.toString());
                }
                int end = 0;
                while (end < IFNAMSIZ && request[end] != 0) {
                    end++;
                }
                return new TunDevice(fd, new String(request, 0, end, StandardCharsets.UTF_8), options.vnetHeader);
            } finally {
                fd.leave();
            }
        } catch (IOException | RuntimeException refused) {
            fd.close();
            throw refused;
        }
    }

    /** The interface's name, with its number if {@code %d} was asked for. */
    public String name() {
        return name;
    }

    public boolean hasVnetHeader() {
        return vnetHeader;
    }

    /** Waits for the next packet: an IP packet, with its {@link VnetHeader} in front if that was asked for. */
    public byte[] read() throws IOException {
        while (true) {
            byte[] packet = read(-1);
            if (packet.length > 0) {
                return packet;
            }
        }
    }

    /**
     * As {@link #read()}, but returns an empty array after {@code timeoutMillis}; 0 asks without waiting.
     *
     * @throws LinuxException EIO while the interface is down
     */
    public byte[] read(int timeoutMillis) throws IOException {
        reading.lock();
        try {
            int number = fd.enter();
            try {
                while (true) {
                    int length = (int) LibC.calls().read(number, readBuffer, LARGEST);
                    if (length >= 0) {
                        byte[] packet = new byte[length];
                        readBuffer.get(0, packet, 0, length);
                        return packet;
                    }
                    Errno errno = LibC.errno();
                    if (errno.equals(Errno.EAGAIN)) {
                        if (!fd.awaitReadable(timeoutMillis)) {
                            return new byte[0];
                        }
                    } else if (!errno.equals(Errno.EINTR)) {
                        throw new LinuxException("read", errno, name);
                    }
                }
            } finally {
                fd.leave();
            }
        } finally {
            reading.unlock();
        }
    }

    public void write(byte[] packet) throws IOException {
        write(packet, 0, packet.length);
    }

    /** Hands one packet to the kernel, which takes it whole or refuses it (EINVAL: neither IPv4 nor IPv6). */
    public void write(byte[] packet, int from, int length) throws IOException {
        if (length > LARGEST) {
            throw new LinuxException("write", Errno.EMSGSIZE, name + ", a packet of " + length + " octets");
        }
        writing.lock();
        try {
            int number = fd.enter();
            try {
                writeBuffer.put(0, packet, from, length);
                while (LibC.calls().write(number, writeBuffer, length) < 0) {
                    Errno errno = LibC.errno();
                    if (errno.equals(Errno.EAGAIN)) {
                        fd.awaitWritable(-1);
                    } else if (!errno.equals(Errno.EINTR)) {
                        throw new LinuxException("write", errno, name + ", a packet of " + length + " octets");
                    }
                }
            } finally {
                fd.leave();
            }
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
