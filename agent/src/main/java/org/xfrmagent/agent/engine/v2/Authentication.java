package org.xfrmagent.agent.engine.v2;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.KeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.crypto.SchemeChoice;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Credentials.Own;
import org.xfrmagent.agent.engine.core.IkeSa;
import org.xfrmagent.agent.engine.core.Phase.Transcript;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Refusal;
import org.xfrmagent.agent.engine.core.TokenSignatures;
import org.xfrmagent.agent.wire.AuthMethod;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.IdPayload;
import org.xfrmagent.agent.wire.MessageCodec;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.algorithm.SignatureScheme.Hash;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Identity;

/**
 * Who the two sides of an IKE SA are, and how each proves it (RFC 7296, section 2.15): the policy says for either side whether that is
 * a pre-shared key or a signature, and they need not do it alike.
 *
 * @param local who we are
 * @param remote who the peer says it is; as initiator, before it has said so, who it is to be
 * @param signatures what tokens have signed for us
 */
record Authentication(
        Profile profile, Identity local, Identity remote, Credentials credentials, IkeSa sa, Transcript transcript, TokenSignatures signatures) {
    /** What we can prove with who we are. */
    sealed interface Ours {
        record Ready(Proof proof) implements Ours {}

        /** @param what we do not have */
        record Lacking(String what) implements Ours {}
    }

    /** What becomes of the peer's AUTH. */
    sealed interface Theirs {
        /** It has the pre-shared key of {@link Authentication#remote}. */
        record Proven() implements Theirs {}

        /** It has the private key of the first of these certificates, or of this public key; whether that is the peer's is not known yet. Attribute certificates come last. */
        record Claimed(List<Bytes> certificates) implements Theirs {}

        /** @param why a sentence */
        record Disproved(String why) implements Theirs {}
    }

    /** Whether the peer's AUTH is of the kind that {@code profile} wants from it. */
    static boolean suits(Profile profile, List<Payload> payloads) {
        Optional<AuthPayload> auth = Payload.first(payloads, AuthPayload.class);
        boolean sharedKey = auth.filter(payload -> payload.method() == AuthMethod.SHARED_KEY_MIC.number()).isPresent();
        return switch (profile.peer().remote().auth()) {
            case PSK -> sharedKey;
            case PUBKEY -> auth.isPresent() && !sharedKey;
            case EAP -> auth.isEmpty();
            case XAUTH, HYBRID -> false;
        };
    }

    // ---- ours

    /** @param asking the payloads in which the peer says whom it believes */
    Ours ours(List<Payload> asking) {
        if (profile.peer().local().auth() == Auth.PUBKEY) {
            return credentials.own(profile.peer(), local, Certificates.asked(asking))
                    .map(this::signing)
                    .orElseGet(() -> new Ours.Lacking("certificate of " + local + " with its private key"));
        }
        return psk().<Ours>map(psk -> new Ours.Ready(new Proof.SharedKey(prf(), psk)))
                .orElseGet(() -> new Ours.Lacking("pre-shared key for " + local + " and " + remote));
    }

    private Ours signing(Own own) {
        Optional<Set<Hash>> announced = announced();
        SigningKey key = own.key();
        Certification ours = profile.peer().local().certification();
        List<SignatureScheme> wanted = ours.schemes();
        return SchemeChoice.toSign(key.kind(), key.bits(), announced, wanted).stream()
                .filter(scheme -> !(key instanceof TokenKey token) || token.signsBy(scheme))
                .findFirst()
                .<Ours>map(scheme -> new Ours.Ready(new Proof.Signature(own, ours.inMessages(), scheme, announced.isPresent(), signatures)))
                .orElseGet(() -> new Ours.Lacking("way to sign that the peer can verify: our key is " + key.kind() + " of " + key.bits()
                        + " bits, the peer " + announced.map(hashes -> "announces " + hashes).orElse("does not know RFC 7427")
                        + (wanted.isEmpty() ? "" : ", 'signatures' has " + wanted.stream().map(SignatureScheme::word).toList())));
    }

    /**
     * Payloads with {@code proof} that we are who {@code id} says.
     *
     * @throws Refusal if a token of ours does not sign
     */
    List<Payload> show(Proof proof, IdPayload id) {
        return proof.payloads(octets(sa.initiator(), id));
    }

    // ---- theirs

    /**
     * Whether the peer that says it is {@code id} has the key it speaks of.
     *
     * @param payloads with its AUTH, and its certificates if it shows any
     */
    Theirs theirs(IdPayload id, List<Payload> payloads) {
        Optional<AuthPayload> auth = Payload.first(payloads, AuthPayload.class);
        if (auth.isEmpty() || !suits(profile, payloads)) {
            return new Theirs.Disproved(remote + " wants to authenticate by "
                    + auth.map(payload -> AuthMethod.byNumber(payload.method()).map(Enum::name).orElse("method " + payload.method()))
                            .orElse("EAP")
                    + ", peer " + profile.name() + " has "
                    + switch (profile.peer().remote().auth()) {
                        case PUBKEY -> "a certificate";
                        case EAP -> "EAP";
                        case PSK, XAUTH, HYBRID -> "a pre-shared key";
                    });
        }
        Bytes octets = octets(!sa.initiator(), id);
        return profile.peer().remote().auth() == Auth.PUBKEY ? signed(auth.get(), octets, payloads) : shared(auth.get(), octets);
    }

    private Theirs shared(AuthPayload auth, Bytes octets) {
        Optional<Secret> psk = psk();
        if (psk.isEmpty()) {
            return new Theirs.Disproved("there is no pre-shared key for " + local + " and " + remote);
        }
        return Hashes.equalInConstantTime(auth.data(), KeySchedule.pskAuth(prf(), psk.get(), octets))
                ? new Theirs.Proven()
                : new Theirs.Disproved("the AUTH of " + remote + " does not verify: its pre-shared key is not the one that we have for "
                        + local + " and " + remote);
    }

    private Theirs signed(AuthPayload auth, Bytes octets, List<Payload> payloads) {
        Certification wanted = profile.peer().remote().certification();
        boolean announced = announced().isPresent();
        Optional<Signatures.Signature> signature = Signatures.read(auth);
        List<SignatureScheme> schemes = signature.stream()
                .flatMap(read -> read.schemes().stream())
                .filter(scheme -> SchemeChoice.accepts(scheme, announced, wanted.schemes()))
                .toList();
        if (signature.isEmpty() || schemes.isEmpty()) {
            return new Theirs.Disproved("the AUTH of " + remote + " is signed by "
                    + signature.map(read -> read.schemes().stream().map(SignatureScheme::word).toList() + ", which peer "
                                    + profile.name() + " may not use")
                            .orElse("a scheme that we do not know"));
        }
        // Of one that is known by its key, what it may show besides says nothing.
        boolean byKey = wanted.isByPublicKey();
        List<Bytes> shown = byKey ? List.of() : Certificates.read(payloads);
        List<Bytes> candidates = shown.isEmpty()
                ? credentials.known(profile.peer(), remote).stream().limit(Constants.CERTIFICATES_TRIED).toList()
                : List.of(shown.getFirst());
        String why = byKey ? "there is no public key of it" : "it shows no certificate, and we have none of it";
        for (Bytes certificate : candidates) {
            try {
                VerifyingKey key = byKey ? VerifyingKeys.ofPublicKey(certificate) : VerifyingKeys.ofCertificate(certificate);
                if (schemes.stream().anyMatch(scheme -> scheme.key() == key.kind() && key.verifies(scheme, octets, signature.get().value()))) {
                    return new Theirs.Claimed(Stream.concat(
                            (shown.isEmpty() ? Stream.of(certificate) : shown.stream()), byKey ? Stream.of() : Certificates.attributes(payloads).stream()).toList());
                }
                why = "it is not signed with the key " + (byKey ? "" : "of the certificate ") + "that " + (shown.isEmpty() ? "we have of it" : "it shows");
            } catch (UnusableKey unusable) {
                why = unusable.reason();
            }
        }
        return new Theirs.Disproved("the AUTH of " + remote + " does not verify: " + why);
    }

    // ---- both

    private Optional<Secret> psk() {
        return credentials.psk(local, remote);
    }

    Prf prf() {
        return Keys.prf(sa.suite());
    }

    /** In the peer's IKE_SA_INIT, which AUTH covers: nobody on the way can have taken it out. */
    private Optional<Set<Hash>> announced() {
        return Signatures.announced(first());
    }

    /** The payloads of the peer's IKE_SA_INIT. */
    List<Payload> first() {
        return MessageCodec.decode(sa.initiator() ? transcript.response() : transcript.request()).payloads();
    }

    /** What the AUTH of the initiator covers, or of the responder: its IKE_SA_INIT message, the other's nonce and its identity. */
    Bytes octets(boolean initiator, IdPayload id) {
        return initiator
                ? KeySchedule.authOctets(prf(), transcript.request(), transcript.responderNonce(), sa.keys().pi(), id.body())
                : KeySchedule.authOctets(prf(), transcript.response(), transcript.initiatorNonce(), sa.keys().pr(), id.body());
    }
}
