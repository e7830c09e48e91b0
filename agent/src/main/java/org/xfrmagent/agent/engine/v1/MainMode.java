package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
import org.xfrmagent.agent.engine.v1.Sealing.Opened;
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
import org.xfrmagent.agent.wire.v1.ProtocolId;
import org.xfrmagent.agent.wire.v1.SaPayload;
import org.xfrmagent.agent.wire.v1.VendorId;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.model.Identity;

/**
 * Phase 1 with identities protected (RFC 2409, sections 5.1 and 5.4; NAT-D: RFC 3947, section 3). PROOF is as {@link Proof} has it:
 *
 * <pre>
 *   HDR, SA, VID...                              -->     &lt;--  HDR, SA, VID...
 *   HDR, KE, Ni, [CR...], NAT-D, NAT-D           -->     &lt;--  HDR, KE, Nr, [CR...], NAT-D, NAT-D
 *   HDR*, IDii, PROOF, [N(INITIAL_CONTACT)]      -->     &lt;--  HDR*, IDir, PROOF
 * </pre>
 *
 * <p>Nothing the peer says before its proof is verified can end the session: what is wrong is dropped, and what is right may come yet.
 */
public final class MainMode {
    private static final IsakmpExchange EXCHANGE = IsakmpExchange.IDENTITY_PROTECTION;

    private MainMode() {}

    // ---- initiator

    /** Sends the first message of the session. */
    static void initiate(Turn turn, Profile profile, List<Wish> wishes) {
        List<Proposal> suites = Oakley.suites(profile.peer());
        if (suites.isEmpty()) {
            Ending.failed(turn, "none of the peer's proposals " + profile.peer().proposals() + " is one that IKEv1 can use");
            return;
        }
        Optional<AuthenticationMethod> method = Proof.method(turn, profile, true);
        if (method.isEmpty()) {
            Ending.failed(turn, Proof.lacking(turn, profile));
            return;
        }
        long cookie = turn.at().spi(turn.session().shard());
        SaPayload sa = Oakley.offer(profile.peer(), suites, method.get());
        List<Payload> payloads = new ArrayList<>();
        payloads.add(sa);
        payloads.add(VendorId.DEAD_PEER_DETECTION.payload());
        payloads.addAll(Fragments.announcement(profile.peer()));
        payloads.addAll(NatDetection.announcements());
        Bytes datagram = IsakmpCodec.encode(Phase1.header(EXCHANGE, cookie, 0), payloads);
        turn.enter(
                new PhaseV1.Offered(cookie, sa.body(), Retransmitting.send(turn, datagram), wishes), "sent the proposals of main mode");
    }

    /** <pre>  &lt;--  HDR, SA, VID...      HDR, KE, Ni, NAT-D, NAT-D  --&gt;  </pre> */
    static void chosen(Turn turn, PhaseV1.Offered phase, IsakmpHeader header, Chain chain) {
        Profile profile = Phase1.profile(turn);
        Choice choice = Proof.method(turn, profile, true)
                .flatMap(method -> Oakley.accept(profile.peer(), method, Grammar.required(chain, SaPayload.class)))
                .orElseThrow(() -> new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "chose a proposal that we did not offer"));
        if (header.responderCookie() == 0) {
            throw new Objection(NotifyType.INVALID_COOKIE, "answered without a cookie");
        }
        Agreed agreed = new Agreed(
                phase.cookie(), header.responderCookie(), List.of(profile), choice.suite(), choice.method(), phase.sa(),
                VendorId.DEAD_PEER_DETECTION.in(chain), NatDetection.best(chain), choice.lifetime(), choice.shortened());
        Fragments.agree(turn, profile.peer(), chain);
        Ephemeral half = Phase1.half(turn, choice.suite());
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        Bytes datagram = IsakmpCodec.encode(
                Phase1.header(EXCHANGE, agreed.initiatorCookie(), agreed.responderCookie()),
                keyExchange(turn, agreed, half, nonce, true));
        turn.enter(
                new PhaseV1.Exchanging(agreed, half, nonce, Retransmitting.send(turn, datagram), phase.wishes()),
                "agreed on " + choice.suite());
    }

    private static List<Payload> keyExchange(Turn turn, Agreed agreed, Ephemeral half, Bytes nonce, boolean initiating) {
        List<Payload> payloads = new ArrayList<>();
        payloads.add(new KePayload(half.pair().publicValue()));
        payloads.add(new NoncePayload(nonce));
        payloads.addAll(Proof.requests(turn, agreed.candidates(), agreed.method(), initiating));
        payloads.addAll(NatDetection.hashes(agreed, turn.session().path()));
        return payloads;
    }

    /** <pre>  &lt;--  HDR, KE, Nr, [CR...], NAT-D, NAT-D      HDR*, IDii, PROOF  --&gt;  </pre> */
    static void exchanged(Turn turn, PhaseV1.Exchanging phase, Chain chain) {
        Agreed agreed = phase.agreed();
        Profile profile = agreed.profile();
        Path path = turn.session().path();
        Identity local = Identities.local(profile, path);
        Optional<Secret> psk = psk(turn, profile);
        if (psk.isEmpty() && agreed.method().isPreShared()) {
            Ending.failed(turn, "no pre-shared key for " + local + " and " + Identities.expected(profile, path));
            return;
        }
        Bytes theirNonce = Grammar.required(chain, NoncePayload.class).data();
        Bytes theirs = Grammar.required(chain, KePayload.class).data();
        IsakmpSa sa = Phase1.sa(turn, agreed, true, phase.half(), theirs, psk, phase.nonce(), theirNonce);
        turn.afterwards(phase.half().pair()::wipe);
        NatDetection.accept(turn, agreed, chain);
        Phase1.moveToNatTraversalPort(turn);
        Bytes ours = phase.half().pair().publicValue();
        Material material = new Material(agreed.sa(), ours, theirs);
        IdPayload id = Identities.payload(local);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(id);
        payloads.addAll(Proof.ours(turn, profile, sa, material, id.body(), Proof.asked(chain)));
        if (turn.session().firstContact()) {
            payloads.add(NotificationPayload.of(ProtocolId.ISAKMP, sa.cookies(), NotifyType.INITIAL_CONTACT, Bytes.empty()));
        }
        Sealed sealed = Phase1.seal(EXCHANGE, sa, Sealing.cipher(sa.suite()).firstIv(ours, theirs), payloads);
        turn.enter(
                new PhaseV1.Identifying(
                        sa, material, sealed.lastBlock(), Retransmitting.send(turn, sealed.datagram()), phase.wishes()),
                "sent our identity " + local);
    }

    /** <pre>  &lt;--  HDR*, IDir, PROOF  </pre> */
    static void concluded(Turn turn, PhaseV1.Identifying phase, Opened opened) throws Unauthentic {
        Profile profile = Phase1.profile(turn);
        Identity remote = Identities.identity(Grammar.required(opened.chain(), IdPayload.class));
        Optional<List<Bytes>> certificates = Proof.verify(
                turn, Optional.of(profile), phase.sa(), phase.material(), opened.chain().bodyOf(IdPayload.class).orElseThrow(), remote,
                opened.chain());
        Identity local = Identities.local(profile, turn.session().path());
        if (!remote.matches(profile.peer().remote().id())) {
            Ending.failed(turn, "the peer says it is " + remote + ", the policy expects " + profile.peer().remote().id());
            return;
        }
        Vetting.begin(
                turn,
                new PhaseV1.Vetting(
                        profile, phase.sa().withLastBlock(opened.lastBlock()), local, remote, Optional.empty(), initialContact(opened),
                        phase.wishes(), List.of(), turn.now() + Constants.HALF_OPEN_MILLIS),
                certificates);
    }

    /** It has the keys of this exchange, so it is who answered; that is as good as its silence, and better to know. */
    static void refused(Turn turn, PhaseV1.Identifying phase, Received received) throws Unauthentic {
        Chain chain = received.opened().chain();
        Sealing.verify1(phase.sa(), received.header().messageId(), chain);
        Optional<NotificationPayload> error =
                chain.all(NotificationPayload.class).stream().filter(NotificationPayload::isError).findFirst();
        if (error.isPresent()) {
            Ending.failed(turn, "the peer does not let us in: " + NotifyType.nameOf(error.get().type()));
        }
    }

    // ---- responder

    /**
     * Answers a first message. Before this returns nothing was stored; when it throws nothing is.
     *
     * @param candidates the peers that may call from there, the most exactly described first
     * @throws Objection if none of them has a proposal in common with the caller
     */
    public static void respond(Turn turn, IsakmpHeader header, Chain chain, Bytes datagram, List<Profile> candidates) {
        SaPayload offer = Grammar.required(chain, SaPayload.class);
        List<Profile> suitable = candidates.stream().filter(profile -> choose(turn, profile, offer).isPresent()).toList();
        if (suitable.isEmpty()) {
            throw new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "offers nothing that the policies allow it: "
                    + candidates.stream().map(profile -> profile.name() + " " + Oakley.suites(profile.peer())).toList());
        }
        Profile profile = suitable.getFirst();
        Choice choice = choose(turn, profile, offer).orElseThrow();
        if (choice.method().isPreShared() && psk(turn, profile).isEmpty()) {
            throw new Objection(NotifyType.NO_PROPOSAL_CHOSEN, "calls, and there is no pre-shared key for peer " + profile.name());
        }
        NatTraversal natTraversal = NatDetection.best(chain);
        List<Profile> alike = suitable.stream().filter(other -> choose(turn, other, choice.answer()).isPresent()).toList();
        Agreed agreed = new Agreed(
                header.initiatorCookie(), turn.at().spi(turn.session().shard()), alike, choice.suite(), choice.method(),
                chain.bodyOf(SaPayload.class).orElseThrow(), VendorId.DEAD_PEER_DETECTION.in(chain), natTraversal, choice.lifetime(), choice.shortened());
        List<Payload> payloads = new ArrayList<>();
        payloads.add(choice.answer());
        payloads.add(VendorId.DEAD_PEER_DETECTION.payload());
        payloads.addAll(Fragments.answer(profile.peer(), chain));
        payloads.addAll(Phase1.forUsers(profile, chain));
        payloads.addAll(NatDetection.answer(natTraversal, chain));
        Bytes reply = IsakmpCodec.encode(Phase1.header(EXCHANGE, agreed.initiatorCookie(), agreed.responderCookie()), payloads);
        turn.enter(
                new PhaseV1.Chosen(agreed, new Answer(datagram, reply), turn.now() + Constants.HALF_OPEN_MILLIS),
                "answered main mode with " + choice.suite());
        turn.send(List.of(reply));
        Fragments.agree(turn, profile.peer(), chain);
    }

    private static Optional<Choice> choose(Turn turn, Profile profile, SaPayload offer) {
        return Proof.method(turn, profile, false).flatMap(method -> Oakley.choose(profile.peer(), method, offer));
    }

    /** <pre>  HDR, KE, Ni, [CR...], NAT-D, NAT-D  --&gt;      &lt;--  HDR, KE, Nr, [CR...], NAT-D, NAT-D  </pre> */
    static void keyed(Turn turn, PhaseV1.Chosen phase, Chain chain, Bytes datagram) {
        Agreed agreed = phase.agreed();
        Optional<Secret> psk = psk(turn, agreed.profile());
        if (psk.isEmpty() && agreed.method().isPreShared()) {
            throw new Objection(NotifyType.AUTHENTICATION_FAILED, "has no pre-shared key any more");
        }
        Bytes theirNonce = Grammar.required(chain, NoncePayload.class).data();
        Bytes theirs = Grammar.required(chain, KePayload.class).data();
        Ephemeral half = Phase1.half(turn, agreed.suite());
        Bytes nonce = turn.at().random(Constants.NONCE_OCTETS);
        IsakmpSa sa = Phase1.sa(turn, agreed, false, half, theirs, psk, nonce, theirNonce);
        turn.afterwards(half.pair()::wipe);
        NatDetection.accept(turn, agreed, chain);
        Bytes ours = half.pair().publicValue();
        Bytes reply = IsakmpCodec.encode(
                Phase1.header(EXCHANGE, agreed.initiatorCookie(), agreed.responderCookie()),
                keyExchange(turn, agreed, half, nonce, false));
        turn.enter(
                new PhaseV1.Keyed(
                        agreed, sa, new Material(agreed.sa(), ours, theirs), Sealing.cipher(agreed.suite()).firstIv(theirs, ours),
                        Proof.asked(chain), new Answer(datagram, reply), phase.deadline()),
                "exchanged keys");
        Fragments.send(turn, reply);
    }

    /** <pre>  HDR*, IDii, PROOF  --&gt;      &lt;--  HDR*, IDir, PROOF  </pre> */
    static void identified(Turn turn, PhaseV1.Keyed phase, Received received) throws Unauthentic {
        Opened opened = received.opened();
        Chain chain = opened.chain();
        Identity remote = Identities.identity(Grammar.required(chain, IdPayload.class));
        Optional<Profile> found = phase.agreed().candidates().stream()
                .filter(candidate -> remote.matches(candidate.peer().remote().id()))
                .filter(candidate -> !phase.sa().method().isPreShared()
                        || psk(turn, candidate).equals(psk(turn, phase.agreed().profile())))
                .min(Comparator.comparing(candidate -> candidate.peer().remote().id().isPattern()));
        Optional<List<Bytes>> certificates = Proof.verify(
                turn, found, phase.sa(), phase.material(), chain.bodyOf(IdPayload.class).orElseThrow(), remote, chain);
        if (found.isEmpty()) {
            Ending.failed(turn, "the peer says it is " + remote + ", which no peer in the policies "
                    + (phase.sa().method().isPreShared() ? "with that pre-shared key" : "that authenticates itself so") + " is");
            return;
        }
        // RFC 3947, section 4: the initiator has moved to port 4500 if it saw a NAT, and waits for our answer there.
        turn.change(session -> session.withPath(received.path()));
        Identity local = Identities.local(found.get(), turn.session().path());
        IdPayload id = Identities.payload(local);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(id);
        List<Bytes> asked = Stream.concat(phase.asked().stream(), Proof.asked(chain).stream()).toList();
        payloads.addAll(Proof.ours(turn, found.get(), phase.sa(), phase.material(), id.body(), asked));
        Sealed sealed = Phase1.seal(EXCHANGE, phase.sa(), opened.lastBlock(), payloads);
        Closing closing = new Closing(new Answer(received.datagram(), sealed.datagram()), sealed.lastBlock());
        Vetting.begin(
                turn,
                new PhaseV1.Vetting(
                        found.get(), phase.sa().withLastBlock(opened.lastBlock()), local, remote, Optional.of(closing),
                        initialContact(opened), List.of(), List.of(), phase.deadline()),
                certificates);
    }

    // ---- both

    /** By the addresses: the identities come later, and encrypted with what the key gives. */
    private static Optional<Secret> psk(Turn turn, Profile profile) {
        Path path = turn.session().path();
        return Proof.psk(turn, Identities.local(profile, path), Identities.expected(profile, path));
    }

    private static boolean initialContact(Opened opened) {
        return opened.chain().notification(NotifyType.INITIAL_CONTACT).isPresent();
    }
}
