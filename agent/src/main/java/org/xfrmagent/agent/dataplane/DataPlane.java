package org.xfrmagent.agent.dataplane;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Something that holds a SAD and an SPD (RFC 4301, section 4.4) and applies them to traffic. Every method may be called from
 * any thread and may block for as long as a system call takes.
 */
public interface DataPlane extends AutoCloseable {
    /** "kernel" or "userspace", as logs and status show it. */
    String name();

    Capabilities capabilities();

    /**
     * Reserves an SPI for an inbound SA, unique for (destination, protocol). The reservation lapses after some time (the
     * kernel's larval states: 165 s); adding the SA afterwards still works.
     *
     * @return the SPI, at least 0xc0000000 as an unsigned number; a CPI from 0x100 to 0xefff
     * @throws DataPlaneException with a sentence, also if the plane does not have the protocol
     */
    int allocate(SpiRequest request) throws DataPlaneException;

    /**
     * Applies the operations in order. When one fails those before it are undone, so that the caller sees all or nothing.
     */
    Outcome apply(List<Operation> operations);

    /** Counters of those SAs that exist; the others are absent from the result. */
    Map<SaId, Usage> usage(Set<SaId> which);

    /** What is installed now, for reconciliation. */
    Snapshot installed();

    /**
     * Puts back what others removed or changed of the policies that were applied, and of whatever else the plane needs: what closes
     * comes first. SAs cannot be put back, since their keys and counters are gone with them.
     *
     * @return a sentence for each kind of damage that was found and mended; none if all is as it should be
     * @throws DataPlaneException with a sentence, if some of it could not be mended
     */
    List<String> repair() throws DataPlaneException;

    /**
     * Network interfaces of this host have come, gone or got another name: policies that name one follow it.
     *
     * @return a sentence for each interface whose policies are in force from here on, or stand by
     */
    default List<String> linksChanged() throws DataPlaneException {
        return List.of();
    }

    /** The network interfaces that policies name and that are not there: no packet leaves or arrives by them, and the policies stand by. */
    default Set<String> absentDevices() {
        return Set.of();
    }

    /** Events are handed to {@code sink} on a thread of the plane's own; it must return soon. One sink, set before the first SA. */
    void listen(Consumer<DataPlaneEvent> sink);

    /** Stops the plane's threads and closes its descriptors. Installed SAs and policies stay where the kernel keeps them. */
    @Override
    void close();
}
