package org.xfrmagent.netlink.route;

import java.net.InetAddress;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;

/**
 * An address of an interface.
 *
 * @param address the host's own address
 * @param prefix bits of the network it is in; a virtual address has all of them
 * @param link the interface's index
 * @param tentative IPv6 duplicate detection is still at work: it cannot be bound yet
 * @param deprecated its preferred lifetime is over: what uses it may go on, nothing new should begin to (RFC 4862, section 5.5.4)
 * @param protocol who made it: by it a program knows its own addresses; 0 where nobody has said, or the kernel is older than 5.18
 */
public record InterfaceAddress(InetAddress address, int prefix, int link, boolean tentative, boolean deprecated, int protocol) {
    static final int IFA_ADDRESS = 1;
    static final int IFA_LOCAL = 2;
    static final int IFA_FLAGS = 8;
    static final int IFA_PROTO = 11;
    static final int IFA_F_NODAD = 0x02;
    private static final int IFA_F_DEPRECATED = 0x20;
    private static final int IFA_F_TENTATIVE = 0x40;

    /** One that is ready for use. */
    public InterfaceAddress(InetAddress address, int prefix, int link) {
        this(address, prefix, link, false, false, 0);
    }

    public InterfaceAddress withProtocol(int number) {
        return new InterfaceAddress(address, prefix, link, tentative, deprecated, number);
    }

    /** A virtual address: /32 or /128. */
    public static InterfaceAddress host(InetAddress address, int link) {
        return new InterfaceAddress(address, address.getAddress().length * 8, link);
    }

    /**
     * <pre>
     * struct ifaddrmsg { u8 family; u8 prefixlen; u8 flags; u8 scope; u32 index; }   8 octets, then attributes
     * </pre>
     *
     * On a point-to-point link ADDRESS is the peer's and LOCAL our own; IPv6 mostly has ADDRESS alone.
     */
    static InterfaceAddress read(StructReader from) throws MalformedMessage {
        AddressFamily family = AddressFamily.of(from.u8());
        int prefix = from.u8();
        int flags = from.u8();
        int link = from.skip(1).u32();
        Attributes attributes = Attributes.read(from);
        Optional<Attribute> local = attributes.find(IFA_LOCAL).or(() -> attributes.find(IFA_ADDRESS));
        if (local.isEmpty()) {
            throw new MalformedMessage("an interface address without address");
        }
        Optional<Attribute> protocol = attributes.find(IFA_PROTO);
        int all = attributes.u32(IFA_FLAGS, flags);
        return new InterfaceAddress(
                family.read(local.get().content()), prefix, link, (all & IFA_F_TENTATIVE) != 0, (all & IFA_F_DEPRECATED) != 0,
                protocol.isPresent() ? protocol.get().content().u8() : 0);
    }

    @Override
    public String toString() {
        return address.getHostAddress() + "/" + prefix + " on link " + link;
    }
}
