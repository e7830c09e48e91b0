package org.xfrmagent.policies.model;

import java.util.List;

import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * What one side's {@link Auth#PUBKEY} rests on.
 *
 * @param certificates of our side: those that we may show; of the remote side: the only ones that it may show, believed as they are. Empty:
 *     ours is found by our identity, the peer's by its authority
 * @param publicKeys in the place of certificates: of our side, whose private halves sign; of the remote side, the only ones that it may have.
 *     Whose they are follows from this alone
 * @param authorities names of the {@link Authority}s that may vouch for the remote side; empty = all
 * @param revocation of the remote side's certificates
 * @param schemes how it may sign, the preferred one first; empty = as the default is for its key
 * @param chain what the remote side's certificates must be like
 * @param inMessages whether IKE carries certificates: ours is shown, the remote side is asked for its own. Without it both are known already
 */
public record Certification(
        List<CertificateRef> certificates, List<CertificateRef> publicKeys, List<String> authorities, Revocation revocation,
        List<SignatureScheme> schemes, ChainDemands chain, boolean inMessages) {
    public static final Certification NONE = new Certification(List.of(), List.of(), Defaults.REVOCATION, List.of());

    /** Without public keys of their own. */
    public Certification(List<CertificateRef> certificates, List<String> authorities, Revocation revocation, List<SignatureScheme> schemes) {
        this(certificates, List.of(), authorities, revocation, schemes, ChainDemands.NONE, true);
    }

    public Certification {
        certificates = List.copyOf(certificates);
        publicKeys = List.copyOf(publicKeys);
        authorities = List.copyOf(authorities);
        schemes = List.copyOf(schemes);
    }

    /** Whether certificates have no part in it. */
    public boolean isByPublicKey() {
        return !publicKeys.isEmpty();
    }
}
