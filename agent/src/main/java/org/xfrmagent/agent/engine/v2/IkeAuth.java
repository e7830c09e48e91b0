package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Exchange.Meanwhile;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.InnerAddresses;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Unique;

/**
 * Authentication and the first child (RFC 7296, sections 1.2 and 2.15):
 *
 * <pre>
 *   HDR, SK{IDi, [CERT+], [N(INITIAL_CONTACT)], [CERTREQ], [IDr], AUTH, [N(MOBIKE_SUPPORTED)], [CP], [N(USE_TRANSPORT_MODE)], SA, TSi, TSr}  -->
 *                     &lt;--  HDR, SK{IDr, [CERT+], AUTH, [N(MOBIKE_SUPPORTED)], [CP], [N(USE_TRANSPORT_MODE)], SA, TSi, TSr}
 *                or   &lt;--  HDR, SK{IDr, [CERT+], AUTH, N(why the child failed)}
 *                or   &lt;--  HDR, SK{N(AUTHENTICATION_FAILED)}
 * </pre>
 *
 * <p>Of a peer that shows a certificate its AUTH is verified first. Whether the certificate is the peer's takes time, since others may
 * have to be asked: nothing of the message counts before that is known, on either side.
 */
final class IkeAuth {
    private IkeAuth() {}

    // ---- initiator

    /** Keys are there; the first child's SPI is asked for, and IKE_AUTH leaves when it comes. */
    static void initiate(Turn turn) {
        Phase.Authenticating phase = authenticating(turn);
        Wish wish = phase.wishes().getFirst();
        Optional<ChildProfile> child = profile(turn).child(wish.policy());
        if (child.isEmpty()) {
            Ending.failed(turn, "the policy " + wish.policy() + " is gone");
            return;
        }
        Children.allocate(turn, child.get(), new Awaiting.SpiForOffer(wish, true, OptionalInt.empty()));
    }

    /** Keys are there, and every child will come by CREATE_CHILD_SA (RFC 6023, section 3). */
    static void initiateChildless(Turn turn) {
        send(turn, Optional.empty());
    }

    static void send(Turn turn, Wish wish, Result.SpiAllocated ours) {
        ChildProfile child = profile(turn).child(wish.policy()).orElseThrow(() -> new IllegalStateException("the policy is gone"));
        send(turn, Optional.of(Children.offer(
                turn, child, wish, ours, authenticating(turn).transcript().initiatorNonce(), Optional.empty(),
                OptionalInt.empty())));
    }

    private static void send(Turn turn, Optional<ChildOffer> offer) {
        Phase.Authenticating phase = authenticating(turn);
        Profile profile = profile(turn);
        Authentication authentication = authentication(turn, profile, phase.transcript(), profile.peer().remote().id());
        if (profile.peer().local().auth() == Auth.EAP) {
            send(turn, offer, authentication, List.of(), List.of());
            return;
        }
        if (profile.peer().local().hasSecondRound() && Payload.notification(authentication.first(), Notify.MULTIPLE_AUTH_SUPPORTED).isEmpty()) {
            Ending.failed(turn, "the peer lets nobody authenticate itself twice (RFC 4739), and our side has a user besides");
            return;
        }
        switch (authentication.ours(authentication.first())) {
            case Authentication.Ours.Lacking(String what) -> Ending.failed(turn, "no " + what);
            case Authentication.Ours.Ready(Proof proof) -> show(turn, offer, authentication, proof);
        }
    }

    private static void show(Turn turn, Optional<ChildOffer> offer, Authentication authentication, Proof proof) {
        try {
            List<Payload> plain = authentication.show(proof, id(Role.INITIATOR, authentication.local()));
            Optional<Authentication> mixed = Ppk.mixed(turn, authentication);
            send(turn, offer, authentication, mixed.map(own -> own.show(proof, id(Role.INITIATOR, own.local()))).orElse(plain),
                    mixed.map(own -> Ppk.tell(own.profile(), plain)).orElse(List.of()));
        } catch (Refusal unsigned) {
            Ending.failed(turn, "the peer " + unsigned.detail());
        }
    }

    /**
     * @param proof [CERT+], AUTH; empty if we want to show by EAP who we are
     * @param more what stands with it
     */
    private static void send(
            Turn turn, Optional<ChildOffer> offer, Authentication authentication, List<Payload> proof, List<Payload> more) {
        Profile profile = authentication.profile();
        Identity remote = authentication.remote();
        List<Payload> payloads = new ArrayList<>();
        payloads.add(id(Role.INITIATOR, authentication.local()));
        // In the order of appendix C.2: [CERT+], [N(INITIAL_CONTACT)], [CERTREQ], [IDr], AUTH.
        payloads.addAll(proof.subList(0, Math.max(0, proof.size() - 1)));
        if (turn.session().firstContact() && profile.peer().unique() != Unique.NEVER) {
            payloads.add(NotifyPayload.of(Notify.INITIAL_CONTACT));
        }
        payloads.addAll(Certificates.request(turn.session().settings().credentials(), List.of(profile)));
        if (!remote.isPattern()) {
            payloads.add(id(Role.RESPONDER, remote));
        }
        payloads.addAll(proof.subList(Math.max(0, proof.size() - 1), proof.size()));
        payloads.addAll(more);
        if (profile.peer().local().hasSecondRound()) {
            payloads.add(NotifyPayload.of(Notify.MULTIPLE_AUTH_SUPPORTED));
            payloads.add(NotifyPayload.of(Notify.ANOTHER_AUTH_FOLLOWS));
        }
        payloads.addAll(Mobike.offer(turn));
        payloads.addAll(Addresses.ask(turn, profile));
        offer.ifPresent(child -> payloads.addAll(Children.payloads(child, KeyExchangeUse.LEFT_OUT)));
        Requests.send(turn, ExchangeType.IKE_AUTH, new Exchange.Authenticate(offer), payloads);
    }

    /** Reads the answer: is this the peer that the policy means, and did it grant the child? */
    static void conclude(Turn turn, Exchange.Authenticate exchange, List<Payload> payloads) {
        Phase.Authenticating phase = authenticating(turn);
        Profile profile = profile(turn);
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        Optional<IdPayload> id = Payload.first(payloads, IdPayload.class);
        Optional<AuthPayload> auth = Payload.first(payloads, AuthPayload.class);
        if (id.isEmpty() || auth.isEmpty()) {
            Ending.failed(turn, error.isPresent()
                    ? "the peer answered IKE_AUTH with " + Notify.nameOf(error.get().type()) + hint(error.get(), turn, profile)
                    : "the peer's answer to IKE_AUTH has no identity or no AUTH");
            return;
        }
        Identity remote = identity(id.get());
        if (!remote.matches(profile.peer().remote().id())) {
            rejectResponder(turn, "the peer says it is " + remote + ", the policy expects " + profile.peer().remote().id());
            return;
        }
        Optional<String> objection = Ppk.conclude(turn, profile, phase.transcript(), payloads);
        if (objection.isPresent()) {
            rejectResponder(turn, objection.get());
            return;
        }
        switch (authentication(turn, profile, phase.transcript(), remote).theirs(id.get(), payloads)) {
            case Authentication.Theirs.Proven() -> believed(turn, exchange, remote, payloads);
            case Authentication.Theirs.Disproved(String why) -> rejectResponder(turn, why);
            case Authentication.Theirs.Claimed(List<Bytes> certificates) -> {
                turn.change(session -> session.withPhase(new Phase.Authenticating(
                        turn.ikeSa(), phase.transcript(), phase.wishes(), turn.now() + Constants.HALF_OPEN_MILLIS)));
                lookAt(turn, exchange, remote, certificates, payloads);
            }
        }
    }

    private static void lookAt(
            Turn turn, Exchange.Authenticate exchange, Identity remote, List<Bytes> certificates, List<Payload> payloads) {
        Job.VerifyChain job = chain(turn, remote, certificates);
        turn.start(job, new Awaiting.ChainOfResponder(job, exchange, payloads));
    }

    /** The certificates of the responder were looked at; {@code objection}: what is wrong with them. */
    static void verified(Turn turn, Awaiting.ChainOfResponder claimed, Optional<String> objection) {
        Job.VerifyChain job = claimed.job();
        if (isOutdated(turn, job)) {
            lookAt(turn, claimed.exchange(), job.remote(), job.certificates(), claimed.payloads());
        } else if (objection.isPresent()) {
            rejectResponder(turn, objection.get());
        } else {
            believed(turn, claimed.exchange(), job.remote(), claimed.payloads());
        }
    }

    /** The responder is who it says; what is left to show is ours, if EAP is to do that. */
    private static void believed(Turn turn, Exchange.Authenticate exchange, Identity remote, List<Payload> payloads) {
        if (profile(turn).peer().local().hasSecondRound()) {
            EapUser.introduce(turn, authenticating(turn), exchange, remote, payloads);
        } else if (profile(turn).peer().local().auth() == Auth.EAP) {
            EapUser.begin(turn, authenticating(turn), exchange, remote, payloads);
        } else {
            authenticated(turn, exchange, remote, payloads);
        }
    }

    /** Both sides are who they say. {@code payloads}: of the last answer. */
    static void authenticated(Turn turn, Exchange.Authenticate exchange, Identity remote, List<Payload> payloads) {
        Phase.Authenticating phase = authenticating(turn);
        Profile profile = profile(turn);
        Identity local = localIdentity(turn, profile);
        InnerAddresses inner = Addresses.accept(profile, payloads);
        if (Addresses.asks(profile) && inner.ours().isEmpty()) {
            leave(turn, DeletePayload.ikeSa(), "the gateway gave us no address" + Addresses.why(payloads));
            return;
        }
        turn.enter(new Phase.Established(phase.sa(), local, remote, Optional.empty(), turn.now(), inner, List.of()), "authenticated " + remote + " as " + local);
        RekeyIke.schedule(turn);
        Reauthentication.schedule(turn, profile);
        Reauthentication.obey(turn, payloads);
        turn.emit(new Event.IkeUp(false));
        Mobike.accept(turn, payloads);
        Addresses.take(turn, profile);
        phase.wishes().stream().skip(exchange.offer().isPresent() ? 1 : 0).forEach(wish -> turn.queue(new Task.CreateChild(wish)));
        exchange.offer().ifPresent(offer -> CreateChild.settle(
                turn, offer, Meanwhile.NOTHING, payloads, phase.transcript().initiatorNonce(), phase.transcript().responderNonce(), KeyExchangeUse.LEFT_OUT));
    }

    private static String hint(NotifyPayload error, Turn turn, Profile profile) {
        return error.is(Notify.AUTHENTICATION_FAILED)
                ? ": it does not accept " + localIdentity(turn, profile) + " with our "
                        + switch (profile.peer().local().auth()) {
                            case PUBKEY -> "certificate";
                            case EAP -> "user";
                            case PSK, XAUTH, HYBRID -> "pre-shared key";
                        } + ", or does not know that identity"
                : "";
    }

    /** Section 2.21.2: an initiator that cannot authenticate the responder says so in an exchange of its own, then ends. */
    static void rejectResponder(Turn turn, String reason) {
        leave(turn, NotifyPayload.of(Notify.AUTHENTICATION_FAILED), reason);
    }

    private static void leave(Turn turn, Payload word, String reason) {
        IkeSa sa = turn.ikeSa();
        turn.send(Sealing.seal(turn, ExchangeType.INFORMATIONAL, false, sa.window().nextRequest(), List.of(word)));
        Ending.failed(turn, reason);
    }

    // ---- responder

    /**
     * Who is it, and does it have the key? Then its child, if we have a policy for that.
     *
     * @throws Refusal with AUTHENTICATION_FAILED, after which the session ends
     */
    static void respond(Turn turn, Phase.HalfOpen phase, List<Payload> payloads) {
        claim(turn, phase, payloads, meant(turn, phase, payloads).getFirst());
    }

    /** The peers that the caller may be by its identity: first those whose way of proving it the caller has taken. */
    private static List<Profile> meant(Turn turn, Phase.HalfOpen phase, List<Payload> payloads) {
        Identity remote = identity(idInitiator(payloads));
        Optional<Identity> wanted = id(payloads, Role.RESPONDER).map(IkeAuth::identity);
        List<Profile> meant = phase.candidates().stream()
                .filter(candidate -> remote.matches(candidate.peer().remote().id()))
                .filter(candidate -> wanted.isEmpty() || wanted.get().matches(localIdentity(turn, candidate)))
                .sorted(Comparator.comparing(candidate -> !(Authentication.suits(candidate, payloads) && Eap.suits(candidate, payloads))))
                .toList();
        if (meant.isEmpty()) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, "says it is " + remote
                    + wanted.map(id -> " and wants " + id).orElse("") + ", which no peer in the policies is");
        }
        return meant;
    }

    /** {@code now}, for which the caller is taken, and the peers behind it that it may be as well. */
    static List<Profile> from(Turn turn, Profile now, List<Payload> payloads) {
        return turn.session().phase() instanceof Phase.HalfOpen phase
                ? meant(turn, phase, payloads).stream().dropWhile(candidate -> !candidate.name().equals(now.name())).toList()
                : List.of(now);
    }

    private static IdPayload idInitiator(List<Payload> payloads) {
        return id(payloads, Role.INITIATOR).orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "sent no IDi"));
    }

    private static void claim(Turn turn, Phase.HalfOpen phase, List<Payload> payloads, Profile profile) {
        IdPayload idInitiator = idInitiator(payloads);
        Identity remote = identity(idInitiator);
        turn.change(session -> session.withProfile(profile));
        List<Payload> proving = Ppk.accept(turn, profile, phase.transcript(), payloads);
        Authentication authentication = authentication(turn, profile, phase.transcript(), remote);
        if (profile.peer().remote().auth() == Auth.EAP && Authentication.suits(profile, payloads)) {
            Eap.begin(turn, authentication, payloads);
            return;
        }
        switch (authentication.theirs(idInitiator, proving)) {
            case Authentication.Theirs.Proven() -> LastAnswer.prepare(turn, authentication, payloads);
            case Authentication.Theirs.Disproved(String why) -> disbelieve(turn, phase, payloads, why);
            case Authentication.Theirs.Claimed(List<Bytes> certificates) -> {
                proof(authentication, payloads);
                lookAt(turn, remote, certificates, payloads);
            }
        }
    }

    /** Another peer of the policies may fit the same identity, and have another authority or key: who is not believed as the one may be the next. */
    private static void disbelieve(Turn turn, Phase.HalfOpen phase, List<Payload> payloads, String why) {
        Profile now = profile(turn);
        Profile next = from(turn, now, payloads).stream()
                .skip(1)
                .filter(candidate -> now.peer().remote().auth() == Auth.PUBKEY && candidate.peer().remote().auth() == Auth.PUBKEY)
                .findFirst()
                .orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "is not believed: " + why));
        turn.enter(phase, "it is not peer " + now.name() + ": " + why + "; perhaps it is " + next.name());
        claim(turn, phase, payloads, next);
    }

    private static void lookAt(Turn turn, Identity remote, List<Bytes> certificates, List<Payload> payloads) {
        Job.VerifyChain job = chain(turn, remote, certificates);
        turn.start(job, new Awaiting.ChainOfInitiator(job, payloads));
    }

    /**
     * The certificates of the initiator were looked at; {@code objection}: what is wrong with them.
     *
     * @throws Refusal as {@link #respond} does
     */
    static void verified(Turn turn, Phase.HalfOpen phase, Awaiting.ChainOfInitiator claimed, Optional<String> objection) {
        Job.VerifyChain job = claimed.job();
        if (isOutdated(turn, job)) {
            lookAt(turn, job.remote(), job.certificates(), claimed.payloads());
        } else if (objection.isPresent()) {
            disbelieve(turn, phase, claimed.payloads(), objection.get());
        } else {
            LastAnswer.prepare(turn, authentication(turn, profile(turn), phase.transcript(), job.remote()), claimed.payloads());
        }
    }

    /** R10: what we do not have is found out before anything else is done. */
    static Proof proof(Authentication authentication, List<Payload> asking) {
        return switch (authentication.ours(asking)) {
            case Authentication.Ours.Ready(Proof proof) -> proof;
            case Authentication.Ours.Lacking(String what) -> throw new Refusal(
                    Notify.AUTHENTICATION_FAILED, "is " + authentication.remote() + ", to which we cannot prove who we are: there is no " + what);
        };
    }

    // ---- both

    private static Phase.Authenticating authenticating(Turn turn) {
        if (turn.session().phase() instanceof Phase.Authenticating phase) {
            return phase;
        }
        throw new IllegalStateException("IKE_AUTH while " + turn.session().phase().label());
    }

    static Profile profile(Turn turn) {
        return turn.session().profile().orElseThrow(() -> new IllegalStateException("IKE_AUTH without a peer"));
    }

    static Identity localIdentity(Turn turn, Profile profile) {
        Identity configured = profile.peer().local().id();
        return configured.isPattern() ? new Identity.Ip(turn.session().path().local()) : configured;
    }

    static IdPayload id(Role role, Identity identity) {
        return new IdPayload(role, identity.wireType(), Bytes.of(identity.wireData()));
    }

    static Optional<IdPayload> id(List<Payload> payloads, Role role) {
        return Payload.all(payloads, IdPayload.class).stream().filter(payload -> payload.role() == role).findFirst();
    }

    static Identity identity(IdPayload payload) {
        return Identity.fromWire(payload.idType(), payload.data().toArray())
                .orElseThrow(() -> new Refusal(
                        Notify.AUTHENTICATION_FAILED, "sent an identity of type " + payload.idType() + " that we cannot read"));
    }

    private static Job.VerifyChain chain(Turn turn, Identity remote, List<Bytes> certificates) {
        return new Job.VerifyChain(turn.session().settings().credentials(), profile(turn).peer(), remote, certificates);
    }

    /** Whether an authority that was believed when the job began may not be believed any more. */
    private static boolean isOutdated(Turn turn, Job.VerifyChain job) {
        return !job.credentials().equals(turn.session().settings().credentials()) || !job.peer().equals(profile(turn).peer());
    }

    static Authentication authentication(Turn turn, Profile profile, Transcript transcript, Identity remote) {
        return new Authentication(
                profile, localIdentity(turn, profile), remote, turn.session().settings().credentials(), turn.ikeSa(), transcript, turn.signatures());
    }
}
