package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Exchange.Rival;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase.Established;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Selection;
import org.xfrmagent.agent.engine.core.Selection.Chosen;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Session;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.core.Window;
import org.xfrmagent.agent.engine.v2.Collisions.Asked;
import org.xfrmagent.agent.engine.v2.Collisions.Verdict;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.KePayload;
import org.xfrmagent.agent.wire.NoncePayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
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
    /** After TEMPORARY_FAILURE: at least, and up to so much more at random (section 2.25: "some time"). */
    private static final long RETRY_MILLIS = 5_000;

    private static final Task LIFETIME_OVER = new Task.DeleteIke("its lifetime is over");
    private static final Task NOT_RENEWED = new Task.DeleteIke("the peer did not authenticate itself anew in time");

    private RekeyIke() {}

    /** Sets the time of the next rekeying and of the end, from the peer's lifetimes. */
    static void schedule(Turn turn) {
        turn.cancelDelayed(Task.RekeyIke.class);
        turn.forget(Task.DeleteIke.class, task -> task.equals(LIFETIME_OVER) || task.equals(NOT_RENEWED));
        Optional<Lifetimes> lifetimes = turn.session().profile().map(profile -> profile.peer().ikeLifetimes());
        if (lifetimes.isEmpty()) {
            return;
        }
        double soft = lifetimes.get().seconds().soft(turn.at().entropy().nextDouble());
        long hard = lifetimes.get().seconds().hard();
        if (soft > 0) {
            turn.queueIn(Math.max(1, Math.round(soft * 1000)), new Task.RekeyIke());
        }
        if (hard > 0) {
            turn.queueIn(hard * 1000, LIFETIME_OVER);
        }
        Reauthentication.patience(turn, turn.session().profile().orElseThrow())
                .ifPresent(millis -> turn.queueIn(millis, NOT_RENEWED));
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
        Requests.send(turn, ExchangeType.CREATE_CHILD_SA, new Exchange.RekeyIke(half, nonce, spi, Optional.empty()), List.of(
                Selection.offer(profile.peer().proposals(), octets(spi), KeyExchangeUse.NEGOTIATED),
                new NoncePayload(nonce),
                new KePayload(group.ikev2Id(), half.pair().publicValue())));
    }

    static void conclude(Turn turn, Exchange.RekeyIke rekey, List<Payload> payloads) {
        Profile profile = turn.session().profile().orElseThrow(() -> new IllegalStateException("established without a peer"));
        turn.afterwards(rekey.keyExchange().pair()::wipe);
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        if (error.isPresent() && rekey.rival().isPresent()) {
            // Section 2.8.2: the peer was done with its own before it saw ours.
            take(turn, rekey.rival().get(), "as the peer rekeyed it");
        } else if (error.isPresent() && error.get().is(Notify.INVALID_KE_PAYLOAD)) {
            otherGroup(turn, profile, rekey, NotifyData.group(error.get()));
        } else if (error.isPresent() && error.get().is(Notify.NO_ADDITIONAL_SAS)) {
            // Section 1.3: a peer that cannot rekey wants a new IKE SA instead.
            turn.queue(new Task.Reauthenticate());
        } else if (error.isPresent()) {
            failed(turn, "the peer refused it with " + Notify.nameOf(error.get().type()));
        } else {
            agree(turn, profile, rekey, payloads);
        }
    }

    private static void otherGroup(Turn turn, Profile profile, Exchange.RekeyIke rekey, int wanted) {
        Optional<Algorithm> group = profile.peer().proposals().stream()
                .flatMap(proposal -> proposal.of(TransformType.KE).stream())
                .filter(row -> row.ikev2Id() == wanted && !row.equals(rekey.keyExchange().group()))
                .findFirst();
        group.ifPresentOrElse(row -> send(turn, profile, row), () -> failed(turn, "the peer wants key exchange number " + wanted));
    }

    private static void agree(Turn turn, Profile profile, Exchange.RekeyIke rekey, List<Payload> payloads) {
        Optional<Chosen> chosen =
                Selection.accept(profile.peer().proposals(), Grammar.required(payloads, SaPayload.class), KeyExchangeUse.NEGOTIATED);
        KePayload ke = Grammar.required(payloads, KePayload.class);
        Bytes theirNonce = Grammar.required(payloads, NoncePayload.class).data();
        Algorithm group = rekey.keyExchange().group();
        if (chosen.isEmpty() || ke.group() != group.ikev2Id() || !chosen.get().suite().algorithms().contains(group)
                || chosen.get().spi().length() != 8 || chosen.get().spi().i64(0) == 0) {
            unusable(turn, rekey, "the peer chose what we did not offer");
            return;
        }
        Proposal suite = chosen.get().suite();
        long peerSpi = chosen.get().spi().i64(0);
        try {
            Secret shared = KeyExchange.of(group).agree(rekey.keyExchange().pair(), ke.data());
            IkeKeys keys = Keys.successor(turn.ikeSa(), suite, shared, rekey.nonce(), theirNonce, rekey.spi(), peerSpi);
            turn.wipe(shared);
            IkeSa fresh =
                    new IkeSa(rekey.spi(), peerSpi, true, suite, keys, 0, Window.FRESH, turn.ikeSa().fragmentation(), turn.ikeSa().ppk());
            choose(turn, rekey, fresh, Collisions.lower(rekey.nonce(), theirNonce));
        } catch (InvalidKeyExchange invalid) {
            unusable(turn, rekey, "the peer's key exchange is invalid: " + invalid.getMessage());
        }
    }

    /**
     * Section 2.8.2: "The new IKE SA containing the lowest nonce SHOULD be deleted by the node that created it, and the other
     * surviving new IKE SA MUST inherit all the Child SAs." Whoever made the surviving one deletes the old one.
     */
    private static void choose(Turn turn, Exchange.RekeyIke rekey, IkeSa fresh, Bytes lowerNonce) {
        IkeSa old = turn.ikeSa();
        Optional<Rival> rival = rekey.rival();
        if (rival.isPresent() && Collisions.isLower(lowerNonce, rival.get().lowerNonce())) {
            take(turn, rival.get(), "as the peer rekeyed it: both did, and our exchange has the lowest nonce");
            Retirement.delete(turn, fresh);
        } else {
            replace(turn, fresh, "rekeyed the IKE SA with " + fresh.suite());
            Retirement.delete(turn, old);
            rival.ifPresent(other -> Retirement.await(turn, other.sa()));
        }
    }

    /** The answer is of no use; the peer's own successor is, if there is one. */
    private static void unusable(Turn turn, Exchange.RekeyIke rekey, String reason) {
        rekey.rival().ifPresentOrElse(other -> take(turn, other, "as the peer rekeyed it: " + reason), () -> failed(turn, reason));
    }

    private static void failed(Turn turn, String reason) {
        turn.emit(new Event.Remark("rekeying the IKE SA failed, and is tried again: " + reason));
        turn.queueIn(retryIn(turn), new Task.RekeyIke());
    }

    // ---- responder

    static void respond(Turn turn, List<Payload> payloads) {
        Verdict verdict = Collisions.judge(new Asked.RekeyIke(), turn.session());
        if (verdict == Verdict.NOT_NOW) {
            throw new Refusal(Notify.TEMPORARY_FAILURE, "wants to rekey the IKE SA while we are about " + Pending.of(turn.session()));
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
            IkeSa fresh = new IkeSa(peerSpi, spi, false, chosen.suite(), keys, 0, Window.FRESH, old.fragmentation(), old.ppk());
            if (verdict == Verdict.COMPARE_LATER) {
                noteRival(turn, new Rival(fresh, Collisions.lower(theirNonce, nonce)));
            } else {
                replace(turn, fresh, "rekeyed the IKE SA with " + fresh.suite() + ", as the peer asked");
                Retirement.await(turn, old);
            }
        } catch (InvalidKeyExchange invalid) {
            throw new Refusal(Notify.INVALID_SYNTAX, "its key exchange is invalid: " + invalid.getMessage());
        }
    }

    // ---- both at once

    /** Granted, as long as it is not known whose successor is the one; messages under it wait until then. */
    private static void noteRival(Turn turn, Rival rival) {
        IkeSa sa = turn.ikeSa();
        sa.window().outstanding().ifPresent(request -> {
            if (request.exchange() instanceof Exchange.RekeyIke ours) {
                ours.rival().ifPresent(before -> turn.afterwards(before.sa().keys()::wipe));
                turn.ikeSa(sa.withWindow(sa.window().withOutstanding(request.with(ours.against(rival)))));
            }
        });
    }

    /** Section 2.8.2: the peer deletes the old IKE SA without having noticed that we rekey it, and we "forget" our own attempt. */
    static void takeRival(Turn turn) {
        turn.ikeSa().window().outstanding().ifPresent(request -> {
            if (request.exchange() instanceof Exchange.RekeyIke ours && ours.rival().isPresent()) {
                turn.afterwards(ours.keyExchange().pair()::wipe);
                take(turn, ours.rival().get(), "as the peer rekeyed it");
            }
        });
    }

    private static void take(Turn turn, Rival rival, String how) {
        IkeSa old = turn.ikeSa();
        replace(turn, rival.sa(), "rekeyed the IKE SA with " + rival.sa().suite() + ", " + how);
        Retirement.await(turn, old);
    }

    private static void replace(Turn turn, IkeSa fresh, String story) {
        if (!(turn.session().phase() instanceof Established phase)) {
            throw new IllegalStateException("rekeying while " + turn.session().phase().label());
        }
        Session was = turn.session();
        turn.enter(new Established(fresh, phase.local(), phase.remote(), phase.user(), phase.since(), phase.inner(), phase.retired(), phase.term()), story);
        turn.emit(new Event.IkeRekeyed(was));
        schedule(turn);
    }

    private static Bytes octets(long spi) {
        return new ByteWriter(8).i64(spi).toBytes();
    }
}
