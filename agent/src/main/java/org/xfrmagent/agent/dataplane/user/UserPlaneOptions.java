package org.xfrmagent.agent.dataplane.user;

import java.util.function.LongSupplier;

/**
 * How to set the userspace plane up.
 *
 * @param tunName name of the TUN interface; what carries this name, or routes to it, belongs to the plane
 * @param mtu of the TUN interface, octets. With the longest overhead there is (IPv6, UDP, CBC and SHA-512: 114) 1386 fits into 1500;
 *     the usual ones (IPv4, GCM, UDP: 66 to 70) leave room for 1400
 * @param table routing table, and priority of the rules that lead to it; the next 15 tables are the plane's too
 * @param mark of what the plane sends, which the rules leave alone. The sockets of IKE need it too where a policy covers the peer
 * @param espInUdp the way out for ESP in UDP
 * @param nanos a clock that never goes back, nanoseconds
 */
public record UserPlaneOptions(String tunName, int mtu, int table, int mark, EspInUdp espInUdp, LongSupplier nanos) {
    public static final String TUN_NAME = "xfrm-agent";
    public static final int MTU = 1400;
    public static final int TABLE = 220;
    /** "xfrm" in ASCII. */
    public static final int MARK = 0x7866726d;

    public static UserPlaneOptions with(EspInUdp espInUdp) {
        return new UserPlaneOptions(TUN_NAME, MTU, TABLE, MARK, espInUdp, System::nanoTime);
    }
}
