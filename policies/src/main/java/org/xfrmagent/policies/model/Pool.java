package org.xfrmagent.policies.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;

/**
 * Addresses for peers that ask for one (RFC 7296 section 3.15).
 *
 * @param name by which peers refer to it
 * @param addresses to give
 * @param dns name servers to tell them
 */
public record Pool(String name, List<AddressRange> addresses, List<InetAddress> dns) {
    public Pool {
        addresses = List.copyOf(addresses);
        dns = List.copyOf(dns);
    }

    /** How many addresses there are to give. */
    public BigInteger size() {
        return addresses.stream().map(AddressRange::size).reduce(BigInteger.ZERO, BigInteger::add);
    }
}
