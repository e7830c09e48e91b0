package org.xfrmagent.agent.crypto;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.algorithm.SignatureScheme.Hash;

/** Which schemes a key of ours may sign with, and which a peer's may have been used, in IKEv2. */
public final class SchemeChoice {
    /**
     * With RFC 7427. RSA begins with PSS, which strongSwan 5.9.8, libreswan 4.10 and OpenIKED 7.2 all take, as was tried: libreswan's manual
     * says that it takes nothing else.
     */
    private static final List<SignatureScheme> NAMED = List.of(
            SignatureScheme.ED25519,
            SignatureScheme.ED448,
            SignatureScheme.ECDSA_SHA256,
            SignatureScheme.ECDSA_SHA384,
            SignatureScheme.ECDSA_SHA512,
            SignatureScheme.RSA_PSS_SHA256,
            SignatureScheme.RSA_PSS_SHA384,
            SignatureScheme.RSA_PSS_SHA512,
            SignatureScheme.RSA_SHA256,
            SignatureScheme.RSA_SHA384,
            SignatureScheme.RSA_SHA512);

    /** Without: RSA's method 1, which is of SHA-1 unless both sides know better, is all that an old peer has for RSA (RFC 7296, section 3.8). */
    private static final List<SignatureScheme> OF_THEIR_OWN = List.of(
            SignatureScheme.ECDSA_P256, SignatureScheme.ECDSA_P384, SignatureScheme.ECDSA_P521, SignatureScheme.RSA_SHA1);

    private SchemeChoice() {}

    /**
     * The schemes that a key may sign with, the best first; empty if there is none. Where the policy is silent the hash that is as strong
     * as the key comes first.
     *
     * @param bits as {@link SigningKey#bits}
     * @param announced what the peer has put into SIGNATURE_HASH_ALGORITHMS; empty if it has sent none
     * @param policy {@code schemes} of our side; empty = no restriction
     */
    public static List<SignatureScheme> toSign(SignatureScheme.Key kind, int bits, Optional<Set<Hash>> announced, List<SignatureScheme> policy) {
        Stream<SignatureScheme> all = announced
                .map(hashes -> ordered(kind, bits, policy).filter(scheme -> hashes.contains(scheme.hash())))
                .orElseGet(() -> OF_THEIR_OWN.stream().filter(scheme -> policy.isEmpty() || policy.contains(scheme) || isNamedAs(scheme, policy)));
        return all.filter(scheme -> fits(scheme, kind, bits)).toList();
    }

    /**
     * Whether a peer may prove itself by {@code scheme}.
     *
     * @param announced whether it has sent SIGNATURE_HASH_ALGORITHMS: SHA-1 is for those that have not
     * @param policy {@code schemes} of its side; empty = no restriction
     */
    public static boolean accepts(SignatureScheme scheme, boolean announced, List<SignatureScheme> policy) {
        boolean allowed = policy.isEmpty() || policy.contains(scheme) || isNamedAs(scheme, policy);
        return allowed && (NAMED.contains(scheme) || OF_THEIR_OWN.contains(scheme) && (scheme.hash() != Hash.SHA1 || !announced));
    }

    private static Stream<SignatureScheme> ordered(SignatureScheme.Key kind, int bits, List<SignatureScheme> policy) {
        if (!policy.isEmpty()) {
            return policy.stream().filter(NAMED::contains);
        }
        Hash best = strength(kind, bits);
        return NAMED.stream().sorted((one, other) -> Integer.compare(distance(one, best), distance(other, best)));
    }

    /** First those of the padding's family that have the right hash, and the rest in the order of the list. */
    private static int distance(SignatureScheme scheme, Hash best) {
        int family = Signing.isPss(scheme) || scheme.key() != SignatureScheme.Key.RSA ? 0 : 2;
        return family + (scheme.hash() == best ? 0 : 1);
    }

    /** NIST SP 800-57 part 1, table 2: the hash that is as hard to break as the key. */
    private static Hash strength(SignatureScheme.Key kind, int bits) {
        return switch (kind) {
            case RSA -> bits <= 3072 ? Hash.SHA256 : bits <= 7680 ? Hash.SHA384 : Hash.SHA512;
            case ECDSA -> bits <= 256 ? Hash.SHA256 : bits <= 384 ? Hash.SHA384 : Hash.SHA512;
            case ED25519, ED448 -> Hash.IDENTITY;
        };
    }

    /** A policy that names ecdsa-sha256 means RFC 4754's form of it too. */
    private static boolean isNamedAs(SignatureScheme scheme, List<SignatureScheme> policy) {
        return switch (scheme) {
            case ECDSA_P256 -> policy.contains(SignatureScheme.ECDSA_SHA256);
            case ECDSA_P384 -> policy.contains(SignatureScheme.ECDSA_SHA384);
            case ECDSA_P521 -> policy.contains(SignatureScheme.ECDSA_SHA512);
            default -> false;
        };
    }

    private static boolean fits(SignatureScheme scheme, SignatureScheme.Key kind, int bits) {
        return scheme.key() == kind && Curve.boundTo(scheme).map(curve -> curve.bits() == bits).orElse(true);
    }
}
