package org.xfrmagent.agent.dataplane.user;

import java.net.InetAddress;
import java.util.Optional;
import org.xfrmagent.policies.model.IpProtocols;

/** The ICMP message that tells a sender how large its packets may be (RFC 1191, section 4; RFC 4443, section 3.2). */
final class TooBig {
    /** RFC 791 and RFC 8200: every link carries this much. */
    static final int LEAST_V4 = 576;

    static final int LEAST_V6 = 1280;

    private static final int ICMP_HEADER = 8;

    private TooBig() {}

    /**
     * @param packet what did not fit
     * @param from an address of ours, of the packet's family
     * @param mtu the largest packet that does fit
     * @return empty if RFC 1122, section 3.2.2, or RFC 4443, section 2.4, forbids an answer
     */
    static Optional<byte[]> answer(byte[] packet, IpHeader header, PacketSelectors selectors, InetAddress from, int mtu) {
        InetAddress to = selectors.source();
        boolean icmpError = IpProtocols.isIcmp(header.protocol()) && selectors.sourcePort() >= 0
                && (header.ipv6() ? selectors.sourcePort() >> 8 < 128 : isErrorV4(selectors.sourcePort() >> 8));
        boolean silent = icmpError || header.laterFragment() || to.isMulticastAddress() || to.isAnyLocalAddress()
                || selectors.destination().isMulticastAddress() && !header.ipv6() || from.getAddress().length != to.getAddress().length;
        if (silent) {
            return Optional.empty();
        }
        int outer = OuterHeader.length(from);
        int most = header.ipv6() ? LEAST_V6 : LEAST_V4;
        int quoted = Math.min(header.totalLength(), most - outer - ICMP_HEADER);
        byte[] answer = new byte[outer + ICMP_HEADER + quoted];
        OuterHeader.write(answer, from, to, header.ipv6() ? IpProtocols.ICMPV6 : IpProtocols.ICMP, answer.length, 0, false, 0);
        System.arraycopy(packet, 0, answer, outer + ICMP_HEADER, quoted);
        if (header.ipv6()) {
            answer[outer] = 2;
            Octets.putI32(answer, outer + 4, mtu);
        } else {
            answer[outer] = 3;
            answer[outer + 1] = 4;
            Octets.putU16(answer, outer + 6, mtu);
        }
        int length = answer.length - outer;
        long pseudo = header.ipv6() ? Octets.sum(answer, 8, 32, (long) length + IpProtocols.ICMPV6) : 0;
        Octets.putU16(answer, outer + 2, Octets.checksum(Octets.sum(answer, outer, length, pseudo)));
        return Optional.of(answer);
    }

    private static boolean isErrorV4(int type) {
        return type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    }
}
