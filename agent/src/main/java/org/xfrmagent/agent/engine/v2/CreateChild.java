package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
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
        Optional<ChildProfile> profile = turn.session().profile().flatMap(peer -> peer.child(wish.policy()));
        if (profile.isEmpty()) {
            turn.emit(new Event.ChildFailed(wish.policy(), "the policy is gone"));
            return;
        }
        Children.allocate(turn, profile.get(), new Awaiting.SpiForOffer(wish, false, replaces));
    }

    static void send(Turn turn, Wish wish, OptionalInt replaces, int spi, int serial, Optional<Algorithm> group) {
        ChildProfile profile = turn.session().profile().flatMap(peer -> peer.child(wish.policy()))
                .orElseThrow(() -> new IllegalStateException("the policy is gone"));
        Optional<Ephemeral> half = group.or(() -> firstGroup(profile))
                .map(row -> new Ephemeral(row, KeyExchange.of(row).generate(turn.at().entropy())));
        ChildOffer offer = Children.offer(
                turn, profile, wish, spi, serial, turn.at().random(Constants.NONCE_OCTETS), half, replaces);
        List<Payload> payloads = new ArrayList<>();
        replaces.ifPresent(old -> turn.session().child(old).ifPresent(child -> payloads.add(rekeySa(child))));
        payloads.addAll(Children.payloads(offer, KeyExchangeUse.NEGOTIATED));
        Requests.send(turn, ExchangeType.CREATE_CHILD_SA, new Exchange.CreateChild(offer), payloads);
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

    static void conclude(Turn turn, ChildOffer offer, List<Payload> payloads) {
        Optional<NotifyPayload> invalidKe = Payload.notification(payloads, Notify.INVALID_KE_PAYLOAD);
        if (invalidKe.isPresent()) {
            otherGroup(turn, offer, NotifyData.group(invalidKe.get()));
            return;
        }
        Optional<NoncePayload> nonce = Payload.first(payloads, NoncePayload.class);
        settle(turn, offer, payloads, offer.nonce(), nonce.map(NoncePayload::data).orElse(Bytes.empty()), KeyExchangeUse.NEGOTIATED);
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
        send(turn, offer.wish(), offer.replaces(), offer.spi(), offer.serial(), group);
    }

    /** The end of the initiator's side, in IKE_AUTH as well: a child, or the reason why there is none. */
    static void settle(
            Turn turn, ChildOffer offer, List<Payload> payloads, Bytes initiatorNonce, Bytes responderNonce, KeyExchangeUse use) {
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        if (error.isPresent()) {
            failed(turn, offer, "the peer refused it with " + Notify.nameOf(error.get().type()) + hint(error.get(), offer));
            return;
        }
        try {
            if (responderNonce.length() < Constants.MIN_NONCE_OCTETS) {
                throw new Refusal(Notify.INVALID_SYNTAX, "the peer's answer has no nonce");
            }
            Children.conclude(turn, offer, payloads, initiatorNonce, responderNonce, use);
        } catch (Refusal wrong) {
            // The peer has the child already: tell it to remove it (RFC 7296, section 2.21.3, says the same of TS_UNACCEPTABLE).
            failed(turn, offer, wrong.detail());
            turn.queue(new Task.Disown(offer.profile().protect().protocol(), offer.spi()));
        }
    }

    private static String hint(NotifyPayload error, ChildOffer offer) {
        if (error.is(Notify.TS_UNACCEPTABLE)) {
            return ": we asked for " + offer.local() + " === " + offer.remote();
        }
        return error.is(Notify.NO_PROPOSAL_CHOSEN) ? ": we offered " + offer.proposals() : "";
    }

    private static void failed(Turn turn, ChildOffer offer, String reason) {
        turn.emit(new Event.ChildFailed(offer.profile().name(), reason));
        offer.keyExchange().ifPresent(half -> turn.afterwards(half.pair()::wipe));
        offer.replaces().ifPresent(serial -> {
            setState(turn, serial, ChildSa.State.INSTALLED);
            turn.queueIn(RekeyIke.retryIn(turn), new Task.RekeyChild(serial));
        });
    }

    static void setState(Turn turn, int serial, ChildSa.State state) {
        turn.change(session -> session.withChildren(session.children().stream()
                .map(child -> child.serial() == serial ? child.withState(state) : child)
                .toList()));
    }

    // ---- responder

    static void respond(Turn turn, List<Payload> payloads) {
        Optional<NotifyPayload> rekey = Payload.notification(payloads, Notify.REKEY_SA);
        OptionalInt replaces = OptionalInt.empty();
        if (rekey.isPresent()) {
            NotifyPayload notify = rekey.get();
            ChildSa old = turn.session().children().stream()
                    .filter(child -> child.suite().protocol().ikev2() == notify.protocolId()
                            && Children.spiOctets(child.outbound().spi()).equals(notify.spi()))
                    .findFirst()
                    .orElseThrow(() -> new Refusal(
                            Notify.CHILD_SA_NOT_FOUND, "wants to rekey a child with SPI " + notify.spi() + " that we do not have"));
            // Until both sides' rekeys are told apart (section 2.25.1), the one asked second yields and tries again.
            if (old.state() == ChildSa.State.REKEYING) {
                throw new Refusal(Notify.TEMPORARY_FAILURE, "wants to rekey " + old.name() + ", which we are rekeying");
            }
            if (old.state() == ChildSa.State.DELETING) {
                throw new Refusal(Notify.TEMPORARY_FAILURE, "wants to rekey " + old.name() + ", which we are deleting");
            }
            replaces = OptionalInt.of(old.serial());
        }
        Bytes theirNonce = nonce(payloads);
        Children.respond(
                turn, payloads, List.of(), theirNonce, turn.at().random(Constants.NONCE_OCTETS), KeyExchangeUse.NEGOTIATED, replaces);
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
