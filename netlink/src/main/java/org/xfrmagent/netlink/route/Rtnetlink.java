package org.xfrmagent.netlink.route;

import java.io.IOException;
import org.xfrmagent.netlink.netlink.NetlinkFamily;
import org.xfrmagent.netlink.netlink.NetlinkSocket;

/** One socket to the kernel's routing, with a view of each kind of object in it. Threads take turns. */
public final class Rtnetlink implements AutoCloseable {
    static final int NEWLINK = 16;
    static final int DELLINK = 17;
    static final int GETLINK = 18;
    static final int NEWADDR = 20;
    static final int DELADDR = 21;
    static final int GETADDR = 22;
    static final int NEWROUTE = 24;
    static final int DELROUTE = 25;
    static final int GETROUTE = 26;
    static final int NEWRULE = 32;
    static final int DELRULE = 33;
    static final int GETRULE = 34;

    private final NetlinkSocket socket;

    private Rtnetlink(NetlinkSocket socket) {
        this.socket = socket;
    }

    /** Opens a socket in the calling thread's network namespace, which it serves from whatever thread it is used. */
    public static Rtnetlink open() throws IOException {
        return new Rtnetlink(NetlinkSocket.open(NetlinkFamily.ROUTE));
    }

    /** The sender that the kernel names when it tells others what this socket changed: see {@link RouteEvents#withRules}. */
    public int number() {
        return socket.number();
    }

    public Links links() {
        return new Links(socket);
    }

    public Addresses addresses() {
        return new Addresses(socket);
    }

    public Routes routes() {
        return new Routes(socket);
    }

    public Rules rules() {
        return new Rules(socket);
    }

    @Override
    public void close() {
        socket.close();
    }
}
