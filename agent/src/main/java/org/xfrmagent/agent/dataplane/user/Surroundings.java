package org.xfrmagent.agent.dataplane.user;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.xfrmagent.agent.dataplane.DataPlaneEvent;
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

    /**
     * The same after a change, at the price of the change where it can be had: a plane may have ten thousand policies.
     *
     * @param all the policies that there are now, with the change
     * @throws IOException as above; the former state must then be asked for as a whole
     */
    void update(Spd.Change change, Supplier<List<PolicySpec>> all) throws IOException;

    /** Whether somebody deleted the interface: {@link #repair} needs a new one of the same name. */
    boolean interfaceIsGone() throws IOException;

    /**
     * Puts back what others removed or changed, in the calling thread's network namespace.
     *
     * @return a sentence for each kind of damage
     * @throws IOException with a sentence, if some of it could not be mended
     */
    List<String> repair() throws IOException;

    /** Has {@code sink} told of what others change from here on. */
    void watch(Consumer<DataPlaneEvent> sink);

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
            public void update(Spd.Change change, Supplier<List<PolicySpec>> all) {}

            @Override
            public boolean interfaceIsGone() {
                return false;
            }

            @Override
            public List<String> repair() {
                return List.of();
            }

            @Override
            public void watch(Consumer<DataPlaneEvent> sink) {}

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
