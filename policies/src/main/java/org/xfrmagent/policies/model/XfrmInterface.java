package org.xfrmagent.policies.model;

import java.util.Optional;

/**
 * An XFRM interface that a policy brings along: what is routed into it goes through the policies with its id, and nowhere else.
 *
 * @param id not 0; policies and SAs carry it
 * @param name at most 15 octets
 * @param mtu octets; 0 leaves it to the kernel
 * @param device the interface that protected packets leave by; empty for any
 */
public record XfrmInterface(int id, String name, int mtu, Optional<String> device) {
    /** What it is called where the policy does not say. */
    public static String name(int id) {
        return "ipsec" + Integer.toUnsignedString(id);
    }
}
