package org.xfrmagent.agent.pki;

import java.io.IOException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.operator.OperatorCreationException;
import org.xfrmagent.agent.bytes.Bytes;

/** Makes a list of revoked certificates; what is not said is as a good one has it. */
public final class TestCrl {
    private record Ext(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {}

    private final Holder issuer;
    private final List<Holder> revoked;
    private final List<Ext> extensions = new ArrayList<>();
    private Instant from = TestPki.NOW.minus(Duration.ofDays(1));
    private Optional<Instant> until = Optional.of(TestPki.NOW.plus(Duration.ofDays(1)));
    private Holder signer;
    private Optional<String> signature = Optional.empty();

    private TestCrl(Holder issuer, List<Holder> revoked) {
        this.issuer = issuer;
        this.revoked = revoked;
        this.signer = issuer;
    }

    public static TestCrl of(Holder issuer, Holder... revoked) {
        return new TestCrl(issuer, List.of(revoked));
    }

    public TestCrl from(Instant time) {
        from = time;
        return this;
    }

    public TestCrl until(Instant time) {
        until = Optional.of(time);
        return this;
    }

    /** It does not say until when it is good. */
    public TestCrl forever() {
        until = Optional.empty();
        return this;
    }

    /** With somebody else's key. */
    public TestCrl signedBy(Holder other) {
        signer = other;
        return this;
    }

    public TestCrl signedWith(String algorithm) {
        signature = Optional.of(algorithm);
        return this;
    }

    public TestCrl extension(ASN1ObjectIdentifier id, boolean critical, ASN1Encodable value) {
        extensions.add(new Ext(id, critical, value));
        return this;
    }

    public Bytes der() {
        try {
            X509Certificate certificate = issuer.certificate();
            X509v2CRLBuilder builder = new X509v2CRLBuilder(X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded()), Date.from(from));
            until.map(Date::from).ifPresent(builder::setNextUpdate);
            for (Holder each : revoked) {
                builder.addCRLEntry(each.certificate().getSerialNumber(), Date.from(from), CRLReason.keyCompromise);
            }
            builder.addExtension(Extension.authorityKeyIdentifier, false, new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate.getPublicKey()));
            for (Ext extension : extensions) {
                builder.addExtension(extension.id(), extension.critical(), extension.value());
            }
            return Bytes.wrap(builder.build(TestPki.signer(signature.orElse(signer.kind().signature()), signer.keys())).getEncoded());
        } catch (IOException | OperatorCreationException | NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    public String pem() {
        return Holder.pem("X509 CRL", der().toArray());
    }
}
