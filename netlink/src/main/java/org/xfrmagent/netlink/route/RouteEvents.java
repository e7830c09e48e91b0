package org.xfrmagent.netlink.route;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.netlink.netlink.AddressFamily;
import org.xfrmagent.netlink.netlink.MalformedMessage;
import org.xfrmagent.netlink.netlink.NetlinkEvents;
import org.xfrmagent.netlink.netlink.NetlinkFamily;
import org.xfrmagent.netlink.netlink.NetlinkMessage;

/** Listens to changes of links, addresses, routes and, if asked to, routing rules. For one reading thread; {@link #close()} from another ends it. */
public final class RouteEvents implements AutoCloseable {
    /** A change, as the kernel tells it. */
    public sealed interface RouteEvent {}

    /** A link came, changed, or went. */
    public record LinkChanged(Link link, boolean gone) implements RouteEvent {}

    /** An address came, changed, or went. */
    public record AddressChanged(InterfaceAddress address, boolean gone) implements RouteEvent {}

    /** A route came, changed, or went. */
    public record RouteChanged(Route route, boolean gone) implements RouteEvent {}

    /** A routing rule came or went. */
    public record RuleChanged(Rule rule, boolean gone) implements RouteEvent {}

    /** Events were lost: list everything, and compare. */
    public record EventsLost() implements RouteEvent {}

    private static final int RTNLGRP_LINK = 1;
    private static final int RTNLGRP_IPV4_IFADDR = 5;
    private static final int RTNLGRP_IPV4_ROUTE = 7;
    private static final int RTNLGRP_IPV4_RULE = 8;
    private static final int RTNLGRP_IPV6_IFADDR = 9;
    private static final int RTNLGRP_IPV6_ROUTE = 11;
    private static final int RTNLGRP_IPV6_RULE = 19;

    private final NetlinkEvents events;

    private RouteEvents(NetlinkEvents events) {
        this.events = events;
    }

    /** @param receiveBuffer octets that may wait unread; 0 leaves the system's default */
    public static RouteEvents open(int receiveBuffer) throws IOException {
        return new RouteEvents(NetlinkEvents.open(
                NetlinkFamily.ROUTE, receiveBuffer, RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_IFADDR,
                RTNLGRP_IPV6_ROUTE));
    }

    /**
     * As {@link #open}, and tells of rules too.
     *
     * @param own senders whose changes are known anyway: {@link Rtnetlink#number}
     */
    public static RouteEvents withRules(int receiveBuffer, Set<Integer> own) throws IOException {
        return new RouteEvents(NetlinkEvents.open(
                NetlinkFamily.ROUTE, receiveBuffer, new NetlinkEvents.Ignored(Set.of(), own), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE));
    }

    /**
     * Waits for events, in order. May return an empty list before the time is over, for messages that say nothing of use here.
     *
     * @param timeoutMillis negative waits for ever
     */
    public List<RouteEvent> receive(int timeoutMillis) throws IOException {
        List<RouteEvent> decoded = new ArrayList<>();
        for (NetlinkEvents.Notification notification : events.receive(timeoutMillis)) {
            switch (notification) {
                case NetlinkEvents.Received received -> decode(received.message()).ifPresent(decoded::add);
                case NetlinkEvents.EventsLost lost -> decoded.add(new EventsLost());
            }
        }
        return decoded;
    }

    private static Optional<RouteEvent> decode(NetlinkMessage message) throws MalformedMessage {
        return switch (message.type()) {
            // Bridges multicast their ports as links of family AF_BRIDGE: not a change of the link.
            case Rtnetlink.NEWLINK, Rtnetlink.DELLINK ->
                message.payload().u8() == AddressFamily.UNSPEC.number()
                        ? Optional.of(new LinkChanged(Link.read(message.payload()), message.type() == Rtnetlink.DELLINK))
                        : Optional.empty();
            case Rtnetlink.NEWADDR, Rtnetlink.DELADDR ->
                Optional.of(new AddressChanged(InterfaceAddress.read(message.payload()), message.type() == Rtnetlink.DELADDR));
            case Rtnetlink.NEWROUTE, Rtnetlink.DELROUTE ->
                Optional.of(new RouteChanged(Route.read(message.payload()), message.type() == Rtnetlink.DELROUTE));
            case Rtnetlink.NEWRULE, Rtnetlink.DELRULE ->
                Optional.of(new RuleChanged(Rule.read(message.payload()), message.type() == Rtnetlink.DELRULE));
            default -> Optional.empty();
        };
    }

    @Override
    public void close() {
        events.close();
    }
}
