package org.xfrmagent.agent.engine.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.wire.ProposalSubstructure;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.agent.wire.TransformSubstructure;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * Cryptographic negotiation (RFC 7296, section 2.7): what we offer, what we choose of another's offer, and whether an answer is one
 * that our offer allows.
 */
public final class Selection {
    /** The id that says "none of this type" (section 3.3.2). */
    private static final int NONE = 0;

    private Selection() {}

    /**
     * A proposal agreed upon.
     *
     * @param suite exactly one algorithm for each type that has any
     * @param number the proposal's number in the offer
     * @param spi the other side's
     */
    public record Chosen(Proposal suite, int number, Bytes spi) {}

    /** Whether a key exchange belongs to the negotiation: in IKE_AUTH it does not (section 1.2). */
    public enum KeyExchangeUse {
        NEGOTIATED,
        LEFT_OUT
    }

    /** Our proposals as an SA payload. {@code spi}: ours; empty for a first IKE SA. */
    public static SaPayload offer(List<Proposal> proposals, Bytes spi, KeyExchangeUse use) {
        List<ProposalSubstructure> offered = new ArrayList<>();
        for (Proposal proposal : offered(proposals, use)) {
            offered.add(substructure(proposal, offered.size() + 1, spi));
        }
        return new SaPayload(offered);
    }

    /** The answer that names {@code suite} as our choice. */
    public static SaPayload answer(Proposal suite, int number, Bytes spi) {
        return new SaPayload(List.of(substructure(suite, number, spi)));
    }

    private static List<Proposal> offered(List<Proposal> proposals, KeyExchangeUse use) {
        return switch (use) {
            case NEGOTIATED -> proposals;
            case LEFT_OUT -> proposals.stream().map(Proposal::withoutKeyExchange).distinct().toList();
        };
    }

    private static ProposalSubstructure substructure(Proposal proposal, int number, Bytes spi) {
        List<TransformSubstructure> transforms = new ArrayList<>();
        for (Algorithm algorithm : withSequenceNumbers(proposal)) {
            transforms.add(new TransformSubstructure(
                    algorithm.type().ikev2(), algorithm.ikev2Id(), algorithm.keyLengthAttribute()));
        }
        return new ProposalSubstructure(number, proposal.protocol().ikev2(), spi, transforms);
    }

    /** An ESP or AH proposal that says nothing of sequence numbers means 32 bits; on the wire the transform is mandatory (3.3.3). */
    private static List<Algorithm> withSequenceNumbers(Proposal proposal) {
        if (proposal.protocol() == Protocol.IKE || !proposal.of(TransformType.ESN).isEmpty()) {
            return proposal.algorithms();
        }
        List<Algorithm> all = new ArrayList<>(proposal.algorithms());
        all.add(SHORT_SEQUENCE_NUMBERS);
        return all;
    }

    private static final Algorithm SHORT_SEQUENCE_NUMBERS =
            Algorithms.byKeyword("noesn").orElseThrow(() -> new IllegalStateException("no row noesn"));

    /**
     * Our choice of the peer's offer, in the order of our own preference.
     *
     * @param preferredGroup the group of the peer's KE payload: taken where the proposal allows it, since it saves a round trip
     */
    public static Optional<Chosen> choose(
            List<Proposal> configured, SaPayload offer, KeyExchangeUse use, Optional<Integer> preferredGroup) {
        for (Proposal ours : configured) {
            for (ProposalSubstructure theirs : offer.proposals()) {
                if (theirs.protocolId() == ours.protocol().ikev2()) {
                    Optional<List<Algorithm>> common = common(ours, theirs, use, preferredGroup);
                    if (common.isPresent()) {
                        return Optional.of(new Chosen(new Proposal(ours.protocol(), common.get()), theirs.number(), theirs.spi()));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The peer's answer to our offer, if it is one proposal that we made, with one transform for each type (section 2.7). */
    public static Optional<Chosen> accept(List<Proposal> proposals, SaPayload answer, KeyExchangeUse use) {
        List<Proposal> offered = offered(proposals, use);
        if (answer.proposals().size() != 1) {
            return Optional.empty();
        }
        ProposalSubstructure theirs = answer.proposals().getFirst();
        if (theirs.number() < 1 || theirs.number() > offered.size()) {
            return Optional.empty();
        }
        Proposal ours = offered.get(theirs.number() - 1);
        boolean oneEach = theirs.transforms().stream().map(TransformSubstructure::type).distinct().count()
                == theirs.transforms().size();
        if (theirs.protocolId() != ours.protocol().ikev2() || !oneEach) {
            return Optional.empty();
        }
        return common(ours, theirs, use, Optional.empty())
                .map(common -> new Chosen(new Proposal(ours.protocol(), common), theirs.number(), theirs.spi()));
    }

    /** One algorithm for each type, if every type that either side insists on has one in common. */
    private static Optional<List<Algorithm>> common(
            Proposal ours, ProposalSubstructure theirs, KeyExchangeUse use, Optional<Integer> preferredGroup) {
        List<Algorithm> agreed = new ArrayList<>();
        List<Algorithm> mine = withSequenceNumbers(ours);
        if (theirs.transforms().stream().anyMatch(transform -> unknownType(transform.type()))) {
            return Optional.empty();
        }
        for (TransformType type : TransformType.values()) {
            if (type == TransformType.KE && use == KeyExchangeUse.LEFT_OUT) {
                continue;
            }
            List<Algorithm> wanted = mine.stream().filter(algorithm -> algorithm.type() == type).toList();
            List<TransformSubstructure> offered =
                    theirs.transforms().stream().filter(transform -> transform.type() == type.ikev2()).toList();
            boolean theyCanDoWithout = offered.isEmpty() || offered.stream().anyMatch(transform -> transform.id() == NONE)
                    && type != TransformType.ESN;
            if (wanted.isEmpty()) {
                if (!theyCanDoWithout) {
                    return Optional.empty();
                }
                continue;
            }
            Optional<Algorithm> both = wanted.stream()
                    .filter(algorithm -> offers(offered, algorithm))
                    .min((a, b) -> Boolean.compare(isGroup(b, preferredGroup), isGroup(a, preferredGroup)));
            if (both.isEmpty()) {
                return Optional.empty();
            }
            agreed.add(both.get());
        }
        return Optional.of(agreed);
    }

    private static boolean isGroup(Algorithm algorithm, Optional<Integer> preferredGroup) {
        return algorithm.type() == TransformType.KE && preferredGroup.isPresent() && preferredGroup.get() == algorithm.ikev2Id();
    }

    private static boolean unknownType(int type) {
        for (TransformType known : TransformType.values()) {
            if (known.ikev2() == type) {
                return false;
            }
        }
        return true;
    }

    private static boolean offers(List<TransformSubstructure> offered, Algorithm algorithm) {
        return offered.stream()
                .anyMatch(transform -> transform.understood()
                        && transform.id() == algorithm.ikev2Id()
                        && transform.keyLength() == algorithm.keyLengthAttribute());
    }

    /** The one algorithm of a type in a suite, if it has one. */
    public static Optional<Algorithm> of(Proposal suite, TransformType type) {
        return suite.of(type).stream().findFirst();
    }
}
