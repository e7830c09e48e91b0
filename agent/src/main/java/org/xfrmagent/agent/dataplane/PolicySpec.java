package org.xfrmagent.agent.dataplane;

import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.model.Mark;

/**
 * One row of the SPD in one direction (RFC 4301, section 4.4.1). Ranges that are no prefix and port ranges that are no mask are
 * split by the plane that needs it.
 *
 * @param priority lower wins, as in the kernel
 * @param ifId only packets of the xfrm interface with this id
 * @param mark only packets with this mark
 * @param device OUT: only packets that leave by the network interface of this name; while there is none the policy stands by
 */
public record PolicySpec(
        Direction direction, SelectorPair selectors, int priority, Verdict verdict, OptionalInt ifId, Optional<Mark> mark,
        Optional<String> device) {
    /** By whatever network interface. */
    public PolicySpec(
            Direction direction, SelectorPair selectors, int priority, Verdict verdict, OptionalInt ifId, Optional<Mark> mark) {
        this(direction, selectors, priority, verdict, ifId, mark, Optional.empty());
    }

    /** Whatever mark the packets have. */
    public PolicySpec(Direction direction, SelectorPair selectors, int priority, Verdict verdict, OptionalInt ifId) {
        this(direction, selectors, priority, verdict, ifId, Optional.empty());
    }

    /** The same policy in another place of the order. */
    public PolicySpec withPriority(int other) {
        return new PolicySpec(direction, selectors, other, verdict, ifId, mark, device);
    }

    /** The same packets with another verdict. */
    public PolicySpec withVerdict(Verdict other) {
        return new PolicySpec(direction, selectors, priority, other, ifId, mark, device);
    }

    /** The same packets through SAs of another reqid, if through any. */
    public PolicySpec withReqid(int other) {
        return verdict instanceof Protect protect ? withVerdict(protect.withReqid(other)) : this;
    }

    /** What happens to a packet that matches. */
    public sealed interface Verdict {}

    /**
     * @param endpoints the outer addresses of a tunnel; empty in transport mode
     * @param spi outbound: the very SA to use, so that traffic switches when the policy is replaced; empty: any SA with the reqid
     * @param offload the address here whose network device is to have the policy as well and to see to whole packets; empty: none is
     * @param compression whether packets go through an IPComp SA first, if they become shorter by it
     */
    public record Protect(
            Optional<Endpoints> endpoints, Protocol protocol, int reqid, OptionalInt spi, Optional<InetAddress> offload, Optional<Compression> compression)
            implements Verdict {
        /** Without a device and without compression. */
        public Protect(Optional<Endpoints> endpoints, Protocol protocol, int reqid, OptionalInt spi) {
            this(endpoints, protocol, reqid, spi, Optional.empty(), Optional.empty());
        }

        /** The same with the device that has {@code address}, if any. */
        public Protect with(Optional<InetAddress> address) {
            return new Protect(endpoints, protocol, reqid, spi, address, compression);
        }

        public Protect compressed(Optional<Compression> how) {
            return new Protect(endpoints, protocol, reqid, spi, offload, how);
        }

        public Protect withReqid(int other) {
            return new Protect(endpoints, protocol, other, spi, offload, compression);
        }

        /** Between other outer addresses. */
        public Protect between(Endpoints other) {
            return new Protect(Optional.of(other), protocol, reqid, spi, offload, compression);
        }
    }

    /** @param cpi outbound: of the very SA to use; empty: any IPComp SA with the reqid */
    public record Compression(OptionalInt cpi) {}

    public record Bypass() implements Verdict {}

    public record Discard() implements Verdict {}

    public record Endpoints(InetAddress source, InetAddress destination) {}
}
