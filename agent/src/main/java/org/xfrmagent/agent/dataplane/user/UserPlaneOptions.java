package org.xfrmagent.agent.dataplane.user;

import java.util.function.LongSupplier;

/**
 * How to set the userspace plane up.
 *
 * @param tunName name of the TUN interface; what carries this name, or routes to it, belongs to the plane
 * @param mtu of the TUN interface, octets. With the longest overhead there is (IPv6, UDP, CBC and SHA-512: 114) 1386 fits into 1500;
 *     the usual ones (IPv4, GCM, UDP: 66 to 70) leave room for 1400
 * @param rulePriority of the routing rules; the one before and the four behind it are the plane's too
 * @param firstTable of a thousand routing tables that are the plane's
 * @param mark of what the plane sends, which the rules leave alone. The sockets of IKE need it too where a policy covers the peer
 * @param espInUdp the way out for ESP in UDP
 * @param nanos a clock that never goes back, nanoseconds
 */
public record UserPlaneOptions(String tunName, int mtu, int rulePriority, int firstTable, int mark, EspInUdp espInUdp, LongSupplier nanos) {
    public static final String TUN_NAME = "xfrm-agent";
    public static final int MTU = 1400;
    /** As charon has it. */
    public static final int RULE_PRIORITY = 220;

    public static final int FIRST_TABLE = 22_000;
    /** "xfrm" in ASCII. */
    public static final int MARK = 0x7866726d;

    public static UserPlaneOptions with(EspInUdp espInUdp) {
        return new UserPlaneOptions(TUN_NAME, MTU, RULE_PRIORITY, FIRST_TABLE, MARK, espInUdp, System::nanoTime);
    }
}
