package org.xfrmagent.agent.engine.v2;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.SignatureIdentifiers;
import org.xfrmagent.agent.wire.AuthMethod;
import org.xfrmagent.agent.wire.AuthPayload;
import org.xfrmagent.agent.wire.DigitalSignature;
import org.xfrmagent.agent.wire.Notify;
import org.xfrmagent.agent.wire.NotifyData;
import org.xfrmagent.agent.wire.NotifyPayload;
import org.xfrmagent.agent.wire.Payload;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.algorithm.SignatureScheme.Hash;

/**
 * Signatures in AUTH payloads. With RFC 7427 both sides say in IKE_SA_INIT which hashes they can verify, and AUTH names its scheme;
 * before it each kind of key had an authentication method (RFC 7296, section 3.8; RFC 4754).
 */
final class Signatures {
    /** SHA-1 is not announced: nobody who can do RFC 7427 needs it (RFC 8247, section 4.2). */
    private static final List<Integer> VERIFIED =
            Arrays.stream(Hash.values()).filter(hash -> hash != Hash.SHA1).map(Hash::number).toList();

    /** Method 1 does not say which hash it is of: "implementations SHOULD support SHA-1", and some use a better one. */
    private static final List<SignatureScheme> RSA =
            List.of(SignatureScheme.RSA_SHA1, SignatureScheme.RSA_SHA256, SignatureScheme.RSA_SHA384, SignatureScheme.RSA_SHA512);

    /** @param schemes those that it may have been made by */
    record Signature(List<SignatureScheme> schemes, Bytes value) {}

    private Signatures() {}

    static NotifyPayload announcement() {
        return NotifyData.signatureHashAlgorithms(VERIFIED);
    }

    /** What the peer's IKE_SA_INIT says it can verify; empty if it does not know RFC 7427. */
    static Optional<Set<Hash>> announced(List<Payload> payloads) {
        return Payload.notification(payloads, Notify.SIGNATURE_HASH_ALGORITHMS).map(notification -> {
            Set<Integer> numbers = new HashSet<>(NotifyData.hashAlgorithms(notification));
            return Arrays.stream(Hash.values()).filter(hash -> numbers.contains(hash.number())).collect(Collectors.toUnmodifiableSet());
        });
    }

    /** @param announced whether the peer knows RFC 7427 */
    static AuthPayload payload(SignatureScheme scheme, boolean announced, Bytes signature) {
        return announced
                ? new AuthPayload(
                        AuthMethod.DIGITAL_SIGNATURE.number(), new DigitalSignature(SignatureIdentifiers.of(scheme), signature).encode())
                : new AuthPayload(method(scheme).number(), signature);
    }

    private static AuthMethod method(SignatureScheme scheme) {
        return switch (scheme) {
            case RSA_SHA1, RSA_SHA256, RSA_SHA384, RSA_SHA512 -> AuthMethod.RSA_DIGITAL_SIGNATURE;
            case ECDSA_P256 -> AuthMethod.ECDSA_SHA256_P256;
            case ECDSA_P384 -> AuthMethod.ECDSA_SHA384_P384;
            case ECDSA_P521 -> AuthMethod.ECDSA_SHA512_P521;
            case RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, ECDSA_SHA256, ECDSA_SHA384, ECDSA_SHA512, ED25519, ED448, RSA_BARE, ECDSA_BARE ->
                throw new IllegalArgumentException(scheme.word() + " has no authentication method of its own");
        };
    }

    /** Empty if AUTH is no signature that we know. */
    static Optional<Signature> read(AuthPayload auth) {
        return AuthMethod.byNumber(auth.method()).flatMap(method -> switch (method) {
            case DIGITAL_SIGNATURE -> {
                DigitalSignature signature = DigitalSignature.decode(auth.data());
                yield SignatureIdentifiers.parse(signature.algorithm()).map(scheme -> new Signature(List.of(scheme), signature.value()));
            }
            case RSA_DIGITAL_SIGNATURE -> Optional.of(new Signature(RSA, auth.data()));
            case ECDSA_SHA256_P256 -> Optional.of(new Signature(List.of(SignatureScheme.ECDSA_P256), auth.data()));
            case ECDSA_SHA384_P384 -> Optional.of(new Signature(List.of(SignatureScheme.ECDSA_P384), auth.data()));
            case ECDSA_SHA512_P521 -> Optional.of(new Signature(List.of(SignatureScheme.ECDSA_P521), auth.data()));
            case SHARED_KEY_MIC, DSS_DIGITAL_SIGNATURE, GENERIC_SECURE_PASSWORD, NULL -> Optional.empty();
        });
    }
}
