package org.xfrmagent.agent.engine.v2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.KeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.ChildOffer;
import org.xfrmagent.agent.engine.core.ChildProfile;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Exchange;
import org.xfrmagent.agent.engine.core.Exchange.Meanwhile;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Input.Wish;
import org.xfrmagent.agent.engine.core.Path;
import org.xfrmagent.agent.engine.core.Phase;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Selection.KeyExchangeUse;
import org.xfrmagent.agent.engine.core.Task;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.AuthMethod;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.agent.wire.SaPayload;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Unique;

/**
 * Authentication and the first child (RFC 7296, sections 1.2 and 2.15), with pre-shared keys:
 *
 * <pre>
 *   HDR, SK{IDi, [N(INITIAL_CONTACT)], [IDr], AUTH, [N(MOBIKE_SUPPORTED)], [N(USE_TRANSPORT_MODE)], SA, TSi, TSr}  -->
 *                              &lt;--  HDR, SK{IDr, AUTH, [N(MOBIKE_SUPPORTED)], [N(USE_TRANSPORT_MODE)], SA, TSi, TSr}
 *                         or   &lt;--  HDR, SK{IDr, AUTH, N(why the child failed)}
 *                         or   &lt;--  HDR, SK{N(AUTHENTICATION_FAILED)}
 * </pre>
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

    static void send(Turn turn, Wish wish, int spi, int serial) {
        ChildProfile child = profile(turn).child(wish.policy()).orElseThrow(() -> new IllegalStateException("the policy is gone"));
        send(turn, Optional.of(Children.offer(
                turn, child, wish, spi, serial, authenticating(turn).transcript().initiatorNonce(), Optional.empty(),
                OptionalInt.empty())));
    }

    private static void send(Turn turn, Optional<ChildOffer> offer) {
        Phase.Authenticating phase = authenticating(turn);
        Profile profile = profile(turn);
        Identity local = localIdentity(turn, profile);
        Identity remote = profile.peer().remote().id();
        Optional<Secret> psk = turn.session().settings().credentials().psk(local, remote);
        if (psk.isEmpty()) {
            Ending.failed(turn, "no pre-shared key for " + local + " and " + remote);
            return;
        }
        IdPayload id = id(Role.INITIATOR, local);
        List<Payload> payloads = new ArrayList<>();
        payloads.add(id);
        if (turn.session().firstContact() && profile.peer().unique() != Unique.NEVER) {
            payloads.add(NotifyPayload.of(Notify.INITIAL_CONTACT));
        }
        if (!remote.isPattern()) {
            payloads.add(id(Role.RESPONDER, remote));
        }
        payloads.add(new AuthPayload(AuthMethod.SHARED_KEY_MIC.number(), ours(turn, phase, id, psk.get())));
        payloads.addAll(Mobike.offer(turn));
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
        Identity local = localIdentity(turn, profile);
        if (!remote.matches(profile.peer().remote().id())) {
            rejectResponder(turn, "the peer says it is " + remote + ", the policy expects " + profile.peer().remote().id());
            return;
        }
        Optional<Secret> psk = turn.session().settings().credentials().psk(local, remote);
        if (psk.isEmpty()) {
            rejectResponder(turn, "no pre-shared key for " + local + " and " + remote);
            return;
        }
        if (auth.get().method() != AuthMethod.SHARED_KEY_MIC.number()
                || !Hashes.equalInConstantTime(auth.get().data(), theirs(turn, phase, id.get(), psk.get()))) {
            rejectResponder(turn, "the peer's AUTH does not verify: the pre-shared key for " + local + " and " + remote
                    + " is not the one it has");
            return;
        }
        turn.enter(new Phase.Established(phase.sa(), local, remote, turn.now(), List.of()), "authenticated " + remote + " as " + local);
        RekeyIke.schedule(turn);
        Reauthentication.schedule(turn, profile);
        Reauthentication.obey(turn, payloads);
        turn.emit(new Event.IkeUp(false));
        Mobike.accept(turn, payloads);
        phase.wishes().stream().skip(exchange.offer().isPresent() ? 1 : 0).forEach(wish -> turn.queue(new Task.CreateChild(wish)));
        exchange.offer().ifPresent(offer -> CreateChild.settle(
                turn, offer, Meanwhile.NOTHING, payloads, phase.transcript().initiatorNonce(), phase.transcript().responderNonce(), KeyExchangeUse.LEFT_OUT));
    }

    private static String hint(NotifyPayload error, Turn turn, Profile profile) {
        return error.is(Notify.AUTHENTICATION_FAILED)
                ? ": it does not accept " + localIdentity(turn, profile) + " with our pre-shared key, or does not know that identity"
                : "";
    }

    /** Section 2.21.2: an initiator that cannot authenticate the responder says so in an exchange of its own, then ends. */
    private static void rejectResponder(Turn turn, String reason) {
        IkeSa sa = turn.ikeSa();
        turn.send(Sealing.seal(
                turn, ExchangeType.INFORMATIONAL, false, sa.window().nextRequest(),
                List.of(NotifyPayload.of(Notify.AUTHENTICATION_FAILED))));
        Ending.failed(turn, reason);
    }

    // ---- responder

    /**
     * Who is it, and does it have the key? Then its child, if we have a policy for that.
     *
     * @throws Refusal with AUTHENTICATION_FAILED, after which the session ends
     */
    static void respond(Turn turn, Phase.HalfOpen phase, List<Payload> payloads) {
        IdPayload idInitiator = id(payloads, Role.INITIATOR)
                .orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "sent no IDi"));
        Identity remote = identity(idInitiator);
        Optional<Identity> wanted = id(payloads, Role.RESPONDER).map(IkeAuth::identity);
        Profile profile = phase.candidates().stream()
                .filter(candidate -> remote.matches(candidate.peer().remote().id()))
                .filter(candidate -> wanted.isEmpty() || wanted.get().matches(localIdentity(turn, candidate)))
                .findFirst()
                .orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "says it is " + remote
                        + wanted.map(id -> " and wants " + id).orElse("") + ", which no peer in the policies is"));
        Identity local = localIdentity(turn, profile);
        Optional<AuthPayload> auth = Payload.first(payloads, AuthPayload.class);
        if (auth.isEmpty() || auth.get().method() != AuthMethod.SHARED_KEY_MIC.number()) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, remote + " wants to authenticate by "
                    + auth.map(payload -> AuthMethod.byNumber(payload.method()).map(Enum::name).orElse("method " + payload.method()))
                            .orElse("EAP")
                    + ", peer " + profile.name() + " has a pre-shared key");
        }
        Secret psk = turn.session().settings().credentials().psk(local, remote)
                .orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "no pre-shared key for " + local + " and " + remote));
        turn.change(session -> session.withProfile(profile));
        Phase.Authenticating next =
                new Phase.Authenticating(turn.ikeSa(), phase.transcript(), List.of(), phase.deadline());
        if (!Hashes.equalInConstantTime(auth.get().data(), theirs(turn, next, idInitiator, psk))) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, "the AUTH of " + remote
                    + " does not verify: its pre-shared key is not the one that we have for " + local + " and " + remote);
        }
        boolean initialContact = Payload.notification(payloads, Notify.INITIAL_CONTACT).isPresent();
        checkUnique(turn, profile, local, remote, initialContact);
        boolean childless = Payload.first(payloads, SaPayload.class).isEmpty();
        checkChildless(profile, childless);
        IdPayload idResponder = id(Role.RESPONDER, local);
        Bytes ours = ours(turn, next, idResponder, psk);
        List<Payload> prefix = new ArrayList<>(List.of(idResponder, new AuthPayload(AuthMethod.SHARED_KEY_MIC.number(), ours)));
        if (Payload.notification(payloads, Notify.MOBIKE_SUPPORTED).isPresent()) {
            prefix.addAll(Mobike.offer(turn));
        }
        prefix.addAll(Reauthentication.demand(profile));
        turn.enter(new Phase.Established(turn.ikeSa(), local, remote, turn.now(), List.of()), "authenticated " + remote + " as " + local);
        RekeyIke.schedule(turn);
        turn.emit(new Event.IkeUp(initialContact));
        Mobike.accept(turn, payloads);
        if (childless) {
            Requests.respond(turn, ExchangeType.IKE_AUTH, prefix);
            return;
        }
        Transcript transcript = phase.transcript();
        try {
            Children.respond(
                    turn, payloads, List.copyOf(prefix), transcript.initiatorNonce(), transcript.responderNonce(), KeyExchangeUse.LEFT_OUT,
                    OptionalInt.empty());
        } catch (Refusal refused) {
            // Section 1.2: the IKE SA is set up even if the child is not.
            List<Payload> answer = new ArrayList<>(prefix);
            answer.add(Requests.notification(refused));
            Requests.respond(turn, ExchangeType.IKE_AUTH, answer);
            Requests.refused(turn, refused.notifyType(), refused.detail());
        }
    }

    /**
     * {@code unique: keep} refuses a second IKE SA of the same two identities, unless the first is known to be worthless
     * (INITIAL_CONTACT), or comes from where the second does: then the peer authenticates itself anew before the first ends.
     */
    private static void checkUnique(Turn turn, Profile profile, Identity local, Identity remote, boolean initialContact) {
        if (profile.peer().unique() != Unique.KEEP || initialContact) {
            return;
        }
        Path path = turn.session().path();
        turn.neighbours().like(local, remote).stream()
                .filter(other -> !other.path().remote().equals(path.remote()) || other.path().remotePort() != path.remotePort())
                .findFirst()
                .ifPresent(other -> {
                    throw new Refusal(Notify.AUTHENTICATION_FAILED, "is " + remote + ", which is up already at "
                            + other.path().remote().getHostAddress() + ", and 'unique: keep' keeps that");
                });
    }

    /** RFC 6023, section 3; without its notification an IKE_AUTH without a child is a broken one. */
    private static void checkChildless(Profile profile, boolean childless) {
        if (childless && profile.peer().childless() == Childless.NEVER) {
            throw new Refusal(Notify.INVALID_SYNTAX, "sent no SA payload, and 'childless: never' wants a child at once");
        }
        if (!childless && profile.peer().childless() == Childless.FORCE) {
            throw new Refusal(Notify.INVALID_SYNTAX, "asks for a child in IKE_AUTH, and 'childless: force' wants none there");
        }
    }

    // ---- both

    private static Phase.Authenticating authenticating(Turn turn) {
        if (turn.session().phase() instanceof Phase.Authenticating phase) {
            return phase;
        }
        throw new IllegalStateException("IKE_AUTH while " + turn.session().phase().label());
    }

    private static Profile profile(Turn turn) {
        return turn.session().profile().orElseThrow(() -> new IllegalStateException("IKE_AUTH without a peer"));
    }

    private static Identity localIdentity(Turn turn, Profile profile) {
        Identity configured = profile.peer().local().id();
        return configured.isPattern() ? new Identity.Ip(turn.session().path().local()) : configured;
    }

    private static IdPayload id(Role role, Identity identity) {
        return new IdPayload(role, identity.wireType(), Bytes.of(identity.wireData()));
    }

    private static Optional<IdPayload> id(List<Payload> payloads, Role role) {
        return Payload.all(payloads, IdPayload.class).stream().filter(payload -> payload.role() == role).findFirst();
    }

    private static Identity identity(IdPayload payload) {
        return Identity.fromWire(payload.idType(), payload.data().toArray())
                .orElseThrow(() -> new Refusal(
                        Notify.AUTHENTICATION_FAILED, "sent an identity of type " + payload.idType() + " that we cannot read"));
    }

    /** Our AUTH data over our IKE_SA_INIT message, the peer's nonce and our identity (section 2.15). */
    private static Bytes ours(Turn turn, Phase.Authenticating phase, IdPayload id, Secret psk) {
        IkeSa sa = turn.ikeSa();
        return sa.initiator() ? initiatorAuth(phase, sa, id, psk) : responderAuth(phase, sa, id, psk);
    }

    private static Bytes theirs(Turn turn, Phase.Authenticating phase, IdPayload id, Secret psk) {
        IkeSa sa = turn.ikeSa();
        return sa.initiator() ? responderAuth(phase, sa, id, psk) : initiatorAuth(phase, sa, id, psk);
    }

    private static Bytes initiatorAuth(Phase.Authenticating phase, IkeSa sa, IdPayload id, Secret psk) {
        Prf prf = Keys.prf(sa.suite());
        Transcript transcript = phase.transcript();
        return KeySchedule.pskAuth(
                prf, psk, KeySchedule.authOctets(prf, transcript.request(), transcript.responderNonce(), sa.keys().pi(), id.body()));
    }

    private static Bytes responderAuth(Phase.Authenticating phase, IkeSa sa, IdPayload id, Secret psk) {
        Prf prf = Keys.prf(sa.suite());
        Transcript transcript = phase.transcript();
        return KeySchedule.pskAuth(
                prf, psk, KeySchedule.authOctets(prf, transcript.response(), transcript.initiatorNonce(), sa.keys().pr(), id.body()));
    }
}
