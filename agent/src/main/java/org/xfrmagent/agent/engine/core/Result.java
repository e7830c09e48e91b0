package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Outcome;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.Usage;
import org.xfrmagent.agent.eap.EapWork;

/** What a {@link Job} brought. */
public sealed interface Result {
    /**
     * @param serial numbers the child for people, unique in this agent's life
     * @param cpi if one was wanted, and there is one
     */
    record SpiAllocated(int spi, int serial, OptionalInt cpi) implements Result {}

    /** @param reqid of what {@link Job.Install} has installed; empty: that of the operations */
    record Installed(Outcome outcome, OptionalInt reqid) implements Result {
        public Installed(Outcome outcome) {
            this(outcome, OptionalInt.empty());
        }
    }

    record UsageRead(Map<SaId, Usage> usage) implements Result {}

    /** Of what was wanted as much as there was, and not nothing. */
    record Leased(List<Lease> leases) implements Result {
        public Leased {
            leases = List.copyOf(leases);
        }
    }

    record Released() implements Result {}

    /** The certificates are the peer's; {@link Failed} if not. */
    record ChainVerified() implements Result {}

    record Signed(Bytes signature) implements Result {}

    /** A method of EAP goes on, or ends. */
    record EapAnswered(EapWork.Result result) implements Result {}

    record Taken() implements Result {}

    /**
     * @param ways the best first: those to the remote that was named first, the one in use before others
     * @param addresses all of ours that the peer may use
     * @param current what has become of our address in use
     */
    record WaysFound(List<Way> ways, List<InetAddress> addresses, Standing current) implements Result {
        public WaysFound {
            ways = List.copyOf(ways);
            addresses = List.copyOf(addresses);
        }
    }

    /** How an address of ours stands. */
    enum Standing {
        /** On a link that works. */
        GOOD,
        /** Its successor is there, or will be: still good, but not to be used for long (RFC 4862, section 5.5.4). */
        DEPRECATED,
        /** Still ours, but its link is down, or the policy does not allow it: packets to it may well arrive another way. */
        STRANDED,
        /** No longer ours: nobody reaches us there. */
        GONE
    }

    /** The job itself failed; {@code reason} is a sentence. */
    record Failed(String reason) implements Result {}
}
