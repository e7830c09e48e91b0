package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;
import org.xfrmagent.agent.dataplane.PolicySpec;

/**
 * What the kernel around the TUN interface must do so that no packet of a protected flow goes past it: send outbound ones into the
 * interface, and refuse inbound ones that did not come out of it.
 */
interface Surroundings extends AutoCloseable {
    /**
     * Makes the kernel follow {@code policies}, which are all there are now. While it works, a packet that an old or a new policy
     * protects is never let through in the clear.
     *
     * @param policies of all directions; within a direction the one that is asked first in front
     * @throws IOException with a sentence; then the kernel may hold a mixture, and the caller asks for the former state again
     */
    void update(List<PolicySpec> policies) throws IOException;

    /** What a killed predecessor protected, and no policy protects now, is free from here on. */
    void forgetPredecessor() throws IOException;

    /**
     * MTU in octets of the link that a packet leaves by.
     *
     * @return empty if there is no way, or none but through the interface itself
     */
    OptionalInt linkMtu(InetAddress source, InetAddress destination);

    /** Takes away everything that was made. */
    @Override
    void close();

    /** For a plane whose packets come from a test. */
    static Surroundings none() {
        return new Surroundings() {
            @Override
            public void update(List<PolicySpec> policies) {}

            @Override
            public void forgetPredecessor() {}

            @Override
            public OptionalInt linkMtu(InetAddress source, InetAddress destination) {
                return OptionalInt.empty();
            }

            @Override
            public void close() {}
        };
    }
}
