package org.xfrmagent.netlink.netlink;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** Which addresses: the AF_ number and the size of one in octets. */
public enum AddressFamily {
    UNSPEC(0, 0),
    INET(2, 4),
    INET6(10, 16);

    private final int number;
    private final int size;

    AddressFamily(int number, int size) {
        this.number = number;
        this.size = size;
    }

    public int number() {
        return number;
    }

    /** Octets of an address; 0 for {@link #UNSPEC}. */
    public int size() {
        return size;
    }

    public static AddressFamily of(InetAddress address) {
        return address instanceof Inet6Address ? INET6 : INET;
    }

    public static AddressFamily of(int number) throws MalformedMessage {
        return switch (number) {
            case 0 -> UNSPEC;
            case 2 -> INET;
            case 10 -> INET6;
            default -> throw new MalformedMessage("address family " + number + " is neither IPv4 (2) nor IPv6 (10)");
        };
    }

    /** The wildcard address; of {@link #UNSPEC} that of IPv4. */
    public InetAddress any() {
        return address(new byte[this == INET6 ? 16 : 4]);
    }

    /** Reads an address of this family; of {@link #UNSPEC} it is the wildcard and takes nothing. */
    public InetAddress read(StructReader from) throws MalformedMessage {
        byte[] octets = from.bytes(size);
        if (this == INET6) {
            try {
                // getByAddress would turn ::ffff:192.0.2.1 into an IPv4 address.
                return Inet6Address.getByAddress(null, octets, -1);
            } catch (UnknownHostException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
        return this == INET ? address(octets) : any();
    }

    private static InetAddress address(byte[] octets) {
        try {
            return InetAddress.getByAddress(octets);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
