package org.xfrmagent.netlink.xfrm;

/**
 * What passed so far (xfrm_lifetime_cur).
 *
 * @param bytes octets of protected payload
 * @param packets packets
 * @param addTime when it was added, seconds since 1970
 * @param useTime when it was first used, seconds since 1970; 0 if never
 */
public record XfrmCounters(long bytes, long packets, long addTime, long useTime) {
    public static final XfrmCounters NONE = new XfrmCounters(0, 0, 0, 0);
}
