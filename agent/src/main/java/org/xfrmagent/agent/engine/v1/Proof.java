package org.xfrmagent.agent.engine.v1;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.IsakmpKeySchedule;
import org.xfrmagent.agent.crypto.Prf;
import org.xfrmagent.agent.crypto.SigningKey;
import org.xfrmagent.agent.crypto.TokenKey;
import org.xfrmagent.agent.crypto.Unauthentic;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.agent.engine.core.Credentials.Anchor;
import org.xfrmagent.agent.engine.core.Credentials.Own;
import org.xfrmagent.agent.engine.core.IsakmpSa;
import org.xfrmagent.agent.engine.core.PhaseV1.Material;
import org.xfrmagent.agent.engine.core.Profile;
import org.xfrmagent.agent.engine.core.Result;
import org.xfrmagent.agent.engine.core.Turn;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod.Means;
import org.xfrmagent.agent.wire.v1.AuthenticationMethod.User;
import org.xfrmagent.agent.wire.v1.CertPayload;
import org.xfrmagent.agent.wire.v1.Chain;
import org.xfrmagent.agent.wire.v1.HashPayload;
import org.xfrmagent.agent.wire.v1.NotifyType;
import org.xfrmagent.agent.wire.v1.Payload;
import org.xfrmagent.agent.wire.v1.PayloadType;
import org.xfrmagent.agent.wire.v1.SignaturePayload;
import org.xfrmagent.policies.algorithm.Algorithms;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.Side;

/**
 * What proves in phase 1 who somebody is, each side by its column of the {@link AuthenticationMethod}:
 *
 * <pre>
 *   a pre-shared key   SKEYID = prf(psk, Ni_b | Nr_b)      HASH                    (RFC 2409, section 5.4)
 *   a private key      SKEYID = prf(Ni_b | Nr_b, g^xy)     [CERT, ...] SIG         (section 5.1)
 *   nothing yet        likewise                            HASH                    (hybrid authentication: the user's side)
 * </pre>
 *
 * <p>SIG is the signature of what HASH would be.
 */
final class Proof {
    /** So many certificates of a message are tried: the first is the one that signed, unless its sender is very untidy. */
    private static final int TRIED = 4;

    /** So many authorities are named in a request. */
    private static final int REQUESTED = 16;

    private Proof() {}

    // ---- which method

    /** What the policy comes to; empty if we have no certificate whose key has a method. */
    static Optional<AuthenticationMethod> method(Turn turn, Profile profile, boolean initiating) {
        Peer peer = profile.peer();
        boolean byKey = peer.local().auth() == Auth.PUBKEY || peer.remote().auth() == Auth.PUBKEY;
        Optional<Means> ours = byKey ? ours(turn, profile) : Optional.of(Means.PRE_SHARED_KEY);
        return ours.flatMap(local -> {
            // Both sides' keys are of one kind; a user without one takes any gateway's.
            Means remote = peer.remote().auth() == Auth.HYBRID ? Means.NOTHING : local == Means.NOTHING ? Means.RSA : local;
            return mayUse(peer.local(), local) && mayUse(peer.remote(), remote)
                    ? AuthenticationMethod.of(initiating ? local : remote, initiating ? remote : local, user(peer, initiating))
                    : Optional.empty();
        });
    }

    /** IKEv1 names no hash with a signature, so what counts of a side's schemes is the kind of key, and the curve where that is named. */
    private static boolean mayUse(Side side, Means means) {
        List<SignatureScheme> allowed = side.certification().schemes();
        return allowed.isEmpty() || allowed.stream().anyMatch(scheme -> switch (means) {
            case PRE_SHARED_KEY, NOTHING -> true;
            case RSA -> scheme.key() == SignatureScheme.Key.RSA;
            case ECDSA_256 -> isEcdsa(scheme, SignatureScheme.ECDSA_P256);
            case ECDSA_384 -> isEcdsa(scheme, SignatureScheme.ECDSA_P384);
            case ECDSA_521 -> isEcdsa(scheme, SignatureScheme.ECDSA_P521);
        });
    }

    private static boolean isEcdsa(SignatureScheme scheme, SignatureScheme onCurve) {
        return scheme == onCurve || scheme.key() == SignatureScheme.Key.ECDSA
                && !List.of(SignatureScheme.ECDSA_P256, SignatureScheme.ECDSA_P384, SignatureScheme.ECDSA_P521).contains(scheme);
    }

    private static Optional<Means> ours(Turn turn, Profile profile) {
        return profile.peer().local().auth() == Auth.HYBRID
                ? Optional.of(Means.NOTHING)
                : own(turn, profile, List.of()).flatMap(own -> means(own.key()));
    }

    private static Optional<Means> means(SigningKey key) {
        return switch (key.kind()) {
            case RSA -> Optional.of(Means.RSA);
            case ECDSA -> switch (key.bits()) {
                case 256 -> Optional.of(Means.ECDSA_256);
                case 384 -> Optional.of(Means.ECDSA_384);
                case 521 -> Optional.of(Means.ECDSA_521);
                default -> Optional.empty();
            };
            case ED25519, ED448 -> Optional.empty();
        };
    }

    private static User user(Peer peer, boolean initiating) {
        return isUser(peer.local())
                ? initiating ? User.INITIATOR : User.RESPONDER
                : !isUser(peer.remote()) ? User.NOBODY : initiating ? User.RESPONDER : User.INITIATOR;
    }

    /** Whether a side has a password to show behind phase 1. */
    static boolean isUser(Side side) {
        return side.auth() == Auth.XAUTH || side.auth() == Auth.HYBRID;
    }

    /** Why there is no method, as a sentence. */
    static String lacking(Turn turn, Profile profile) {
        Identity local = Identities.local(profile, turn.session().path());
        return own(turn, profile, List.of())
                .map(own -> "the key of our certificate for " + local + " is of a kind that IKEv1 has no way for here, or that 'signatures' does not have: "
                        + own.key().kind() + " of " + own.key().bits() + " bits")
                .orElse("there is no certificate of ours, with its key, for " + local);
    }

    // ---- our side

    private static Optional<Own> own(Turn turn, Profile profile, List<Bytes> asked) {
        return turn.session().settings().credentials().own(profile.peer(), Identities.local(profile, turn.session().path()), asked);
    }

    /** Whether it is a token that signs for us. */
    static boolean isInToken(Turn turn, Profile profile) {
        return profile.peer().local().auth() != Auth.HYBRID && own(turn, profile, List.of()).filter(own -> own.key() instanceof TokenKey).isPresent();
    }

    /**
     * The last payloads of ours in phase 1, behind our ID.
     *
     * @param id the body of our ID payload
     * @param asked the names of the authorities that the peer believes, as far as it has said
     * @throws Unsigned if a token of ours does not sign
     */
    static List<Payload> ours(Turn turn, Profile profile, IsakmpSa sa, Material material, Bytes id, List<Bytes> asked) {
        Means means = sa.method().means(sa.initiator());
        Bytes hash = hash(sa, material, true, id);
        Optional<SignatureScheme> scheme = scheme(means);
        if (scheme.isEmpty()) {
            return List.of(new HashPayload(hash));
        }
        // What was agreed on stays, even if another certificate of ours suited the peer better.
        Own own = own(turn, profile, asked)
                .filter(found -> means(found.key()).equals(Optional.of(means)))
                .or(() -> own(turn, profile, List.of()).filter(found -> means(found.key()).equals(Optional.of(means))))
                .orElseThrow(() -> new Objection(NotifyType.AUTHENTICATION_FAILED, "is to see a certificate that we do not have any more"));
        List<Payload> payloads = new ArrayList<>();
        if (profile.peer().local().certification().inMessages()) {
            own.chain().forEach(certificate -> payloads.add(CertPayload.signature(PayloadType.CERT, certificate)));
        }
        switch (turn.signatures().sign(own.key(), scheme.get(), hash)) {
            case Result.Signed(Bytes signature) -> payloads.add(new SignaturePayload(signature));
            case Result.Failed(String reason) -> throw new Unsigned("the peer cannot be shown who we are: " + reason);
            default -> throw new IllegalStateException("no signature and no reason");
        }
        return payloads;
    }

    /** HASH_I or HASH_R, of us or of the peer. RFC 2409, section 5: for a signature with the hash that belongs to it. */
    private static Bytes hash(IsakmpSa sa, Material material, boolean ours, Bytes id) {
        Means means = sa.method().means(ours == sa.initiator());
        return IsakmpKeySchedule.authHash(
                prf(sa, means), sa.keys().skeyid(), ours ? material.ownPublic() : material.peerPublic(),
                ours ? material.peerPublic() : material.ownPublic(), ours ? sa.localCookie() : sa.remoteCookie(),
                ours ? sa.remoteCookie() : sa.localCookie(), material.sa(), id);
    }

    private static Prf prf(IsakmpSa sa, Means means) {
        return switch (means) {
            case PRE_SHARED_KEY, RSA, NOTHING -> Sealing.prf(sa.suite());
            case ECDSA_256 -> prf("prfsha256");
            case ECDSA_384 -> prf("prfsha384");
            case ECDSA_521 -> prf("prfsha512");
        };
    }

    private static Prf prf(String row) {
        return Prf.of(Algorithms.byKeyword(row).orElseThrow(() -> new IllegalStateException("no row " + row)));
    }

    private static Optional<SignatureScheme> scheme(Means means) {
        return switch (means) {
            case PRE_SHARED_KEY, NOTHING -> Optional.empty();
            case RSA -> Optional.of(SignatureScheme.RSA_BARE);
            case ECDSA_256, ECDSA_384, ECDSA_521 -> Optional.of(SignatureScheme.ECDSA_BARE);
        };
    }

    // ---- the peer's side

    /** Asks for a certificate, if the peer is to sign: by whom we believe about any of {@code candidates} (RFC 2408, section 3.10). */
    static List<Payload> requests(Turn turn, List<Profile> candidates, AuthenticationMethod method, boolean initiating) {
        List<Profile> asked = candidates.stream().filter(profile -> {
            Certification theirs = profile.peer().remote().certification();
            return theirs.inMessages() && !theirs.isByPublicKey();
        }).toList();
        if (scheme(method.means(!initiating)).isEmpty() || asked.isEmpty()) {
            return List.of();
        }
        List<Payload> requests = asked.stream()
                .flatMap(profile -> turn.session().settings().credentials().anchors(profile.peer()).stream())
                .map(Anchor::name)
                .distinct()
                .limit(REQUESTED)
                .<Payload>map(name -> CertPayload.signature(PayloadType.CERTREQ, name))
                .toList();
        return requests.isEmpty() ? List.of(CertPayload.signature(PayloadType.CERTREQ, Bytes.empty())) : requests;
    }

    /** The names of the authorities that the peer asks for certificates of. */
    static List<Bytes> asked(Chain chain) {
        return certificates(chain, PayloadType.CERTREQ).stream().filter(name -> !name.isEmpty()).toList();
    }

    private static List<Bytes> certificates(Chain chain, PayloadType type) {
        return chain.all(CertPayload.class).stream()
                .filter(payload -> payload.typeNumber() == type.number() && payload.encoding() == CertPayload.X509_SIGNATURE)
                .map(CertPayload::data)
                .toList();
    }

    /**
     * Verifies what the peer shows.
     *
     * @param profile whose it may be, if anybody's
     * @param id the body of the peer's ID payload, which came with this message or before
     * @return if it has signed, the certificates it has shown, the one with the key first: whether that is its own is yet to be found out;
     *     empty if nothing is left to be found out in phase 1
     */
    static Optional<List<Bytes>> verify(
            Turn turn, Optional<Profile> profile, IsakmpSa sa, Material material, Bytes id, Identity remote, Chain chain) throws Unauthentic {
        Means means = sa.method().means(!sa.initiator());
        Bytes hash = hash(sa, material, false, id);
        Optional<SignatureScheme> scheme = scheme(means);
        if (scheme.isPresent()) {
            return Optional.of(signer(turn, profile, means, scheme.get(), hash, remote, chain));
        }
        Bytes sent = chain.first(HashPayload.class).map(HashPayload::data).orElse(Bytes.empty());
        if (!Hashes.equalInConstantTime(sent, hash)) {
            throw new Unauthentic("the peer's hash does not verify"
                    + (sa.method().isPreShared() ? ": its pre-shared key is not the one that we have" : ""));
        }
        return Optional.empty();
    }

    private static List<Bytes> signer(
            Turn turn, Optional<Profile> profile, Means means, SignatureScheme scheme, Bytes hash, Identity remote, Chain chain)
            throws Unauthentic {
        Bytes signature = chain.first(SignaturePayload.class).map(SignaturePayload::data).orElseThrow(() -> new Unauthentic("no signature"));
        // Of one that is known by its key, what it may show besides says nothing.
        boolean byKey = profile.filter(known -> known.peer().remote().certification().isByPublicKey()).isPresent();
        List<Bytes> shown = byKey ? List.of() : certificates(chain, PayloadType.CERT);
        List<Bytes> all = shown.isEmpty()
                ? profile.map(known -> turn.session().settings().credentials().known(known.peer(), remote)).orElse(List.of())
                : shown;
        if (all.isEmpty()) {
            throw new Unauthentic(byKey ? "there is no public key of " + remote : "the peer shows no certificate, and we have none of " + remote);
        }
        String wrong = "the peer's signature does not verify";
        for (Bytes certificate : all.subList(0, Math.min(TRIED, all.size()))) {
            try {
                VerifyingKey key = byKey ? VerifyingKeys.ofPublicKey(certificate) : VerifyingKeys.ofCertificate(certificate);
                if (fits(key, means) && key.verifies(scheme, hash, signature)) {
                    List<Bytes> ordered = new ArrayList<>(all);
                    ordered.remove(certificate);
                    ordered.addFirst(certificate);
                    return ordered;
                }
            } catch (UnusableKey unusable) {
                wrong = "the peer's " + (byKey ? "public key" : "certificate") + " cannot be used: " + unusable.getMessage();
            }
        }
        throw new Unauthentic(wrong);
    }

    private static boolean fits(VerifyingKey key, Means means) {
        return switch (means) {
            case PRE_SHARED_KEY, NOTHING -> false;
            case RSA -> key.kind() == SignatureScheme.Key.RSA;
            case ECDSA_256 -> key.kind() == SignatureScheme.Key.ECDSA && key.bits() == 256;
            case ECDSA_384 -> key.kind() == SignatureScheme.Key.ECDSA && key.bits() == 384;
            case ECDSA_521 -> key.kind() == SignatureScheme.Key.ECDSA && key.bits() == 521;
        };
    }

    // ---- keys

    /** The pre-shared key of two identities that are known, or expected because of the addresses. */
    static Optional<Secret> psk(Turn turn, Identity local, Identity remote) {
        return turn.session().settings().credentials().psk(local, remote);
    }

    /** @param psk empty where the method has none */
    static Secret skeyid(AuthenticationMethod method, Prf prf, Optional<Secret> psk, Bytes ni, Bytes nr, Secret shared) {
        return method.isPreShared()
                ? IsakmpKeySchedule.pskSkeyid(prf, psk.orElseThrow(() -> new IllegalStateException(method + " without a key")), ni, nr)
                : IsakmpKeySchedule.signatureSkeyid(prf, ni, nr, shared);
    }
}
