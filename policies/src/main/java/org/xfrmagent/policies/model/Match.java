package org.xfrmagent.policies.model;

import java.util.Optional;

/**
 * The traffic a policy is about, seen from here: packets sent have a source in {@code local} and a destination in {@code remote},
 * packets received the reverse.
 *
 * @param device the network interface that packets sent leave by, as routes have it; empty for any. Packets received are told by their
 *     addresses alone
 */
public record Match(Selectors local, Selectors remote, Optional<String> device) {
    /** By whatever interface. */
    public Match(Selectors local, Selectors remote) {
        this(local, remote, Optional.empty());
    }

    /** {@code 10.1.0.0/16 === 10.2.0.0/16} */
    @Override
    public String toString() {
        return local + " === " + remote + device.map(name -> " by " + name).orElse("");
    }
}
