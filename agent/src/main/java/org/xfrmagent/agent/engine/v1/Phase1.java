package org.xfrmagent.agent.engine.v1;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.InvalidKeyExchange;
import org.xfrmagent.agent.crypto.IsakmpKeySchedule;
import org.xfrmagent.agent.crypto.IsakmpKeys;
import org.xfrmagent.agent.crypto.KeyExchange;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Agreed;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Settings.Ports;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.VendorId;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;

/** What main and aggressive mode do alike: messages, keys, and how an ISAKMP SA comes up (RFC 2409, section 5). */
final class Phase1 {
    private Phase1() {}

    static Profile profile(Turn turn) {
        return turn.session().profile().orElseThrow(() -> new IllegalStateException("a session whose peer is not known yet"));
    }

    // ---- messages

    static IsakmpHeader header(IsakmpExchange exchange, long initiatorCookie, long responderCookie) {
        return IsakmpHeader.of(initiatorCookie, responderCookie, exchange, false, 0);
    }

    static Sealed seal(IsakmpExchange exchange, IsakmpSa sa, Bytes iv, List<Payload> payloads) {
        return Sealing.seal(sa, exchange, 0, iv, IsakmpCodec.firstType(payloads), IsakmpCodec.encodeChain(payloads));
    }

    /** What a gateway for users says it can do, to those that say so too. */
    static List<Payload> forUsers(Profile profile, Chain offered) {
        return Proof.isUser(profile.peer().remote())
                ? Stream.of(VendorId.XAUTH, VendorId.UNITY).filter(id -> id.in(offered)).<Payload>map(VendorId::payload).toList()
                : List.of();
    }

    /** RFC 3947, section 4: once a NAT is seen, the initiator sends everything else from and to port 4500. */
    static void moveToNatTraversalPort(Turn turn) {
        Path path = turn.session().path();
        Ports ports = turn.session().settings().ports();
        if (turn.session().nat().any() && path.localPort() != ports.natTraversal()) {
            turn.change(session -> session.withPath(path.withPorts(ports.natTraversal(), ports.natTraversal())));
        }
    }

    // ---- keys

    static Ephemeral half(Turn turn, Proposal suite) {
        var group = Oakley.one(suite, TransformType.KE);
        return new Ephemeral(group, KeyExchange.of(group).generate(turn.at().entropy()));
    }

    /** @param psk empty where the method has none */
    static IsakmpSa sa(
            Turn turn, Agreed agreed, boolean initiator, Ephemeral half, Bytes theirs, Optional<Secret> psk, Bytes ourNonce,
            Bytes theirNonce) {
        Prf prf = Sealing.prf(agreed.suite());
        try {
            Secret shared = KeyExchange.of(half.group()).agree(half.pair(), theirs);
            Secret skeyid = Proof.skeyid(
                    agreed.method(), prf, psk, initiator ? ourNonce : theirNonce, initiator ? theirNonce : ourNonce, shared);
            IsakmpKeys keys = IsakmpKeySchedule.keys(
                    prf, skeyid, shared, agreed.initiatorCookie(), agreed.responderCookie(),
                    Oakley.one(agreed.suite(), TransformType.ENCR));
            turn.wipe(shared);
            turn.unlessTaken(() -> {
                shared.wipe();
                keys.wipe();
            });
            return new IsakmpSa(
                    agreed.initiatorCookie(), agreed.responderCookie(), initiator, agreed.suite(), agreed.method(), keys,
                    Bytes.empty(),
                    agreed.deadPeerDetection(), agreed.natTraversal(), agreed.lifetime(), agreed.shortened());
        } catch (InvalidKeyExchange invalid) {
            throw new Objection(NotifyType.INVALID_KEY_INFORMATION, "sent an invalid key exchange: " + invalid.getMessage());
        }
    }

    // ---- the end

    /**
     * Phase 1 has proven who both are. Where the peer is a user, its password is still to come.
     *
     * @param initialContact whether the peer has said that it knows of no other SA with us, in a message that was encrypted
     */
    static void done(
            Turn turn, IsakmpSa sa, Identity local, Identity remote, Optional<Answer> answer, boolean initialContact) {
        PhaseV1.Up up = fresh(turn, sa, local, remote, answer);
        Peer peer = profile(turn).peer();
        if (Proof.isUser(peer.remote())) {
            Xauth.ask(turn, up, initialContact);
        } else if (Proof.isUser(peer.local())) {
            XauthUser.await(turn, up, initialContact);
        } else {
            ModeConfigClient.begin(turn, up, initialContact, "authenticated " + remote + " as " + local);
        }
    }

    static PhaseV1.Up fresh(Turn turn, IsakmpSa sa, Identity local, Identity remote, Optional<Answer> answer) {
        return new PhaseV1.Up(
                sa, local, remote, turn.now(), answer, List.of(), List.of(), Optional.empty(), turn.at().random(3).u16(0),
                PhaseV1.Renewal.NOT_YET, Optional.empty(), Optional.empty());
    }

    static void up(Turn turn, PhaseV1.Up up, boolean initialContact, String story) {
        turn.enter(up, story);
        turn.change(session -> session.heardAt(turn.now()));
        renewInTime(turn);
        turn.emit(new Event.IkeUp(initialContact));
        if (!up.sa().initiator() && up.sa().shortened() && !Proof.isUser(profile(turn).peer().remote())) {
            InformationalV1.responderLifetime(turn);
        }
        ModeConfig.begin(turn);
    }

    /** Sees to it that there is another phase 1 before this one is over. */
    static void renewInTime(Turn turn) {
        // A user's client has to show the password again, and does not expect us to call: it does phase 1 anew, or comes to its end.
        if (!Proof.isUser(profile(turn).peer().remote())) {
            renewAt(turn, QuickMode.up(turn).sa()).ifPresent(millis -> turn.queueIn(millis, new Task.RekeyIke()));
        }
    }

    /** Our own limit with its jitter, but in time before what was agreed; the initiator first, so that not both begin. */
    private static OptionalLong renewAt(Turn turn, IsakmpSa sa) {
        return turn.session().profile().stream()
                .map(profile -> profile.peer().ikeLifetimes())
                .mapToLong(lifetimes -> {
                    long agreed = sa.lifetime() * (sa.initiator() ? 900 : 950);
                    long own = Math.round(lifetimes.seconds().soft(turn.at().entropy().nextDouble()) * 1000);
                    return own == 0 ? agreed : Math.min(own, agreed);
                })
                .findFirst();
    }
}
