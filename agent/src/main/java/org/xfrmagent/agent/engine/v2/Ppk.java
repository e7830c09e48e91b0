package org.xfrmagent.agent.engine.v2;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.ByteWriter;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.IkeKeys;
import org.xfrmagent.agent.crypto.KeySchedule;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Identity;

/**
 * A postquantum pre-shared key in the keys of an IKE SA (RFC 8784): who breaks the key exchange some day still lacks it.
 *
 * <pre>
 *   IKE_SA_INIT  ..., N(USE_PPK)  -->  &lt;--  ..., N(USE_PPK)
 *   IKE_AUTH     ..., AUTH with it, N(PPK_IDENTITY), [N(NO_PPK_AUTH) without it]  -->
 *                                      &lt;--  ..., AUTH with it, N(PPK_IDENTITY)
 *                           or, without it:  ..., AUTH
 * </pre>
 *
 * <p>AUTH covers both USE_PPK: nobody on the way can have taken them out. Where a policy requires the key, there is no IKE SA without it.
 */
final class Ppk {
    /** PPK_ID_FIXED: the name itself (RFC 8784, section 5.1). */
    private static final int FIXED = 2;

    private Ppk() {}

    // ---- IKE_SA_INIT

    /** What an initiator does without that its policy requires; a sentence. */
    static Optional<String> lacking(Turn turn, Profile profile) {
        return required(profile).filter(id -> credentials(turn).ppk(id).isEmpty())
                .map(id -> "there is no postquantum pre-shared key " + id + ", which the policy requires");
    }

    static List<Payload> offer(Turn turn, Profile profile) {
        return own(turn, profile).isPresent() ? List.of(NotifyPayload.of(Notify.USE_PPK)) : List.of();
    }

    /** The responder has not seen yet who the other is: it says so if it has any such key. */
    static List<Payload> answer(Turn turn, List<Payload> payloads) {
        return Payload.notification(payloads, Notify.USE_PPK).isPresent() && credentials(turn).hasPpk()
                ? List.of(NotifyPayload.of(Notify.USE_PPK))
                : List.of();
    }

    /** The responder knows nothing of it, and the policy requires it; a sentence. */
    static Optional<String> declined(Profile profile, List<Payload> payloads) {
        return required(profile).filter(_ -> Payload.notification(payloads, Notify.USE_PPK).isEmpty())
                .map(id -> "the peer has no postquantum pre-shared key (RFC 8784), and the policy requires " + id);
    }

    private static boolean agreed(Transcript transcript) {
        return Stream.of(transcript.request(), transcript.response())
                .allMatch(message -> Payload.notification(MessageCodec.decode(message).payloads(), Notify.USE_PPK).isPresent());
    }

    // ---- IKE_AUTH, initiator

    /** The same with our key in the keys, if both sides can; its keys live until the end of the turn. */
    static Optional<Authentication> mixed(Turn turn, Authentication authentication) {
        if (!agreed(authentication.transcript())) {
            return Optional.empty();
        }
        return own(turn, authentication.profile()).map(ppk -> {
            IkeKeys keys = KeySchedule.withPpk(authentication.prf(), authentication.sa().keys(), ppk);
            mixed(keys).forEach(key -> turn.unlessTaken(key::wipe));
            wipeMixed(turn, keys);
            return new Authentication(
                    authentication.profile(), authentication.local(), authentication.remote(), authentication.credentials(),
                    authentication.sa().withPpk(keys), authentication.transcript(), authentication.signatures());
        });
    }

    /** Beside an AUTH with the key. {@code plain}: the last of these is the AUTH without, for a responder that has no such key. */
    static List<Payload> tell(Profile profile, List<Payload> plain) {
        Identity id = profile.peer().ppk().orElseThrow().id();
        List<Payload> told = new ArrayList<>();
        told.add(NotifyPayload.of(Notify.PPK_IDENTITY, new ByteWriter().u8(FIXED).bytes(Bytes.of(id.wireData())).toBytes()));
        if (required(profile).isEmpty() && plain.getLast() instanceof AuthPayload auth) {
            told.add(NotifyPayload.of(Notify.NO_PPK_AUTH, auth.data()));
        }
        return List.copyOf(told);
    }

    /** The responder says whether it uses the key. Then its AUTH, and all that follows, is with it; empty, or why there is no IKE SA. */
    static Optional<String> conclude(Turn turn, Profile profile, Transcript transcript, List<Payload> payloads) {
        if (Payload.notification(payloads, Notify.PPK_IDENTITY).isEmpty()) {
            return required(profile).map(id -> "the peer does not use the postquantum pre-shared key " + id + ", which the policy requires");
        }
        Optional<Secret> ppk = agreed(transcript) ? own(turn, profile) : Optional.empty();
        ppk.ifPresent(key -> use(turn, key));
        return ppk.isPresent() ? Optional.empty() : Optional.of("the peer uses a postquantum pre-shared key that we did not speak of");
    }

    // ---- IKE_AUTH, responder

    /**
     * Which key it is, and whether we have it. Then AUTH, and all that follows, is with it.
     *
     * @return the payloads with the AUTH that is to be verified
     * @throws Refusal with AUTHENTICATION_FAILED if it has to be with a key and is not, or cannot be without
     */
    static List<Payload> accept(Turn turn, Profile profile, Transcript transcript, List<Payload> payloads) {
        // With EAP there is none: its AUTH comes when all is over.
        boolean possible = profile.peer().remote().auth() != Auth.EAP && agreed(transcript);
        Optional<NotifyPayload> told = Payload.notification(payloads, Notify.PPK_IDENTITY).filter(_ -> possible);
        Optional<Identity> id = told.flatMap(Ppk::name);
        Optional<Secret> ppk = id.filter(name -> profile.peer().ppk().map(own -> own.id().equals(name)).orElse(true)).flatMap(credentials(turn)::ppk);
        if (ppk.isPresent()) {
            use(turn, ppk.get());
            return payloads;
        }
        String which = id.map(name -> " " + name).orElse("");
        if (required(profile).isPresent()) {
            throw new Refusal(Notify.AUTHENTICATION_FAILED, told.isPresent()
                    ? "uses the postquantum pre-shared key" + which + ", which we do not have for it, and the policy requires " + required(profile).get()
                    : "uses no postquantum pre-shared key, and the policy requires " + required(profile).get());
        }
        if (told.isEmpty()) {
            return payloads;
        }
        Bytes without = Payload.notification(payloads, Notify.NO_PPK_AUTH).map(NotifyPayload::data).orElseThrow(() -> new Refusal(
                Notify.AUTHENTICATION_FAILED, "insists on the postquantum pre-shared key" + which + ", which we do not have for it"));
        return payloads.stream().map(payload -> payload instanceof AuthPayload auth ? new AuthPayload(auth.method(), without) : payload).toList();
    }

    /** Beside our AUTH, if the key is in the keys. */
    static List<Payload> confirm(Turn turn) {
        return turn.ikeSa().ppk() ? List.of(NotifyPayload.of(Notify.PPK_IDENTITY)) : List.of();
    }

    /** As text, as strongSwan has it too. */
    private static Optional<Identity> name(NotifyPayload told) {
        Bytes data = told.data();
        if (data.length() < 2 || data.u8(0) != FIXED) {
            return Optional.empty();
        }
        try {
            return Optional.of(Identity.parse(new String(data.slice(1, data.length()).toArray(), StandardCharsets.UTF_8)))
                    .filter(id -> !id.isPattern());
        } catch (IllegalArgumentException noName) {
            return Optional.empty();
        }
    }

    // ---- both

    private static void use(Turn turn, Secret ppk) {
        IkeSa sa = turn.ikeSa();
        IkeKeys keys = KeySchedule.withPpk(Keys.prf(sa.suite()), sa.keys(), ppk);
        mixed(keys).forEach(key -> turn.unlessTaken(key::wipe));
        turn.ikeSa(sa.withPpk(keys));
        wipeMixed(turn, sa.keys());
    }

    private static void wipeMixed(Turn turn, IkeKeys keys) {
        mixed(keys).forEach(key -> turn.afterwards(key::wipe));
    }

    /** Those keys of {@code keys} that are not the same with and without. */
    private static Stream<Secret> mixed(IkeKeys keys) {
        return Stream.of(keys.d(), keys.pi(), keys.pr());
    }

    private static Optional<Secret> own(Turn turn, Profile profile) {
        return profile.peer().ppk().flatMap(ppk -> credentials(turn).ppk(ppk.id()));
    }

    private static Optional<Identity> required(Profile profile) {
        return profile.peer().ppk().filter(org.xfrmagent.policies.model.Ppk::required).map(org.xfrmagent.policies.model.Ppk::id);
    }

    private static Credentials credentials(Turn turn) {
        return turn.session().settings().credentials();
    }
}
