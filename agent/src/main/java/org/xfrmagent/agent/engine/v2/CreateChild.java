package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.dataplane.SelectorPair;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Exchange.Meanwhile;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v2.Collisions.Asked;
import org.xfrmagent.agent.engine.v2.Collisions.Verdict;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProtocolId;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.TransformType;

/**
 * Further children (RFC 7296, section 1.3.1) and fresh ones for old (section 1.3.3):
 *
 * <pre>
 *   HDR, SK{[N(REKEY_SA)], [N(USE_TRANSPORT_MODE)], SA, Ni, [KEi], TSi, TSr}  -->
 *                                                       &lt;--  HDR, SK{SA, Nr, [KEr], TSi, TSr}
 * </pre>
 */
final class CreateChild {
    private CreateChild() {}

    // ---- initiator

    /** Asks for the SPI of a new child; the request leaves when it comes. */
    static void initiate(Turn turn, Wish wish, OptionalInt replaces) {
        Optional<ChildProfile> profile = profile(turn, wish, replaces);
        if (profile.isEmpty()) {
            turn.emit(new Event.ChildFailed(wish.policy(), "the policy is gone"));
            return;
        }
        Children.allocate(turn, profile.get(), new Awaiting.SpiForOffer(wish, false, replaces));
    }

    /** A rekeyed child stays as it was agreed, whatever its policy says by now; a new one is as the policy says. */
    private static Optional<ChildProfile> profile(Turn turn, Wish wish, OptionalInt replaces) {
        return replaces.isPresent()
                ? turn.session().child(replaces.getAsInt()).map(ChildSa::profile)
                : turn.session().profile().flatMap(peer -> peer.child(wish.policy()));
    }

    /** The SPI is there. Meanwhile the policy may be gone, or the child to be replaced have met another fate. */
    static void prepared(Turn turn, Wish wish, OptionalInt replaces, Result.SpiAllocated ours) {
        boolean outdated = replaces.isPresent()
                && turn.session().child(replaces.getAsInt()).filter(child -> child.state() == ChildSa.State.REKEYING).isEmpty();
        Optional<ChildProfile> profile = profile(turn, wish, replaces);
        if (profile.isEmpty()) {
            turn.emit(new Event.ChildFailed(wish.policy(), "the policy is gone"));
        } else if (!outdated) {
            send(turn, profile.get(), wish, replaces, ours, Optional.empty());
        }
    }

    private static void send(
            Turn turn, ChildProfile profile, Wish wish, OptionalInt replaces, Result.SpiAllocated ours, Optional<Algorithm> group) {
        Optional<Ephemeral> half = group.or(() -> firstGroup(profile))
                .map(row -> new Ephemeral(row, KeyExchange.of(row).generate(turn.at().entropy())));
        ChildOffer offer = Children.offer(
                turn, profile, wish, ours, turn.at().random(Constants.NONCE_OCTETS), half, replaces);
        List<Payload> payloads = new ArrayList<>();
        replaces.ifPresent(old -> turn.session().child(old).ifPresent(child -> payloads.add(rekeySa(child))));
        payloads.addAll(Children.payloads(offer, KeyExchangeUse.NEGOTIATED));
        Requests.send(turn, ExchangeType.CREATE_CHILD_SA, new Exchange.CreateChild(offer, Meanwhile.NOTHING), payloads);
    }

    /** Section 1.3.3: the SPI is the one that the sender would expect in inbound packets. */
    private static Payload rekeySa(ChildSa old) {
        return NotifyPayload.about(protocol(old), Children.spiOctets(old.inbound().spi()), Notify.REKEY_SA);
    }

    private static ProtocolId protocol(ChildSa child) {
        return ProtocolId.byNumber(child.suite().protocol().ikev2())
                .orElseThrow(() -> new IllegalStateException("a child of " + child.suite().protocol()));
    }

    private static Optional<Algorithm> firstGroup(ChildProfile profile) {
        return profile.protect().proposals().stream().flatMap(proposal -> proposal.of(TransformType.KE).stream()).findFirst();
    }

    static void conclude(Turn turn, Exchange.CreateChild exchange, List<Payload> payloads) {
        ChildOffer offer = exchange.offer();
        Optional<NotifyPayload> error = error(payloads);
        Bytes nonce = Payload.first(payloads, NoncePayload.class).map(NoncePayload::data).orElse(Bytes.empty());
        Optional<Bytes> rival = exchange.meanwhile().rivalNonce();
        if (rival.isPresent() && error.isPresent()) {
            // Section 2.8.1: "When A receives this error, it already knows there was simultaneous rekeying, so it can ignore" it.
            giveUp(turn, offer, "the peer's successor is the one");
        } else if (rival.isPresent() && Collisions.isLower(Collisions.lower(offer.nonce(), nonce), rival.get())) {
            giveUp(turn, offer, "both sides rekeyed it, and our exchange has the lowest nonce");
            turn.queue(new Task.Disown(offer.profile().protect().protocol(), offer.spi()));
        } else if (error.isPresent() && error.get().is(Notify.INVALID_KE_PAYLOAD)) {
            otherGroup(turn, offer, NotifyData.group(error.get()));
        } else if (error.isPresent() && error.get().is(Notify.TEMPORARY_FAILURE)) {
            notNow(turn, offer);
        } else if (error.isPresent() && error.get().is(Notify.CHILD_SA_NOT_FOUND)) {
            anew(turn, offer);
        } else {
            settle(turn, offer, exchange.meanwhile(), payloads, offer.nonce(), nonce, KeyExchangeUse.NEGOTIATED);
        }
    }

    private static Optional<NotifyPayload> error(List<Payload> payloads) {
        return Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
    }

    /** Our attempt is not the one, and nobody needs to know but the log. */
    private static void giveUp(Turn turn, ChildOffer offer, String why) {
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        turn.emit(new Event.Remark("our rekeying of " + offer.profile().name() + " is given up: " + why));
    }

    /** Section 2.25: "it MUST NOT immediately retry the operation; it MUST wait". */
    private static void notNow(Turn turn, ChildOffer offer) {
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        turn.emit(new Event.Remark("the peer cannot see to " + offer.profile().name() + " now (TEMPORARY_FAILURE), it is tried again"));
        offer.replaces().ifPresentOrElse(
                serial -> Succession.tryAgain(turn, serial),
                () -> turn.queueIn(RekeyIke.retryIn(turn), new Task.CreateChild(offer.wish())));
    }

    /** Section 2.25: "SHOULD silently delete the Child SA (if it still exists) and send a request to create a new Child SA". */
    private static void anew(Turn turn, ChildOffer offer) {
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        Optional<ChildSa> lost = offer.replaces().isPresent() ? turn.session().child(offer.replaces().getAsInt()) : Optional.empty();
        if (lost.isPresent()) {
            Ending.uninstall(turn, lost.get(), "the peer has lost it");
            turn.queue(new Task.CreateChild(offer.wish()));
        }
    }

    private static void otherGroup(Turn turn, ChildOffer offer, int wanted) {
        Optional<Algorithm> group = offer.proposals().stream()
                .flatMap(proposal -> proposal.of(TransformType.KE).stream())
                .filter(row -> row.ikev2Id() == wanted)
                .findFirst();
        boolean asked = offer.keyExchange().filter(half -> half.group().ikev2Id() == wanted).isPresent();
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        if (group.isEmpty() || asked) {
            failed(turn, offer, "the peer wants key exchange number " + wanted + ", which the policy does not have");
            return;
        }
        send(turn, offer.profile(), offer.wish(), offer.replaces(), new Result.SpiAllocated(offer.spi(), offer.serial(), offer.cpi()), group);
    }

    /** The end of the initiator's side, in IKE_AUTH as well: a child, or the reason why there is none. */
    static void settle(
            Turn turn, ChildOffer offer, Meanwhile meanwhile, List<Payload> payloads, Bytes initiatorNonce, Bytes responderNonce,
            KeyExchangeUse use) {
        // An error beside a child is about something else that we asked for.
        Optional<NotifyPayload> error = Payload.first(payloads, SaPayload.class).isPresent() ? Optional.empty() : error(payloads);
        if (error.isPresent() && error.get().is(Notify.SINGLE_PAIR_REQUIRED) && single(turn, offer).isPresent()) {
            offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
            turn.emit(new Event.Remark("the peer wants one pair of addresses for each child of " + offer.profile().name()));
            initiate(turn, new Wish(offer.wish().policy(), single(turn, offer), true), offer.replaces());
            return;
        }
        if (error.isPresent() && error.get().is(Notify.NO_ADDITIONAL_SAS) && offer.replaces().isPresent()) {
            // Section 1.3: a peer that cannot rekey wants a new IKE SA with a new child instead.
            turn.queue(new Task.Reauthenticate());
        }
        if (error.isPresent()) {
            failed(turn, offer, "the peer refused it with " + Notify.nameOf(error.get().type()) + hint(error.get(), offer));
            return;
        }
        try {
            if (responderNonce.length() < Constants.MIN_NONCE_OCTETS) {
                throw new Refusal(Notify.INVALID_SYNTAX, "the peer's answer has no nonce");
            }
            Children.conclude(turn, offer, meanwhile, payloads, initiatorNonce, responderNonce, use);
        } catch (Refusal wrong) {
            // The peer has the child already: tell it to remove it (RFC 7296, section 2.21.3, says the same of TS_UNACCEPTABLE).
            failed(turn, offer, wrong.detail());
            turn.queue(new Task.Disown(offer.profile().protect().protocol(), offer.spi()));
        }
    }

    /** The pair that SINGLE_PAIR_REQUIRED asks for: the packet's, or that of the child to be rekeyed. Not twice. */
    private static Optional<SelectorPair> single(Turn turn, ChildOffer offer) {
        if (offer.wish().alone()) {
            return Optional.empty();
        }
        return offer.wish().packet().or(() -> offer.replaces().isEmpty()
                ? Optional.empty()
                : turn.session().child(offer.replaces().getAsInt())
                        .map(child -> new SelectorPair(child.local().getFirst(), child.remote().getFirst())));
    }

    private static String hint(NotifyPayload error, ChildOffer offer) {
        if (error.is(Notify.SINGLE_PAIR_REQUIRED)) {
            return ": it wants a child for each pair of addresses, which only a packet can name ('start: on-traffic')";
        }
        if (error.is(Notify.NO_ADDITIONAL_SAS)) {
            return ": it has no room for another child under this IKE SA";
        }
        if (error.is(Notify.TS_UNACCEPTABLE)) {
            return ": we asked for " + offer.local() + " === " + offer.remote()
                    + offer.profile().policy().match().label().map(label -> ", label " + label).orElse("");
        }
        return error.is(Notify.NO_PROPOSAL_CHOSEN) ? ": we offered " + offer.proposals() : "";
    }

    static void failed(Turn turn, ChildOffer offer, String reason) {
        turn.emit(new Event.ChildFailed(offer.profile().name(), reason));
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        offer.replaces().ifPresent(serial -> Succession.tryAgain(turn, serial));
    }

    // ---- responder

    static void respond(Turn turn, List<Payload> payloads) {
        Optional<NotifyPayload> rekey = Payload.notification(payloads, Notify.REKEY_SA);
        Optional<ChildSa> old = rekey.flatMap(notify -> Informational.child(turn, notify.protocolId(), notify.spi()));
        Asked asked = rekey.isEmpty() ? new Asked.NewChild()
                : old.isPresent() ? new Asked.RekeyChild(old.get()) : new Asked.RekeyUnknownChild();
        Verdict verdict = Collisions.judge(asked, turn.session());
        if (verdict == Verdict.NOT_NOW) {
            throw new Refusal(Notify.TEMPORARY_FAILURE, "wants " + old.map(child -> "to rekey " + child.name()).orElse("a child")
                    + " while we are about " + Pending.of(turn.session()));
        }
        if (verdict == Verdict.NOT_FOUND) {
            Bytes spi = rekey.map(NotifyPayload::spi).orElse(Bytes.empty());
            throw Refusal.about(
                    rekey.flatMap(notify -> ProtocolId.byNumber(notify.protocolId())).orElse(ProtocolId.ESP), spi,
                    Notify.CHILD_SA_NOT_FOUND, "wants to rekey a child with SPI " + spi + " that we do not have");
        }
        Bytes theirNonce = nonce(payloads);
        Bytes ourNonce = turn.at().random(Constants.NONCE_OCTETS);
        OptionalInt replaces = old.map(child -> OptionalInt.of(child.serial())).orElse(OptionalInt.empty());
        Children.respond(turn, payloads, List.of(), theirNonce, ourNonce, KeyExchangeUse.NEGOTIATED, replaces);
        if (verdict == Verdict.COMPARE_LATER) {
            Succession.noteRival(turn, Collisions.lower(theirNonce, ourNonce));
        } else if (verdict == Verdict.INSTEAD_OF_OURS) {
            // Not before some time, in case the peer's comes to nothing.
            replaces.ifPresent(serial -> Succession.tryAgain(turn, serial));
        }
    }

    private static Bytes nonce(List<Payload> payloads) {
        return Grammar.required(payloads, NoncePayload.class).data();
    }

    /** Whether a CREATE_CHILD_SA request is about the IKE SA itself (section 1.3.2). */
    static boolean rekeysIkeSa(List<Payload> payloads) {
        return Payload.first(payloads, SaPayload.class).stream()
                .flatMap(sa -> sa.proposals().stream())
                .anyMatch(proposal -> proposal.protocolId() == ProtocolId.IKE.number());
    }
}
