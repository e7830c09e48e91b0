package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import jnr.ffi.Pointer;

/**
 * An AF_NETLINK socket as a pipe of datagrams, without any knowledge of what is in them. One thread may receive while another
 * sends. Closing works as in {@link UdpSocket}. Buffers are wiped after use, since messages carry keys.
 */
public final class NetlinkPort implements AutoCloseable {
    private static final int AF_NETLINK = 16;
    private static final int MSG_TRUNC = 0x20;
    private static final int MSG_DONTWAIT = 0x40;
    /** struct sockaddr_nl { u16 family; u16 pad; u32 pid; u32 groups; } */
    private static final int SOCKADDR_NL = 12;
    /** The kernel's datagrams are at most 32 KiB for dumps and a little more than the request for errors. */
    private static final int LARGEST = 256 * 1024;

    /** Classic BPF (linux/filter.h): BPF_LD|BPF_H|BPF_ABS, BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_RET|BPF_K. */
    private static final int LOAD_HALF = 0x28;

    private static final int LOAD_WORD = 0x20;
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int RETURN = 0x06;
    private static final int SOCK_FILTER = 8;
    private static final int SOCK_FPROG = 16;
    private static final int TYPE_OFFSET = 4;
    private static final int PID_OFFSET = 12;

    private final Fd fd;
    private final ReentrantLock sending = new ReentrantLock();
    private final ReentrantLock receiving = new ReentrantLock();
    private final Pointer output = LibC.allocate(LARGEST);
    private final Pointer input = LibC.allocate(LARGEST);

    private NetlinkPort(Fd fd) {
        this.fd = fd;
    }

    /**
     * Opens a socket in the calling thread's network namespace.
     *
     * @param protocol NETLINK_ROUTE 0, NETLINK_XFRM 6
     * @param receiveBuffer octets; 0 leaves the system's default
     */
    public static NetlinkPort open(int protocol, int receiveBuffer) throws IOException {
        Fd fd = Fd.socket(AF_NETLINK, Native.SOCK_RAW, protocol, "netlink " + protocol);
        try {
            SocketOptions.NETLINK_EXT_ACK.set(fd, 1);
            SocketOptions.NETLINK_CAP_ACK.set(fd, 1);
            SocketOptions.buffers(fd, receiveBuffer, 0);
            byte[] kernelChooses = kernel();
            int number = fd.enter();
            try {
                LibC.check(LibC.calls().bind(number, kernelChooses, SOCKADDR_NL), "bind", "netlink " + protocol);
            } finally {
                fd.leave();
            }
            return new NetlinkPort(fd);
        } catch (IOException | RuntimeException refused) {
            fd.close();
            throw refused;
        }
    }

    /** Port 0: the kernel as a destination, its own choice when binding. */
    private static byte[] kernel() {
        byte[] address = new byte[SOCKADDR_NL];
        Native.hostOrder(address).putShort(0, (short) AF_NETLINK);
        return address;
    }

    /** Joins a multicast group (its number, not its bit). */
    public void join(int group) throws IOException {
        SocketOptions.NETLINK_ADD_MEMBERSHIP.set(fd, group);
    }

    /** The number that the kernel knows this socket by. */
    public int number() throws IOException {
        int number = fd.enter();
        try {
            byte[] address = new byte[SOCKADDR_NL];
            LibC.check(LibC.calls().getsockname(number, address, Native.cInt(SOCKADDR_NL)), "getsockname", "netlink");
            return Native.hostOrder(address).getInt(4);
        } finally {
            fd.leave();
        }
    }

    /**
     * From here on the kernel does not hand over messages of these types, nor those that name one of these senders. What is left out
     * takes no room in the receive buffer and wakes nobody.
     *
     * <pre>
     * struct nlmsghdr    { u32 len; u16 type; u16 flags; u32 seq; u32 pid; }          in the order of this machine
     * struct sock_filter { u16 code; u8 jump_if_true; u8 jump_if_false; u32 k; }      loads are in network order
     * struct sock_fprog  { u16 count; struct sock_filter *filter; }                   16 octets, the pointer at 8
     * </pre>
     */
    public void ignore(int[] types, int[] senders) throws IOException {
        int count = types.length + senders.length + 4;
        byte[] octets = new byte[count * SOCK_FILTER];
        ByteBuffer program = Native.hostOrder(octets);
        instruction(program, LOAD_HALF, 0, TYPE_OFFSET);
        for (int i = 0; i < types.length; i++) {
            // To the last instruction, counted from the next one.
            instruction(program, JUMP_IF_EQUAL, count - 1 - (1 + i) - 1, networkOrder16(types[i]));
        }
        instruction(program, LOAD_WORD, 0, PID_OFFSET);
        for (int i = 0; i < senders.length; i++) {
            instruction(program, JUMP_IF_EQUAL, count - 1 - (2 + types.length + i) - 1, networkOrder32(senders[i]));
        }
        instruction(program, RETURN, 0, -1);
        instruction(program, RETURN, 0, 0);
        Pointer memory = LibC.allocate(octets.length);
        memory.put(0, octets, 0, octets.length);
        byte[] fprog = new byte[SOCK_FPROG];
        Native.hostOrder(fprog).putShort(0, (short) count).putLong(8, memory.address());
        try {
            SocketOptions.SO_ATTACH_FILTER.set(fd, fprog, count + " instructions");
        } finally {
            // The kernel reads the program through its address while the call lasts.
            Reference.reachabilityFence(memory);
        }
    }

    private static void instruction(ByteBuffer program, int code, int jumpIfTrue, int k) {
        program.putShort((short) code).put((byte) jumpIfTrue).put((byte) 0).putInt(k);
    }

    /** What a load in network order sees of a number that is in this machine's. */
    private static int networkOrder16(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Short.toUnsignedInt(Short.reverseBytes((short) value)) : value;
    }

    private static int networkOrder32(int value) {
        return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(value) : value;
    }

    /** Sends the first {@code length} octets of {@code data} to the kernel, which has acted on them when this returns. */
    public void send(byte[] data, int length) throws IOException {
        if (length > LARGEST) {
            throw new LinuxException("sendto", Errno.EMSGSIZE, "netlink, " + length + " octets");
        }
        sending.lock();
        try {
            int number = fd.enter();
            try {
                output.put(0, data, 0, length);
                byte[] address = kernel();
                while (LibC.calls().sendto(number, output, length, 0, address, SOCKADDR_NL) < 0) {
                    Errno errno = LibC.errno();
                    if (!errno.equals(Errno.EINTR)) {
                        throw new LinuxException("sendto", errno, "netlink, " + length + " octets");
                    }
                }
            } finally {
                output.setMemory(0, length, (byte) 0);
                fd.leave();
            }
        } finally {
            sending.unlock();
        }
    }

    /**
     * Waits for one datagram of the kernel; empty if {@code timeoutMillis} is over (negative waits for ever).
     *
     * @throws LinuxException ENOBUFS if the receive buffer overflowed and multicast messages were lost
     */
    public byte[] receive(int timeoutMillis) throws IOException {
        receiving.lock();
        try {
            int number = fd.enter();
            try {
                byte[] source = new byte[SOCKADDR_NL];
                while (true) {
                    byte[] sourceLength = Native.cInt(SOCKADDR_NL);
                    int length = (int) LibC.calls().recvfrom(number, input, LARGEST, MSG_DONTWAIT | MSG_TRUNC, source, sourceLength);
                    if (length >= 0) {
                        if (length > LARGEST) {
                            throw new LinuxException("recvfrom", Errno.EMSGSIZE, "netlink, " + length + " octets");
                        }
                        byte[] data = new byte[length];
                        input.get(0, data, 0, length);
                        input.setMemory(0, length, (byte) 0);
                        // Another process may send here too (netlink(7)): only port 0 is the kernel.
                        if (Native.hostOrder(source).getInt(4) == 0) {
                            return data;
                        }
                        Arrays.fill(data, (byte) 0);
                        continue;
                    }
                    Errno errno = LibC.errno();
                    if (errno.equals(Errno.EAGAIN)) {
                        if (!fd.awaitReadable(timeoutMillis)) {
                            return new byte[0];
                        }
                    } else if (!errno.equals(Errno.EINTR)) {
                        throw new LinuxException("recvfrom", errno, "netlink");
                    }
                }
            } finally {
                fd.leave();
            }
        } finally {
            receiving.unlock();
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
