package org.xfrmagent.netlink.xfrm;

/** XFRM_MODE_*. */
public enum XfrmMode implements Numbered {
    TRANSPORT(0),
    TUNNEL(1),
    ROUTE_OPTIMIZATION(2),
    IN_TRIGGER(3),
    BEET(4),
    /** IP-TFS, RFC 9347. */
    IPTFS(5);

    private final int number;

    XfrmMode(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
