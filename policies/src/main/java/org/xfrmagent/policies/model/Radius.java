package org.xfrmagent.policies.model;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Who judges users instead of us (RFC 2865): peers with the EAP method {@link EapKind#RADIUS}.
 *
 * @param servers the first is asked first
 * @param nasIdentifier what we call ourselves there
 * @param groupsFrom what names the groups that a user is a member of
 * @param accounting what the servers are told of users that they have let in
 */
public record Radius(List<Server> servers, String nasIdentifier, Set<GroupAttribute> groupsFrom, Accounting accounting) {
    public static final Radius NONE = new Radius(List.of(), Defaults.NAS_IDENTIFIER);

    /** With the usual names of groups. */
    public Radius(List<Server> servers, String nasIdentifier) {
        this(servers, nasIdentifier, Defaults.GROUPS_FROM, Accounting.NONE);
    }

    /**
     * RFC 2866.
     *
     * @param told whether they are told who came and went, and what it has carried
     * @param interim how often meanwhile; zero = never
     */
    public record Accounting(boolean told, Duration interim) {
        public static final Accounting NONE = new Accounting(false, Duration.ZERO);
    }

    /** An attribute of an Access-Accept. */
    public enum GroupAttribute {
        /** RFC 2865, section 5.25. */
        CLASS("class"),
        /** Section 5.11, where a Tunnel-Type of ESP stands beside it (RFC 2868, section 3.1): of another tunnel it is a filter. */
        FILTER_ID("filter-id");

        private final String word;

        GroupAttribute(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

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
        groupsFrom = Set.copyOf(groupsFrom);
    }
}
