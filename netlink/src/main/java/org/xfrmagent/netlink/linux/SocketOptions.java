package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** setsockopt(2) under the names of socket(7), ip(7), ipv6(7), udp(7) and xfrm: one row per option. */
enum SocketOptions {
    SO_REUSEADDR(1, 2),
    SO_SNDBUF(1, 7),
    SO_RCVBUF(1, 8),
    SO_BINDTODEVICE(1, 25),
    SO_ATTACH_FILTER(1, 26),
    SO_SNDBUFFORCE(1, 32),
    SO_RCVBUFFORCE(1, 33),
    SO_MARK(1, 36),
    IP_PKTINFO(0, 8),
    IP_MTU_DISCOVER(0, 10),
    IP_FREEBIND(0, 15),
    IP_XFRM_POLICY(0, 17),
    IPV6_MTU_DISCOVER(41, 23),
    IPV6_V6ONLY(41, 26),
    IPV6_XFRM_POLICY(41, 35),
    IPV6_RECVPKTINFO(41, 49),
    IPV6_FREEBIND(41, 78),
    UDP_ENCAP(17, 100),
    UDP_GRO(17, ReceiveBatch.UDP_GRO),
    NETLINK_ADD_MEMBERSHIP(270, 1),
    NETLINK_NO_ENOBUFS(270, 5),
    NETLINK_CAP_ACK(270, 10),
    NETLINK_EXT_ACK(270, 11),
    NETLINK_GET_STRICT_CHK(270, 12);

    private final int level;
    private final int number;

    SocketOptions(int level, int number) {
        this.level = level;
        this.number = number;
    }

    void set(Fd fd, int value) throws IOException {
        set(fd, Native.cInt(value), Integer.toString(value));
    }

    void set(Fd fd, String value) throws IOException {
        set(fd, value.getBytes(StandardCharsets.UTF_8), value);
    }

    void set(Fd fd, byte[] value, String described) throws IOException {
        int number = fd.enter();
        try {
            LibC.check(LibC.calls().setsockopt(number, level, this.number, value, value.length), "setsockopt " + name(), described);
        } finally {
            fd.leave();
        }
    }

    /** Buffer sizes in octets: beyond net.core.rmem_max if we may, up to it if not. */
    static void buffers(Fd fd, int receive, int send) throws IOException {
        if (receive > 0) {
            force(fd, SO_RCVBUFFORCE, SO_RCVBUF, receive);
        }
        if (send > 0) {
            force(fd, SO_SNDBUFFORCE, SO_SNDBUF, send);
        }
    }

    private static void force(Fd fd, SocketOptions first, SocketOptions second, int size) throws IOException {
        try {
            first.set(fd, size);
        } catch (LinuxException refused) {
            if (!refused.is(Errno.EPERM)) {
                throw refused;
            }
            second.set(fd, size);
        }
    }

    /**
     * Lets everything this socket sends and receives pass by the security policy database: IKE itself must never be encrypted or
     * held by the policies it serves.
     *
     * <pre>
     * struct xfrm_userpolicy_info {                    168 octets, the rest of it zero
     *     struct xfrm_selector sel;                    family at 40
     *     … lifetimes, priority, index …
     *     u8 dir;                                      at 160: XFRM_POLICY_IN 0, XFRM_POLICY_OUT 1
     *     u8 action;                                   at 161: XFRM_POLICY_ALLOW 0
     * };
     * </pre>
     */
    static void bypassXfrm(Fd fd, int family) throws IOException {
        for (byte direction = 0; direction <= 1; direction++) {
            byte[] policy = new byte[168];
            ByteBuffer view = Native.hostOrder(policy);
            view.putShort(40, (short) family).put(160, direction).put(161, (byte) 0);
            String described = direction == 0 ? "allow in" : "allow out";
            (family == Native.AF_INET6 ? IPV6_XFRM_POLICY : IP_XFRM_POLICY).set(fd, policy, described);
        }
    }
}
