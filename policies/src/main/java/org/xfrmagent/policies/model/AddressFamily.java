package org.xfrmagent.policies.model;

import java.net.Inet4Address;
import java.net.InetAddress;

/** IPv4 or IPv6. */
public enum AddressFamily {
    IPV4(4),
    IPV6(16);

    private final int bytes;

    AddressFamily(int bytes) {
        this.bytes = bytes;
    }

    /** Octets of an address. */
    public int bytes() {
        return bytes;
    }

    public int bits() {
        return bytes * 8;
    }

    public static AddressFamily of(InetAddress address) {
        return address instanceof Inet4Address ? IPV4 : IPV6;
    }

    @Override
    public String toString() {
        return this == IPV4 ? "IPv4" : "IPv6";
    }
}
