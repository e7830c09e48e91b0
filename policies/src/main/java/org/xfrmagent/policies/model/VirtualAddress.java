package org.xfrmagent.policies.model;

import java.net.InetAddress;
import java.util.Optional;

/**
 * An address inside the tunnel that one end asks the other for (RFC 7296 section 3.15).
 *
 * @param address the one it would like; empty: whichever it gets
 */
public record VirtualAddress(AddressFamily family, Optional<InetAddress> address) {
    public static final VirtualAddress ANY_IPV4 = new VirtualAddress(AddressFamily.IPV4, Optional.empty());
    public static final VirtualAddress ANY_IPV6 = new VirtualAddress(AddressFamily.IPV6, Optional.empty());

    public static VirtualAddress of(InetAddress address) {
        return new VirtualAddress(AddressFamily.of(address), Optional.of(address));
    }

    public static VirtualAddress any(AddressFamily family) {
        return family == AddressFamily.IPV4 ? ANY_IPV4 : ANY_IPV6;
    }

    /** As policies have it: {@code any}, {@code any6}, or the address. */
    @Override
    public String toString() {
        return address.map(Ip::text).orElse(family == AddressFamily.IPV4 ? "any" : "any6");
    }
}
