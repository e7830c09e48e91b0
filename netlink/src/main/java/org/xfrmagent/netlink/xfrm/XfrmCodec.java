package org.xfrmagent.netlink.xfrm;

import java.net.InetAddress;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;
import org.xfrmagent.netlink.xfrm.XfrmSelector.Ports;

/** The structs that states, policies and events share, each with its C layout. */
final class XfrmCodec {
    static final int ADDRESS = 16;
    static final int SELECTOR = 56;
    static final int ID = 24;
    static final int LIFETIME = 64;
    static final int COUNTERS = 32;
    static final int STATE_ID = 24;

    private XfrmCodec() {}

    /** xfrm_address_t: a union of 16 octets; an IPv4 address takes the first 4. */
    static void address(StructWriter out, InetAddress address) {
        out.padded(address.getAddress(), ADDRESS);
    }

    static InetAddress address(StructReader from, AddressFamily family) throws MalformedMessage {
        return family.read(from.part(ADDRESS));
    }

    /**
     * <pre>
     * struct xfrm_selector {                            56 octets
     *     xfrm_address_t daddr;  xfrm_address_t saddr;   0  16
     *     be16 dport;  be16 dport_mask;                 32  34
     *     be16 sport;  be16 sport_mask;                 36  38
     *     u16 family;                                   40
     *     u8 prefixlen_d;  u8 prefixlen_s;  u8 proto;   42  43  44   (3 octets of padding)
     *     int ifindex;  uid_t user;                     48  52
     * };
     * </pre>
     */
    static void selector(StructWriter out, XfrmSelector selector) {
        if (selector.family() == AddressFamily.UNSPEC) {
            out.zeros(2 * ADDRESS);
        } else {
            address(out, selector.destination());
            address(out, selector.source());
        }
        out.be16(selector.destinationPort().value()).be16(selector.destinationPort().mask());
        out.be16(selector.sourcePort().value()).be16(selector.sourcePort().mask());
        out.u16(selector.family().number()).u8(selector.destinationPrefix()).u8(selector.sourcePrefix());
        out.u8(selector.protocol()).zeros(3).u32(selector.interfaceIndex()).u32(selector.user());
    }

    static XfrmSelector selector(StructReader in) throws MalformedMessage {
        StructReader from = in.part(SELECTOR);
        StructReader destination = from.part(ADDRESS);
        StructReader source = from.part(ADDRESS);
        Ports destinationPort = new Ports(from.be16(), from.be16());
        Ports sourcePort = new Ports(from.be16(), from.be16());
        AddressFamily family = AddressFamily.of(from.u16());
        // A larval state (ALLOCSPI) has addresses and prefixes in its selector and no family to read them by.
        boolean readable = family != AddressFamily.UNSPEC;
        StructReader prefixes = from.part(2);
        int destinationPrefix = readable ? prefixes.u8() : 0;
        int sourcePrefix = readable ? prefixes.u8() : 0;
        int most = family.size() * 8;
        if (family == AddressFamily.UNSPEC) {
            // A larval state has the prefixes of its addresses, but neither addresses nor family.
            destinationPrefix = 0;
            sourcePrefix = 0;
        }
        if (destinationPrefix > most || sourcePrefix > most) {
            throw new MalformedMessage("selector prefixes of " + sourcePrefix + " and " + destinationPrefix + " bits, the most is " + most);
        }
        int protocol = from.u8();
        from.skip(3);
        return new XfrmSelector(
                family,
                family.read(source),
                sourcePrefix,
                family.read(destination),
                destinationPrefix,
                protocol,
                sourcePort,
                destinationPort,
                from.u32(),
                from.u32());
    }

    /**
     * <pre>
     * struct xfrm_lifetime_cfg {                                       64 octets
     *     u64 soft_byte_limit, hard_byte_limit, soft_packet_limit, hard_packet_limit;
     *     u64 soft_add_expires_seconds, hard_add_expires_seconds, soft_use_expires_seconds, hard_use_expires_seconds;
     * };
     * </pre>
     */
    static void lifetime(StructWriter out, XfrmLifetime lifetime) {
        XfrmLifetime.Limits soft = lifetime.soft();
        XfrmLifetime.Limits hard = lifetime.hard();
        out.u64(soft.bytes()).u64(hard.bytes()).u64(soft.packets()).u64(hard.packets());
        out.u64(soft.addSeconds()).u64(hard.addSeconds()).u64(soft.useSeconds()).u64(hard.useSeconds());
    }

    static XfrmLifetime lifetime(StructReader from) throws MalformedMessage {
        long[] value = new long[8];
        for (int i = 0; i < value.length; i++) {
            value[i] = from.u64();
        }
        return new XfrmLifetime(
                new XfrmLifetime.Limits(value[0], value[2], value[4], value[6]),
                new XfrmLifetime.Limits(value[1], value[3], value[5], value[7]));
    }

    /** struct xfrm_lifetime_cur { u64 bytes, packets, add_time, use_time; }: 32 octets. */
    static void counters(StructWriter out, XfrmCounters counters) {
        out.u64(counters.bytes()).u64(counters.packets()).u64(counters.addTime()).u64(counters.useTime());
    }

    static XfrmCounters counters(StructReader from) throws MalformedMessage {
        return new XfrmCounters(from.u64(), from.u64(), from.u64(), from.u64());
    }

    /** struct xfrm_id { xfrm_address_t daddr; be32 spi; u8 proto; }: 24 octets, the last 3 padding. */
    static void id(StructWriter out, XfrmId id) {
        address(out, id.destination());
        out.be32(id.spi()).u8(id.protocol()).zeros(3);
    }

    static XfrmId id(StructReader in, AddressFamily family) throws MalformedMessage {
        StructReader from = in.part(ID);
        return new XfrmId(address(from, family), from.be32(), from.u8());
    }

    /** struct xfrm_usersa_id { xfrm_address_t daddr; be32 spi; u16 family; u8 proto; }: 24 octets, the last one padding. */
    static void stateId(StructWriter out, XfrmId id) {
        address(out, id.destination());
        out.be32(id.spi()).u16(AddressFamily.of(id.destination()).number()).u8(id.protocol()).zeros(1);
    }

    static XfrmId stateId(StructReader in) throws MalformedMessage {
        StructReader from = in.part(STATE_ID);
        StructReader destination = from.part(ADDRESS);
        int spi = from.be32();
        AddressFamily family = AddressFamily.of(from.u16());
        return new XfrmId(family.read(destination), spi, from.u8());
    }

    /** struct xfrm_mark { u32 v; u32 m; } */
    static void mark(StructWriter out, Optional<XfrmMark> mark) {
        mark.ifPresent(value ->
                out.attribute(XfrmNumbers.XFRMA_MARK, inner -> inner.u32(value.value()).u32(value.mask())));
    }

    static Optional<XfrmMark> mark(Attributes attributes) throws MalformedMessage {
        Optional<Attribute> found = attributes.find(XfrmNumbers.XFRMA_MARK);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        StructReader from = found.get().content();
        return Optional.of(new XfrmMark(from.u32(), from.u32()));
    }

    static void interfaceId(StructWriter out, int number) {
        if (number != 0) {
            out.attribute(XfrmNumbers.XFRMA_IF_ID, number);
        }
    }

    /** {@code struct xfrm_user_offload { int ifindex; u8 flags; }}: 8 octets with their padding. */
    static void offload(StructWriter out, XfrmOffload device) {
        out.attribute(XfrmNumbers.XFRMA_OFFLOAD_DEV, inner -> inner.u32(device.link()).u8(device.flags()).zeros(3));
    }

    static Optional<XfrmOffload> offload(Attributes attributes) throws MalformedMessage {
        Optional<Attribute> found = attributes.find(XfrmNumbers.XFRMA_OFFLOAD_DEV);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        StructReader from = found.get().content();
        return Optional.of(new XfrmOffload(from.u32(), from.u8()));
    }
}
