package org.xfrmagent.policies.model;

import java.util.Optional;

/**
 * The traffic a policy is about, seen from here: packets sent have a source in {@code local} and a destination in {@code remote},
 * packets received the reverse.
 *
 * @param device the network interface that packets sent leave by, as routes have it; empty for any. Packets received are told by their
 *     addresses alone
 * @param label by which the peers tell SAs for the same traffic apart; packets do not carry it
 */
public record Match(Selectors local, Selectors remote, Optional<String> device, Optional<SecurityLabel> label) {
    /** By whatever interface, and without a label. */
    public Match(Selectors local, Selectors remote) {
        this(local, remote, Optional.empty(), Optional.empty());
    }

    /** {@code 10.1.0.0/16 === 10.2.0.0/16}, with {@code by eth0} and {@code , label red} behind it if it has them. */
    @Override
    public String toString() {
        return local + " === " + remote + device.map(name -> " by " + name).orElse("") + label.map(each -> ", label " + each).orElse("");
    }
}
