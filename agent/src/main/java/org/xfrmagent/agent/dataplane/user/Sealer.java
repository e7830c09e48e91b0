package org.xfrmagent.agent.dataplane.user;

import java.util.Optional;
import org.xfrmagent.agent.dataplane.SaSpec;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mode;

/**
 * Wraps one packet under one SA.
 *
 * <pre>
 *   tunnel:                 outer IP | ESP or AH | IP packet
 *   transport:   IP header, options  | ESP or AH | upper layer
 *   compressed:                        ESP or AH | IPComp | the same, shorter
 *   in UDP:                            ESP …               the sender's socket writes the rest
 * </pre>
 */
final class Sealer {
    private static final int IPV4_IN_IP = 4;
    private static final int IPV6_IN_IP = 41;
    /** Of the most one IP packet can be. */
    private static final int LONGEST = 0xffff;

    private final Sa sa;
    private final byte[] packet;
    private final IpHeader header;
    /** Octets before ESP or AH. */
    private final int front;
    /** Where in the packet the protected part begins, and what it is. */
    private final int payloadAt;
    private final int nextHeader;
    private final int nextHeaderAt;
    /** What stands for the protected part, if it has become shorter. */
    private final Optional<byte[]> compressed;
    /** TFC padding behind the inner packet (RFC 4303, section 2.7), as much as the path carries at most. */
    private final int filling;
    private byte[] sealed = new byte[0];

    /**
     * @param mtu of the path; larger packets are not made larger
     * @param compression if the SA's packets go through it
     */
    Sealer(Sa sa, byte[] packet, IpHeader header, int mtu, Optional<Ipcomp> compression) {
        this.sa = sa;
        this.packet = packet;
        this.header = header;
        int carried;
        if (sa.spec().mode() == Mode.TUNNEL) {
            front = OuterHeader.length(sa.spec().source());
            payloadAt = 0;
            carried = header.ipv6() ? IPV6_IN_IP : IPV4_IN_IP;
            nextHeaderAt = -1;
        } else {
            Insertion insertion = header.ipv6() ? insertionV6(packet) : new Insertion(9, header.upperLayer());
            payloadAt = insertion.at;
            nextHeaderAt = insertion.nextHeaderAt;
            carried = Octets.u8(packet, nextHeaderAt);
            front = payloadAt;
        }
        int cpi = sa.spec().compression().orElse(0);
        compressed = compression.flatMap(with -> with.compress(cpi, carried, packet, payloadAt, header.totalLength() - payloadAt));
        nextHeader = compressed.isPresent() ? Ipcomp.PROTOCOL : carried;
        filling = filling(mtu);
    }

    private int filling(int mtu) {
        int wanted = sa.spec().tfcPadding();
        if (wanted == 0 || sa.spec().mode() != Mode.TUNNEL || sa.spec().id().protocol() != Protocol.ESP) {
            return 0;
        }
        return Math.max(0, Math.min(wanted, innerWithin(Math.min(mtu, LONGEST))) - header.totalLength());
    }

    /** Where transport mode puts ESP or AH, and where the octet is that then announces it. */
    private record Insertion(int nextHeaderAt, int at) {}

    /** Behind hop-by-hop and routing headers, and the destination options before a routing header (RFC 4303, section 3.1.1). */
    private static Insertion insertionV6(byte[] packet) {
        int nextAt = 6;
        int at = IpHeader.V6_LENGTH;
        Insertion best = new Insertion(nextAt, at);
        while (true) {
            int next = Octets.u8(packet, nextAt);
            if (next != IpHeader.HOP_BY_HOP && next != IpHeader.ROUTING && next != IpHeader.DESTINATION_OPTIONS) {
                return best;
            }
            nextAt = at;
            at += (Octets.u8(packet, at + 1) + 1) * 8;
            if (next != IpHeader.DESTINATION_OPTIONS) {
                best = new Insertion(nextAt, at);
            }
        }
    }

    private int payload() {
        return compressed.map(shorter -> shorter.length).orElse(header.totalLength() - payloadAt) + filling;
    }

    private int protectedLength(int payload) {
        return switch (sa.codec()) {
            case Sa.Codec.Esp(EspCodec esp) -> esp.sealedLength(payload);
            case Sa.Codec.Ah(AhCodec ah) -> ah.headerLength(outerIpv6()) + payload;
            case Sa.Codec.Compression _ -> payload;
        };
    }

    private boolean outerIpv6() {
        return sa.spec().source().getAddress().length == 16;
    }

    /** Octets on the wire, from the IP header on. */
    int total() {
        return front + Outbound.udpOverhead(sa.spec()) + protectedLength(payload());
    }

    /** The longest inner packet that would have fitted into {@code mtu}. */
    int innerWithin(int mtu) {
        int room = mtu - front - Outbound.udpOverhead(sa.spec());
        return payloadAt + switch (sa.codec()) {
            case Sa.Codec.Esp(EspCodec esp) -> esp.payloadWithin(room);
            case Sa.Codec.Ah(AhCodec ah) -> room - ah.headerLength(outerIpv6());
            case Sa.Codec.Compression _ -> room;
        };
    }

    /** @return false if the packet cannot be carried: a fragment in transport mode, an option AH cannot cover, too long at all */
    boolean seal(long sequence, int identification) {
        SaSpec spec = sa.spec();
        boolean tunnel = spec.mode() == Mode.TUNNEL;
        // RFC 4303, section 3.3.4: transport mode is for whole datagrams.
        if (total() > LONGEST || !tunnel && header.fragment()) {
            return false;
        }
        boolean bare = spec.encapsulation().isPresent();
        int at = bare ? 0 : front;
        byte[] content = compressed.orElse(packet);
        int contentAt = compressed.isPresent() ? 0 : payloadAt;
        sealed = new byte[at + protectedLength(payload())];
        if (!bare) {
            writeFront(spec, tunnel, identification);
        }
        return switch (sa.codec()) {
            case Sa.Codec.Esp(EspCodec esp) -> {
                esp.seal(spec.id().spi(), sequence, nextHeader, content, contentAt, payload() - filling, filling, sealed, at);
                yield true;
            }
            case Sa.Codec.Ah(AhCodec ah) -> {
                int length = ah.headerLength(outerIpv6());
                System.arraycopy(content, contentAt, sealed, at + length, payload());
                yield ah.seal(spec.id().spi(), sequence, nextHeader, sealed, 0, at, length, sealed.length);
            }
            case Sa.Codec.Compression _ -> false;
        };
    }

    private void writeFront(SaSpec spec, boolean tunnel, int identification) {
        if (tunnel) {
            int trafficClass = OuterHeader.trafficClass(packet, 0) & (spec.tunnelHeader().copyEcn() ? ~0 : ~OuterHeader.ECN);
            OuterHeader.write(
                    sealed, spec.source(), spec.id().destination(), Outbound.protocol(spec), sealed.length,
                    spec.tunnelHeader().copyDscp().toOuter() ? trafficClass : trafficClass & OuterHeader.ECN,
                    spec.tunnelHeader().copyDf() && OuterHeader.dontFragment(packet, 0), identification);
            return;
        }
        System.arraycopy(packet, 0, sealed, 0, front);
        sealed[nextHeaderAt] = (byte) Outbound.protocol(spec);
        if (header.ipv6()) {
            Octets.putU16(sealed, 4, sealed.length - IpHeader.V6_LENGTH);
        } else {
            Octets.putU16(sealed, 2, sealed.length);
            OuterHeader.checksumV4(sealed, front);
        }
    }

    /** Octets that count against the SA's limits. */
    int counted() {
        return compressed.map(shorter -> shorter.length).orElse(header.totalLength());
    }

    /** From the outer IP header on; for ESP in UDP from the SPI on. */
    byte[] sealed() {
        return sealed;
    }
}
