package org.xfrmagent.netlink.xfrm;

/**
 * When an association or a policy expires: soft limits only tell (EXPIRE event), hard ones delete.
 *
 * @param soft limits that announce
 * @param hard limits that end
 */
public record XfrmLifetime(Limits soft, Limits hard) {
    /** No limit of bytes or packets (XFRM_INF). */
    public static final long UNLIMITED = -1;

    /**
     * @param bytes unsigned, {@link #UNLIMITED} for none
     * @param packets unsigned, {@link #UNLIMITED} for none
     * @param addSeconds seconds since it was added; 0 for no limit
     * @param useSeconds seconds since it was first used; 0 for no limit
     */
    public record Limits(long bytes, long packets, long addSeconds, long useSeconds) {
        public static final Limits NONE = new Limits(UNLIMITED, UNLIMITED, 0, 0);

        public static Limits seconds(long sinceAdded) {
            return new Limits(UNLIMITED, UNLIMITED, sinceAdded, 0);
        }
    }

    public static final XfrmLifetime NONE = new XfrmLifetime(Limits.NONE, Limits.NONE);

    public static XfrmLifetime seconds(long soft, long hard) {
        return new XfrmLifetime(Limits.seconds(soft), Limits.seconds(hard));
    }
}
