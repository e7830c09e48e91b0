package org.xfrmagent.netlink.route;

import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;

/**
 * A network interface.
 *
 * @param index its number, from 1
 * @param name its name, at most 15 octets
 * @param up whether it is administratively up
 * @param carrier whether it works: there is a carrier, or the link needs none
 * @param mtu octets
 * @param kind {@code xfrm}, {@code tun}, {@code veth} …; empty for hardware and loopback
 * @param lower the index of the link below it; 0 for none
 * @param interfaceId of an xfrm interface, what its policies and states carry; else 0
 * @param alias what somebody noted down about it; empty for nothing
 */
public record Link(int index, String name, boolean up, boolean carrier, int mtu, String kind, int lower, int interfaceId, String alias) {
    static final int IFF_UP = 1;
    private static final int IFF_RUNNING = 0x40;
    static final int IFLA_IFNAME = 3;
    static final int IFLA_MTU = 4;
    static final int IFLA_LINK = 5;
    static final int IFLA_LINKINFO = 18;
    static final int IFLA_IFALIAS = 20;
    static final int IFLA_INFO_KIND = 1;
    static final int IFLA_INFO_DATA = 2;
    static final int IFLA_XFRM_LINK = 1;
    static final int IFLA_XFRM_IF_ID = 2;

    /**
     * <pre>
     * struct ifinfomsg { u8 family; u8 pad; u16 type; int index; u32 flags; u32 change; }   16 octets, then attributes
     * </pre>
     */
    static Link read(StructReader from) throws MalformedMessage {
        int index = from.skip(4).u32();
        int flags = from.u32();
        Attributes attributes = Attributes.read(from.skip(4));
        Attributes info = attributes.nested(IFLA_LINKINFO);
        String kind = info.text(IFLA_INFO_KIND);
        int interfaceId = kind.equals("xfrm") ? info.nested(IFLA_INFO_DATA).u32(IFLA_XFRM_IF_ID, 0) : 0;
        return new Link(
                index, attributes.text(IFLA_IFNAME), (flags & IFF_UP) != 0, (flags & IFF_RUNNING) != 0, attributes.u32(IFLA_MTU, 0), kind,
                attributes.u32(IFLA_LINK, 0), interfaceId, attributes.text(IFLA_IFALIAS));
    }
}
