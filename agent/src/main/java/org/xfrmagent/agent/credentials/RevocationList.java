package org.xfrmagent.agent.credentials;

import java.io.ByteArrayInputStream;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.CRLException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.CertificateList;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.IssuingDistributionPoint;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * A list of revoked certificates (RFC 5280, section 5). Complete lists of the issuer itself are used; delta lists, indirect ones and those
 * for some reasons only are not.
 *
 * @param der all of it
 * @param x509 the same, as the JDK has read it
 */
record RevocationList(Bytes der, X509CRL x509) {
    private static final String DELTA = "2.5.29.27";
    private static final String ISSUING_DISTRIBUTION_POINT = "2.5.29.28";

    /** Empty for what is no CRL, or has something behind it. */
    static Optional<RevocationList> read(Bytes der) {
        try {
            X509CRL parsed = (X509CRL) CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der.toArray()));
            return parsed.getEncoded().length == der.length() ? Optional.of(new RevocationList(der, parsed)) : Optional.empty();
        } catch (GeneralSecurityException | RuntimeException none) {
            return Optional.empty();
        }
    }

    boolean isFrom(ParsedCertificate issuer) {
        return x509.getIssuerX500Principal().equals(issuer.x509().getSubjectX500Principal());
    }

    /** Until when it says something. */
    Optional<Instant> until() {
        return Optional.ofNullable(x509.getNextUpdate()).map(date -> date.toInstant());
    }

    /** What it says about {@code certificate}, which {@code issuer} has issued. */
    Standing standing(ParsedCertificate certificate, ParsedCertificate issuer, Instant now) {
        return objection(certificate, issuer, now)
                .<Standing>map(Standing.Unknown::new)
                .orElseGet(() -> x509.getRevokedCertificate(certificate.x509()) == null
                        ? new Standing.Good()
                        : new Standing.Revoked(certificate + " was revoked by " + issuer + ", says a CRL of " + x509.getThisUpdate().toInstant()));
    }

    private Optional<String> objection(ParsedCertificate certificate, ParsedCertificate issuer, Instant now) {
        if (!isFrom(issuer)) {
            return Optional.of("a CRL is by another issuer than " + issuer);
        }
        if (!issuer.signsLists() || !isSignedBy(issuer)) {
            return Optional.of("the signature of a CRL is not that of " + issuer);
        }
        if (now.isBefore(x509.getThisUpdate().toInstant()) || until().isEmpty() || now.isAfter(until().get())) {
            return Optional.of("the CRL of " + issuer + " is from " + x509.getThisUpdate().toInstant() + " until "
                    + until().map(Instant::toString).orElse("nobody says when") + ", and now is " + now);
        }
        if (x509.getExtensionValue(DELTA) != null || !coversAll(certificate)) {
            return Optional.of("the CRL of " + issuer + " is for some certificates or reasons only");
        }
        return hasUnknownExtensions() ? Optional.of("the CRL of " + issuer + " has a critical extension that is not known") : Optional.empty();
    }

    private boolean isSignedBy(ParsedCertificate issuer) {
        try {
            return Signatures.holds(issuer.x509().getPublicKey(), CertificateList.getInstance(der.toArray()).getSignatureAlgorithm(),
                    Bytes.wrap(x509.getTBSCertList()), Bytes.wrap(x509.getSignature()));
        } catch (CRLException | IllegalArgumentException misshapen) {
            return false;
        }
    }

    private boolean hasUnknownExtensions() {
        return x509.getCriticalExtensionOIDs() != null
                && x509.getCriticalExtensionOIDs().stream().anyMatch(oid -> !oid.equals(ISSUING_DISTRIBUTION_POINT));
    }

    /** RFC 5280, section 6.3.3 (b)(2): the scope that the list gives itself. */
    private boolean coversAll(ParsedCertificate certificate) {
        byte[] value = x509.getExtensionValue(ISSUING_DISTRIBUTION_POINT);
        if (value == null) {
            return true;
        }
        try {
            IssuingDistributionPoint scope = IssuingDistributionPoint.getInstance(ASN1OctetString.getInstance(value).getOctets());
            boolean authority = certificate.x509().getBasicConstraints() >= 0;
            return !scope.isIndirectCRL() && scope.getOnlySomeReasons() == null && !scope.onlyContainsAttributeCerts()
                    && !(authority && scope.onlyContainsUserCerts()) && !(!authority && scope.onlyContainsCACerts())
                    && (scope.getDistributionPoint() == null || isNamedIn(scope.getDistributionPoint(), certificate));
        } catch (IllegalArgumentException misshapen) {
            return false;
        }
    }

    /** A list in parts is for those certificates that name its part. */
    private static boolean isNamedIn(DistributionPointName point, ParsedCertificate certificate) {
        List<URI> named = RevocationPlaces.crls(certificate);
        return point.getType() == DistributionPointName.FULL_NAME
                && Arrays.stream(GeneralNames.getInstance(point.getName()).getNames())
                        .filter(name -> name.getTagNo() == GeneralName.uniformResourceIdentifier)
                        .anyMatch(name -> named.stream().anyMatch(uri -> uri.toString().equals(name.getName().toString())));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RevocationList that && der.equals(that.der);
    }

    @Override
    public int hashCode() {
        return der.hashCode();
    }
}
