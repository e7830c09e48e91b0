package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;

/**
 * What names a security association: RFC 4301 section 4.1.
 *
 * @param destination whom its packets are for
 * @param spi the SPI as 32 bits, 0xc0000000 to 0xcfffffff if the kernel chose it; of IPComp a CPI, 16 bits
 * @param protocol {@link #ESP}, {@link #AH} or {@link #COMP}
 */
public record XfrmId(InetAddress destination, int spi, int protocol) {
    public static final int ESP = 50;
    public static final int AH = 51;
    /** IPComp (RFC 3173). */
    public static final int COMP = 108;

    static String protocolName(int protocol) {
        return switch (protocol) {
            case ESP -> "ESP";
            case AH -> "AH";
            case COMP -> "IPComp";
            default -> "protocol " + protocol;
        };
    }

    @Override
    public String toString() {
        return String.format("%s SPI 0x%08x to %s", protocolName(protocol), spi, destination.getHostAddress());
    }
}
