package org.xfrmagent.agent.eap;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * What a RADIUS server has said about a user beside "accept" (RFC 2865, section 5).
 *
 * @param addresses Framed-IP-Address, Framed-IPv6-Address: what the user is to have, instead of a pool's
 * @param nameServers to be told to the user
 * @param seconds Session-Timeout: how long the user may stay
 * @param groups that the user is a member of, in their servers' words
 * @param classes Class as it came, to be shown again when the user is accounted for
 */
public record EapGrant(
        List<InetAddress> addresses, List<InetAddress> nameServers, Optional<Long> seconds, List<String> groups, List<Bytes> classes) {
    public static final EapGrant NONE = new EapGrant(List.of(), List.of(), Optional.empty(), List.of(), List.of());

    public EapGrant {
        addresses = List.copyOf(addresses);
        nameServers = List.copyOf(nameServers);
        groups = List.copyOf(groups);
        classes = List.copyOf(classes);
    }
}
