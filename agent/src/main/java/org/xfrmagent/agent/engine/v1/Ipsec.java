package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.wire.Limits;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.ProposalPayload;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.TransformPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.Protocol;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.Mode;

/**
 * Negotiation of phase 2 (RFC 2407, sections 4.4 and 4.5): transforms for ESP or AH, with mode, lifetimes and, for perfect forward
 * secrecy, the group as attributes. All transforms of an offer have the same group (RFC 2409, section 5.5), so we offer the first only.
 */
final class Ipsec {
    private Ipsec() {}

    /**
     * What was agreed.
     *
     * @param suite one algorithm of each type; the group among them with perfect forward secrecy
     * @param proposal the other side's with the one transform
     * @param udp its encapsulation mode is one of those in UDP
     * @param seconds after which the peer ends the SA
     * @param kilobytes likewise; 0: it does not say
     * @param compression the other side's, if that comes first
     */
    record Choice(Proposal suite, ProposalPayload proposal, boolean udp, long seconds, long kilobytes, Optional<ProposalPayload> compression) {
        int spi() {
            return proposal.spi().i32(0);
        }

        OptionalInt cpi() {
            return compression.map(Bundle::cpi).orElse(OptionalInt.empty());
        }
    }

    /** The group of our offer; empty without perfect forward secrecy. */
    static Optional<Algorithm> group(ChildProfile profile) {
        return profile.protect().proposals().stream()
                .filter(proposal -> !suites(profile, proposal).isEmpty())
                .findFirst()
                .flatMap(proposal -> numberedGroups(proposal).stream().findFirst());
    }

    private static List<Algorithm> numberedGroups(Proposal proposal) {
        return proposal.of(TransformType.KE).stream().filter(row -> row.ikev1().oakley().isPresent()).toList();
    }

    /** @param cpi to offer compression as well */
    static SaPayload offer(ChildProfile profile, int spi, OptionalInt cpi, NatTraversal encapsulation) {
        Optional<Algorithm> group = group(profile);
        List<TransformPayload> transforms = new ArrayList<>();
        for (Proposal suite : suites(profile)) {
            if (Selection.of(suite, TransformType.KE).equals(group) && transforms.size() < Limits.TRANSFORMS) {
                transforms.add(transform(profile, suite, transforms.size() + 1, encapsulation));
            }
        }
        Bytes octets = new ByteWriter(4).i32(spi).toBytes();
        ProposalPayload plain = new ProposalPayload(1, protocol(profile), octets, transforms);
        if (cpi.isEmpty()) {
            return new SaPayload(List.of(plain));
        }
        return new SaPayload(List.of(
                plain, Bundle.compression(1, cpi.getAsInt(), modeAndLifetimes(profile, encapsulation)),
                new ProposalPayload(2, protocol(profile), octets, transforms)));
    }

    static int protocol(ChildProfile profile) {
        return profile.protect().protocol() == Protocol.AH ? ProtocolId.AH : ProtocolId.ESP;
    }

    /** Every combination of the policy's algorithms that IKEv1 has numbers for. */
    static List<Proposal> suites(ChildProfile profile) {
        List<Proposal> suites = new ArrayList<>();
        for (Proposal proposal : profile.protect().proposals()) {
            suites(profile, proposal).stream().filter(suite -> !suites.contains(suite)).forEach(suites::add);
        }
        return suites;
    }

    private static List<Proposal> suites(ChildProfile profile, Proposal proposal) {
        // Extended sequence numbers are not negotiated in IKEv1 (RFC 4304 is little known): who insists on them gets none.
        boolean insists = !proposal.of(TransformType.ESN).isEmpty()
                && proposal.of(TransformType.ESN).stream().noneMatch(row -> row.ikev2Id() == 0);
        if (insists) {
            return List.of();
        }
        List<Optional<Algorithm>> groups = options(numberedGroups(proposal), proposal.of(TransformType.KE).isEmpty());
        List<Optional<Algorithm>> ciphers = options(
                proposal.of(TransformType.ENCR).stream().filter(row -> row.ikev1().esp().isPresent()).toList(),
                profile.protect().protocol() == Protocol.AH);
        List<Optional<Algorithm>> macs = options(
                proposal.of(TransformType.INTEG).stream().filter(row -> row.ikev1().esp().isPresent()).toList(),
                proposal.of(TransformType.INTEG).isEmpty());
        List<Proposal> suites = new ArrayList<>();
        for (Optional<Algorithm> group : groups) {
            for (Optional<Algorithm> cipher : ciphers) {
                for (Optional<Algorithm> mac : macs) {
                    List<Algorithm> rows = new ArrayList<>();
                    cipher.ifPresent(rows::add);
                    mac.ifPresent(rows::add);
                    group.ifPresent(rows::add);
                    suites.add(new Proposal(proposal.protocol(), rows));
                }
            }
        }
        return suites;
    }

    private static List<Optional<Algorithm>> options(List<Algorithm> rows, boolean none) {
        return none ? List.of(Optional.empty()) : rows.stream().map(Optional::of).toList();
    }

    private static TransformPayload transform(ChildProfile profile, Proposal suite, int number, NatTraversal encapsulation) {
        List<DataAttribute> attributes = new ArrayList<>();
        Optional<Algorithm> cipher = Selection.of(suite, TransformType.ENCR);
        Optional<Algorithm> mac = Selection.of(suite, TransformType.INTEG);
        cipher.filter(row -> row.keyLengthAttribute() > 0)
                .ifPresent(row -> attributes.add(DataAttribute.of(IpsecAttribute.KEY_LENGTH, row.keyLengthAttribute())));
        mac.ifPresent(row -> attributes.add(DataAttribute.of(IpsecAttribute.AUTHENTICATION, row.ikev1().esp().orElseThrow())));
        Selection.of(suite, TransformType.KE)
                .ifPresent(row -> attributes.add(DataAttribute.of(IpsecAttribute.GROUP, row.ikev1().oakley().orElseThrow())));
        attributes.addAll(modeAndLifetimes(profile, encapsulation));
        return new TransformPayload(number, id(cipher, mac), attributes);
    }

    private static List<DataAttribute> modeAndLifetimes(ChildProfile profile, NatTraversal encapsulation) {
        List<DataAttribute> attributes = new ArrayList<>();
        attributes.add(DataAttribute.of(IpsecAttribute.ENCAPSULATION_MODE, mode(profile.protect().mode(), encapsulation)));
        Lifetimes lifetimes = profile.protect().lifetimes();
        if (lifetimes.seconds().hard() > 0) {
            attributes.add(DataAttribute.of(IpsecAttribute.LIFE_TYPE, IpsecAttribute.SECONDS));
            attributes.add(DataAttribute.of(IpsecAttribute.LIFE_DURATION, lifetimes.seconds().hard()));
        }
        if (lifetimes.bytes().hard() >= 1024) {
            attributes.add(DataAttribute.of(IpsecAttribute.LIFE_TYPE, IpsecAttribute.KILOBYTES));
            attributes.add(DataAttribute.of(IpsecAttribute.LIFE_DURATION, lifetimes.bytes().hard() / 1024));
        }
        return attributes;
    }

    private static int id(Optional<Algorithm> cipher, Optional<Algorithm> mac) {
        OptionalInt id = cipher.isPresent() ? cipher.get().ikev1().esp() : mac.map(row -> row.ikev1().ah()).orElse(OptionalInt.empty());
        return id.orElseThrow(() -> new IllegalStateException("no transform id for " + cipher + " and " + mac));
    }

    /** {@code encapsulation}: how ESP goes in UDP, if it does. */
    private static int mode(Mode mode, NatTraversal encapsulation) {
        boolean tunnel = mode == Mode.TUNNEL;
        return switch (encapsulation) {
            case NONE -> tunnel ? IpsecAttribute.TUNNEL : IpsecAttribute.TRANSPORT;
            case RFC_3947 -> tunnel ? IpsecAttribute.UDP_TUNNEL : IpsecAttribute.UDP_TRANSPORT;
            case DRAFT -> tunnel ? IpsecAttribute.UDP_TUNNEL_DRAFT : IpsecAttribute.UDP_TRANSPORT_DRAFT;
        };
    }

    /** What the peer offers for the first of {@code encapsulations} that it offers anything for. */
    static Optional<Choice> choose(ChildProfile profile, SaPayload offer, List<NatTraversal> encapsulations, boolean compressed) {
        return encapsulations.stream().flatMap(encapsulation -> choose(profile, offer, encapsulation, compressed).stream()).findFirst();
    }

    /** The first of the policy's combinations that the peer offers; {@code compressed}: also those with compression. */
    static Optional<Choice> choose(ChildProfile profile, SaPayload offer, NatTraversal encapsulation, boolean compressed) {
        int mode = mode(profile.protect().mode(), encapsulation);
        for (Proposal suite : suites(profile)) {
            for (ProposalPayload proposal : offer.proposals()) {
                List<ProposalPayload> beside = Bundle.beside(offer, proposal);
                Optional<ProposalPayload> compression = compressed ? Bundle.compression(beside, mode) : Optional.empty();
                if (proposal.protocolId() != protocol(profile) || !beside.isEmpty() && compression.isEmpty()) {
                    continue;
                }
                for (TransformPayload transform : proposal.transforms()) {
                    if (says(transform, suite, mode)) {
                        return Optional.of(new Choice(
                                suite,
                                new ProposalPayload(proposal.number(), proposal.protocolId(), proposal.spi(), List.of(transform)),
                                encapsulation != NatTraversal.NONE,
                                lifetime(transform, IpsecAttribute.SECONDS).orElse(Lifetime.DEFAULT_SECONDS),
                                lifetime(transform, IpsecAttribute.KILOBYTES).orElse(0),
                                compression));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The peer's answer, if it is one transform that we offered; {@code compressed}: we offered that as well. */
    static Optional<Choice> accept(ChildProfile profile, SaPayload answer, NatTraversal encapsulation, boolean compressed) {
        return Bundle.chosen(answer).flatMap(chosen -> choose(profile, chosen, encapsulation, compressed))
                .filter(choice -> Selection.of(choice.suite(), TransformType.KE).equals(group(profile)));
    }

    private static boolean says(TransformPayload transform, Proposal suite, int mode) {
        Optional<Algorithm> cipher = Selection.of(suite, TransformType.ENCR);
        Optional<Algorithm> mac = Selection.of(suite, TransformType.INTEG);
        return transform.id() == id(cipher, mac)
                && transform.number(IpsecAttribute.KEY_LENGTH).orElse(0) == cipher.map(Algorithm::keyLengthAttribute).orElse(0)
                && number(transform, IpsecAttribute.AUTHENTICATION, mac.map(row -> row.ikev1().esp().orElseThrow()))
                && number(transform, IpsecAttribute.GROUP,
                        Selection.of(suite, TransformType.KE).map(row -> row.ikev1().oakley().orElseThrow()))
                && transform.number(IpsecAttribute.ENCAPSULATION_MODE).orElse(mode) == mode
                && transform.number(IpsecAttribute.EXTENDED_SEQUENCE).orElse(0) == 0;
    }

    private static boolean number(TransformPayload transform, int type, Optional<Integer> wanted) {
        OptionalLong found = transform.number(type);
        return wanted.isPresent() ? found.equals(OptionalLong.of(wanted.get())) : found.isEmpty();
    }

    private static OptionalLong lifetime(TransformPayload transform, int wanted) {
        return Lifetime.of(transform, IpsecAttribute.LIFE_TYPE, IpsecAttribute.LIFE_DURATION, wanted);
    }
}
