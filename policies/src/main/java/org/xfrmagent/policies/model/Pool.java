package org.xfrmagent.policies.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Addresses for peers that ask for one (RFC 7296 section 3.15), and what they are told with it.
 *
 * @param name by which peers refer to it
 * @param addresses to give
 * @param dns name servers
 * @param nbns servers of NetBIOS names
 * @param domain for names without one
 * @param banner a text to be shown to the user
 * @param split the networks that are reached through the tunnel; empty = all
 */
public record Pool(
        String name,
        List<AddressRange> addresses,
        List<InetAddress> dns,
        List<InetAddress> nbns,
        Optional<String> domain,
        Optional<String> banner,
        List<AddressRange> split) {
    public Pool(String name, List<AddressRange> addresses, List<InetAddress> dns) {
        this(name, addresses, dns, List.of(), Optional.empty(), Optional.empty(), List.of());
    }

    public Pool {
        nbns = List.copyOf(nbns);
        split = List.copyOf(split);
        addresses = List.copyOf(addresses);
        dns = List.copyOf(dns);
    }

    /** How many addresses there are to give. */
    public BigInteger size() {
        return addresses.stream().map(AddressRange::size).reduce(BigInteger.ZERO, BigInteger::add);
    }
}
