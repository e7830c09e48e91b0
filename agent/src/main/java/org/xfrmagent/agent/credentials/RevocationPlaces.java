package org.xfrmagent.agent.credentials;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Where a certificate says that one can ask about it (RFC 5280, sections 4.2.1.13 and 4.2.2.1). */
final class RevocationPlaces {
    /** Places of one certificate: more are not asked. */
    private static final int MOST = 4;

    private RevocationPlaces() {}

    /** Of complete lists by its issuer. */
    static List<URI> crls(ParsedCertificate certificate) {
        return value(certificate, Extension.cRLDistributionPoints)
                .map(octets -> Arrays.stream(CRLDistPoint.getInstance(octets).getDistributionPoints())
                        .filter(point -> point.getCRLIssuer() == null && point.getReasons() == null)
                        .flatMap(RevocationPlaces::names)
                        .flatMap(RevocationPlaces::uri)
                        .limit(MOST)
                        .toList())
                .orElse(List.of());
    }

    /** Of those who answer by OCSP. */
    static List<URI> responders(ParsedCertificate certificate) {
        return value(certificate, Extension.authorityInfoAccess)
                .map(octets -> Arrays.stream(AuthorityInformationAccess.getInstance(octets).getAccessDescriptions())
                        .filter(access -> access.getAccessMethod().equals(AccessDescription.id_ad_ocsp))
                        .map(AccessDescription::getAccessLocation)
                        .flatMap(RevocationPlaces::uri)
                        .limit(MOST)
                        .toList())
                .orElse(List.of());
    }

    private static Stream<GeneralName> names(DistributionPoint point) {
        DistributionPointName name = point.getDistributionPoint();
        return name == null || name.getType() != DistributionPointName.FULL_NAME ? Stream.empty() : Arrays.stream(GeneralNames.getInstance(name.getName()).getNames());
    }

    private static Stream<URI> uri(GeneralName name) {
        try {
            return name.getTagNo() == GeneralName.uniformResourceIdentifier ? Stream.of(new URI(name.getName().toString())) : Stream.empty();
        } catch (URISyntaxException misshapen) {
            return Stream.empty();
        }
    }

    /** What {@code id} holds; empty if it is not there or cannot be read, which a later check finds wrong where it matters. */
    private static Optional<byte[]> value(ParsedCertificate certificate, ASN1ObjectIdentifier id) {
        return Optional.ofNullable(certificate.x509().getExtensionValue(id.getId())).map(octets -> ASN1OctetString.getInstance(octets).getOctets());
    }
}
