package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.oiw.OIWObjectIdentifiers;
import org.bouncycastle.asn1.ocsp.CertID;
import org.bouncycastle.asn1.ocsp.OCSPObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;

/**
 * A question to an OCSP responder about one certificate, and what its answer is worth (RFC 6960).
 *
 * @param issuer who has issued {@code certificate}, and so says who may answer
 * @param nonce 32 octets; an answer without one is good too, since many are made beforehand (RFC 8954)
 */
record OcspQuestion(ParsedCertificate certificate, ParsedCertificate issuer, Bytes nonce) {
    private static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

    /** By how much the clocks of a responder and ours may differ. */
    private static final Duration SKEW = Duration.ofMinutes(5);

    /**
     * @param until when it has to be asked for again; of one that does not say, now
     */
    record Answer(Standing standing, Instant until) {}

    private record Invalid(String why) {
        Answer answer(Instant now) {
            return new Answer(new Standing.Unknown(why), now);
        }
    }

    Bytes encoded() {
        try {
            OCSPReqBuilder builder = new OCSPReqBuilder().addRequest(new CertificateID(id()));
            builder.setRequestExtensions(new Extensions(new Extension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce, false,
                    new DEROctetString(nonce.toArray()).getEncoded(ASN1Encoding.DER))));
            return Bytes.wrap(builder.build().getEncoded());
        } catch (IOException | OCSPException bug) {
            throw new IllegalStateException("a question to an OCSP responder cannot be encoded", bug);
        }
    }

    /** SHA-1 tells authorities apart here, and nothing rests on it: every responder knows it. */
    private CertID id() {
        Bytes key = Bytes.wrap(SubjectPublicKeyInfo.getInstance(issuer.x509().getPublicKey().getEncoded()).getPublicKeyData().getBytes());
        return new CertID(new AlgorithmIdentifier(OIWObjectIdentifiers.idSHA1, DERNull.INSTANCE),
                new DEROctetString(Hashes.sha1(issuer.subject()).toArray()),
                new DEROctetString(Hashes.sha1(key).toArray()),
                new ASN1Integer(certificate.x509().getSerialNumber()));
    }

    /** What {@code octets} say; unknown for whatever is wrong with them. */
    Answer read(Bytes octets, Instant now) {
        try {
            OCSPResp response = new OCSPResp(octets.toArray());
            if (response.getStatus() != OCSPResp.SUCCESSFUL || !(response.getResponseObject() instanceof BasicOCSPResp basic)) {
                return new Invalid("an OCSP responder answers with status " + response.getStatus() + " instead of successful").answer(now);
            }
            return objection(basic, now).map(Invalid::new).map(invalid -> invalid.answer(now)).orElseGet(() -> answer(basic, now));
        } catch (IOException | OCSPException | IllegalArgumentException | IllegalStateException | ClassCastException misshapen) {
            return new Invalid("what an OCSP responder says cannot be read").answer(now);
        }
    }

    private Optional<String> objection(BasicOCSPResp basic, Instant now) {
        Extension returned = basic.getExtension(OCSPObjectIdentifiers.id_pkix_ocsp_nonce);
        if (returned != null && !Arrays.equals(nonce(returned), nonce.toArray())) {
            return Optional.of("an OCSP responder's answer is to another question: its nonce is not ours");
        }
        return signers(basic, now).anyMatch(signer -> Signatures.holds(signer.x509().getPublicKey(), basic.getSignatureAlgorithmID(),
                        Bytes.wrap(basic.getTBSResponseData()), Bytes.wrap(basic.getSignature())))
                ? Optional.empty()
                : Optional.of("an OCSP responder's answer is signed neither by " + issuer + " nor by one whom that allows to");
    }

    private static byte[] nonce(Extension extension) {
        byte[] value = extension.getExtnValue().getOctets();
        try {
            return ASN1OctetString.getInstance(value).getOctets();
        } catch (IllegalArgumentException raw) {
            return value;
        }
    }

    /** RFC 6960, section 4.2.2.2: the issuer, or one to whom it has given id-kp-OCSPSigning itself. */
    private Stream<ParsedCertificate> signers(BasicOCSPResp basic, Instant now) {
        return Stream.concat(Stream.of(issuer), Arrays.stream(basic.getCerts()).limit(4).flatMap(OcspQuestion::parsed).filter(each -> isAllowed(each, now)));
    }

    private static Stream<ParsedCertificate> parsed(X509CertificateHolder holder) {
        try {
            return ParsedCertificate.read(Bytes.wrap(holder.getEncoded())).stream();
        } catch (IOException misshapen) {
            return Stream.empty();
        }
    }

    private boolean isAllowed(ParsedCertificate signer, Instant now) {
        try {
            List<String> purposes = signer.x509().getExtendedKeyUsage();
            return purposes != null && purposes.contains(OCSP_SIGNING) && signer.objectionToTime(now).isEmpty() && signer.isSignedBy(issuer);
        } catch (GeneralSecurityException misshapen) {
            return false;
        }
    }

    private Answer answer(BasicOCSPResp basic, Instant now) {
        return Arrays.stream(basic.getResponses())
                .filter(single -> isAboutIt(single.getCertID()))
                .findFirst()
                .map(single -> answer(single, now))
                .orElseGet(() -> new Invalid("an OCSP responder's answer is not about " + certificate).answer(now));
    }

    private boolean isAboutIt(CertificateID about) {
        CertID mine = id();
        BigInteger serial = certificate.x509().getSerialNumber();
        return about.getHashAlgOID().equals(OIWObjectIdentifiers.idSHA1)
                && about.getSerialNumber().equals(serial)
                && Arrays.equals(about.getIssuerNameHash(), mine.getIssuerNameHash().getOctets())
                && Arrays.equals(about.getIssuerKeyHash(), mine.getIssuerKeyHash().getOctets());
    }

    private Answer answer(SingleResp single, Instant now) {
        Instant from = single.getThisUpdate().toInstant();
        // RFC 6960, section 4.2.2.1: without nextUpdate newer information is there all the time, so it is good for now alone.
        Instant until = Optional.ofNullable(single.getNextUpdate()).map(Date::toInstant).orElse(from.plus(SKEW));
        if (now.plus(SKEW).isBefore(from) || now.isAfter(until.plus(SKEW))) {
            return new Invalid("an OCSP responder's answer about " + certificate + " is from " + from + " until " + until + ", and now is " + now).answer(now);
        }
        // BouncyCastle's word for good is null.
        CertificateStatus status = single.getCertStatus();
        return switch (status) {
            case null -> new Answer(new Standing.Good(), until);
            case RevokedStatus _ -> new Answer(new Standing.Revoked(certificate + " was revoked by " + issuer + ", says an OCSP responder"), until);
            default -> new Invalid("an OCSP responder does not know " + certificate).answer(now);
        };
    }
}
