package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import java.util.Optional;

/**
 * What a larval state is for, whose SPI the kernel chooses.
 *
 * @param source the peer
 * @param destination this host
 * @param protocol {@link XfrmId#ESP}, {@link XfrmId#AH} or {@link XfrmId#COMP}
 * @param mode tunnel or transport
 * @param requestId of the policy it is for
 * @param sequence of the ACQUIRE it answers; 0 for none
 * @param mark packets with this mark only
 * @param interfaceId the id of an xfrm interface; 0 is none
 * @param directed tell the kernel that it is inbound ({@link Xfrm#knowsDirections})
 * @param lowest the lowest SPI that will do, unsigned; RFC 4303 reserves 0 to 255, and RFC 3173 as many CPIs
 * @param highest the highest one, unsigned
 */
public record SpiRequest(
        InetAddress source,
        InetAddress destination,
        int protocol,
        XfrmMode mode,
        int requestId,
        int sequence,
        Optional<XfrmMark> mark,
        int interfaceId,
        boolean directed,
        int lowest,
        int highest) {
    public static final int LOWEST = 0xc0000000;
    public static final int HIGHEST = 0xcfffffff;
    public static final int LOWEST_CPI = 0x100;
    /** Above it CPIs are left for private use (RFC 3173, section 3.3). */
    public static final int HIGHEST_CPI = 0xefff;

    /** An SPI from 0xc0000000 to 0xcfffffff. */
    public static SpiRequest of(InetAddress source, InetAddress destination, int protocol, XfrmMode mode, int requestId) {
        return new SpiRequest(source, destination, protocol, mode, requestId, 0, Optional.empty(), 0, false, LOWEST, HIGHEST);
    }

    @Override
    public String toString() {
        return "allocate SPI for " + XfrmId.protocolName(protocol) + " from " + source.getHostAddress() + " to "
                + destination.getHostAddress();
    }
}
