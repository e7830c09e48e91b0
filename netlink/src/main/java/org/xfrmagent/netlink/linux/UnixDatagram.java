package org.xfrmagent.netlink.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Sends one datagram to an AF_UNIX socket: what sd_notify(3) needs and java.net cannot do. */
public final class UnixDatagram {
    /** struct sockaddr_un { u16 family; char path[108]; } */
    private static final int PATH = 108;

    private static final int MSG_NOSIGNAL = 0x4000;

    private UnixDatagram() {}

    /**
     * @param address a path, or {@code @name} for a name in the abstract namespace
     * @throws LinuxException ENOENT or ECONNREFUSED if nobody listens there
     */
    public static void send(String address, byte[] data) throws IOException {
        byte[] path = address.getBytes(StandardCharsets.UTF_8);
        if (path.length == 0 || path.length >= PATH) {
            throw new LinuxException("sendto", Errno.EINVAL, "a socket address of " + path.length + " octets, not 1 to " + (PATH - 1));
        }
        byte[] sockaddr = new byte[2 + path.length + (path[0] == '@' ? 0 : 1)];
        Native.hostOrder(sockaddr).putShort(0, (short) Native.AF_UNIX).put(2, path);
        if (path[0] == '@') {
            sockaddr[2] = 0;
        }
        try (Fd fd = Fd.socket(Native.AF_UNIX, Native.SOCK_DGRAM, 0, "AF_UNIX")) {
            int number = fd.enter();
            try {
                long sent = LibC.calls().sendto(number, data, data.length, MSG_NOSIGNAL, sockaddr, sockaddr.length);
                LibC.check((int) sent, "sendto", address);
            } finally {
                fd.leave();
            }
        }
    }
}
