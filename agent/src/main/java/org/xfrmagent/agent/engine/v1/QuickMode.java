package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.crypto.KeyPair;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.dataplane.SpiRequest;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.AwaitingV1.QuickAnswer;
import org.xfrmagent.agent.engine.core.ChildAnswer;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Quick;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Ipsec.Choice;
import org.xfrmagent.agent.engine.v1.Sealing.Opened;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
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
import org.xfrmagent.policies.model.TrafficSelector;

/**
 * Phase 2 (RFC 2409, section 5.5): a pair of SAs, under the message id of the exchange.
 *
 * <pre>
 *   HDR*, HASH(1), SA, Ni, [KE], IDci, IDcr  -->     &lt;--  HDR*, HASH(2), SA, Nr, [KE], IDci, IDcr, [N(RESPONDER_LIFETIME)]
 *   HDR*, HASH(3)                            -->
 * </pre>
 */
final class QuickMode {
    private QuickMode() {}

    // ---- initiator

    /** Asks for the SPI of a new child; the first message leaves when it comes. {@code wish}: with the selectors as its packet. */
    static void initiate(Turn turn, Wish wish, OptionalInt replaces) {
        Optional<ChildProfile> profile = child(turn, wish);
        if (profile.isPresent()) {
            allocate(turn, profile.get(), new AwaitingV1.SpiForOffer(wish, replaces));
        } else {
            turn.emit(new Event.ChildFailed(wish.policy(), "the policy is gone"));
        }
    }

    private static Optional<ChildProfile> child(Turn turn, Wish wish) {
        return turn.session().profile().flatMap(peer -> peer.child(wish.policy()));
    }

    private static void allocate(Turn turn, ChildProfile profile, AwaitingV1 awaiting) {
        Path path = turn.session().path();
        turn.start(
                new Job.AllocateSpi(new SpiRequest(
                        path.remote(), path.local(), profile.protect().protocol(), profile.protect().mode(), profile.reqid())),
                awaiting);
    }

    /** The SPI is there. */
    static void prepared(Turn turn, Wish wish, OptionalInt replaces, int spi, int serial) {
        Optional<ChildProfile> profile = child(turn, wish);
        boolean outdated = replaces.isPresent()
                && turn.session().child(replaces.getAsInt()).filter(old -> old.state() == ChildSa.State.REKEYING).isEmpty();
        if (!(turn.session().phase() instanceof PhaseV1.Up) || profile.isEmpty() || outdated) {
            turn.emit(new Event.ChildFailed(wish.policy(), "it is not wanted any more"));
            return;
        }
        try {
            send(turn, profile.get(), wish, replaces, spi, serial);
        } catch (Objection impossible) {
            turn.emit(new Event.ChildFailed(wish.policy(), impossible.detail()));
        }
    }

    private static void send(Turn turn, ChildProfile profile, Wish wish, OptionalInt replaces, int spi, int serial) {
        PhaseV1.Up up = up(turn);
        SelectorPair pair = wish.packet().orElseThrow(() -> new IllegalStateException("a quick mode without selectors"));
        IdPayload ours = Identities.payload(pair.source());
        IdPayload theirs = Identities.payload(pair.destination());
        if (Ipsec.suites(profile).isEmpty()) {
            throw new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "none of its proposals " + profile.protect().proposals()
                    + " is one that IKEv1 can use");
        }
        Optional<Ephemeral> half = Ipsec.group(profile)
                .map(group -> new Ephemeral(group, KeyExchange.of(group).generate(turn.at().entropy())));
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(Ipsec.offer(profile, spi, encapsulation(turn)));
        payloads.add(new NoncePayload(nonce));
        half.ifPresent(own -> payloads.add(new KePayload(own.pair().publicValue())));
        payloads.add(ours);
        payloads.add(theirs);
        int messageId = messageId(turn);
        Sealed sealed = Sealing.first(up.sa(), IsakmpExchange.QUICK, messageId, payloads);
        ChildOffer offer = new ChildOffer(
                profile, spi, serial, profile.protect().proposals(), nonce, half, List.of(pair.source()), List.of(pair.destination()), wish,
                replaces);
        PhaseV1.Sent sent = Retransmitting.send(turn, sealed.datagram());
        put(turn, up.seen(messageId).with(new Quick.Asked(messageId, sealed.lastBlock(), offer, sent)));
    }

    /** How ESP goes in UDP; {@code NONE} where no NAT is. */
    private static NatTraversal encapsulation(Turn turn) {
        return turn.session().nat().any() ? up(turn).sa().natTraversal() : NatTraversal.NONE;
    }

    /** A message id that was not used under this ISAKMP SA; 0 is phase 1's. */
    static int messageId(Turn turn) {
        return messageId(turn, up(turn));
    }

    static int messageId(Turn turn, PhaseV1.Up up) {
        int id;
        do {
            id = turn.at().random(4).i32(0);
        } while (id == 0 || up.seen().contains(id));
        return id;
    }

    static PhaseV1.Up up(Turn turn) {
        if (turn.session().phase() instanceof PhaseV1.Up up) {
            return up;
        }
        throw new IllegalStateException("phase 2 while " + turn.session().phase().label());
    }

    static void put(Turn turn, PhaseV1.Up next) {
        turn.change(session -> session.withPhase(next));
    }

    /** <pre>  &lt;--  HDR*, HASH(2), SA, Nr, [KE], IDci, IDcr  </pre> */
    static void conclude(Turn turn, Quick.Asked asked, Opened opened, Bytes datagram) throws Unauthentic {
        PhaseV1.Up up = up(turn);
        ChildOffer offer = asked.offer();
        Chain chain = opened.chain();
        Sealing.verify2(up.sa(), asked.messageId(), offer.nonce(), chain);
        turn.change(session -> session.heardAt(turn.now()));
        try {
            Choice choice = Ipsec.accept(offer.profile(), Grammar.required(chain, SaPayload.class), encapsulation(turn))
                    .orElseThrow(() -> new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "the peer chose a proposal that we did not offer"));
            checkSelectors(chain, offer);
            Bytes theirNonce = Grammar.required(chain, NoncePayload.class).data();
            Optional<Secret> shared = agree(offer.keyExchange(), chain);
            SaLimits limits = limits(turn, offer.profile(), choice, chain);
            ChildSa child = Children.child(
                    turn, offer.profile(), choice.suite(), offer.spi(), offer.serial(), choice.spi(),
                    new SelectorPair(offer.local().getFirst(), offer.remote().getFirst()), limits, offer.replaces());
            Sealed third = Sealing.third(up.sa(), asked.messageId(), opened.lastBlock(), offer.nonce(), theirNonce);
            put(turn, up(turn).with(new Quick.Concluding(asked.messageId(), new Answer(datagram, third.datagram()))));
            Children.install(
                    turn, child, up.sa(), shared, offer.nonce(), theirNonce,
                    new AwaitingV1.InstallOfOffer(asked.messageId(), child, false));
            shared.ifPresent(turn::wipe);
            offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        } catch (Objection wrong) {
            failed(turn, asked, wrong.detail());
            InformationalV1.notify(turn, Ipsec.protocol(offer.profile()), Children.octets(offer.spi()), wrong.notifyType());
        }
    }

    /** The answer repeats our identities, or leaves them out if they are the two hosts themselves. */
    private static void checkSelectors(Chain chain, ChildOffer offer) {
        List<IdPayload> ids = chain.all(IdPayload.class);
        if (ids.isEmpty()) {
            return;
        }
        if (ids.size() != 2
                || !Identities.selector(ids.get(0)).equals(offer.local().getFirst())
                || !Identities.selector(ids.get(1)).equals(offer.remote().getFirst())) {
            throw new Objection(NotifyType.INVALID_ID_INFORMATION, "the peer answered with other selectors than "
                    + offer.local() + " === " + offer.remote());
        }
    }

    private static Optional<Secret> agree(Optional<Ephemeral> half, Chain chain) {
        if (half.isEmpty()) {
            return Optional.empty();
        }
        KePayload ke = Grammar.required(chain, KePayload.class);
        try {
            return Optional.of(KeyExchange.of(half.get().group()).agree(half.get().pair(), ke.data()));
        } catch (InvalidKeyExchange invalid) {
            throw new Objection(NotifyType.INVALID_KEY_INFORMATION, "the peer's key exchange is invalid: " + invalid.getMessage());
        }
    }

    /** Our limits, but none that is longer than the peer's (RFC 2407, section 4.5.4). */
    private static SaLimits limits(Turn turn, ChildProfile profile, Choice choice, Chain chain) {
        SaLimits limits = Lifetime.within(
                Installation.limits(profile.protect().lifetimes(), turn.at()), choice.seconds(), choice.kilobytes());
        Optional<NotificationPayload> shorter = chain.notification(NotifyType.RESPONDER_LIFETIME);
        if (shorter.isEmpty()) {
            return limits;
        }
        List<DataAttribute> attributes = InformationalV1.attributes(shorter.get().data());
        return Lifetime.within(limits, seconds(attributes), kilobytes(attributes));
    }

    private static long seconds(List<DataAttribute> attributes) {
        return Lifetime.of(attributes, IpsecAttribute.LIFE_TYPE, IpsecAttribute.LIFE_DURATION, IpsecAttribute.SECONDS).orElse(0);
    }

    private static long kilobytes(List<DataAttribute> attributes) {
        return Lifetime.of(attributes, IpsecAttribute.LIFE_TYPE, IpsecAttribute.LIFE_DURATION, IpsecAttribute.KILOBYTES).orElse(0);
    }

    /** It is installed: HASH(3) leaves, and what it replaces goes a little later. */
    static void installed(Turn turn, int messageId, ChildSa child) {
        Children.add(turn, child);
        Children.up(turn, child);
        PhaseV1.Up up = up(turn);
        up.quick(messageId).ifPresent(exchange -> {
            if (exchange instanceof Quick.Concluding(int id, Answer answer)) {
                Fragments.send(turn, answer.reply());
                put(turn, up.with(new Quick.Done(id, answer, turn.now() + Constants.REPEAT_MILLIS)));
            }
        });
        child.replaces().ifPresent(
                old -> turn.queueIn(Constants.OVERLAP_MILLIS, new Task.DeleteChild(old, "replaced by a fresh one")));
    }

    /** There will be no child of this exchange. */
    static void failed(Turn turn, Quick.Asked asked, String reason) {
        ChildOffer offer = asked.offer();
        put(turn, up(turn).without(asked.messageId()));
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        turn.emit(new Event.ChildFailed(offer.profile().name(), reason));
        tryAgain(turn, offer.replaces());
    }

    /** The old child goes on, and we try again. */
    static void tryAgain(Turn turn, OptionalInt replaces) {
        replaces.ifPresent(serial -> turn.session()
                .child(serial)
                .filter(old -> old.state() == ChildSa.State.REKEYING)
                .ifPresent(old -> {
                    Children.change(turn, serial, child -> child.withState(ChildSa.State.INSTALLED));
                    turn.queueIn(Constants.RETRY_MILLIS, new Task.RekeyChild(serial));
                }));
    }

    // ---- responder

    /** <pre>  HDR*, HASH(1), SA, Ni, [KE], IDci, IDcr  --&gt;  </pre> The message is authentic. */
    static void respond(Turn turn, IsakmpHeader header, Opened opened, Bytes datagram) {
        PhaseV1.Up up = up(turn);
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
                turn.at().random(Constants.NONCE_OCTETS), shared, publicValue, List.of(pair.source()), List.of(pair.destination()),
                new ChildAnswer.Terms(
                        match.profile.protect().mode(), true, false, false, List.of(pair.source()), List.of(pair.destination())),
                Children.replacedBy(turn.session(), match.profile, pair));
        QuickAnswer quick = new QuickAnswer(
                header.messageId(), answer, match.choice.proposal(), chain.all(IdPayload.class), match.choice.seconds(),
                match.choice.kilobytes(), opened.lastBlock());
        put(turn, up(turn).with(new Quick.Answering(header.messageId(), datagram)));
        allocate(turn, match.profile, new AwaitingV1.SpiForAnswer(quick));
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

    private record Match(ChildProfile profile, Choice choice) {}

    /** The first policy of the peer that covers all of what it asks for, and has a transform in common with it. */
    private static Match match(Turn turn, SaPayload offer, SelectorPair pair) {
        Profile peer = turn.session().profile().orElseThrow(() -> new IllegalStateException("a child before its peer is known"));
        ModeConfig.check(turn, peer, pair.destination());
        boolean covered = false;
        for (ChildProfile profile : peer.near(List.of(pair.source()), List.of(pair.destination()))) {
            boolean covers = Children.pairs(profile, turn.session()).stream()
                    .anyMatch(ours -> ours.source().contains(pair.source()) && ours.destination().contains(pair.destination()));
            if (covers) {
                covered = true;
                Optional<Choice> choice = Ipsec.choose(profile, offer, encapsulation(turn));
                if (choice.isPresent()) {
                    return new Match(profile, choice.get());
                }
            }
        }
        throw covered
                ? new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "offers nothing that a policy for " + pair + " may use")
                : new Objection(NotifyType.INVALID_ID_INFORMATION, "asks for " + pair.reversed() + ", which no policy of the peer covers: "
                        + peer.children().stream().map(profile -> profile.name() + " (" + profile.policy().match() + ")").toList());
    }

    /** Continues with our SPI: installs the child before the answer leaves, so that it receives whatever the peer then sends. */
    static void allocated(Turn turn, QuickAnswer quick, int spi, int serial) {
        ChildAnswer answer = quick.answer();
        SaLimits limits = Lifetime.within(
                Installation.limits(answer.profile().protect().lifetimes(), turn.at()), quick.seconds(), quick.kilobytes());
        ChildSa child = Children.inwards(Children.child(
                turn, answer.profile(), answer.chosen(), spi, serial, answer.peerSpi(),
                new SelectorPair(answer.local().getFirst(), answer.remote().getFirst()), limits, answer.replaces()));
        Children.install(
                turn, child, up(turn).sa(), answer.sharedSecret(), answer.initiatorNonce(), answer.responderNonce(),
                new AwaitingV1.InstallOfAnswer(quick.keyed(), child));
        answer.sharedSecret().ifPresent(turn::wipe);
    }

    /** <pre>  &lt;--  HDR*, HASH(2), SA, Nr, [KE], IDci, IDcr, [N(RESPONDER_LIFETIME)]  </pre> */
    static void answer(Turn turn, QuickAnswer quick, ChildSa child) {
        PhaseV1.Up up = up(turn);
        ChildAnswer answer = quick.answer();
        IsakmpSa sa = up.sa();
        ProposalPayload proposal = quick.chosen();
        Bytes spi = Children.octets(child.inbound().spi());
        List<Payload> payloads = new ArrayList<>();
        payloads.add(new SaPayload(
                List.of(new ProposalPayload(proposal.number(), proposal.protocolId(), spi, proposal.transforms()))));
        payloads.add(new NoncePayload(answer.responderNonce()));
        answer.publicValue().ifPresent(value -> payloads.add(new KePayload(value)));
        payloads.addAll(quick.ids());
        shorterLifetime(quick, answer.profile())
                .ifPresent(seconds -> payloads.add(NotificationPayload.of(
                        proposal.protocolId(), spi, NotifyType.RESPONDER_LIFETIME, lifetime(seconds))));
        Sealed sealed = Sealing.second(sa, quick.messageId(), quick.iv(), answer.initiatorNonce(), payloads);
        Children.add(turn, child);
        up.quick(quick.messageId()).ifPresent(exchange -> {
            if (exchange instanceof Quick.Answering(int id, Bytes request)) {
                put(turn, up.with(new Quick.Answered(
                        id, sealed.lastBlock(), Sealing.hash3(sa, id, answer.initiatorNonce(), answer.responderNonce()), child.serial(),
                        new Answer(request, sealed.datagram()), turn.now() + Constants.CONFIRM_MILLIS)));
            }
        });
        Fragments.send(turn, sealed.datagram());
    }

    /** RFC 2407, section 4.6.3.1: a peer that offered a longer life than we give it is told. */
    private static OptionalLong shorterLifetime(QuickAnswer quick, ChildProfile profile) {
        long ours = profile.protect().lifetimes().seconds().hard();
        return ours > 0 && (quick.seconds() == 0 || quick.seconds() > ours) ? OptionalLong.of(ours) : OptionalLong.empty();
    }

    private static Bytes lifetime(long seconds) {
        ByteWriter out = new ByteWriter(12);
        DataAttribute.of(IpsecAttribute.LIFE_TYPE, IpsecAttribute.SECONDS).write(out);
        DataAttribute.of(IpsecAttribute.LIFE_DURATION, seconds).write(out);
        return out.toBytes();
    }

    /** There is no child for the peer; it is told, but not why. */
    static void refuse(Turn turn, QuickAnswer quick, String reason) {
        quick.answer().sharedSecret().ifPresent(turn::wipe);
        put(turn, up(turn).without(quick.messageId()));
        InformationalV1.notify(turn, quick.chosen().protocolId(), quick.chosen().spi(), NotifyType.NO_PROPOSAL_CHOSEN);
        turn.emit(new Event.ChildFailed(quick.answer().profile().name(), reason));
    }

    /** <pre>  HDR*, HASH(3)  --&gt;  </pre> */
    static void confirmed(Turn turn, Quick.Answered answered, Opened opened) throws Unauthentic {
        Sealing.verify(opened.chain(), answered.hash());
        turn.change(session -> session.heardAt(turn.now()));
        put(turn, up(turn).with(new Quick.Done(answered.messageId(), answered.answer(), turn.now() + Constants.REPEAT_MILLIS)));
        Children.switchOver(turn, answered.serial());
    }

    /** Nobody confirmed: the child goes, and the peer is told to remove its half. */
    static void notConfirmed(Turn turn, Quick.Answered answered) {
        put(turn, up(turn).without(answered.messageId()));
        turn.session().child(answered.serial()).ifPresent(child -> {
            InformationalV1.delete(turn, child);
            Children.remove(turn, child, "the peer did not confirm it");
        });
    }
}
