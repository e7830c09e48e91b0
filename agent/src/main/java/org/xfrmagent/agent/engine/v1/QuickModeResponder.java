package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.crypto.KeyPair;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.AwaitingV1.QuickAnswer;
import org.xfrmagent.agent.engine.core.ChildAnswer;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Compression;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Ipsec.Choice;
import org.xfrmagent.agent.engine.v1.Sealing.Opened;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.KePayload;
import org.xfrmagent.agent.wire.v1.NoncePayload;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.ProposalPayload;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Lifetimes;
import org.xfrmagent.policies.model.TrafficSelector;

/** {@link QuickMode} as the peer begins it. */
final class QuickModeResponder {
    private QuickModeResponder() {}

    /** <pre>  HDR*, HASH(1), SA, Ni, [KE], IDci, IDcr  --&gt;  </pre> The message is authentic. */
    static void respond(Turn turn, IsakmpHeader header, Opened opened, Bytes datagram) {
        PhaseV1.Up up = QuickMode.up(turn);
        Chain chain = opened.chain();
        if (up.quick().size() >= Constants.QUICK_MODES) {
            throw new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "has " + up.quick().size() + " quick modes under way");
        }
        SaPayload offer = Grammar.required(chain, SaPayload.class);
        Bytes theirNonce = Grammar.required(chain, NoncePayload.class).data();
        SelectorPair pair = selectors(turn, chain);
        Match match = match(turn, offer, pair);
        Optional<Secret> shared = Optional.empty();
        Optional<Bytes> publicValue = Optional.empty();
        Optional<Algorithm> group = Selection.of(match.choice.suite(), TransformType.KE);
        if (group.isPresent()) {
            KeyExchange exchange = KeyExchange.of(group.get());
            KeyPair own = exchange.generate(turn.at().entropy());
            try {
                shared = Optional.of(exchange.agree(own, Grammar.required(chain, KePayload.class).data()));
                publicValue = Optional.of(own.publicValue());
            } catch (InvalidKeyExchange invalid) {
                throw new Objection(NotifyType.INVALID_KEY_INFORMATION, "sent an invalid key exchange: " + invalid.getMessage());
            } finally {
                own.wipe();
            }
        }
        ChildAnswer answer = new ChildAnswer(
                match.profile, List.of(), match.choice.suite(), match.choice.proposal().number(), match.choice.spi(), theirNonce,
                turn.at().random(Constants.NONCE_OCTETS), shared, publicValue, List.of(match.pair.source()), List.of(match.pair.destination()),
                new ChildAnswer.Terms(
                        match.profile.protect().mode(), true, false, false, List.of(pair.source()), List.of(pair.destination()), match.choice.cpi()),
                Children.replacedBy(turn.session(), match.profile, match.pair));
        QuickAnswer quick = new QuickAnswer(
                header.messageId(), answer, match.choice.proposal(), chain.all(IdPayload.class), match.choice.udp(),
                match.choice.seconds(), match.choice.kilobytes(), opened.lastBlock(), match.choice.compression());
        QuickMode.put(turn, QuickMode.up(turn).with(new Quick.Answering(header.messageId(), datagram)));
        QuickMode.allocate(turn, match.profile, match.choice.compression().isPresent(), new AwaitingV1.SpiForAnswer(quick));
    }

    /** Our side first. Without identities it is about the two hosts (RFC 2409, section 5.5). */
    private static SelectorPair selectors(Turn turn, Chain chain) {
        List<IdPayload> ids = chain.all(IdPayload.class);
        if (ids.isEmpty()) {
            Path path = turn.session().path();
            return new SelectorPair(
                    TrafficSelector.of(path.local()), TrafficSelector.of(path.remote()));
        }
        if (ids.size() != 2) {
            throw new Objection(NotifyType.INVALID_ID_INFORMATION, "sent " + ids.size() + " identities, expected two or none");
        }
        return new SelectorPair(Identities.selector(ids.get(1)), Identities.selector(ids.get(0)));
    }

    /** {@code pair}: what the peer asks for, as we see the two hosts. */
    private record Match(ChildProfile profile, Choice choice, SelectorPair pair) {}

    /** The first policy of the peer that covers all of what it asks for, and has a transform in common with it. */
    private static Match match(Turn turn, SaPayload offer, SelectorPair pair) {
        Profile peer = turn.session().profile().orElseThrow(() -> new IllegalStateException("a child before its peer is known"));
        ModeConfig.check(turn, peer, pair.destination());
        boolean covered = false;
        for (ChildProfile profile : peer.near(List.of(pair.source()), List.of(pair.destination()))) {
            if (profile.policy().match().label().isPresent()) {
                // Only IKEv2 agrees on labels (RFC 9478).
                continue;
            }
            SelectorPair seen = OriginalAddresses.seen(turn.session(), profile, pair);
            boolean covers = OriginalAddresses.passes(turn.session(), profile, seen)
                    && Children.pairs(profile, turn.session()).stream()
                            .anyMatch(ours -> ours.source().contains(seen.source()) && ours.destination().contains(seen.destination()));
            if (covers) {
                covered = true;
                Optional<Choice> choice = Ipsec.choose(profile, offer, QuickMode.encapsulations(turn), compressed(turn, profile, seen));
                if (choice.isPresent()) {
                    return new Match(profile, choice.get(), seen);
                }
            }
        }
        throw covered
                ? new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "offers nothing that a policy for " + pair + " may use")
                : new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for " + pair.reversed() + ", which no policy of the peer covers: "
                        + peer.children().stream().map(profile -> profile.name() + " (" + profile.policy().match() + ")").toList());
    }

    private static boolean compressed(Turn turn, ChildProfile profile, SelectorPair pair) {
        return Compression.isWanted(turn, profile) && Compression.suits(turn, List.of(pair.source()), List.of(pair.destination()));
    }

    /** Continues with our SPI: installs the child before the answer leaves, so that it receives whatever the peer then sends. */
    static void allocated(Turn turn, QuickAnswer quick, Result.SpiAllocated ours) {
        ChildAnswer answer = quick.answer();
        SaLimits limits = Lifetime.within(
                false, Installation.limits(answer.profile().protect().lifetimes(), turn.at()), quick.seconds(), quick.kilobytes());
        ChildSa child = Children.inwards(Children.child(
                turn, answer.profile(), answer.chosen(), quick.udp(), ours.spi(), ours.serial(), answer.peerSpi(),
                new SelectorPair(answer.local().getFirst(), answer.remote().getFirst()), limits, answer.replaces(),
                Compression.agreed(ours.cpi(), answer.terms().cpi())));
        Children.install(
                turn, child, QuickMode.up(turn).sa(), answer.sharedSecret(), answer.initiatorNonce(), answer.responderNonce(),
                new AwaitingV1.InstallOfAnswer(quick.keyed(), child));
        answer.sharedSecret().ifPresent(turn::wipe);
    }

    /** <pre>  &lt;--  HDR*, HASH(2), SA, Nr, [KE], IDci, IDcr, [NAT-OAi, NAT-OAr], [N(RESPONDER_LIFETIME)]  </pre> */
    static void answer(Turn turn, QuickAnswer quick, ChildSa child) {
        PhaseV1.Up up = QuickMode.up(turn);
        ChildAnswer answer = quick.answer();
        IsakmpSa sa = up.sa();
        ProposalPayload proposal = quick.chosen();
        Bytes spi = Children.octets(child.inbound().spi());
        List<ProposalPayload> chosen = new ArrayList<>();
        chosen.add(new ProposalPayload(proposal.number(), proposal.protocolId(), spi, proposal.transforms()));
        child.cpis().ifPresent(cpis -> quick.compression().map(theirs -> Bundle.answer(theirs, cpis.in())).ifPresent(chosen::add));
        List<Payload> payloads = new ArrayList<>();
        payloads.add(new SaPayload(chosen));
        payloads.add(new NoncePayload(answer.responderNonce()));
        answer.publicValue().ifPresent(value -> payloads.add(new KePayload(value)));
        payloads.addAll(quick.ids());
        if (quick.udp()) {
            Path path = turn.session().path();
            payloads.addAll(OriginalAddresses.payloads(answer.profile(), sa.natTraversal(), path.remote(), path.local()));
        }
        Bytes shorter = shorterLifetimes(quick, answer.profile().protect().lifetimes());
        if (!shorter.isEmpty()) {
            payloads.add(NotificationPayload.of(proposal.protocolId(), spi, NotifyType.RESPONDER_LIFETIME, shorter));
        }
        Sealed sealed = Sealing.second(sa, quick.messageId(), quick.iv(), answer.initiatorNonce(), payloads);
        Children.add(turn, child);
        NatMapping.follow(turn, child);
        up.quick(quick.messageId()).ifPresent(exchange -> {
            if (exchange instanceof Quick.Answering(int id, Bytes request)) {
                QuickMode.put(turn, up.with(new Quick.Answered(
                        id, sealed.lastBlock(), Sealing.hash3(sa, id, answer.initiatorNonce(), answer.responderNonce()), child.serial(),
                        new Answer(request, sealed.datagram()), turn.now() + Constants.CONFIRM_MILLIS)));
            }
        });
        Fragments.send(turn, sealed.datagram());
    }

    /** RFC 2407, section 4.6.3.1: a peer that offered a longer life than we give it, in seconds or in kilobytes, is told. */
    private static Bytes shorterLifetimes(QuickAnswer quick, Lifetimes ours) {
        ByteWriter out = new ByteWriter(24);
        long seconds = ours.seconds().hard();
        long kilobytes = ours.bytes().hard() / 1024;
        if (seconds > 0 && quick.seconds() > seconds) {
            Lifetime.write(out, IpsecAttribute.LIFE_TYPE, IpsecAttribute.SECONDS, IpsecAttribute.LIFE_DURATION, seconds);
        }
        if (kilobytes > 0 && (quick.kilobytes() == 0 || quick.kilobytes() > kilobytes)) {
            Lifetime.write(out, IpsecAttribute.LIFE_TYPE, IpsecAttribute.KILOBYTES, IpsecAttribute.LIFE_DURATION, kilobytes);
        }
        return out.toBytes();
    }

    /** There is no child for the peer; it is told, but not why. */
    static void refuse(Turn turn, QuickAnswer quick, String reason) {
        quick.answer().sharedSecret().ifPresent(turn::wipe);
        QuickMode.put(turn, QuickMode.up(turn).without(quick.messageId()));
        InformationalV1.notify(turn, quick.chosen().protocolId(), quick.chosen().spi(), NotifyType.NO_PROPOSAL_CHOSEN);
        turn.emit(new Event.ChildFailed(quick.answer().profile().name(), reason));
    }

    /** <pre>  HDR*, HASH(3)  --&gt;  </pre> */
    static void confirmed(Turn turn, Quick.Answered answered, Received received) throws Unauthentic {
        Sealing.verify(received.opened().chain(), answered.hash());
        turn.change(session -> session.heardAt(turn.now()));
        if (received.header().commit() || IsakmpHeader.peek(answered.answer().request()).commit()) {
            Commitment.say(turn, answered);
            Commitment.await(turn, answered.messageId(), received.opened().lastBlock(), answered.serial(), answered.answer());
            return;
        }
        QuickMode.put(turn, QuickMode.up(turn).with(new Quick.Done(answered.messageId(), answered.answer(), turn.now() + Constants.REPEAT_MILLIS)));
        Children.switchOver(turn, answered.serial());
    }

    /** Nobody confirmed: the child goes, and the peer is told to remove its half. */
    static void notConfirmed(Turn turn, Quick.Answered answered) {
        QuickMode.put(turn, QuickMode.up(turn).without(answered.messageId()));
        turn.session().child(answered.serial()).ifPresent(child -> {
            InformationalV1.delete(turn, child);
            Children.remove(turn, child, "the peer did not confirm it");
        });
    }
}
