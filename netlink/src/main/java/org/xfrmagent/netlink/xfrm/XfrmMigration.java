package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;

/**
 * One association that moves to new addresses (XFRM_MSG_MIGRATE).
 *
 * @param oldSource its outer source now
 * @param oldDestination its outer destination now
 * @param newSource its outer source afterwards
 * @param newDestination its outer destination afterwards
 * @param protocol {@link XfrmId#ESP} or {@link XfrmId#AH}
 * @param mode its mode
 * @param requestId its request id; 0 for any
 */
public record XfrmMigration(
        InetAddress oldSource,
        InetAddress oldDestination,
        InetAddress newSource,
        InetAddress newDestination,
        int protocol,
        XfrmMode mode,
        int requestId) {}
