package org.xfrmagent.netlink.xfrm;

/** Which traffic a policy is for (XFRM_POLICY_*). */
public enum XfrmDirection implements Numbered {
    /** Received, for this host. */
    IN(0),
    /** Sent or forwarded, on its way out. */
    OUT(1),
    /** Received, to be forwarded. */
    FORWARD(2);

    private final int number;

    XfrmDirection(int number) {
        this.number = number;
    }

    @Override
    public int number() {
        return number;
    }
}
