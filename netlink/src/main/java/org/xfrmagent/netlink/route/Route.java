package org.xfrmagent.netlink.route;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.Attribute;
import org.xfrmagent.netlink.netlink.Attributes;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.StructReader;
import org.xfrmagent.netlink.netlink.StructWriter;

/**
 * One entry of a routing table.
 *
 * @param destination address of the prefix
 * @param prefix its length in bits
 * @param table 254 is main, 220 charon's habit
 * @param type what happens to a packet
 * @param gateway the next hop; empty if the destination is on the link
 * @param link index of the outgoing interface; 0 for none
 * @param source the local address that a socket without one gets
 * @param metric lower wins; 0 lets the kernel choose
 * @param protocol who made it, RTPROT_*: by it a program knows its own routes
 */
public record Route(
        InetAddress destination,
        int prefix,
        int table,
        Type type,
        Optional<InetAddress> gateway,
        int link,
        Optional<InetAddress> source,
        int metric,
        int protocol) {

    public static final int MAIN = 254;

    private static final int RTA_DST = 1;
    private static final int RTA_SRC = 2;
    private static final int RTA_OIF = 4;
    private static final int RTA_GATEWAY = 5;
    private static final int RTA_PRIORITY = 6;
    private static final int RTA_PREFSRC = 7;
    static final int RTA_TABLE = 15;
    private static final int RTA_MARK = 16;
    /** RTPROT_STATIC: by hand. */
    public static final int STATIC = 4;

    private static final int RT_SCOPE_LINK = 253;
    private static final int RT_SCOPE_NOWHERE = 255;

    /** RTN_*. */
    public enum Type {
        UNICAST(1),
        LOCAL(2),
        BROADCAST(3),
        ANYCAST(4),
        MULTICAST(5),
        /** Dropped in silence. */
        BLACKHOLE(6),
        /** Dropped, with an ICMP message. */
        UNREACHABLE(7),
        PROHIBIT(8),
        /** Not in this table: go on with the next rule. */
        THROW(9);

        private final int number;

        Type(int number) {
            this.number = number;
        }

        static Type of(int number) throws MalformedMessage {
            for (Type type : values()) {
                if (type.number == number) {
                    return type;
                }
            }
            throw new MalformedMessage("route type " + number + " is unknown");
        }
    }

    /** To a prefix through {@code link}, in {@code table}. */
    public static Route through(int link, InetAddress destination, int prefix, int table) {
        return new Route(destination, prefix, table, Type.UNICAST, Optional.empty(), link, Optional.empty(), 0, STATIC);
    }

    /** A route that leads nowhere: {@link Type#THROW}, {@link Type#BLACKHOLE} and the like. */
    public static Route to(Type type, InetAddress destination, int prefix, int table) {
        return new Route(destination, prefix, table, type, Optional.empty(), 0, Optional.empty(), 0, STATIC);
    }

    public Route withGateway(InetAddress nextHop) {
        return new Route(destination, prefix, table, type, Optional.of(nextHop), link, source, metric, protocol);
    }

    public Route withSource(InetAddress local) {
        return new Route(destination, prefix, table, type, gateway, link, Optional.of(local), metric, protocol);
    }

    public Route withMetric(int number) {
        return new Route(destination, prefix, table, type, gateway, link, source, number, protocol);
    }

    public Route withProtocol(int number) {
        return new Route(destination, prefix, table, type, gateway, link, source, metric, number);
    }

    /**
     * <pre>
     * struct rtmsg { u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags; }   12 octets, then attributes
     * </pre>
     *
     * A table beyond 255 is in RTA_TABLE alone.
     *
     * @param deleting any scope and protocol will do
     */
    StructWriter body(boolean deleting) {
        AddressFamily family = AddressFamily.of(destination);
        boolean onLink = family == AddressFamily.INET && type == Type.UNICAST && gateway.isEmpty();
        int scope = deleting ? RT_SCOPE_NOWHERE : onLink ? RT_SCOPE_LINK : 0;
        StructWriter out = new StructWriter(96);
        out.u8(family.number()).u8(prefix).u8(0).u8(0);
        out.u8(table > 255 ? 0 : table).u8(deleting ? 0 : protocol).u8(scope).u8(type.number).u32(0);
        if (prefix > 0) {
            out.attribute(RTA_DST, destination.getAddress());
        }
        source.ifPresent(local -> out.attribute(RTA_PREFSRC, local.getAddress()));
        gateway.ifPresent(nextHop -> out.attribute(RTA_GATEWAY, nextHop.getAddress()));
        if (metric != 0) {
            out.attribute(RTA_PRIORITY, metric);
        }
        if (link != 0) {
            out.attribute(RTA_OIF, link);
        }
        if (table > 255) {
            out.attribute(RTA_TABLE, table);
        }
        return out;
    }

    static Route read(StructReader from) throws MalformedMessage {
        AddressFamily family = AddressFamily.of(from.u8());
        int prefix = from.u8();
        int table = from.skip(2).u8();
        int protocol = from.u8();
        Type type = Type.of(from.skip(1).u8());
        Attributes attributes = Attributes.read(from.skip(4));
        return new Route(
                address(attributes, RTA_DST, family).orElse(family.any()),
                prefix,
                attributes.u32(RTA_TABLE, table),
                type,
                address(attributes, RTA_GATEWAY, family),
                attributes.u32(RTA_OIF, 0),
                address(attributes, RTA_PREFSRC, family),
                attributes.u32(RTA_PRIORITY, 0),
                protocol);
    }

    private static Optional<InetAddress> address(Attributes attributes, int type, AddressFamily family) throws MalformedMessage {
        Optional<Attribute> found = attributes.find(type);
        return found.isPresent() ? Optional.of(family.read(found.get().content())) : Optional.empty();
    }

    /** The question "which way to {@code destination}", of which RTM_GETROUTE makes an answer of this type. */
    static StructWriter lookup(InetAddress destination, Optional<InetAddress> source, int mark) {
        AddressFamily family = AddressFamily.of(destination);
        StructWriter out = new StructWriter(64);
        int bits = family.size() * 8;
        out.u8(family.number()).u8(bits).u8(source.isPresent() ? bits : 0).zeros(9);
        out.attribute(RTA_DST, destination.getAddress());
        source.ifPresent(local -> out.attribute(RTA_SRC, local.getAddress()));
        if (mark != 0) {
            out.attribute(RTA_MARK, mark);
        }
        return out;
    }

    @Override
    public String toString() {
        return type.name().toLowerCase(Locale.ROOT) + " route to " + destination.getHostAddress() + "/" + prefix
                + gateway.map(nextHop -> " via " + nextHop.getHostAddress()).orElse("") + (link == 0 ? "" : " through link " + link)
                + " in table " + table;
    }
}
