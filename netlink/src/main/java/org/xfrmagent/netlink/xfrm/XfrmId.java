package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;

/**
 * What names a security association: RFC 4301 section 4.1.
 *
 * @param destination whom its packets are for
 * @param spi the SPI as 32 bits, 0xc0000000 to 0xcfffffff if the kernel chose it
 * @param protocol {@link #ESP} or {@link #AH}
 */
public record XfrmId(InetAddress destination, int spi, int protocol) {
    public static final int ESP = 50;
    public static final int AH = 51;

    static String protocolName(int protocol) {
        return switch (protocol) {
            case ESP -> "ESP";
            case AH -> "AH";
            case 108 -> "IPComp";
            default -> "protocol " + protocol;
        };
    }

    @Override
    public String toString() {
        return String.format("%s SPI 0x%08x to %s", protocolName(protocol), spi, destination.getHostAddress());
    }
}
