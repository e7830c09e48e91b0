package org.xfrmagent.policies.model;

import java.util.List;

import org.xfrmagent.policies.algorithm.SignatureScheme;

/**
 * What one side's {@link Auth#PUBKEY} rests on.
 *
 * @param certificates of our side: those that we may show; of the remote side: the only ones that it may show, believed as they are. Empty:
 *     ours is found by our identity, the peer's by its authority
 * @param authorities names of the {@link Authority}s that may vouch for the remote side; empty = all
 * @param revocation of the remote side's certificates
 * @param schemes how it may sign, the preferred one first; empty = as the default is for its key
 */
public record Certification(
        List<CertificateRef> certificates, List<String> authorities, Revocation revocation, List<SignatureScheme> schemes) {
    public static final Certification NONE = new Certification(List.of(), List.of(), Defaults.REVOCATION, List.of());

    public Certification {
        certificates = List.copyOf(certificates);
        authorities = List.copyOf(authorities);
        schemes = List.copyOf(schemes);
    }
}
