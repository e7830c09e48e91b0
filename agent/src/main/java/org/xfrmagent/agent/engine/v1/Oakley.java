package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.OakleyAttribute;
import org.xfrmagent.agent.wire.v1.ProposalPayload;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.TransformPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Peer;

/**
 * Negotiation of phase 1 (RFC 2409, section 4 and appendix A): one proposal whose transforms are alternatives, each with one cipher,
 * one hash, one group, one way to authenticate.
 */
final class Oakley {
    private Oakley() {}

    /**
     * What was agreed.
     *
     * @param suite one cipher, one PRF, one group
     * @param lifetime seconds
     * @param shortened the peer would have it live longer
     * @param answer the SA payload that says so
     */
    record Choice(Proposal suite, AuthenticationMethod method, long lifetime, boolean shortened, SaPayload answer) {}

    /** {@code suites} in the order of preference. */
    static SaPayload offer(Peer peer, List<Proposal> suites, AuthenticationMethod method) {
        List<TransformPayload> transforms = new ArrayList<>();
        for (Proposal suite : suites) {
            if (transforms.size() < Limits.TRANSFORMS) {
                transforms.add(transform(suite, transforms.size() + 1, lifetime(peer), method));
            }
        }
        return new SaPayload(List.of(new ProposalPayload(1, ProtocolId.ISAKMP, Bytes.empty(), transforms)));
    }

    /** Every combination that IKEv1 has numbers for; its messages are encrypted in CBC mode, so AEADs have none. */
    static List<Proposal> suites(Peer peer) {
        List<Proposal> suites = new ArrayList<>();
        for (Proposal proposal : peer.proposals()) {
            for (Algorithm group : numbered(proposal, TransformType.KE)) {
                for (Algorithm cipher : numbered(proposal, TransformType.ENCR)) {
                    for (Algorithm prf : numbered(proposal, TransformType.PRF)) {
                        Proposal suite = new Proposal(Protocol.IKE, List.of(cipher, prf, group));
                        if (!suites.contains(suite)) {
                            suites.add(suite);
                        }
                    }
                }
            }
        }
        return suites;
    }

    /**
     * Those of our preferred group. Aggressive mode cannot negotiate the group: the first message has a public value of it already (RFC
     * 2409, section 5).
     */
    static List<Proposal> suitesOfOneGroup(Peer peer) {
        List<Proposal> suites = suites(peer);
        return suites.stream().filter(suite -> one(suite, TransformType.KE).equals(one(suites.getFirst(), TransformType.KE))).toList();
    }

    private static List<Algorithm> numbered(Proposal proposal, TransformType type) {
        return proposal.of(type).stream().filter(row -> row.ikev1().oakley().isPresent()).toList();
    }

    private static TransformPayload transform(Proposal suite, int number, long lifetime, AuthenticationMethod method) {
        List<DataAttribute> attributes = new ArrayList<>();
        Algorithm cipher = one(suite, TransformType.ENCR);
        attributes.add(DataAttribute.of(OakleyAttribute.ENCRYPTION, cipher.ikev1().oakley().orElseThrow()));
        if (cipher.keyLengthAttribute() > 0) {
            attributes.add(DataAttribute.of(OakleyAttribute.KEY_LENGTH, cipher.keyLengthAttribute()));
        }
        attributes.add(DataAttribute.of(OakleyAttribute.HASH, one(suite, TransformType.PRF).ikev1().oakley().orElseThrow()));
        attributes.add(DataAttribute.of(OakleyAttribute.GROUP, one(suite, TransformType.KE).ikev1().oakley().orElseThrow()));
        attributes.add(DataAttribute.of(OakleyAttribute.AUTHENTICATION, method.number()));
        attributes.add(DataAttribute.of(OakleyAttribute.LIFE_TYPE, OakleyAttribute.SECONDS));
        attributes.add(DataAttribute.of(OakleyAttribute.LIFE_DURATION, lifetime));
        return new TransformPayload(number, TransformPayload.KEY_IKE, attributes);
    }

    static Algorithm one(Proposal suite, TransformType type) {
        return Selection.of(suite, type).orElseThrow(() -> new IllegalStateException(suite + " has no " + type.word()));
    }

    /** Seconds that we want it to live, as said on the wire. */
    static long lifetime(Peer peer) {
        long hard = peer.ikeLifetimes().seconds().hard();
        return hard == 0 ? 86_400 : hard;
    }

    /** The first of our combinations that the peer offers; the answer repeats its transform unchanged (RFC 2408, section 4.2). */
    static Optional<Choice> choose(Peer peer, AuthenticationMethod method, SaPayload offer) {
        for (Proposal suite : suites(peer)) {
            for (ProposalPayload proposal : offer.proposals()) {
                for (TransformPayload transform : proposal.transforms()) {
                    if (proposal.protocolId() == ProtocolId.ISAKMP && says(transform, suite, method)) {
                        SaPayload answer = new SaPayload(
                                List.of(new ProposalPayload(proposal.number(), ProtocolId.ISAKMP, proposal.spi(), List.of(transform))));
                        long ours = lifetime(peer);
                        long theirs = lifetime(transform);
                        return Optional.of(new Choice(suite, method, Math.min(ours, theirs), ours < theirs, answer));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The peer's answer, if it is one transform that we offered. */
    static Optional<Choice> accept(Peer peer, AuthenticationMethod method, SaPayload answer) {
        if (answer.proposals().size() != 1 || answer.proposals().getFirst().transforms().size() != 1) {
            return Optional.empty();
        }
        return choose(peer, method, answer);
    }

    private static boolean says(TransformPayload transform, Proposal suite, AuthenticationMethod method) {
        Algorithm cipher = one(suite, TransformType.ENCR);
        return transform.id() == TransformPayload.KEY_IKE
                && is(transform, OakleyAttribute.ENCRYPTION, cipher.ikev1().oakley().orElseThrow())
                && transform.number(OakleyAttribute.KEY_LENGTH).orElse(0) == cipher.keyLengthAttribute()
                && is(transform, OakleyAttribute.HASH, one(suite, TransformType.PRF).ikev1().oakley().orElseThrow())
                && is(transform, OakleyAttribute.GROUP, one(suite, TransformType.KE).ikev1().oakley().orElseThrow())
                && is(transform, OakleyAttribute.AUTHENTICATION, method.number());
    }

    private static boolean is(TransformPayload transform, int type, int value) {
        return transform.number(type).equals(OptionalLong.of(value));
    }

    /** Seconds; a limit on kilobytes of IKE messages is nothing anybody reaches. */
    private static long lifetime(TransformPayload transform) {
        return Lifetime.of(transform, OakleyAttribute.LIFE_TYPE, OakleyAttribute.LIFE_DURATION, OakleyAttribute.SECONDS)
                .orElse(Lifetime.DEFAULT_SECONDS);
    }
}
