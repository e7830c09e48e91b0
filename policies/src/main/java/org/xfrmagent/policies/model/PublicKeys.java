package org.xfrmagent.policies.model;

import java.util.List;

/**
 * Certificates and keys that are there for every peer.
 *
 * @param authorities whose certificates are believed
 * @param certificates others: of ends, found by identity, and of authorities that lead from one to a trusted one
 * @param crls lists of revoked certificates
 * @param keys private keys: each belongs to the certificate that has its public half
 * @param containers of PKCS #12, with both
 * @param attributeCertificates which say of which groups somebody is a member (RFC 5755)
 * @param attributeAuthorities certificates of those who are believed about that
 */
public record PublicKeys(
        List<Authority> authorities, List<CertificateRef> certificates, List<CertificateRef> crls, List<PrivateKeyRef> keys,
        List<PrivateKeyRef> containers, List<CertificateRef> attributeCertificates, List<CertificateRef> attributeAuthorities) {
    public static final PublicKeys NONE = new PublicKeys(List.of(), List.of(), List.of(), List.of());

    /** Without attribute certificates. */
    public PublicKeys(
            List<Authority> authorities, List<CertificateRef> certificates, List<CertificateRef> crls, List<PrivateKeyRef> keys, List<PrivateKeyRef> containers) {
        this(authorities, certificates, crls, keys, containers, List.of(), List.of());
    }

    /** Without containers. */
    public PublicKeys(List<Authority> authorities, List<CertificateRef> certificates, List<CertificateRef> crls, List<PrivateKeyRef> keys) {
        this(authorities, certificates, crls, keys, List.of());
    }

    public PublicKeys {
        authorities = List.copyOf(authorities);
        certificates = List.copyOf(certificates);
        crls = List.copyOf(crls);
        keys = List.copyOf(keys);
        containers = List.copyOf(containers);
        attributeCertificates = List.copyOf(attributeCertificates);
        attributeAuthorities = List.copyOf(attributeAuthorities);
    }
}
