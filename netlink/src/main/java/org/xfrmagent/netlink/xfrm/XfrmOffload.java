package org.xfrmagent.netlink.xfrm;

/**
 * A network device that encrypts for a state.
 *
 * @param link its index
 * @param flags {@link #IPV6}, {@link #INBOUND}
 */
public record XfrmOffload(int link, int flags) {
    public static final int IPV6 = 1;
    public static final int INBOUND = 2;
}
