package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.ChildSa;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Event.Rule;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Outstanding;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Phase.Established;
import org.xfrmagent.agent.engine.core.Phase.Predecessor;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Selection.Chosen;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.Header;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.Malformed;
import org.xfrmagent.agent.wire.Message;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProtocolId;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.policies.algorithm.Algorithm;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Lifetimes;

/**
 * A fresh IKE SA for the old one (RFC 7296, sections 1.3.2, 2.8 and 2.18). The children stay where they are.
 *
 * <pre>
 *   under the old SA:   HDR, SK{SA, Ni, KEi}  -->       &lt;--  HDR, SK{SA, Nr, KEr}
 *                       HDR, SK{D(IKE)}       -->       &lt;--  HDR, SK{}
 *   from then on:       the new SA, message ids from 0
 * </pre>
 */
final class RekeyIke {
    /** The responder keeps the old SA so long for the initiator's DELETE and its retransmissions. */
    private static final long PREDECESSOR_MILLIS = 180_000;

    /** After TEMPORARY_FAILURE: at least, and up to so much more at random (section 2.25: "some time"). */
    private static final long RETRY_MILLIS = 5_000;

    private RekeyIke() {}

    /** Sets the time of the next rekeying and of the end, from the peer's lifetimes. */
    static void schedule(Turn turn) {
        turn.cancelDelayed(Task.RekeyIke.class);
        turn.cancelDelayed(Task.DeleteIke.class);
        Optional<Lifetimes> lifetimes = turn.session().profile().map(profile -> profile.peer().ikeLifetimes());
        if (lifetimes.isEmpty()) {
            return;
        }
        long soft = lifetimes.get().seconds().soft();
        long hard = lifetimes.get().seconds().hard();
        double early = lifetimes.get().jitterPercent() / 100.0 * turn.at().entropy().nextDouble();
        if (soft > 0) {
            turn.queueIn(Math.max(1, Math.round(soft * 1000 * (1 - early))), new Task.RekeyIke());
        }
        if (hard > 0) {
            turn.queueIn(hard * 1000, new Task.DeleteIke("its lifetime is over"));
        }
    }

    /** Milliseconds until a refused rekeying is tried again; random, so that two sides do not collide again. */
    static long retryIn(Turn turn) {
        return RETRY_MILLIS + Math.floorMod(turn.at().entropy().nextLong(), RETRY_MILLIS);
    }

    // ---- initiator

    static void initiate(Turn turn) {
        Profile profile = turn.session().profile().orElseThrow(() -> new IllegalStateException("established without a peer"));
        send(turn, profile, Selection.of(turn.ikeSa().suite(), TransformType.KE)
                .orElseThrow(() -> new IllegalStateException("an IKE SA without a key exchange")));
    }

    private static void send(Turn turn, Profile profile, Algorithm group) {
        Ephemeral half = new Ephemeral(group, KeyExchange.of(group).generate(turn.at().entropy()));
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        long spi = turn.at().spi(turn.session().shard());
        Requests.send(turn, ExchangeType.CREATE_CHILD_SA, new Exchange.RekeyIke(half, nonce, spi), List.of(
                Selection.offer(profile.peer().proposals(), octets(spi), KeyExchangeUse.NEGOTIATED),
                new NoncePayload(nonce),
                new KePayload(group.ikev2Id(), half.pair().publicValue())));
    }

    static void conclude(Turn turn, Exchange.RekeyIke rekey, List<Payload> payloads) {
        Profile profile = turn.session().profile().orElseThrow(() -> new IllegalStateException("established without a peer"));
        turn.afterwards(rekey.keyExchange().pair()::wipe);
        Optional<NotifyPayload> invalidKe = Payload.notification(payloads, Notify.INVALID_KE_PAYLOAD);
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        if (invalidKe.isPresent()) {
            int wanted = NotifyData.group(invalidKe.get());
            Optional<Algorithm> group = profile.peer().proposals().stream()
                    .flatMap(proposal -> proposal.of(TransformType.KE).stream())
                    .filter(row -> row.ikev2Id() == wanted && !row.equals(rekey.keyExchange().group()))
                    .findFirst();
            group.ifPresentOrElse(row -> send(turn, profile, row), () -> failed(turn, "the peer wants key exchange number " + wanted));
            return;
        }
        if (error.isPresent()) {
            failed(turn, "the peer refused it with " + Notify.nameOf(error.get().type()));
            return;
        }
        Optional<Chosen> chosen =
                Selection.accept(profile.peer().proposals(), Grammar.required(payloads, SaPayload.class), KeyExchangeUse.NEGOTIATED);
        KePayload ke = Grammar.required(payloads, KePayload.class);
        Bytes theirNonce = Grammar.required(payloads, NoncePayload.class).data();
        Algorithm group = rekey.keyExchange().group();
        if (chosen.isEmpty() || ke.group() != group.ikev2Id() || !chosen.get().suite().algorithms().contains(group)
                || chosen.get().spi().length() != 8) {
            failed(turn, "the peer chose what we did not offer");
            return;
        }
        Proposal suite = chosen.get().suite();
        long peerSpi = chosen.get().spi().i64(0);
        try {
            Secret shared = KeyExchange.of(group).agree(rekey.keyExchange().pair(), ke.data());
            IkeKeys keys = Keys.successor(turn.ikeSa(), suite, shared, rekey.nonce(), theirNonce, rekey.spi(), peerSpi);
            turn.wipe(shared);
            IkeSa old = turn.ikeSa();
            replace(turn, new IkeSa(rekey.spi(), peerSpi, true, suite, keys, 0, Window.FRESH, old.fragmentation()), true);
            deletePredecessor(turn);
        } catch (InvalidKeyExchange invalid) {
            failed(turn, "the peer's key exchange is invalid: " + invalid.getMessage());
        }
    }

    private static void failed(Turn turn, String reason) {
        turn.emit(new Event.Remark("rekeying the IKE SA failed, and is tried again: " + reason));
        turn.queueIn(retryIn(turn), new Task.RekeyIke());
    }

    // ---- responder

    static void respond(Turn turn, List<Payload> payloads) {
        boolean childPending = turn.session().children().stream().anyMatch(child -> child.state() != ChildSa.State.INSTALLED)
                || turn.ikeSa().window().outstanding().isPresent();
        if (childPending) {
            // Section 2.25.2: children that are being made or deleted would be lost between the two SAs.
            throw new Refusal(Notify.TEMPORARY_FAILURE, "wants to rekey the IKE SA while a request of ours is under way");
        }
        Profile profile = turn.session().profile().orElseThrow(() -> new IllegalStateException("established without a peer"));
        SaPayload offer = Grammar.required(payloads, SaPayload.class);
        KePayload ke = Grammar.required(payloads, KePayload.class);
        Bytes theirNonce = Grammar.required(payloads, NoncePayload.class).data();
        Chosen chosen = Selection.choose(profile.peer().proposals(), offer, KeyExchangeUse.NEGOTIATED, Optional.of(ke.group()))
                .filter(found -> found.spi().length() == 8 && found.spi().i64(0) != 0)
                .orElseThrow(() -> new Refusal(Notify.NO_PROPOSAL_CHOSEN, "offers no proposal for the new IKE SA that we may use"));
        Algorithm group = Selection.of(chosen.suite(), TransformType.KE)
                .orElseThrow(() -> new IllegalStateException("a suite without a key exchange"));
        if (ke.group() != group.ikev2Id()) {
            throw new Refusal(
                    Notify.INVALID_KE_PAYLOAD, NotifyData.invalidKePayload(group.ikev2Id()).data(),
                    "sent key exchange number " + ke.group() + ", we want " + group.keyword());
        }
        Ephemeral half = new Ephemeral(group, KeyExchange.of(group).generate(turn.at().entropy()));
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        long spi = turn.at().spi(turn.session().shard());
        long peerSpi = chosen.spi().i64(0);
        try {
            Secret shared = KeyExchange.of(group).agree(half.pair(), ke.data());
            IkeKeys keys = Keys.successor(turn.ikeSa(), chosen.suite(), shared, theirNonce, nonce, peerSpi, spi);
            turn.wipe(shared);
            turn.afterwards(half.pair()::wipe);
            Requests.respond(turn, ExchangeType.CREATE_CHILD_SA, List.of(
                    Selection.answer(chosen.suite(), chosen.number(), octets(spi)),
                    new NoncePayload(nonce),
                    new KePayload(group.ikev2Id(), half.pair().publicValue())));
            IkeSa old = turn.ikeSa();
            replace(turn, new IkeSa(peerSpi, spi, false, chosen.suite(), keys, 0, Window.FRESH, old.fragmentation()), false);
        } catch (InvalidKeyExchange invalid) {
            throw new Refusal(Notify.INVALID_SYNTAX, "its key exchange is invalid: " + invalid.getMessage());
        }
    }

    // ---- both: the old SA

    private static void replace(Turn turn, IkeSa fresh, boolean ours) {
        Established phase = established(turn);
        forgetPredecessor(turn);
        Predecessor old = new Predecessor(phase.sa(), ours, turn.now() + PREDECESSOR_MILLIS);
        turn.enter(
                new Established(fresh, phase.local(), phase.remote(), phase.since(), Optional.of(old)),
                "rekeyed the IKE SA with " + fresh.suite());
        turn.emit(new Event.IkeRekeyed());
        schedule(turn);
    }

    private static Established established(Turn turn) {
        if (turn.session().phase() instanceof Established phase) {
            return phase;
        }
        throw new IllegalStateException("rekeying while " + turn.session().phase().label());
    }

    private static void deletePredecessor(Turn turn) {
        predecessor(turn.session().phase()).ifPresent(old -> {
            Window window = old.sa().window();
            Sealing.Sealed sealed = Sealing.seal(
                    turn, old.sa(), ExchangeType.INFORMATIONAL, false, window.nextRequest(), List.of(DeletePayload.ikeSa()));
            Outstanding request = new Outstanding(
                    window.nextRequest(), sealed.datagrams(), new Exchange.DeleteIke("replaced"), 1,
                    turn.now() + Requests.wait(turn.session(), 0, turn.at()));
            keep(turn, old.with(sealed.sa().withWindow(window.withOutstanding(request))));
            turn.send(sealed.datagrams());
        });
    }

    private static Optional<Predecessor> predecessor(Phase phase) {
        return phase instanceof Established established ? established.predecessor() : Optional.empty();
    }

    private static void keep(Turn turn, Predecessor old) {
        Established phase = established(turn);
        turn.change(session -> session.withPhase(
                new Established(phase.sa(), phase.local(), phase.remote(), phase.since(), Optional.of(old))));
    }

    static void forgetPredecessor(Turn turn) {
        predecessor(turn.session().phase()).ifPresent(old -> {
            turn.afterwards(old.sa().keys()::wipe);
            Established phase = established(turn);
            turn.change(session -> session.withPhase(
                    new Established(phase.sa(), phase.local(), phase.remote(), phase.since(), Optional.empty())));
        });
    }

    static boolean isForPredecessor(Phase phase, Header header) {
        return predecessor(phase)
                .filter(old -> header.initiatorSpi() == old.sa().initiatorSpi()
                        && header.responderSpi() == old.sa().responderSpi()
                        && header.initiator() != old.sa().initiator())
                .isPresent();
    }

    /** Under the old SA only its deletion and retransmissions of the exchange that replaced it are of interest. */
    static void predecessorMessage(Turn turn, Message message, Bytes datagram) {
        Predecessor old = predecessor(turn.session().phase()).orElseThrow(() -> new IllegalStateException("no predecessor"));
        Window window = old.sa().window();
        Header header = message.header();
        try {
            if (header.response()) {
                Sealing.authenticate(old.sa(), message, datagram);
                if (window.outstanding().filter(own -> own.messageId() == header.messageId()).isPresent()) {
                    forgetPredecessor(turn);
                }
            } else if (window.answer().filter(answer -> answer.messageId() == header.messageId()).isPresent()) {
                Sealing.authenticate(old.sa(), message, datagram);
                turn.send(window.answer().orElseThrow().datagrams());
            } else if (header.messageId() == window.expected()) {
                deletedByPeer(turn, old, message, datagram);
            } else {
                turn.emit(new Event.Dropped(Rule.OUT_OF_WINDOW, "a request with id " + header.messageId() + " under a replaced IKE SA"));
            }
        } catch (Unauthentic | Malformed wrong) {
            turn.emit(new Event.Dropped(Rule.UNAUTHENTIC, "under a replaced IKE SA: " + wrong.getMessage()));
        }
    }

    private static void deletedByPeer(Turn turn, Predecessor old, Message message, Bytes datagram) throws Unauthentic {
        if (!(Sealing.open(old.sa(), message, datagram, Optional.empty()) instanceof Sealing.Opened.Complete(List<Payload> payloads))) {
            return;
        }
        boolean delete = message.header().exchange() == ExchangeType.INFORMATIONAL.number()
                && Payload.all(payloads, DeletePayload.class).stream()
                        .anyMatch(payload -> payload.protocolId() == ProtocolId.IKE.number());
        // Anything else comes too late for this SA: section 2.25.2 has the peer ask again under the new one.
        List<Payload> answer = delete || payloads.isEmpty() ? List.of() : List.of(NotifyPayload.of(Notify.TEMPORARY_FAILURE));
        ExchangeType type = message.header().exchangeType().orElse(ExchangeType.INFORMATIONAL);
        Sealing.Sealed sealed = Sealing.seal(turn, old.sa(), type, true, old.sa().window().expected(), answer);
        // Kept until its deadline all the same: the answer may be lost, and the peer ask again.
        keep(turn, old.with(sealed.sa().withWindow(old.sa().window().startAnswering().answered(sealed.datagrams()))));
        turn.send(sealed.datagrams());
    }

    /** When the old SA wants a tick. */
    static long predecessorAt(Phase phase) {
        return predecessor(phase)
                .map(old -> Math.min(
                        old.deadline(), old.sa().window().outstanding().map(Outstanding::nextAt).orElse(Long.MAX_VALUE)))
                .orElse(Long.MAX_VALUE);
    }

    static void tick(Turn turn) {
        Optional<Predecessor> old = predecessor(turn.session().phase());
        if (old.isEmpty() || predecessorAt(turn.session().phase()) > turn.now()) {
            return;
        }
        Optional<Outstanding> request = old.get().sa().window().outstanding();
        Optional<Outstanding> again = request.flatMap(due -> Requests.again(turn, due));
        if (again.isEmpty() || old.get().deadline() <= turn.now()) {
            forgetPredecessor(turn);
        } else {
            IkeSa sa = old.get().sa();
            keep(turn, old.get().with(sa.withWindow(sa.window().withOutstanding(again.get()))));
        }
    }

    private static Bytes octets(long spi) {
        return new ByteWriter(8).i64(spi).toBytes();
    }
}
