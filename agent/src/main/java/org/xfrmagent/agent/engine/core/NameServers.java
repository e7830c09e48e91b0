package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.xfrmagent.policies.model.Ip;

/**
 * Who knows the names behind a tunnel.
 *
 * @param domains of those names; none: of all
 */
public record NameServers(List<InetAddress> addresses, List<String> domains) {
    public static final NameServers NONE = new NameServers(List.of(), List.of());

    public NameServers {
        addresses = List.copyOf(addresses);
        domains = List.copyOf(domains);
    }

    /** For the end of a sentence: nothing, or {@code and the name servers 10.2.0.53}. */
    public String text() {
        return addresses.isEmpty() ? "" : addresses.stream().map(Ip::text).collect(Collectors.joining(" ", " and the name servers ", ""));
    }
}
