package org.xfrmagent.agent.credentials;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Certificate;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.VerifyingKeys;
import org.xfrmagent.policies.model.Identity;

/**
 * A certificate (RFC 5280, section 4). Two are the same if all of their octets are.
 *
 * @param der all of it
 * @param x509 the same, as the JDK has read it
 */
record ParsedCertificate(Bytes der, X509Certificate x509) {
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;

    /** Empty for what is no certificate, has something behind it, or is too long. */
    static Optional<ParsedCertificate> read(Bytes der) {
        if (der.length() > VerifyingKeys.LONGEST_CERTIFICATE) {
            return Optional.empty();
        }
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            X509Certificate parsed = (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der.toArray()));
            return parsed.getEncoded().length == der.length() ? Optional.of(new ParsedCertificate(der, parsed)) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException none) {
            return Optional.empty();
        }
    }

    Bytes subject() {
        return Bytes.wrap(x509.getSubjectX500Principal().getEncoded());
    }

    /** SHA-1 of its SubjectPublicKeyInfo (RFC 7296, section 3.7). */
    Bytes keyHash() {
        return Hashes.sha1(Bytes.wrap(x509.getPublicKey().getEncoded()));
    }

    /** SHA-1 of the bits of its subjectPublicKey, as {@link PrivateKeyFile#id}. */
    Bytes keyId() {
        return Hashes.sha1(Bytes.wrap(SubjectPublicKeyInfo.getInstance(x509.getPublicKey().getEncoded()).getPublicKeyData().getBytes()));
    }

    /** Whether it may vouch for others (RFC 5280, sections 4.2.1.3 and 4.2.1.9). */
    boolean isAuthority() {
        return x509.getBasicConstraints() >= 0 && mayBeUsedFor(KEY_CERT_SIGN);
    }

    boolean signsLists() {
        return mayBeUsedFor(CRL_SIGN);
    }

    private boolean mayBeUsedFor(int bit) {
        boolean[] usage = x509.getKeyUsage();
        return usage == null || usage[bit];
    }

    boolean isSelfIssued() {
        return x509.getSubjectX500Principal().equals(x509.getIssuerX500Principal());
    }

    /** Whether {@code issuer} has signed it, by an algorithm that we believe in. */
    boolean isSignedBy(ParsedCertificate issuer) {
        try {
            return x509.getIssuerX500Principal().equals(issuer.x509.getSubjectX500Principal())
                    && Signatures.holds(issuer.x509.getPublicKey(), algorithm(), Bytes.wrap(x509.getTBSCertificate()), Bytes.wrap(x509.getSignature()));
        } catch (CertificateEncodingException misshapen) {
            return false;
        }
    }

    /** How it is signed. */
    AlgorithmIdentifier algorithm() {
        return Certificate.getInstance(der.toArray()).getSignatureAlgorithm();
    }

    /** What the time {@code at} has against it. */
    Optional<String> objectionToTime(Instant at) {
        if (at.isBefore(x509.getNotBefore().toInstant())) {
            return Optional.of(this + " is valid from " + x509.getNotBefore().toInstant() + " on, and now is " + at);
        }
        return at.isAfter(x509.getNotAfter().toInstant())
                ? Optional.of(this + " was valid until " + x509.getNotAfter().toInstant() + ", and now is " + at)
                : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ParsedCertificate that && der.equals(that.der);
    }

    @Override
    public int hashCode() {
        return der.hashCode();
    }

    /** As sentences name it. */
    @Override
    public String toString() {
        String name = text(x509.getSubjectX500Principal());
        return "the certificate " + (name.isEmpty() ? "with serial number " + x509.getSerialNumber().toString(16) : "'" + name + "'");
    }

    /** A name as policies write it, in the order of its encoding. */
    static String text(X500Principal name) {
        return Identity.fromWire(Identity.ID_DER_ASN1_DN, name.getEncoded()).map(Identity::toString).orElse("");
    }
}
