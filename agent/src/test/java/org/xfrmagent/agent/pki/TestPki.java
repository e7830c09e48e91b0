package org.xfrmagent.agent.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.xfrmagent.agent.bytes.Bytes;

/**
 * Makes one certificate: what is not said is as a good certificate has it, so a test says only what it is about.
 *
 * <pre>
 *   Holder root = TestPki.authority("CN=Root").selfSigned();
 *   Holder moon = TestPki.end("CN=moon").dns("moon.example.org").issuedBy(root);
 * </pre>
 */
public final class TestPki {
    /** When everything is valid: long before and long after any test's clock. */
    public static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");

    private record Ext(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {}

    private final String subject;
    private final List<Ext> extensions = new ArrayList<>();
    private final List<GeneralName> names = new ArrayList<>();
    private KeyKind kind = KeyKind.P256;
    private String keyName;
    private Optional<String> signature = Optional.empty();
    private Instant notBefore = NOW.minus(Duration.ofDays(3650));
    private Instant notAfter = NOW.plus(Duration.ofDays(3650));
    private BigInteger serial;

    private TestPki(String subject) {
        this.subject = subject;
        this.keyName = subject;
        this.serial = BigInteger.valueOf(Integer.toUnsignedLong(subject.hashCode()) + 1);
    }

    /** Of an authority: basicConstraints and keyUsage are there. */
    public static TestPki authority(String subject) {
        return new TestPki(subject)
                .extension(Extension.basicConstraints, true, new BasicConstraints(true))
                .extension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    }

    /** Of somebody who speaks IKE; whatever it may be used for is not said in it. */
    public static TestPki end(String subject) {
        return new TestPki(subject);
    }

    public TestPki key(KeyKind wanted) {
        kind = wanted;
        return this;
    }

    /** Another pair of keys than the subject's own. */
    public TestPki keyNamed(String name) {
        keyName = name;
        return this;
    }

    public TestPki dns(String name) {
        names.add(new GeneralName(GeneralName.dNSName, name));
        return this;
    }

    public TestPki email(String address) {
        names.add(new GeneralName(GeneralName.rfc822Name, address));
        return this;
    }

    public TestPki ip(String address) {
        names.add(new GeneralName(GeneralName.iPAddress, address));
        return this;
    }

    public TestPki validity(Instant from, Instant to) {
        notBefore = from;
        notAfter = to;
        return this;
    }

    public TestPki serial(long number) {
        serial = BigInteger.valueOf(number);
        return this;
    }

    /** How it is signed, by the JCA's name. */
    public TestPki signedWith(String algorithm) {
        signature = Optional.of(algorithm);
        return this;
    }

    /** In the place of one of the same kind. */
    public TestPki extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
        without(id);
        extensions.add(new Ext(id, critical, value));
        return this;
    }

    public TestPki without(ASN1ObjectIdentifier id) {
        extensions.removeIf(each -> each.id().equals(id));
        return this;
    }

    public TestPki usage(int bits) {
        return extension(Extension.keyUsage, true, new KeyUsage(bits));
    }

    public TestPki purposes(KeyPurposeId... purposes) {
        return extension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purposes));
    }

    /** Where its issuer's CRL can be fetched. */
    public TestPki crlAt(String... uris) {
        DistributionPoint[] points = new DistributionPoint[uris.length];
        for (int i = 0; i < uris.length; i++) {
            points[i] = new DistributionPoint(
                    new DistributionPointName(new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, uris[i]))), null, null);
        }
        return extension(Extension.cRLDistributionPoints, false, new CRLDistPoint(points));
    }

    /** Who can be asked about it. */
    public TestPki ocspAt(String uri) {
        return extension(Extension.authorityInfoAccess, false, new AuthorityInformationAccess(
                AccessDescription.id_ad_ocsp, new GeneralName(GeneralName.uniformResourceIdentifier, uri)));
    }

    public Holder selfSigned() {
        KeyPair pair = kind.pair(keyName);
        return new Holder(sign(new X500Name(subject), pair, kind, pair), pair, kind);
    }

    public Holder issuedBy(Holder issuer) {
        KeyPair pair = kind.pair(keyName);
        return new Holder(sign(X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded()), issuer.keys(), issuer.kind(), pair), pair, kind);
    }

    private Bytes sign(X500Name issuer, KeyPair signer, KeyKind signerKind, KeyPair pair) {
        try {
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    issuer, serial, Date.from(notBefore), Date.from(notAfter), new X500Name(subject), pair.getPublic());
            JcaX509ExtensionUtils ids = new JcaX509ExtensionUtils();
            builder.addExtension(Extension.subjectKeyIdentifier, false, ids.createSubjectKeyIdentifier(pair.getPublic()));
            builder.addExtension(Extension.authorityKeyIdentifier, false, ids.createAuthorityKeyIdentifier(signer.getPublic()));
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names.toArray(GeneralName[]::new)));
            }
            for (Ext extension : extensions) {
                builder.addExtension(extension.id(), extension.critical(), extension.value());
            }
            return Bytes.wrap(builder.build(signer(signature.orElse(signerKind.signature()), signer)).getEncoded());
        } catch (IOException | OperatorCreationException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    static ContentSigner signer(String algorithm, KeyPair signer) throws OperatorCreationException {
        JcaContentSignerBuilder builder = new JcaContentSignerBuilder(algorithm);
        // The JDK has no single name for PSS with its parameters.
        return (algorithm.endsWith("MGF1") ? builder.setProvider(new BouncyCastleProvider()) : builder).build(signer.getPrivate());
    }
}
