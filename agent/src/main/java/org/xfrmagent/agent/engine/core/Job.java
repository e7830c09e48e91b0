package org.xfrmagent.agent.engine.core;

import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.dataplane.Narrowed;
import org.xfrmagent.agent.dataplane.Operation;
import org.xfrmagent.agent.dataplane.SaId;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Pool;
import org.xfrmagent.policies.model.VirtualAddress;

/** Work that waits on something outside the engine. Each ends in exactly one {@link Input.Completed}. */
public sealed interface Job {
    /** @param compressed a CPI is wanted as well, if the data plane has any */
    record AllocateSpi(SpiRequest request, boolean compressed) implements Job {}

    record Apply(List<Operation> operations) implements Job {
        public Apply {
            operations = List.copyOf(operations);
        }
    }

    /**
     * A child of something narrower than its policy: under a reqid that it shares with those for the same only ({@link Result.Installed}).
     *
     * @param held a packet that the policy holds asked for it
     */
    record Install(Narrowed narrowed, boolean held, List<Operation> operations) implements Job {
        public Install {
            operations = List.copyOf(operations);
        }
    }

    record ReadUsage(Set<SaId> sas) implements Job {}

    /**
     * Addresses for a peer: each of the first of {@code pools} that has one.
     *
     * @param lessee who is to have them: of two sessions of one lessee, the second may have the same address, if it asks for it
     * @param wanted what the peer asks for
     */
    record LeaseAddresses(List<Pool> pools, Lessee lessee, List<VirtualAddress> wanted) implements Job {
        public LeaseAddresses {
            pools = List.copyOf(pools);
            wanted = List.copyOf(wanted);
        }
    }

    /** A session does not need its addresses any more. */
    record ReleaseAddresses(List<Lease> leases) implements Job {
        public ReleaseAddresses {
            leases = List.copyOf(leases);
        }
    }

    /** Are {@code certificates}, as the peer has shown them, those of {@code remote}? See {@link Credentials#objection}. */
    record VerifyChain(Credentials credentials, Peer peer, Identity remote, List<Bytes> certificates) implements Job {
        public VerifyChain {
            certificates = List.copyOf(certificates);
        }
    }

    /** A signature that a token is to make, for which it may take seconds. */
    record Sign(TokenKey key, SignatureScheme scheme, Bytes octets) implements Job {}

    /**
     * A round of a method of EAP that computes, asks or remembers outside.
     *
     * @param conversation names it: our SPI
     */
    record EapRound(long conversation, Credentials credentials, Peer peer, Path path, EapWork work) implements Job {}

    /**
     * This host is to have what a peer has given it: all of the addresses, or none.
     *
     * @param gateway outer address of the peer: the addresses belong where it is reached
     * @param behind what is reached from them
     */
    record TakeAddresses(InnerAddresses.Given given, InetAddress gateway, List<AddressRange> behind) implements Job {
        public TakeAddresses {
            behind = List.copyOf(behind);
        }
    }

    /** The session that had them taken does not need them any more. */
    record DropAddresses(List<InetAddress> addresses) implements Job {
        public DropAddresses {
            addresses = List.copyOf(addresses);
        }
    }

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
