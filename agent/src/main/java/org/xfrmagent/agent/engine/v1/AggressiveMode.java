package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.engine.core.ChildOffer.Ephemeral;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.IsakmpSa.NatTraversal;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.PhaseV1;
import org.xfrmagent.agent.engine.core.PhaseV1.Agreed;
import org.xfrmagent.agent.engine.core.PhaseV1.Answer;
import org.xfrmagent.agent.engine.core.PhaseV1.Material;
import org.xfrmagent.agent.engine.core.PhaseV1.Vetting.Closing;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.engine.v1.Oakley.Choice;
import org.xfrmagent.agent.engine.v1.Sealing.Sealed;
import org.xfrmagent.agent.engine.v1.Transitions.Received;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.IdPayload;
import org.xfrmagent.agent.wire.v1.IsakmpCodec;
import org.xfrmagent.agent.wire.v1.IsakmpExchange;
import org.xfrmagent.agent.wire.v1.IsakmpHeader;
import org.xfrmagent.agent.wire.v1.KePayload;
import org.xfrmagent.agent.wire.v1.NoncePayload;
import org.xfrmagent.agent.wire.v1.NotificationPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.VendorId;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.algorithm.TransformType;
import org.xfrmagent.policies.model.Identity;

/**
 * Phase 1 in three messages; the peer, and with it its pre-shared key, is chosen by its identity, so that the initiator may be anywhere
 * (RFC 2409, sections 5.1 and 5.4; NAT-D: RFC 3947, section 3). PROOF is as {@link Proof} has it:
 *
 * <pre>
 *   HDR, SA, KE, Ni, IDii, [CR...], VID...               -->
 *                        &lt;--  HDR, SA, KE, Nr, IDir, [CR...], PROOF, VID..., NAT-D, NAT-D
 *   HDR*, PROOF, NAT-D, NAT-D, [N(INITIAL_CONTACT)]      -->
 * </pre>
 *
 * <p>The identities go in the clear, and PROOF goes to anybody who names one: whoever reads a HASH_R tries pre-shared keys at leisure. So
 * a policy has to say that this is accepted; a signature gives nothing away.
 */
public final class AggressiveMode {
    private static final IsakmpExchange EXCHANGE = IsakmpExchange.AGGRESSIVE;

    private AggressiveMode() {}

    // ---- initiator

    /** Sends the first message of the session. */
    static void initiate(Turn turn, Profile profile, List<Wish> wishes) {
        Path path = turn.session().path();
        List<Proposal> suites = Oakley.suitesOfOneGroup(profile.peer());
        if (suites.isEmpty()) {
            Ending.failed(turn, "none of the peer's proposals " + profile.peer().proposals() + " is one that IKEv1 can use");
            return;
        }
        Identity local = Identities.local(profile, path);
        Identity expected = profile.peer().remote().id();
        Optional<AuthenticationMethod> method = Proof.method(turn, profile, true);
        if (method.isEmpty()) {
            Ending.failed(turn, Proof.lacking(turn, profile));
            return;
        }
        if (method.get().isPreShared() && !expected.isPattern() && Proof.psk(turn, local, expected).isEmpty()) {
            Ending.failed(turn, "no pre-shared key for " + local + " and " + expected);
            return;
        }
        long cookie = turn.at().spi(turn.session().shard());
        SaPayload sa = Oakley.offer(profile.peer(), suites, method.get());
        Ephemeral half = Phase1.half(turn, suites.getFirst());
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(sa);
        payloads.add(new KePayload(half.pair().publicValue()));
        payloads.add(new NoncePayload(nonce));
        payloads.add(Identities.payload(local));
        payloads.addAll(Proof.requests(turn, List.of(profile), method.get(), true));
        payloads.add(VendorId.DEAD_PEER_DETECTION.payload());
        payloads.addAll(Fragments.announcement(profile.peer()));
        payloads.addAll(NatDetection.announcements());
        Bytes datagram = IsakmpCodec.encode(Phase1.header(EXCHANGE, cookie, 0), payloads);
        turn.enter(
                new PhaseV1.Introduced(cookie, sa.body(), half, nonce, local, Retransmitting.send(turn, datagram), wishes),
                "sent the proposals of aggressive mode and our identity " + local);
    }

    /** <pre>  &lt;--  HDR, SA, KE, Nr, IDir, [CR...], PROOF, VID..., NAT-D, NAT-D      HDR*, PROOF, NAT-D, NAT-D  --&gt;  </pre> */
    static void concluded(Turn turn, PhaseV1.Introduced phase, Received received) throws Unauthentic {
        Chain chain = received.opened().chain();
        Profile profile = Phase1.profile(turn);
        Choice choice = Proof.method(turn, profile, true)
                .flatMap(method -> Oakley.accept(profile.peer(), method, Grammar.required(chain, SaPayload.class)))
                .filter(chosen -> Oakley.one(chosen.suite(), TransformType.KE).equals(phase.half().group()))
                .orElseThrow(() -> new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "chose a proposal that we did not offer"));
        if (received.header().responderCookie() == 0) {
            throw new Objection(NotifyType.INVALID_COOKIE, "answered without a cookie");
        }
        Identity remote = expected(profile, chain);
        Optional<Secret> psk = Proof.psk(turn, phase.local(), remote);
        if (psk.isEmpty() && choice.method().isPreShared()) {
            throw new Objection(
                    NotifyType.AUTHENTICATION_FAILED, "says it is " + remote + ", for whom and " + phase.local() + " there is no pre-shared key");
        }
        Agreed agreed = new Agreed(
                phase.cookie(), received.header().responderCookie(), List.of(profile), choice.suite(), choice.method(), phase.sa(),
                VendorId.DEAD_PEER_DETECTION.in(chain), NatDetection.best(chain), choice.lifetime(), choice.shortened());
        Bytes theirs = Grammar.required(chain, KePayload.class).data();
        Bytes ours = phase.half().pair().publicValue();
        IsakmpSa sa = Phase1.sa(
                turn, agreed, true, phase.half(), theirs, psk, phase.nonce(), Grammar.required(chain, NoncePayload.class).data());
        Material material = new Material(agreed.sa(), ours, theirs);
        Optional<List<Bytes>> certificates = verify(turn, profile, sa, material, remote, chain);
        turn.afterwards(phase.half().pair()::wipe);
        NatDetection.accept(turn, agreed, chain);
        Fragments.agree(turn, profile.peer(), chain);
        Phase1.moveToNatTraversalPort(turn);
        Sealed sealed = Phase1.seal(
                EXCHANGE, sa, Sealing.cipher(sa.suite()).firstIv(ours, theirs), proof(turn, agreed, sa, material, phase.local(), Proof.asked(chain)));
        Closing closing = new Closing(new Answer(received.datagram(), sealed.datagram()), sealed.lastBlock());
        Vetting.begin(
                turn,
                new PhaseV1.Vetting(
                        profile, sa, phase.local(), remote, Optional.of(closing), false, phase.wishes(), List.of(),
                        turn.now() + Constants.HALF_OPEN_MILLIS),
                certificates);
    }

    private static List<Payload> proof(
            Turn turn, Agreed agreed, IsakmpSa sa, Material material, Identity local, List<Bytes> asked) {
        List<Payload> payloads = new ArrayList<>(
                Proof.ours(turn, agreed.profile(), sa, material, Identities.payload(local).body(), asked));
        payloads.addAll(NatDetection.hashes(agreed, turn.session().path()));
        if (turn.session().firstContact()) {
            payloads.add(NotificationPayload.of(ProtocolId.ISAKMP, sa.cookies(), NotifyType.INITIAL_CONTACT, Bytes.empty()));
        }
        return payloads;
    }

    /** R13: whom we do not look for gets no proof of ours. It may be a stranger who answered first, so we go on waiting. */
    private static Identity expected(Profile profile, Chain chain) throws Unauthentic {
        Identity remote = Identities.identity(Grammar.required(chain, IdPayload.class));
        if (!remote.matches(profile.peer().remote().id())) {
            throw new Unauthentic("the peer says it is " + remote + ", the policy expects " + profile.peer().remote().id());
        }
        return remote;
    }

    private static Optional<List<Bytes>> verify(
            Turn turn, Profile profile, IsakmpSa sa, Material material, Identity remote, Chain chain) throws Unauthentic {
        try {
            return Proof.verify(
                    turn, Optional.of(profile), sa, material, chain.bodyOf(IdPayload.class).orElseThrow(), remote, chain);
        } catch (Unauthentic unauthentic) {
            sa.keys().wipe();
            throw unauthentic;
        }
    }

    // ---- responder

    /**
     * Answers a first message. Which peer it is about is decided by the identity before anything is computed or stored (R4, R5); when
     * this throws nothing is.
     *
     * @param candidates the peers that may call from there, the most exactly described first
     * @throws Objection if none of them is who calls, or has a pre-shared key and a proposal in common with it
     */
    public static void respond(Turn turn, IsakmpHeader header, Chain chain, Bytes datagram, List<Profile> candidates) {
        Grammar.check(chain, Set.of(PayloadType.SA, PayloadType.KE, PayloadType.NONCE, PayloadType.ID), Set.of());
        Identity remote = Identities.identity(Grammar.required(chain, IdPayload.class));
        SaPayload offer = Grammar.required(chain, SaPayload.class);
        Profile profile = choose(turn, candidates, remote, offer);
        Choice choice = choose(turn, profile, offer).orElseThrow();
        if (!choice.method().isPreShared() && Proof.isInToken(turn, profile)) {
            // R4: in main mode it signs only for those who have shown who they are.
            throw new Objection(
                    NotifyType.NO_PROPOSAL_CHOSEN, "calls in aggressive mode, in which the token of peer " + profile.name()
                            + " would have to sign for whoever calls: with a token only main mode is answered");
        }
        Path path = turn.session().path();
        Identity local = Identities.local(profile, path);
        Optional<Secret> psk = Proof.psk(turn, local, remote);
        if (psk.isEmpty() && choice.method().isPreShared()) {
            throw new Objection(
                    NotifyType.NO_PROPOSAL_CHOSEN, "calls as " + remote + ", and there is no pre-shared key for it and " + local);
        }
        NatTraversal natTraversal = NatDetection.best(chain);
        boolean deadPeerDetection = VendorId.DEAD_PEER_DETECTION.in(chain);
        Agreed agreed = new Agreed(
                header.initiatorCookie(), turn.at().spi(turn.session().shard()), List.of(profile), choice.suite(), choice.method(),
                chain.bodyOf(SaPayload.class).orElseThrow(), deadPeerDetection, natTraversal, choice.lifetime(), choice.shortened());
        Ephemeral half = Phase1.half(turn, choice.suite());
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        Bytes theirs = Grammar.required(chain, KePayload.class).data();
        Bytes ours = half.pair().publicValue();
        IsakmpSa sa = Phase1.sa(turn, agreed, false, half, theirs, psk, nonce, Grammar.required(chain, NoncePayload.class).data());
        turn.afterwards(half.pair()::wipe);
        Material material = new Material(agreed.sa(), ours, theirs);
        IdPayload id = Identities.payload(local);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(choice.answer());
        payloads.add(new KePayload(ours));
        payloads.add(new NoncePayload(nonce));
        payloads.add(id);
        payloads.addAll(Proof.requests(turn, List.of(profile), choice.method(), false));
        payloads.addAll(Proof.ours(turn, profile, sa, material, id.body(), Proof.asked(chain)));
        // Only what was asked for: the answer goes to an address that may be another's (R20).
        if (deadPeerDetection) {
            payloads.add(VendorId.DEAD_PEER_DETECTION.payload());
        }
        payloads.addAll(Fragments.answer(profile.peer(), chain));
        payloads.addAll(Phase1.forUsers(profile, chain));
        payloads.addAll(NatDetection.answer(natTraversal, chain));
        payloads.addAll(NatDetection.hashes(agreed, path));
        Bytes reply = IsakmpCodec.encode(Phase1.header(EXCHANGE, agreed.initiatorCookie(), agreed.responderCookie()), payloads);
        turn.enter(
                new PhaseV1.Vouched(
                        agreed, sa, material, Sealing.cipher(sa.suite()).firstIv(theirs, ours), local, remote,
                        chain.bodyOf(IdPayload.class).orElseThrow(), new Answer(datagram, reply), turn.now() + Constants.HALF_OPEN_MILLIS),
                "answered aggressive mode of " + remote + " with " + choice.suite());
        Fragments.agree(turn, profile.peer(), chain);
        Fragments.send(turn, reply);
    }

    /** Who is named beats who is one of many. */
    private static Profile choose(Turn turn, List<Profile> candidates, Identity remote, SaPayload offer) {
        List<Profile> named = candidates.stream()
                .filter(profile -> remote.matches(profile.peer().remote().id()))
                .sorted(Comparator.comparing(profile -> profile.peer().remote().id().isPattern()))
                .toList();
        if (named.isEmpty()) {
            throw new Objection(
                    NotifyType.INVALID_ID_INFORMATION, "calls as " + remote + ", which no peer with aggressive mode of that address is");
        }
        return named.stream()
                .filter(profile -> choose(turn, profile, offer).isPresent())
                .findFirst()
                .orElseThrow(() -> new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "offers nothing that the policies allow it: "
                        + named.stream().map(profile -> profile.name() + " " + Oakley.suites(profile.peer())).toList()));
    }

    private static Optional<Choice> choose(Turn turn, Profile profile, SaPayload offer) {
        return Proof.method(turn, profile, false).flatMap(method -> Oakley.choose(profile.peer(), method, offer));
    }

    /** <pre>  HDR[*], PROOF, NAT-D, NAT-D, [N(INITIAL_CONTACT)]  --&gt;  </pre> */
    static void authenticated(Turn turn, PhaseV1.Vouched phase, Received received) throws Unauthentic {
        Chain chain = received.opened().chain();
        Profile profile = phase.agreed().profile();
        Optional<List<Bytes>> certificates =
                Proof.verify(turn, Optional.of(profile), phase.sa(), phase.material(), phase.id(), phase.remote(), chain);
        // RFC 3947, section 4: the initiator has moved to port 4500 if it saw a NAT.
        turn.change(session -> session.withPath(received.path()));
        NatDetection.accept(turn, phase.agreed(), chain);
        // In the clear anybody may have added that nothing else is up, and phase 2 begins with phase 1's first IV.
        boolean encrypted = received.header().encrypted();
        Vetting.begin(
                turn,
                new PhaseV1.Vetting(
                        profile, phase.sa().withLastBlock(encrypted ? received.opened().lastBlock() : phase.iv()), phase.local(),
                        phase.remote(), Optional.empty(), encrypted && chain.notification(NotifyType.INITIAL_CONTACT).isPresent(),
                        List.of(), List.of(), phase.deadline()),
                certificates);
    }
}
