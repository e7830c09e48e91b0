package org.xfrmagent.policies.model;

import java.net.InetAddress;
import java.util.List;

/**
 * Who judges users instead of us (RFC 2865): peers with the EAP method {@link EapKind#RADIUS}.
 *
 * @param servers the first is asked first
 * @param nasIdentifier what we call ourselves there
 */
public record Radius(List<Server> servers, String nasIdentifier) {
    public static final Radius NONE = new Radius(List.of(), Defaults.NAS_IDENTIFIER);

    /**
     * A server.
     *
     * @param port of authentication
     * @param accountingPort of accounting
     * @param secret where that is which only both ends know
     */
    public record Server(InetAddress address, int port, int accountingPort, SecretRef secret) {}

    public Radius {
        servers = List.copyOf(servers);
    }
}
