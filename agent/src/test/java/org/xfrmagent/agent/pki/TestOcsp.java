package org.xfrmagent.agent.pki;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.xfrmagent.agent.bytes.Bytes;

/** Answers of an OCSP responder; what is not said is as a good one has it. */
public final class TestOcsp {
    /** What it says of a certificate. */
    public enum Status {
        GOOD,
        REVOKED,
        UNKNOWN
    }

    private final Holder signer;
    private Status status = Status.GOOD;
    private boolean showsCertificate = true;
    private boolean returnsNonce = true;
    private boolean anotherNonce;
    private Optional<Bytes> aboutAnother = Optional.empty();
    private Instant from = TestPki.NOW.minus(Duration.ofMinutes(1));
    private Optional<Instant> until = Optional.of(TestPki.NOW.plus(Duration.ofDays(1)));

    private TestOcsp(Holder signer) {
        this.signer = signer;
    }

    public static TestOcsp by(Holder signer) {
        return new TestOcsp(signer);
    }

    public TestOcsp says(Status what) {
        status = what;
        return this;
    }

    public TestOcsp withoutCertificate() {
        showsCertificate = false;
        return this;
    }

    public TestOcsp withoutNonce() {
        returnsNonce = false;
        return this;
    }

    public TestOcsp withAnotherNonce() {
        anotherNonce = true;
        return this;
    }

    /** The answer to {@code question}, whatever is asked. */
    public TestOcsp replaying(Bytes question) {
        aboutAnother = Optional.of(question);
        return this;
    }

    public TestOcsp valid(Instant since, Optional<Instant> to) {
        from = since;
        until = to;
        return this;
    }

    public Bytes answer(Bytes question) {
        try {
            OCSPReq request = new OCSPReq(aboutAnother.orElse(question).toArray());
            DigestCalculator sha1 = new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1);
            BasicOCSPRespBuilder builder = new JcaBasicOCSPRespBuilder(signer.keys().getPublic(), sha1);
            CertificateStatus said = switch (status) {
                case GOOD -> CertificateStatus.GOOD;
                case REVOKED -> new RevokedStatus(Date.from(from), 1);
                case UNKNOWN -> new UnknownStatus();
            };
            builder.addResponse(request.getRequestList()[0].getCertID(), said, Date.from(from), until.map(Date::from).orElse(null), null);
            Extension nonce = request.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
            if (returnsNonce) {
                builder.setResponseExtensions(new Extensions(anotherNonce ? new Extension(nonce.getExtnId(), false, new byte[] {4, 2, 1, 2}) : nonce));
            }
            X509CertificateHolder[] certificates = showsCertificate ? new X509CertificateHolder[] {new X509CertificateHolder(signer.der().toArray())} : new X509CertificateHolder[0];
            return Bytes.wrap(new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL,
                    builder.build(TestPki.signer(signer.kind().signature(), signer.keys()), certificates, Date.from(from))).getEncoded());
        } catch (CertIOException e) {
            throw new IllegalStateException(e);
        } catch (IOException | OCSPException | OperatorCreationException e) {
            throw new IllegalStateException(e);
        }
    }
}
