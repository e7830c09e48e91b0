package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Pool;

/** Work that waits on something outside the engine. Each ends in exactly one {@link Input.Completed}. */
public sealed interface Job {
    record AllocateSpi(SpiRequest request) implements Job {}

    record Apply(List<Operation> operations) implements Job {
        public Apply {
            operations = List.copyOf(operations);
        }
    }

    record ReadUsage(Set<SaId> sas) implements Job {}

    /**
     * An address of a pool for a peer.
     *
     * @param lessee who is to have it: of two sessions of one lessee, the second may have the same address, if it asks for it
     * @param wanted the one that the peer asks for
     */
    record LeaseAddress(Pool pool, Lessee lessee, Optional<InetAddress> wanted) implements Job {}

    /** A session does not need its address any more. */
    record ReleaseAddress(String pool, InetAddress address) implements Job {}

    /** Are {@code certificates}, as the peer has shown them, those of {@code remote}? See {@link Credentials#objection}. */
    record VerifyChain(Credentials credentials, Peer peer, Identity remote, List<Bytes> certificates) implements Job {
        public VerifyChain {
            certificates = List.copyOf(certificates);
        }
    }

    /**
     * A round of a method of EAP that computes, asks or remembers outside.
     *
     * @param conversation names it: our SPI
     */
    record EapRound(long conversation, Credentials credentials, Peer peer, Path path, EapWork work) implements Job {}

    /**
     * This host is to have an address that a peer has given it.
     *
     * @param gateway outer address of the peer: the address belongs where it is reached
     * @param behind what is reached from the address
     */
    record TakeAddress(InetAddress address, InetAddress gateway, List<AddressRange> behind) implements Job {
        public TakeAddress {
            behind = List.copyOf(behind);
        }
    }

    /** The session that had it taken does not need it any more. */
    record DropAddress(InetAddress address) implements Job {}

    /**
     * Between which addresses can {@code remotes} be reached, as the addresses, links and routes of this host are now?
     *
     * @param peer tells which addresses of ours may be used
     * @param current the pair in use: it is preferred while it serves
     */
    record FindWays(Peer peer, Way current, List<InetAddress> remotes) implements Job {
        public FindWays {
            remotes = List.copyOf(remotes);
        }
    }
}
