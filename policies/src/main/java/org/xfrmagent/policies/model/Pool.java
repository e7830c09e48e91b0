package org.xfrmagent.policies.model;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * Addresses for peers that ask for one (RFC 7296 section 3.15), and what they are told with it.
 *
 * @param name by which peers refer to it
 * @param addresses to give, of either family
 * @param told what else goes with them
 */
public record Pool(String name, List<AddressRange> addresses, Told told) {
    /**
     * What whoever gets an address is told with it.
     *
     * @param dns name servers
     * @param nbns servers of NetBIOS names
     * @param dhcp servers of more such settings
     * @param domain for names without one
     * @param banner a text to be shown to the user
     * @param split the networks that are reached through the tunnel; empty = all
     * @param splitExclude those that are not, whatever {@code split} says
     * @param attributes others by their number
     */
    public record Told(
            List<InetAddress> dns, List<InetAddress> nbns, List<InetAddress> dhcp, Optional<String> domain, Optional<String> banner,
            List<AddressRange> split, List<AddressRange> splitExclude, List<Attribute> attributes) {
        public static final Told NOTHING = new Told(List.of(), List.of());

        public Told {
            dns = List.copyOf(dns);
            nbns = List.copyOf(nbns);
            dhcp = List.copyOf(dhcp);
            split = List.copyOf(split);
            splitExclude = List.copyOf(splitExclude);
            attributes = List.copyOf(attributes);
        }

        /** Name servers, and networks that are reached through the tunnel. */
        public Told(List<InetAddress> dns, List<AddressRange> split) {
            this(dns, List.of(), List.of(), Optional.empty(), Optional.empty(), split, List.of(), List.of());
        }
    }

    /**
     * An attribute of a configuration payload, as it is sent.
     *
     * @param type its number, up to 32767
     */
    public record Attribute(int type, Octets value) {}

    public Pool(String name, List<AddressRange> addresses, List<InetAddress> dns) {
        this(name, addresses, new Told(dns, List.of()));
    }

    public Pool {
        addresses = List.copyOf(addresses);
    }

    /** What is given: of a subnet neither the first address, which is the network (RFC 4291: any router), nor the last, which may be everybody. */
    public List<AddressRange> hosts() {
        return addresses.stream().map(Pool::hosts).toList();
    }

    private static AddressRange hosts(AddressRange range) {
        boolean subnet = range.prefixLength().isPresent() && range.size().compareTo(BigInteger.TWO) > 0;
        return subnet
                ? new AddressRange(range.at(BigInteger.ONE), range.at(range.size().subtract(BigInteger.TWO)))
                : range;
    }

    /** Whether {@code address} may be given. */
    public boolean gives(InetAddress address) {
        return hosts().stream().anyMatch(range -> range.contains(address));
    }

    /** How many addresses there are to give. */
    public BigInteger size() {
        return hosts().stream().map(AddressRange::size).reduce(BigInteger.ZERO, BigInteger::add);
    }
}
