package org.xfrmagent.policies.algorithm;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;

/**
 * What one side is willing to use together: for each kind of transform the algorithms in order of preference (RFC 7296 section
 * 3.3). The list is grouped by kind in the order ENCR, INTEG, PRF, KE, ESN and has nothing twice.
 */
public record Proposal(Protocol protocol, List<Algorithm> algorithms) {
    public Proposal {
        algorithms = List.copyOf(algorithms);
    }

    /** The algorithms of one kind, the preferred one first. */
    public List<Algorithm> of(TransformType type) {
        return algorithms.stream().filter(algorithm -> algorithm.type() == type).toList();
    }

    /** The preferred one of a kind: {@link #of}'s first. */
    public Optional<Algorithm> first(TransformType type) {
        for (Algorithm algorithm : algorithms) {
            if (algorithm.type() == type) {
                return Optional.of(algorithm);
            }
        }
        return Optional.empty();
    }

    /** Those that nobody negotiates but with a peer of IKEv1. */
    public List<Algorithm> ofIkev1Only() {
        return algorithms.stream().filter(algorithm -> algorithm.standing() == Algorithm.Standing.IKEV1_ONLY).toList();
    }

    /** Whether its ciphers authenticate by themselves; such a proposal names no integrity algorithm. */
    public boolean aead() {
        return algorithms.stream().anyMatch(Algorithm::aead);
    }

    /** The same without key exchanges: what IKE_AUTH proposes for the first child, whose keys come from the IKE SA (RFC 7296 section 1.2). */
    public Proposal withoutKeyExchange() {
        return new Proposal(protocol, algorithms.stream().filter(algorithm -> algorithm.type() != TransformType.KE).toList());
    }

    /**
     * What is proposed when a policy names nothing: AEAD ciphers first. ESP and AH come with key exchanges and then once more
     * without, so that a peer that has none for its children still agrees; no default has anything the RFCs discourage.
     */
    public static List<Proposal> defaults(Protocol protocol) {
        return DefaultProposals.of(protocol);
    }

    /** The keywords joined by '-', as a policy would write them. */
    @Override
    public String toString() {
        return algorithms.stream().map(Algorithm::keyword).collect(joining("-"));
    }
}
