package org.xfrmagent.it.interop;

/** The address families of the protected packets and of those that carry them. */
public enum Family {
    IPV4("IPv4"),
    IPV6("IPv6"),
    IPV4_IN_IPV6("IPv4 in IPv6"),
    IPV6_IN_IPV4("IPv6 in IPv4");

    private final String word;

    Family(String word) {
        this.word = word;
    }

    /**
     * @param inner an address of the protected packets
     * @param outer an address of a gateway
     */
    public static Family of(String inner, String outer) {
        boolean outerIsIpv6 = outer.contains(":");
        if (inner.contains(":")) {
            return outerIsIpv6 ? IPV6 : IPV6_IN_IPV4;
        }
        return outerIsIpv6 ? IPV4_IN_IPV6 : IPV4;
    }

    public String word() {
        return word;
    }
}
