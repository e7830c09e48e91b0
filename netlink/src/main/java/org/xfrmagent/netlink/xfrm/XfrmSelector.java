package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import org.xfrmagent.netlink.netlink.AddressFamily;

/**
 * Which packets.
 *
 * @param family of both addresses; {@link AddressFamily#UNSPEC} only in a state that takes both
 * @param source address of the source prefix
 * @param sourcePrefix its length in bits
 * @param destination address of the destination prefix
 * @param destinationPrefix its length in bits
 * @param protocol IP protocol; 0 is any
 * @param sourcePort ports; for ICMP the type
 * @param destinationPort ports; for ICMP the code
 * @param interfaceIndex 0 is any
 * @param user 0 is any
 */
public record XfrmSelector(
        AddressFamily family,
        InetAddress source,
        int sourcePrefix,
        InetAddress destination,
        int destinationPrefix,
        int protocol,
        Ports sourcePort,
        Ports destinationPort,
        int interfaceIndex,
        int user) {

    /** The ports that equal {@code value} in the bits of {@code mask}; both 0 is any. */
    public record Ports(int value, int mask) {
        public static final Ports ANY = new Ports(0, 0);

        public static Ports one(int port) {
            return new Ports(port, 0xffff);
        }

        @Override
        public String toString() {
            return mask == 0 ? "" : mask == 0xffff ? "[" + value + "]" : String.format("[0x%x/0x%x]", value, mask);
        }
    }

    /** Everything; what a state carries when it leaves the choice to the policies. */
    public static final XfrmSelector ANY = any(AddressFamily.UNSPEC);

    public XfrmSelector {
        check("source", family, source, sourcePrefix);
        check("destination", family, destination, destinationPrefix);
    }

    private static void check(String which, AddressFamily family, InetAddress address, int prefix) {
        if (prefix < 0 || prefix > family.size() * 8) {
            throw new IllegalArgumentException("a " + which + " prefix of " + prefix + " bits in an address of " + family.size() * 8);
        }
        if (family != AddressFamily.UNSPEC && AddressFamily.of(address) != family) {
            throw new IllegalArgumentException(which + " " + address.getHostAddress() + " is not of family " + family);
        }
    }

    public static XfrmSelector any(AddressFamily family) {
        return new XfrmSelector(family, family.any(), 0, family.any(), 0, 0, Ports.ANY, Ports.ANY, 0, 0);
    }

    /** All packets from one prefix to another. */
    public static XfrmSelector of(InetAddress source, int sourcePrefix, InetAddress destination, int destinationPrefix) {
        return new XfrmSelector(
                AddressFamily.of(source), source, sourcePrefix, destination, destinationPrefix, 0, Ports.ANY, Ports.ANY, 0, 0);
    }

    public XfrmSelector withProtocol(int number, Ports from, Ports to) {
        return new XfrmSelector(
                family, source, sourcePrefix, destination, destinationPrefix, number, from, to, interfaceIndex, user);
    }

    /** Of the interface with this index only; 0: of any. */
    public XfrmSelector withInterface(int index) {
        return new XfrmSelector(
                family, source, sourcePrefix, destination, destinationPrefix, protocol, sourcePort, destinationPort, index, user);
    }

    @Override
    public String toString() {
        return source.getHostAddress() + "/" + sourcePrefix + sourcePort + " -> " + destination.getHostAddress() + "/" + destinationPrefix
                + destinationPort + (protocol == 0 ? "" : " protocol " + protocol)
                + (interfaceIndex == 0 ? "" : " interface " + interfaceIndex);
    }
}
