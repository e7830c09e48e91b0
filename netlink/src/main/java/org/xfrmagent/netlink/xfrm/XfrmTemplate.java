package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import org.xfrmagent.netlink.netlink.AddressFamily;

/**
 * Which security association a policy asks for.
 *
 * @param source outer source address of a tunnel; the wildcard address in transport mode
 * @param destination outer destination address, likewise
 * @param spi 0 takes any SA that fits
 * @param protocol {@link XfrmId#ESP}, {@link XfrmId#AH} or {@link XfrmId#COMP}
 * @param requestId ties the template to SAs with the same number; 0 takes any
 * @param mode tunnel or transport
 * @param share XFRM_SHARE_*; 0 is any
 * @param optional packets may pass without it ("level use")
 * @param authentication bits of allowed algorithms; -1 allows all
 * @param encryption likewise
 * @param compression likewise
 */
public record XfrmTemplate(
        InetAddress source,
        InetAddress destination,
        int spi,
        int protocol,
        int requestId,
        XfrmMode mode,
        int share,
        boolean optional,
        int authentication,
        int encryption,
        int compression) {

    public static XfrmTemplate tunnel(InetAddress source, InetAddress destination, int spi, int protocol, int requestId) {
        return new XfrmTemplate(source, destination, spi, protocol, requestId, XfrmMode.TUNNEL, 0, false, -1, -1, -1);
    }

    public static XfrmTemplate transport(AddressFamily family, int spi, int protocol, int requestId) {
        return new XfrmTemplate(family.any(), family.any(), spi, protocol, requestId, XfrmMode.TRANSPORT, 0, false, -1, -1, -1);
    }

    public XfrmTemplate withOptional(boolean wanted) {
        return new XfrmTemplate(
                source, destination, spi, protocol, requestId, mode, share, wanted, authentication, encryption, compression);
    }
}
