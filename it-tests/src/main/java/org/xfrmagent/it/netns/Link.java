package org.xfrmagent.it.netns;

import java.time.Duration;

/** A cable between two hosts. In each host the interface is called after the other one. */
public record Link(Host a, Host b) {
    /** Both directions lose {@code percent} of the packets and delay the others. Fails where the kernel has no netem. */
    public Link disturb(Duration delay, int percent) {
        each("tc qdisc replace dev %s root netem delay " + delay.toMillis() + "ms loss " + percent + "%%");
        return this;
    }

    public Link calm() {
        each("tc qdisc del dev %s root");
        return this;
    }

    public Link down() {
        each("ip link set dev %s down");
        return this;
    }

    /** Routes through the link are gone after {@link #down}: set them again. */
    public Link up() {
        each("ip link set dev %s up");
        return this;
    }

    private void each(String command) {
        a.shell(command.formatted(b.name()));
        b.shell(command.formatted(a.name()));
    }
}
