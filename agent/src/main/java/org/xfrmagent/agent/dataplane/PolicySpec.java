package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.policies.algorithm.Protocol;

/**
 * One row of the SPD in one direction (RFC 4301, section 4.4.1). Ranges that are no prefix and port ranges that are no mask are
 * split by the plane that needs it.
 *
 * @param priority lower wins, as in the kernel
 */
public record PolicySpec(Direction direction, SelectorPair selectors, int priority, Verdict verdict, OptionalInt ifId) {
    /** What happens to a packet that matches. */
    public sealed interface Verdict {}

    /**
     * @param endpoints the outer addresses of a tunnel; empty in transport mode
     * @param spi outbound: the very SA to use, so that traffic switches when the policy is replaced; empty: any SA with the reqid
     */
    public record Protect(Optional<Endpoints> endpoints, Protocol protocol, int reqid, OptionalInt spi) implements Verdict {}

    public record Bypass() implements Verdict {}

    public record Discard() implements Verdict {}

    public record Endpoints(InetAddress source, InetAddress destination) {}
}
