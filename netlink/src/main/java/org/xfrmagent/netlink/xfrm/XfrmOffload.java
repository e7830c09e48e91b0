package org.xfrmagent.netlink.xfrm;

/**
 * A network device that encrypts for a state, or that has a policy as well.
 *
 * @param link its index
 * @param flags of a state {@link #IPV6}, {@link #INBOUND}, {@link #PACKET}; of a policy {@link #PACKET} alone
 */
public record XfrmOffload(int link, int flags) {
    public static final int IPV6 = 1;
    public static final int INBOUND = 2;
    /** The device sees to the whole packet: headers, window, policies (Linux 6.2). */
    public static final int PACKET = 4;
}
