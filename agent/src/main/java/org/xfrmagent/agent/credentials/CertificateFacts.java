package org.xfrmagent.agent.credentials;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.policies.model.Identity;

/**
 * What a certificate says of itself; nobody vouches for it by this.
 *
 * @param der the certificate
 * @param subject its name
 * @param keyId SHA-1 of the bits of its subjectPublicKey: what vici calls a key by
 * @param authority whether it may issue others (basicConstraints, RFC 5280, section 4.2.1.9)
 */
public record CertificateFacts(Bytes der, Identity subject, Bytes keyId, boolean authority) {
    private static final List<String> LABELS = List.of(Pem.NONE, "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE");
    private static final List<String> ATTRIBUTE_LABELS = List.of(Pem.NONE, "ATTRIBUTE CERTIFICATE", "X509 ATTRIBUTE CERTIFICATE");
    private static final List<String> CRL_LABELS = List.of(Pem.NONE, "X509 CRL", "CRL");

    /**
     * The first certificate of a text, or the DER of one.
     *
     * @throws IllegalArgumentException with the rest of a sentence
     */
    public static CertificateFacts read(byte[] pemOrDer) {
        return of(der(pemOrDer, LABELS, "a certificate"));
    }

    /** @throws IllegalArgumentException with the rest of a sentence */
    public static CertificateFacts of(Bytes der) {
        try {
            X509Certificate certificate = (X509Certificate) factory().generateCertificate(new ByteArrayInputStream(der.toArray()));
            if (certificate.getEncoded().length != der.length()) {
                throw new IllegalArgumentException("has octets behind the certificate");
            }
            Identity subject = Identity.fromWire(Identity.ID_DER_ASN1_DN, certificate.getSubjectX500Principal().getEncoded())
                    .orElseThrow(() -> new IllegalArgumentException("has a subject that is no name"));
            byte[] bits = SubjectPublicKeyInfo.getInstance(certificate.getPublicKey().getEncoded()).getPublicKeyData().getBytes();
            return new CertificateFacts(der, subject, Hashes.sha1(Bytes.wrap(bits)), certificate.getBasicConstraints() >= 0);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is no X.509 certificate", e);
        }
    }

    /**
     * The DER of the first list of revoked certificates of a text, or of one that is DER already.
     *
     * @throws IllegalArgumentException with the rest of a sentence
     */
    public static Bytes crl(byte[] pemOrDer) {
        Bytes der = der(pemOrDer, CRL_LABELS, "a list of revoked certificates");
        try {
            X509CRL list = list(der);
            if (list.getEncoded().length != der.length()) {
                throw new IllegalArgumentException("has octets behind the list");
            }
            return der;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is no list of revoked certificates of X.509", e);
        }
    }

    /**
     * The DER of the first attribute certificate of a text, or of one that is DER already.
     *
     * @throws IllegalArgumentException with the rest of a sentence
     */
    public static Bytes attributes(byte[] pemOrDer) {
        Bytes der = der(pemOrDer, ATTRIBUTE_LABELS, "an attribute certificate");
        return AttributeCertificate.read(der).map(AttributeCertificate::der)
                .orElseThrow(() -> new IllegalArgumentException("is no attribute certificate of RFC 5755"));
    }

    /**
     * Whose list of revoked certificates it is.
     *
     * @param der as {@link #crl} has given it
     */
    public static Identity issuer(Bytes der) {
        try {
            return Identity.fromWire(Identity.ID_DER_ASN1_DN, list(der).getIssuerX500Principal().getEncoded()).orElse(Identity.any());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("is no list of revoked certificates of X.509", e);
        }
    }

    /**
     * Whose attribute certificate it is, if it has a name.
     *
     * @param der as {@link #attributes} has given it
     */
    public static Identity holder(Bytes der) {
        return AttributeCertificate.read(der)
                .flatMap(read -> read.holder() instanceof AttributeCertificate.Holder.OfName(var names) ? names.stream().findFirst() : Optional.empty())
                .flatMap(name -> Identity.fromWire(Identity.ID_DER_ASN1_DN, name.getEncoded())).orElse(Identity.any());
    }

    private static X509CRL list(Bytes der) throws GeneralSecurityException {
        return (X509CRL) factory().generateCRL(new ByteArrayInputStream(der.toArray()));
    }

    private static Bytes der(byte[] pemOrDer, List<String> labels, String noun) {
        return Pem.read(pemOrDer).stream().filter(block -> labels.contains(block.label())).findFirst().map(Pem.Block::octets)
                .orElseThrow(() -> new IllegalArgumentException("has something else in it, expected " + noun));
    }

    private static CertificateFactory factory() throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509");
    }

    /** By which it is known wherever it is kept: SHA-256 of its DER, hexadecimal. */
    public String hash() {
        return Hashes.sha256(der).toHex();
    }
}
