package org.xfrmagent.netlink.linux;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** C's view of addresses, strings and integers: host byte order, and the layouts of the socket headers. */
final class Native {
    static final int AF_UNIX = 1;
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_RAW = 3;
    static final int SOCKADDR_IN = 16;
    static final int SOCKADDR_IN6 = 28;

    private Native() {}

    static byte[] cString(String text) {
        byte[] octets = text.getBytes(StandardCharsets.UTF_8);
        return Arrays.copyOf(octets, octets.length + 1);
    }

    /** A C int (or __u32) in host order. */
    static byte[] cInt(int value) {
        byte[] octets = new byte[Integer.BYTES];
        hostOrder(octets).putInt(0, value);
        return octets;
    }

    static ByteBuffer hostOrder(byte[] octets) {
        return ByteBuffer.wrap(octets).order(ByteOrder.nativeOrder());
    }

    static int family(InetAddress address) {
        return address instanceof Inet6Address ? AF_INET6 : AF_INET;
    }

    /**
     * An address as the kernel wants it.
     *
     * <pre>
     * struct sockaddr_in  { u16 family; be16 port; u8 address[4]; u8 zero[8]; }                            16 octets
     * struct sockaddr_in6 { u16 family; be16 port; be32 flowinfo; u8 address[16]; u32 scope_id; }          28 octets
     * </pre>
     */
    static byte[] sockaddr(InetAddress address, int port) {
        byte[] octets = new byte[family(address) == AF_INET6 ? SOCKADDR_IN6 : SOCKADDR_IN];
        putSockaddr(hostOrder(octets), 0, address, port);
        return octets;
    }

    /** Writes the address at {@code at} and returns its length in octets. */
    static int putSockaddr(ByteBuffer into, int at, InetAddress address, int port) {
        int family = family(address);
        into.putShort(at, (short) family);
        into.put(at + 2, (byte) (port >> 8)).put(at + 3, (byte) port);
        if (family == AF_INET) {
            into.put(at + 4, address.getAddress()).putLong(at + 8, 0);
            return SOCKADDR_IN;
        }
        into.putInt(at + 4, 0).put(at + 8, address.getAddress());
        into.putInt(at + 24, address instanceof Inet6Address six ? six.getScopeId() : 0);
        return SOCKADDR_IN6;
    }

    /** Reads what {@link #putSockaddr} writes. */
    static InetSocketAddress socketAddress(ByteBuffer from, int at) {
        int family = from.getShort(at);
        int port = (from.get(at + 2) & 0xff) << 8 | from.get(at + 3) & 0xff;
        return switch (family) {
            case AF_INET -> new InetSocketAddress(address(from, at + 4, 4, 0), port);
            case AF_INET6 -> new InetSocketAddress(address(from, at + 8, 16, from.getInt(at + 24)), port);
            default -> throw new IllegalStateException("address family " + family + " on an internet socket");
        };
    }

    /** An address of 4 or 16 octets; {@code scope} is the interface of a link-local one, else 0. */
    static InetAddress address(ByteBuffer from, int at, int length, int scope) {
        byte[] octets = new byte[length];
        from.get(at, octets);
        try {
            boolean linkLocal = length == 16 && (octets[0] & 0xff) == 0xfe && (octets[1] & 0xc0) == 0x80;
            return linkLocal && scope != 0 ? Inet6Address.getByAddress(null, octets, scope) : InetAddress.getByAddress(octets);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("an address of " + length + " octets", impossible);
        }
    }
}
