package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.dataplane.SaLimits;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.AwaitingV1;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Compression;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Installation;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.Quick;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Ipsec.Choice;
import org.xfrmagent.agent.engine.v1.Sealing.Opened;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.DataAttribute;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IpsecAttribute;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.KePayload;
import org.xfrmagent.agent.wire.v1.NoncePayload;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.SaPayload;

/** {@link QuickMode} as we begin it. */
final class QuickModeInitiator {
    private QuickModeInitiator() {}

    /** Asks for the SPI of a new child; the first message leaves when it comes. {@code wish}: with the selectors as its packet. */
    static void initiate(Turn turn, Wish wish, OptionalInt replaces) {
        Optional<ChildProfile> profile = child(turn, wish, replaces);
        if (profile.isPresent()) {
            QuickMode.allocate(turn, profile.get(), Compression.isWanted(turn, profile.get()), new AwaitingV1.SpiForOffer(wish, replaces));
        } else {
            turn.emit(new Event.ChildFailed(wish.policy(), "the policy is gone"));
        }
    }

    /** A rekeyed child stays as it was agreed, whatever its policy says by now; a new one is as the policy says. */
    private static Optional<ChildProfile> child(Turn turn, Wish wish, OptionalInt replaces) {
        return replaces.isPresent()
                ? turn.session().child(replaces.getAsInt()).map(ChildSa::profile)
                : turn.session().profile().flatMap(peer -> peer.child(wish.policy()));
    }

    /** The SPI is there. */
    static void prepared(Turn turn, Wish wish, OptionalInt replaces, Result.SpiAllocated own) {
        Optional<ChildProfile> profile = child(turn, wish, replaces);
        boolean outdated = replaces.isPresent()
                && turn.session().child(replaces.getAsInt()).filter(old -> old.state() == ChildSa.State.REKEYING).isEmpty();
        if (!(turn.session().phase() instanceof PhaseV1.Up) || profile.isEmpty() || outdated) {
            turn.emit(new Event.ChildFailed(wish.policy(), "it is not wanted any more"));
            return;
        }
        try {
            send(turn, profile.get(), wish, replaces, own);
        } catch (Objection impossible) {
            turn.emit(new Event.ChildFailed(wish.policy(), impossible.detail()));
        }
    }

    private static void send(Turn turn, ChildProfile profile, Wish wish, OptionalInt replaces, Result.SpiAllocated own) {
        PhaseV1.Up up = QuickMode.up(turn);
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
        OptionalInt cpi = Compression.ours(turn, profile, own.cpi(), List.of(pair.source()), List.of(pair.destination()));
        payloads.add(Ipsec.offer(profile, own.spi(), cpi, QuickMode.encapsulation(turn)));
        payloads.add(new NoncePayload(nonce));
        half.ifPresent(ephemeral -> payloads.add(new KePayload(ephemeral.pair().publicValue())));
        payloads.add(ours);
        payloads.add(theirs);
        Path path = turn.session().path();
        payloads.addAll(OriginalAddresses.payloads(profile, QuickMode.encapsulation(turn), path.local(), path.remote()));
        int messageId = QuickMode.messageId(turn);
        Sealed sealed = Sealing.first(up.sa(), IsakmpExchange.QUICK, messageId, payloads);
        ChildOffer offer = new ChildOffer(
                profile, own.spi(), own.serial(), profile.protect().proposals(), nonce, half, List.of(pair.source()), List.of(pair.destination()), wish,
                replaces, cpi);
        PhaseV1.Sent sent = Retransmitting.send(turn, sealed.datagram());
        QuickMode.put(turn, up.seen(messageId).with(new Quick.Asked(messageId, sealed.lastBlock(), offer, sent)));
    }

    /** <pre>  &lt;--  HDR*, HASH(2), SA, Nr, [KE], IDci, IDcr  </pre> */
    static void conclude(Turn turn, Quick.Asked asked, Received received) throws Unauthentic {
        Opened opened = received.opened();
        PhaseV1.Up up = QuickMode.up(turn);
        ChildOffer offer = asked.offer();
        Chain chain = opened.chain();
        Sealing.verify2(up.sa(), asked.messageId(), offer.nonce(), chain);
        turn.change(session -> session.heardAt(turn.now()));
        try {
            Choice choice = Ipsec.accept(offer.profile(), Grammar.required(chain, SaPayload.class), QuickMode.encapsulation(turn), offer.cpi().isPresent())
                    .orElseThrow(() -> new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "the peer chose a proposal that we did not offer"));
            checkSelectors(turn.session(), chain, offer);
            Bytes theirNonce = Grammar.required(chain, NoncePayload.class).data();
            Optional<Secret> shared = agree(offer.keyExchange(), chain);
            SaLimits limits = limits(turn, offer.profile(), choice, chain);
            ChildSa child = Children.child(
                    turn, offer.profile(), choice.suite(), choice.udp(), offer.spi(), offer.serial(), choice.spi(),
                    new SelectorPair(offer.local().getFirst(), offer.remote().getFirst()), limits, offer.replaces(),
                    Compression.agreed(offer.cpi(), choice.cpi()));
            Sealed third = Sealing.third(up.sa(), asked.messageId(), opened.lastBlock(), offer.nonce(), theirNonce);
            boolean commit = received.header().commit();
            ChildSa installed = commit ? Children.inwards(child) : child;
            QuickMode.put(turn, QuickMode.up(turn).with(new Quick.Concluding(
                    asked.messageId(), new Answer(received.datagram(), third.datagram()),
                    commit ? Optional.of(third.lastBlock()) : Optional.empty())));
            Children.install(
                    turn, installed, up.sa(), shared, offer.nonce(), theirNonce,
                    new AwaitingV1.InstallOfOffer(asked.messageId(), installed, false));
            shared.ifPresent(turn::wipe);
            offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        } catch (Objection wrong) {
            failed(turn, asked, wrong.detail());
            InformationalV1.notify(turn, Ipsec.protocol(offer.profile()), Children.octets(offer.spi()), wrong.notifyType());
        }
    }

    /** The answer repeats our identities, or leaves them out if they are the two hosts themselves. */
    private static void checkSelectors(Session session, Chain chain, ChildOffer offer) {
        List<IdPayload> ids = chain.all(IdPayload.class);
        if (ids.isEmpty()) {
            return;
        }
        SelectorPair offered = new SelectorPair(offer.local().getFirst(), offer.remote().getFirst());
        boolean same = ids.size() == 2 && OriginalAddresses.seen(
                        session, offer.profile(), new SelectorPair(Identities.selector(ids.get(0)), Identities.selector(ids.get(1))))
                .equals(offered);
        if (!same) {
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
                true, Installation.limits(profile.protect().lifetimes(), turn.at()), choice.seconds(), choice.kilobytes());
        Optional<NotificationPayload> shorter = chain.notification(NotifyType.RESPONDER_LIFETIME);
        if (shorter.isEmpty()) {
            return limits;
        }
        List<DataAttribute> attributes = InformationalV1.attributes(shorter.get().data());
        return Lifetime.within(true, limits, seconds(attributes), kilobytes(attributes));
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
        NatMapping.follow(turn, child);
        PhaseV1.Up up = QuickMode.up(turn);
        Optional<Quick.Concluding> exchange =
                up.quick(messageId).filter(Quick.Concluding.class::isInstance).map(Quick.Concluding.class::cast);
        exchange.ifPresent(concluding -> Fragments.send(turn, concluding.answer().reply()));
        Optional<Bytes> commit = exchange.flatMap(Quick.Concluding::commit);
        if (commit.isPresent()) {
            Commitment.await(turn, messageId, commit.get(), child.serial(), exchange.get().answer());
        } else {
            exchange.ifPresent(concluding ->
                    QuickMode.put(turn, up.with(new Quick.Done(messageId, concluding.answer(), turn.now() + Constants.REPEAT_MILLIS))));
            Children.up(turn, child);
        }
        child.replaces().ifPresent(
                old -> turn.queueIn(Constants.OVERLAP_MILLIS, new Task.DeleteChild(old, "replaced by a fresh one")));
    }

    /** There will be no child of this exchange. */
    static void failed(Turn turn, Quick.Asked asked, String reason) {
        ChildOffer offer = asked.offer();
        QuickMode.put(turn, QuickMode.up(turn).without(asked.messageId()));
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
}
