package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * The address inside the tunnel that one end of an IKE SA was given with it (RFC 7296, section 2.19). It lasts as long as the IKE SA
 * and what that is rekeyed to.
 */
public sealed interface InnerAddress {
    /** Both ends speak for what they had before. */
    record None() implements InnerAddress {}

    /** The peer's: one of a pool of ours. */
    record Lent(String pool, InetAddress address) implements InnerAddress {}

    /**
     * Ours: the peer has given it to us.
     *
     * @param dns name servers there
     */
    record Given(InetAddress address, List<InetAddress> dns) implements InnerAddress {
        public Given {
            dns = List.copyOf(dns);
        }
    }

    /** For which the peer speaks. */
    default Optional<InetAddress> theirs() {
        return this instanceof Lent(_, InetAddress address) ? Optional.of(address) : Optional.empty();
    }

    /** For which we speak. */
    default Optional<InetAddress> ours() {
        return this instanceof Given(InetAddress address, _) ? Optional.of(address) : Optional.empty();
    }
}
