package org.xfrmagent.netlink.route;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.netlink.linux.Errno;
import org.xfrmagent.netlink.netlink.NetlinkException;
import org.xfrmagent.netlink.netlink.NetlinkMessage;
import org.xfrmagent.netlink.netlink.NetlinkRequest;
import org.xfrmagent.netlink.netlink.NetlinkSocket;
import org.xfrmagent.netlink.netlink.StructWriter;

/** The network interfaces of a namespace. */
public final class Links {
    private final NetlinkSocket socket;

    Links(NetlinkSocket socket) {
        this.socket = socket;
    }

    public List<Link> list() throws IOException {
        List<Link> links = new ArrayList<>();
        for (NetlinkMessage message : socket.dump(new NetlinkRequest(Rtnetlink.GETLINK, 0, header(0, 0, 0), "list links"))) {
            links.add(Link.read(message.payload()));
        }
        return links;
    }

    public Optional<Link> find(String name) throws IOException {
        return one(header(0, 0, 0).attribute(Link.IFLA_IFNAME, name), "find link " + name);
    }

    /** The one with this number. */
    public Optional<Link> get(int index) throws IOException {
        return one(header(index, 0, 0), "get link " + index);
    }

    private Optional<Link> one(StructWriter body, String subject) throws IOException {
        try {
            List<NetlinkMessage> answer = socket.query(new NetlinkRequest(Rtnetlink.GETLINK, 0, body, subject));
            return answer.isEmpty() ? Optional.empty() : Optional.of(Link.read(answer.getFirst().payload()));
        } catch (NetlinkException refused) {
            if (refused.is(Errno.ENODEV)) {
                return Optional.empty();
            }
            throw refused;
        }
    }

    public void setUp(int index, boolean up) throws IOException {
        socket.execute(upRequest(index, up));
    }

    static NetlinkRequest upRequest(int index, boolean up) {
        String subject = "set link " + index + (up ? " up" : " down");
        return new NetlinkRequest(Rtnetlink.NEWLINK, 0, header(index, up ? Link.IFF_UP : 0, Link.IFF_UP), subject);
    }

    /** Sets the MTU in octets. */
    public void setMtu(int index, int mtu) throws IOException {
        socket.execute(mtuRequest(index, mtu));
    }

    static NetlinkRequest mtuRequest(int index, int mtu) {
        StructWriter body = header(index, 0, 0).attribute(Link.IFLA_MTU, mtu);
        return new NetlinkRequest(Rtnetlink.NEWLINK, 0, body, "set MTU of link " + index + " to " + mtu);
    }

    /** Notes something down about a link, at most 255 octets; {@code ip link} shows it. */
    public void setAlias(int index, String alias) throws IOException {
        socket.execute(aliasRequest(index, alias));
    }

    static NetlinkRequest aliasRequest(int index, String alias) {
        StructWriter body = header(index, 0, 0).attribute(Link.IFLA_IFALIAS, alias.getBytes(StandardCharsets.UTF_8));
        return new NetlinkRequest(Rtnetlink.NEWLINK, 0, body, "set alias of link " + index);
    }

    /**
     * Makes an xfrm interface: what is routed to it meets the policies with its id.
     *
     * @param interfaceId not 0
     * @param lower the index of the interface the protected packets leave by; 0 for any
     */
    public void addXfrm(String name, int interfaceId, int lower) throws IOException {
        socket.execute(xfrmRequest(name, interfaceId, lower));
    }

    static NetlinkRequest xfrmRequest(String name, int interfaceId, int lower) {
        StructWriter body = header(0, 0, 0);
        if (lower != 0) {
            body.attribute(Link.IFLA_LINK, lower);
        }
        body.attribute(Link.IFLA_IFNAME, name).attribute(Link.IFLA_LINKINFO, info -> {
            info.attribute(Link.IFLA_INFO_KIND, "xfrm".getBytes(StandardCharsets.US_ASCII));
            info.attribute(Link.IFLA_INFO_DATA, data -> {
                data.attribute(Link.IFLA_XFRM_IF_ID, interfaceId);
                if (lower != 0) {
                    data.attribute(Link.IFLA_XFRM_LINK, lower);
                }
            });
        });
        int flags = NetlinkRequest.CREATE | NetlinkRequest.EXCLUSIVE;
        return new NetlinkRequest(Rtnetlink.NEWLINK, flags, body, "add xfrm interface " + name + " with id " + interfaceId);
    }

    public void delete(int index) throws IOException {
        socket.execute(deleteRequest(index));
    }

    static NetlinkRequest deleteRequest(int index) {
        return new NetlinkRequest(Rtnetlink.DELLINK, 0, header(index, 0, 0), "delete link " + index);
    }

    private static StructWriter header(int index, int flags, int change) {
        return new StructWriter(128).zeros(4).u32(index).u32(flags).u32(change);
    }
}
