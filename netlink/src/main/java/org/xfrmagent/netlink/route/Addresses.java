package org.xfrmagent.netlink.route;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.netlink.StructWriter;

/** The addresses of a namespace's interfaces, IPv4 and IPv6. */
public final class Addresses {
    private final NetlinkSocket socket;

    Addresses(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<InterfaceAddress> list() throws IOException {
        List<InterfaceAddress> addresses = new ArrayList<>();
        StructWriter body = new StructWriter(8).zeros(8);
        for (NetlinkMessage message : socket.dump(new NetlinkRequest(Rtnetlink.GETADDR, 0, body, "list addresses"))) {
            int family = message.payload().u8();
            if (family == AddressFamily.INET.number() || family == AddressFamily.INET6.number()) {
                addresses.add(InterfaceAddress.read(message.payload()));
            }
        }
        return addresses;
    }

    /**
     * Adds an address; an IPv6 one is usable at once, without duplicate detection.
     *
     * @throws org.xfrmagent.netlink.netlink.NetlinkException EEXIST if the interface has it already
     */
    public void add(InterfaceAddress address) throws IOException {
        socket.execute(addRequest(address));
    }

    static NetlinkRequest addRequest(InterfaceAddress address) {
        int flags = AddressFamily.of(address.address()) == AddressFamily.INET6 ? InterfaceAddress.IFA_F_NODAD : 0;
        return new NetlinkRequest(
                Rtnetlink.NEWADDR, NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE, body(address, flags), "add address " + address);
    }

    public void delete(InterfaceAddress address) throws IOException {
        socket.execute(deleteRequest(address));
    }

    static NetlinkRequest deleteRequest(InterfaceAddress address) {
        return new NetlinkRequest(Rtnetlink.DELADDR, 0, body(address, 0), "delete address " + address);
    }

    private static StructWriter body(InterfaceAddress wanted, int flags) {
        InetAddress address = wanted.address();
        StructWriter out = new StructWriter(64)
                .u8(AddressFamily.of(address).number())
                .u8(wanted.prefix())
                .u8(flags)
                .u8(0)
                .u32(wanted.link())
                .attribute(InterfaceAddress.IFA_LOCAL, address.getAddress())
                .attribute(InterfaceAddress.IFA_ADDRESS, address.getAddress());
        return wanted.protocol() == 0 ? out : out.attribute(InterfaceAddress.IFA_PROTO, new byte[] {(byte) wanted.protocol()});
    }
}
