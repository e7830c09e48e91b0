package org.xfrmagent.netlink.netlink;

/** The netlink families that are spoken here, with their numbers from linux/netlink.h. */
public enum NetlinkFamily {
    ROUTE(0),
    XFRM(6);

    private final int number;

    NetlinkFamily(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
