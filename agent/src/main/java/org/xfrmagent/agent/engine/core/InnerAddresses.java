package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.stream.Collectors;
import org.xfrmagent.policies.model.Ip;

/**
 * The addresses inside the tunnel that one end of an IKE SA was given with it (RFC 7296, section 2.19). They
 * last as long as the IKE SA and what that is rekeyed to.
 */
public sealed interface InnerAddresses {
    /** Both ends speak for what they had before. */
    record None() implements InnerAddresses {}

    /** The peer's: from pools of ours. */
    record Lent(List<Lease> leases) implements InnerAddresses {
        public Lent {
            leases = List.copyOf(leases);
        }
    }

    /**
     * Ours: the peer has given them to us.
     *
     * @param servers that know the names there
     */
    record Given(List<InetAddress> addresses, NameServers servers) implements InnerAddresses {
        public Given {
            addresses = List.copyOf(addresses);
        }
    }

    static InnerAddresses none() {
        return new None();
    }

    static InnerAddresses lent(List<Lease> leases) {
        return leases.isEmpty() ? none() : new Lent(leases);
    }

    /** For a sentence: {@code the address 10.3.0.1}. */
    static String text(List<InetAddress> addresses) {
        return addresses.stream().map(Ip::text).collect(Collectors.joining(" and ", addresses.size() == 1 ? "the address " : "the addresses ", ""));
    }

    /** For which the peer speaks. */
    default List<InetAddress> theirs() {
        return this instanceof Lent(List<Lease> leases) ? leases.stream().map(Lease::address).toList() : List.of();
    }

    /** For which we speak. */
    default List<InetAddress> ours() {
        return this instanceof Given(List<InetAddress> addresses, _) ? addresses : List.of();
    }
}
