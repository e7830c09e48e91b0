package org.xfrmagent.agent.radius;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.RadiusServer;
import org.xfrmagent.agent.radius.RadiusConversation.Station;

/**
 * Tells servers of a user that they have let in (RFC 2866): that it came, what it has carried, and that it went.
 *
 * @param id of this one stay of the user, by which all that is told of it belongs together
 * @param user as the server has called it
 * @param addresses that it was given
 * @param classes Class, as the server has sent it with its accept
 */
public record RadiusAccounting(String id, String user, Station station, List<InetAddress> addresses, List<Bytes> classes) {
    private static final int AUTHENTICATED_BY_RADIUS = 1;

    public RadiusAccounting {
        addresses = List.copyOf(addresses);
        classes = List.copyOf(classes);
    }

    /** What is told, by the number of Acct-Status-Type. */
    public enum Status {
        START(1),
        STOP(2),
        INTERIM(3);

        private final int number;

        Status(int number) {
            this.number = number;
        }
    }

    /** Why the user went, by the number of Acct-Terminate-Cause. */
    public enum Cause {
        USER_REQUEST(1),
        LOST_SERVICE(3),
        ADMIN_RESET(6),
        ADMIN_REBOOT(7);

        private final int number;

        Cause(int number) {
            this.number = number;
        }
    }

    /** What it has sent (in) and got (out). */
    public record Carried(long octetsIn, long octetsOut, long packetsIn, long packetsOut) {
        public static final Carried NOTHING = new Carried(0, 0, 0, 0);

        public Carried plus(Carried other) {
            return new Carried(octetsIn + other.octetsIn, octetsOut + other.octetsOut, packetsIn + other.packetsIn, packetsOut + other.packetsOut);
        }
    }

    /**
     * Tells it, and waits until a server has heard it.
     *
     * @throws IOException with a sentence if none does
     */
    public void start(RadiusClient client, List<RadiusServer> servers, Instant at) throws IOException {
        client.account(servers, attributes(Status.START, at));
    }

    /**
     * The same while it stays, after so many seconds.
     *
     * @throws IOException with a sentence if none does
     */
    public void interim(RadiusClient client, List<RadiusServer> servers, Instant at, long seconds, Carried carried) throws IOException {
        List<RadiusAttribute> all = attributes(Status.INTERIM, at);
        all.addAll(counters(seconds, carried));
        client.account(servers, all);
    }

    /**
     * The same at the end.
     *
     * @throws IOException with a sentence if none does
     */
    public void stop(RadiusClient client, List<RadiusServer> servers, Instant at, long seconds, Carried carried, Cause cause) throws IOException {
        List<RadiusAttribute> all = attributes(Status.STOP, at);
        all.addAll(counters(seconds, carried));
        all.add(RadiusAttribute.number(RadiusAttribute.ACCT_TERMINATE_CAUSE, cause.number));
        client.account(servers, all);
    }

    private List<RadiusAttribute> attributes(Status status, Instant at) {
        List<RadiusAttribute> all = new ArrayList<>(List.of(
                RadiusAttribute.number(RadiusAttribute.ACCT_STATUS_TYPE, status.number),
                RadiusAttribute.text(RadiusAttribute.ACCT_SESSION_ID, id),
                RadiusAttribute.number(RadiusAttribute.ACCT_AUTHENTIC, AUTHENTICATED_BY_RADIUS),
                RadiusAttribute.number(RadiusAttribute.EVENT_TIMESTAMP, (int) at.getEpochSecond())));
        if (!user.isEmpty()) {
            all.add(RadiusAttribute.text(RadiusAttribute.USER_NAME, user));
        }
        all.addAll(station.attributes());
        classes.forEach(each -> all.add(new RadiusAttribute(RadiusAttribute.CLASS, each)));
        addresses.forEach(address -> all.add(new RadiusAttribute(
                address instanceof Inet4Address ? RadiusAttribute.FRAMED_IP_ADDRESS : RadiusAttribute.FRAMED_IPV6_ADDRESS, Bytes.of(address.getAddress()))));
        return all;
    }

    /** What does not fit 32 bits goes on in others (RFC 2869, sections 5.1 and 5.2). */
    private static List<RadiusAttribute> counters(long seconds, Carried carried) {
        return List.of(
                RadiusAttribute.number(RadiusAttribute.ACCT_SESSION_TIME, (int) seconds),
                RadiusAttribute.number(RadiusAttribute.ACCT_INPUT_OCTETS, (int) carried.octetsIn),
                RadiusAttribute.number(RadiusAttribute.ACCT_INPUT_GIGAWORDS, (int) (carried.octetsIn >>> 32)),
                RadiusAttribute.number(RadiusAttribute.ACCT_OUTPUT_OCTETS, (int) carried.octetsOut),
                RadiusAttribute.number(RadiusAttribute.ACCT_OUTPUT_GIGAWORDS, (int) (carried.octetsOut >>> 32)),
                RadiusAttribute.number(RadiusAttribute.ACCT_INPUT_PACKETS, (int) carried.packetsIn),
                RadiusAttribute.number(RadiusAttribute.ACCT_OUTPUT_PACKETS, (int) carried.packetsOut));
    }
}
