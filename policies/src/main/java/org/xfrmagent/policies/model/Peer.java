package org.xfrmagent.policies.model;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import org.xfrmagent.policies.algorithm.Proposal;

/**
 * How a peer is reached and authenticated: an entry of the PAD (RFC 4301 section 4.4.3).
 *
 * @param name by which policies refer to it
 * @param ike the version it speaks
 * @param local our side
 * @param remote its side
 * @param proposals for the IKE SA, the preferred one first
 * @param ikeLifetimes of the IKE SA; only its seconds count
 * @param reauthentication after so long a new IKE SA is made from scratch and the old one deleted; zero = never
 * @param liveness when it is asked whether it lives
 * @param retransmission of our requests
 * @param unique what a second IKE SA does to the first
 * @param childless whether an IKE SA may begin without a child
 * @param forceEncapsulation whether ESP goes in UDP even without a NAT
 * @param mobike whether its address may change (RFC 4555)
 * @param fragmentation of IKE messages
 * @param pools from which it gets addresses: as many as it asks for, each of the first that has any of its family left
 * @param dscp of our IKE messages' IP headers, 0 to 63 (RFC 2474)
 * @param attempts sequences of retransmissions without an answer before a call is given up until it is wanted anew; 0 = any number
 * @param ppk the postquantum pre-shared key that goes into the keys, with IKEv2
 * @param followRedirects whether it may send us to another gateway, which then has to prove the same identity (RFC 5685)
 * @param config who begins about an address: those of the pools, or the ones that our side asks for
 */
public record Peer(
        String name,
        IkeVersion ike,
        Side local,
        Side remote,
        List<Proposal> proposals,
        Lifetimes ikeLifetimes,
        Duration reauthentication,
        LivenessPolicy liveness,
        Retransmission retransmission,
        Unique unique,
        Childless childless,
        boolean forceEncapsulation,
        boolean mobike,
        Fragmentation fragmentation,
        List<String> pools,
        ConfigExchange config,
        int dscp,
        int attempts,
        Optional<Ppk> ppk,
        boolean followRedirects) {
    public Peer {
        proposals = List.copyOf(proposals);
        pools = List.copyOf(pools);
    }

    /** A peer of which everything but the essential has its default. */
    public static Peer of(String name, Side local, Side remote) {
        return new Peer(name, Defaults.IKE, local, remote, Defaults.IKE_PROPOSALS, Defaults.IKE_LIFETIMES,
                Defaults.REAUTHENTICATION, Defaults.LIVENESS, Defaults.RETRANSMISSION, Defaults.UNIQUE, Defaults.CHILDLESS, Defaults.FORCE_ENCAPSULATION,
                Defaults.MOBIKE, Defaults.FRAGMENTATION, List.of(), Defaults.CONFIG, Defaults.DSCP,
                Defaults.ATTEMPTS, Optional.empty(), Defaults.FOLLOW_REDIRECTS);
    }
}
