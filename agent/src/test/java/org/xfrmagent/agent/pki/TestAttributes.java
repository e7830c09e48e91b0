package org.xfrmagent.agent.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.AttributeCertificateHolder;
import org.bouncycastle.cert.AttributeCertificateIssuer;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v2AttributeCertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.xfrmagent.agent.bytes.Bytes;

/** Makes an attribute certificate (RFC 5755); what is not said is as a good one has it. */
public final class TestAttributes {
    private static final ASN1ObjectIdentifier GROUP = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.10.4");

    private record Ext(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {}

    private final Holder owner;
    private final List<ASN1Encodable> groups = new ArrayList<>();
    private final List<Ext> extensions = new ArrayList<>();
    private Instant from = TestPki.NOW.minus(Duration.ofHours(1));
    private Instant until = TestPki.NOW.plus(Duration.ofHours(23));
    private boolean byName;
    private boolean revocable;
    private Optional<String> signature = Optional.empty();

    private TestAttributes(Holder owner) {
        this.owner = owner;
    }

    /** Of the owner of a certificate, who is a member of {@code groups}. */
    public static TestAttributes of(Holder owner, String... groups) {
        TestAttributes made = new TestAttributes(owner);
        for (String group : groups) {
            made.groups.add(new DEROctetString(group.getBytes(StandardCharsets.UTF_8)));
        }
        return made;
    }

    public TestAttributes utf8(String group) {
        groups.add(new DERUTF8String(group));
        return this;
    }

    public TestAttributes object(String id) {
        groups.add(new ASN1ObjectIdentifier(id));
        return this;
    }

    /** Of whoever has the owner's name, not of its certificate alone. */
    public TestAttributes byName() {
        byName = true;
        return this;
    }

    public TestAttributes validity(Instant begins, Instant ends) {
        from = begins;
        until = ends;
        return this;
    }

    /** It does not say that it is never revoked. */
    public TestAttributes revocable() {
        revocable = true;
        return this;
    }

    public TestAttributes signedWith(String algorithm) {
        signature = Optional.of(algorithm);
        return this;
    }

    public TestAttributes extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
        extensions.add(new Ext(id, critical, value));
        return this;
    }

    public Bytes issuedBy(Holder issuer) {
        return signed(issuer, issuer);
    }

    /** In the name of one, with the key of another. */
    public Bytes signed(Holder issuer, Holder signer) {
        try {
            X500Name by = X500Name.getInstance(issuer.certificate().getSubjectX500Principal().getEncoded());
            X509CertificateHolder certificate = new X509CertificateHolder(owner.der().toArray());
            X509v2AttributeCertificateBuilder builder = new X509v2AttributeCertificateBuilder(
                    byName ? new AttributeCertificateHolder(certificate.getSubject()) : new AttributeCertificateHolder(certificate.getIssuer(), certificate.getSerialNumber()),
                    new AttributeCertificateIssuer(by), BigInteger.ONE, Date.from(from), Date.from(until), Locale.ROOT);
            builder.addAttribute(GROUP, new DERSequence(new DERSequence(groups.toArray(ASN1Encodable[]::new))));
            if (!revocable) {
                builder.addExtension(Extension.noRevAvail, false, DERNull.INSTANCE);
            }
            for (Ext extension : extensions) {
                builder.addExtension(extension.id(), extension.critical(), extension.value());
            }
            return Bytes.wrap(builder.build(TestPki.signer(signature.orElse(signer.kind().signature()), signer.keys())).getEncoded());
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }

    public static String pem(Bytes der) {
        return Holder.pem("ATTRIBUTE CERTIFICATE", der.toArray());
    }
}
