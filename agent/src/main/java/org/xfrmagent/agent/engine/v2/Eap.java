package org.xfrmagent.agent.engine.v2;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.eap.EapOutcome;
import org.xfrmagent.agent.eap.EapPacket;
import org.xfrmagent.agent.eap.EapProof;
import org.xfrmagent.agent.eap.EapServer;
import org.xfrmagent.agent.eap.EapType;
import org.xfrmagent.agent.eap.EapUsers;
import org.xfrmagent.agent.eap.EapWork;
import org.xfrmagent.agent.eap.MalformedEap;
import org.xfrmagent.agent.engine.core.Awaiting;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Event;
import org.xfrmagent.agent.engine.core.Job;
import org.xfrmagent.agent.engine.core.PhaseEap;
import org.xfrmagent.agent.engine.core.PhaseEap.Talk;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.DeletePayload;
import org.xfrmagent.agent.wire.EapPayload;
import org.xfrmagent.agent.wire.ExchangeType;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.agent.wire.ProtocolId;
import org.xfrmagent.agent.wire.Role;
import org.xfrmagent.policies.model.AddressFamily;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Side;

/**
 * IKE_AUTH with a user at the other end, who shows by EAP who it is (RFC 7296, section 2.16). We are the gateway:
 *
 * <pre>
 *   HDR, SK{IDi, [N(INITIAL_CONTACT)], [CERTREQ], [IDr], [CP], SA, TSi, TSr}  -->
 *                                              &lt;--  HDR, SK{IDr, [CERT+], AUTH, EAP(request)}
 *   HDR, SK{EAP(response)}                     -->
 *                                              &lt;--  HDR, SK{EAP(request)}                            as often as the method wants
 *                                         or   &lt;--  HDR, SK{EAP(failure)}                            and that is the end
 *                                         or   &lt;--  HDR, SK{EAP(success)}
 *   HDR, SK{AUTH}                              -->
 *                                              &lt;--  HDR, SK{AUTH, [CP], SA, TSi, TSr}
 *                                         or   &lt;--  HDR, SK{N(AUTHENTICATION_FAILED)}
 * </pre>
 *
 * <p>The last two AUTH have a key that EAP has left at both ends: without them, somebody between could lead the user's conversation into an
 * IKE SA of its own. So nothing of the first message counts before the initiator's has come.
 */
final class Eap {
    /** So much of a user's name goes into logs. */
    private static final int LONGEST_NAME = 64;

    private Eap() {}

    /** The initiator has sent no AUTH, and its policy has it so. */
    static void begin(Turn turn, Authentication authentication, List<Payload> request) {
        List<Payload> ours = ours(authentication, request);
        turn.enter(asking(turn, authentication, request), "the peer says it is " + authentication.remote() + ", asking for its user");
        ask(turn, asking(turn), authentication.remote(), ours);
    }

    /**
     * RFC 4739: the initiator is who it says, and its policy wants its user as well. It says itself that more is to come:
     *
     * <pre>
     *   HDR, SK{IDi, [CERT+], AUTH, ..., SA, TSi, TSr, N(MULTIPLE_AUTH_SUPPORTED), N(ANOTHER_AUTH_FOLLOWS)}  -->
     *                                              &lt;--  HDR, SK{IDr, [CERT+], AUTH}
     *   HDR, SK{IDi}                               -->
     *                                              &lt;--  HDR, SK{EAP(request)}                            and so on as above
     * </pre>
     */
    static void awaitUser(Turn turn, Authentication authentication, List<Payload> request) {
        List<Payload> ours = ours(authentication, request);
        turn.enter(asking(turn, authentication, request), "authenticated " + authentication.remote() + ", waiting for its user");
        ours.addAll(Ppk.confirm(turn));
        Requests.respond(turn, ExchangeType.IKE_AUTH, ours);
    }

    /** Whether the initiator authenticates itself as often as {@code profile} wants. */
    static boolean suits(Profile profile, List<Payload> request) {
        return profile.peer().remote().hasSecondRound() == Payload.notification(request, Notify.ANOTHER_AUTH_FOLLOWS).isPresent();
    }

    /** @throws Refusal if the initiator and its policy are not of one mind about a second round */
    static void checkRounds(Profile profile, List<Payload> request) {
        if (!suits(profile, request)) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, !profile.peer().remote().hasSecondRound()
                    ? "wants to authenticate itself twice, and peer " + profile.name() + " has no second round"
                    : "authenticates itself once, and peer " + profile.name() + " wants its user too (RFC 4739)");
        }
    }

    private static List<Payload> ours(Authentication authentication, List<Payload> request) {
        IdPayload idResponder = IkeAuth.id(Role.RESPONDER, authentication.local());
        List<Payload> ours = new ArrayList<>(List.of(idResponder));
        ours.addAll(authentication.show(IkeAuth.proof(authentication, request), idResponder));
        return ours;
    }

    private static PhaseEap.Asking asking(Turn turn, Authentication authentication, List<Payload> request) {
        return new PhaseEap.Asking(
                turn.ikeSa(), authentication.transcript(), authentication.remote(), idInitiator(request), request,
                IkeAuth.from(turn, IkeAuth.profile(turn), request), new Talk.Awaited<>(),
                turn.now() + Constants.EAP_MILLIS);
    }

    private static IdPayload idInitiator(List<Payload> payloads) {
        return IkeAuth.id(payloads, Role.INITIATOR).orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "does not say who its user is"));
    }

    /** The first word of EAP, behind {@code payloads}. */
    private static void ask(Turn turn, PhaseEap.Asking phase, Identity named, List<Payload> payloads) {
        Profile profile = IkeAuth.profile(turn);
        Authentication authentication = IkeAuth.authentication(turn, profile, phase.transcript(), named);
        proceed(turn, phase, payloads, EapServer.begin(setup(authentication), turn.at()::random));
    }

    private static EapServer.Setup setup(Authentication authentication) {
        Side theirs = authentication.profile().peer().remote();
        return new EapServer.Setup(
                theirs.eap().isRelayed() ? List.of() : types(theirs.eap().methods()), theirs.eap().isRelayed(), theirs.eap().asksUser(), theirs.user().orElseGet(() -> name(authentication.remote())),
                authentication.local().toString());
    }

    static List<EapType> types(List<EapKind> methods) {
        return methods.stream().map(method -> new EapType(0, method.number())).toList();
    }

    /** What a user is called that IKE alone has named. */
    private static String name(Identity identity) {
        return identity.toString().replaceFirst("^keyid:", "");
    }

    /** <pre>  HDR, SK{EAP(response)}  or  HDR, SK{AUTH}  --&gt;  </pre> */
    static void respond(Turn turn, PhaseEap.Asking phase, List<Payload> payloads) {
        switch (phase.talk()) {
            case Talk.Awaited<EapServer>() -> {
                IdPayload id = idInitiator(payloads);
                if (Payload.first(payloads, AuthPayload.class).isPresent()) {
                    throw new Refusal(Notify.AUTHENTICATION_FAILED, "sent AUTH for its user, who is to show by EAP who it is");
                }
                ask(turn, phase.saying(id), IkeAuth.identity(id), List.of());
            }
            case Talk.Going<EapServer>(EapServer server) -> proceed(turn, phase, List.of(), server.step(packet(payloads), users(turn), turn.at()::random));
            case Talk.Done<EapServer> _ -> conclude(turn, phase, payloads);
        }
    }

    /** The work outside is done; the next request leaves behind {@code payloads}. */
    static void answered(Turn turn, PhaseEap.Asking phase, List<Payload> payloads, EapWork.Result result) {
        if (phase.talk() instanceof Talk.Going<EapServer>(EapServer server)) {
            proceed(turn, phase, payloads, server.resume(result));
        }
    }

    private static void proceed(Turn turn, PhaseEap.Asking phase, List<Payload> payloads, EapOutcome<EapServer> outcome) {
        switch (outcome) {
            case EapOutcome.Reply<EapServer>(EapServer next, EapPacket packet, var shown) -> {
                shown.ifPresent(password -> count(turn, password));
                put(turn, phase.at(new Talk.Going<>(next)));
                say(turn, payloads, packet);
            }
            case EapOutcome.Waits<EapServer>(EapServer next, EapWork work) -> {
                put(turn, phase.at(new Talk.Going<>(next)));
                turn.start(work(turn, work), new Awaiting.EapOfInitiator(payloads));
            }
            case EapOutcome.Success<EapServer>(EapProof proof, Optional<EapPacket> packet, var shown) -> {
                shown.ifPresent(password -> count(turn, password));
                OneOfSeveral.settle(turn, phase, proof);
                turn.enter(phase.at(new Talk.Done<>(proof)).with(turn.ikeSa()), "user " + printable(proof.identity()) + " has shown who it is by " + proof.method());
                say(turn, payloads, packet.orElseThrow(() -> new IllegalStateException("a success of EAP without a word")));
            }
            case EapOutcome.Failure<EapServer>(String reason, Optional<EapPacket> packet, var shown) -> {
                shown.ifPresent(password -> count(turn, password));
                // Section 2.16: EAP itself tells the initiator, and that is the end of the IKE SA.
                packet.ifPresent(failure -> say(turn, payloads, failure));
                Requests.refused(turn, Notify.AUTHENTICATION_FAILED, reason);
                Ending.failed(turn, "the peer is not let in: " + reason);
            }
        }
    }

    private static void say(Turn turn, List<Payload> payloads, EapPacket packet) {
        List<Payload> answer = new ArrayList<>(payloads);
        answer.add(new EapPayload(packet.encode()));
        Requests.respond(turn, ExchangeType.IKE_AUTH, answer);
    }

    /**
     * Section 2.21.2: an initiator that does not go on says so in an exchange of its own. It is a stranger still: whatever else it says
     * counts for nothing.
     */
    static void interrupted(Turn turn, List<Payload> payloads) {
        Requests.respond(turn, ExchangeType.INFORMATIONAL, List.of());
        Optional<NotifyPayload> error = Payload.all(payloads, NotifyPayload.class).stream().filter(NotifyPayload::isError).findFirst();
        boolean deleted = Payload.all(payloads, DeletePayload.class).stream().anyMatch(delete -> delete.protocolId() == ProtocolId.IKE.number());
        if (error.isPresent() || deleted) {
            Ending.failed(turn, "the peer gives up while we ask for its user" + error.map(why -> ": " + Notify.nameOf(why.type())).orElse(""));
        }
    }

    /** The user's AUTH: whoever has the key of EAP is at the other end of this IKE SA, too. */
    private static void conclude(Turn turn, PhaseEap.Asking phase, List<Payload> payloads) {
        AuthPayload auth = Payload.first(payloads, AuthPayload.class)
                .orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "sent no AUTH after EAP"));
        // The policies may have changed since.
        OneOfSeveral.settle(turn, phase, proof(phase));
        Authentication authentication = IkeAuth.authentication(turn, IkeAuth.profile(turn), phase.transcript(), phase.remote());
        if (!key(authentication, phase, true).verifies(auth, authentication.octets(true, phase.idInitiator()))) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, "is not believed: its AUTH is not made with the key that EAP has left with the user");
        }
        LastAnswer.prepare(turn, authentication, phase.request());
    }

    /** What an AUTH after EAP is made with, the initiator's or ours. */
    static Proof.AfterEap key(Authentication authentication, PhaseEap.Asking phase, boolean initiators) {
        return key(authentication, proof(phase), initiators);
    }

    private static EapProof proof(PhaseEap.Asking phase) {
        if (phase.talk() instanceof Talk.Done<EapServer>(EapProof proof)) {
            return proof;
        }
        throw new IllegalStateException("no proof before EAP is through");
    }

    /** MSK; of a method that makes none, what only the two ends of this IKE SA have. */
    static Proof.AfterEap key(Authentication authentication, EapProof proof, boolean initiators) {
        return new Proof.AfterEap(
                authentication.prf(), proof.msk().orElseGet(() -> initiators ? authentication.sa().keys().pi() : authentication.sa().keys().pr()));
    }

    /** The address that somebody who judged the user has for it (Framed-IP-Address of RFC 2865): what the user itself asks for does not count then. */
    static Optional<InetAddress> granted(Turn turn, AddressFamily family) {
        return turn.session().phase() instanceof PhaseEap.Asking asked && asked.talk() instanceof Talk.Done<EapServer>(EapProof proof)
                ? proof.grant().addresses().stream().filter(address -> AddressFamily.of(address) == family).findFirst()
                : Optional.empty();
    }

    /** For how long it lets the user stay (Session-Timeout). */
    static Optional<Duration> term(Turn turn) {
        return turn.session().phase() instanceof PhaseEap.Asking asked && asked.talk() instanceof Talk.Done<EapServer>(EapProof proof)
                ? proof.grant().seconds().map(Duration::ofSeconds)
                : Optional.empty();
    }

    // ---- at either end

    /** @throws Refusal if there is none, or it is no packet of EAP */
    static EapPacket packet(List<Payload> payloads) {
        Bytes octets = Payload.first(payloads, EapPayload.class)
                .map(EapPayload::message)
                .orElseThrow(() -> new Refusal(Notify.AUTHENTICATION_FAILED, "sent no EAP where the user's conversation goes on"));
        try {
            return EapPacket.decode(octets);
        } catch (MalformedEap malformed) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, "sent something that is not EAP: " + malformed.why());
        }
    }

    static Job.EapRound work(Turn turn, EapWork work) {
        return new Job.EapRound(turn.ikeSa().localSpi(), turn.session().settings().credentials(), IkeAuth.profile(turn).peer(), turn.session().path(), work);
    }

    private static void put(Turn turn, PhaseEap.Asking phase) {
        // A response has moved the window on since the phase was looked at.
        turn.change(session -> session.withPhase(phase.with(turn.ikeSa())));
    }

    private static PhaseEap.Asking asking(Turn turn) {
        if (turn.session().phase() instanceof PhaseEap.Asking phase) {
            return phase;
        }
        throw new IllegalStateException("EAP while " + turn.session().phase().label());
    }

    private static void count(Turn turn, EapOutcome.Shown shown) {
        turn.emit(new Event.PasswordShown(printable(shown.user()), shown.right()));
    }

    /** Passwords as the policies have them. */
    static EapUsers users(Turn turn) {
        Credentials credentials = turn.session().settings().credentials();
        return new EapUsers() {
            @Override
            public Optional<Secret> password(String user) {
                return credentials.password(user);
            }

            @Override
            public Optional<Secret> ntHash(String user) {
                return credentials.ntHash(user).or(() -> EapUsers.super.ntHash(user));
            }

            @Override
            public boolean barred(String user) {
                return turn.neighbours().barred().bars(printable(user));
            }
        };
    }

    static String printable(String name) {
        return name.substring(0, Math.min(name.length(), LONGEST_NAME)).replaceAll("[^\\x21-\\x7e]", "?");
    }
}
