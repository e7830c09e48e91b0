package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Object;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.Attribute;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.IetfAttrSyntax;
import org.bouncycastle.cert.AttributeCertificateHolder;
import org.bouncycastle.cert.X509AttributeCertificateHolder;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.VerifyingKeys;

/**
 * Of which groups somebody is a member, as an authority for attributes has it (RFC 5755). Two are the same if all of their octets are.
 *
 * @param der all of it
 * @param holder whose it is: who has the certificate of this issuer and number, or has one of these names
 * @param issuer who says so
 * @param from when it begins to count
 * @param until when it ends
 * @param groups values of the attribute id-aca-group (section 4.4.4)
 * @param unknown critical extensions that are not known here
 * @param forLife whether it is never revoked (section 4.3.6)
 * @param signed what is signed
 */
record AttributeCertificate(
        Bytes der, Holder holder, X500Principal issuer, Instant from, Instant until, List<String> groups, Set<String> unknown, boolean forLife,
        Signed signed) {
    private static final ASN1ObjectIdentifier GROUP = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.10.4");
    private static final Set<String> KNOWN = Set.of(Extension.auditIdentity.getId(), Extension.authorityKeyIdentifier.getId(), Extension.noRevAvail.getId());
    private static final int DIGITAL_SIGNATURE = 0;
    private static final int NON_REPUDIATION = 1;

    AttributeCertificate {
        groups = List.copyOf(groups);
        unknown = Set.copyOf(unknown);
    }

    /** Whose it is (section 4.2.2). */
    sealed interface Holder {
        record OfCertificate(X500Principal issuer, BigInteger serial) implements Holder {}

        record OfName(List<X500Principal> names) implements Holder {
            public OfName {
                names = List.copyOf(names);
            }
        }
    }

    /** A signature, and what it is of. */
    record Signed(AlgorithmIdentifier algorithm, Bytes octets, Bytes signature) {}

    /** Empty for what is none, has something behind it, is too long, or says of nobody we could tell whose it is. */
    static Optional<AttributeCertificate> read(Bytes der) {
        if (der.length() > VerifyingKeys.LONGEST_CERTIFICATE) {
            return Optional.empty();
        }
        try {
            X509AttributeCertificateHolder parsed = new X509AttributeCertificateHolder(der.toArray());
            X500Name[] issuers = parsed.getIssuer().getNames();
            Optional<Holder> holder = holder(parsed.getHolder());
            var structure = parsed.toASN1Structure();
            // Section 4.2.4: what the signature covers says by which algorithm it is.
            boolean agreed = structure.getAcinfo().getSignature().equals(structure.getSignatureAlgorithm());
            if (issuers.length != 1 || holder.isEmpty() || !agreed || parsed.getVersion() != 2 || !isDer(structure, der)) {
                return Optional.empty();
            }
            Set<String> unknown = parsed.hasExtensions()
                    ? Set.copyOf(Arrays.stream(parsed.getExtensions().getCriticalExtensionOIDs()).map(ASN1ObjectIdentifier::getId).filter(id -> !KNOWN.contains(id)).toList())
                    : Set.of();
            return Optional.of(new AttributeCertificate(
                    der, holder.get(), principal(issuers[0]), parsed.getNotBefore().toInstant(), parsed.getNotAfter().toInstant(), groups(parsed), unknown,
                    parsed.getExtension(Extension.noRevAvail) != null,
                    new Signed(parsed.getSignatureAlgorithm(), Bytes.wrap(structure.getAcinfo().getEncoded(ASN1Encoding.DER)), Bytes.wrap(parsed.getSignature()))));
        } catch (IOException | RuntimeException none) {
            return Optional.empty();
        }
    }

    /** What is signed is DER (RFC 5755, section 4.1): another encoding of the same is not what the issuer has made. */
    private static boolean isDer(ASN1Object structure, Bytes der) throws IOException {
        return Bytes.wrap(structure.getEncoded(ASN1Encoding.DER)).equals(der);
    }

    private static Optional<Holder> holder(AttributeCertificateHolder holder) throws IOException {
        X500Name[] issuers = holder.getIssuer();
        if (issuers != null && holder.getSerialNumber() != null) {
            return issuers.length == 1 ? Optional.of(new Holder.OfCertificate(principal(issuers[0]), holder.getSerialNumber())) : Optional.empty();
        }
        X500Name[] names = holder.getEntityNames();
        if (names == null || names.length == 0) {
            return Optional.empty();
        }
        List<X500Principal> all = new ArrayList<>();
        for (X500Name name : names) {
            all.add(principal(name));
        }
        return Optional.of(new Holder.OfName(all));
    }

    private static X500Principal principal(X500Name name) throws IOException {
        return new X500Principal(name.getEncoded());
    }

    private static List<String> groups(X509AttributeCertificateHolder parsed) {
        List<String> groups = new ArrayList<>();
        for (Attribute attribute : parsed.getAttributes(GROUP)) {
            for (ASN1Encodable value : attribute.getAttributeValues()) {
                for (Object each : IetfAttrSyntax.getInstance(value).getValues()) {
                    groups.add(switch (each) {
                        case ASN1OctetString octets -> new String(octets.getOctets(), StandardCharsets.UTF_8);
                        case ASN1ObjectIdentifier id -> id.getId();
                        case ASN1String text -> text.getString();
                        default -> throw new IllegalArgumentException("a group that is no text");
                    });
                }
            }
        }
        return groups;
    }

    /** Whether it is of whom {@code certificate} is. */
    boolean isOf(ParsedCertificate certificate) {
        return switch (holder) {
            case Holder.OfCertificate(X500Principal by, BigInteger serial) ->
                by.equals(certificate.x509().getIssuerX500Principal()) && serial.equals(certificate.x509().getSerialNumber());
            case Holder.OfName(List<X500Principal> names) -> names.contains(certificate.x509().getSubjectX500Principal());
        };
    }

    /**
     * Why it does not count (section 5), as a sentence.
     *
     * @param authorities who are believed about attributes, each as it is
     * @param revocable whether it may be one that its issuer can revoke: whether it has, nobody is asked
     */
    Optional<String> objection(List<ParsedCertificate> authorities, boolean revocable, Instant now) {
        if (!unknown.isEmpty()) {
            return Optional.of(this + " has the critical extensions " + unknown + ", which are not known here");
        }
        if (now.isBefore(from) || now.isAfter(until)) {
            return Optional.of(this + " is valid from " + from + " until " + until + ", and now is " + now);
        }
        if (!forLife && !revocable) {
            return Optional.of(this + " could have been revoked, and with 'revocation: strict' has to say that it never is (noRevAvail)");
        }
        List<ParsedCertificate> issuers = authorities.stream().filter(each -> each.x509().getSubjectX500Principal().equals(issuer)).toList();
        if (issuers.isEmpty()) {
            return Optional.of(this + " is by nobody who is believed about groups");
        }
        if (!Signatures.isStrong(signed.algorithm())) {
            return Optional.of(this + " is signed with " + signed.algorithm().getAlgorithm() + ", expected SHA-256 or better");
        }
        List<ParsedCertificate> signers = issuers.stream()
                .filter(each -> maySign(each) && Signatures.holds(each.x509().getPublicKey(), signed.algorithm(), signed.octets(), signed.signature()))
                .toList();
        return signers.isEmpty()
                ? Optional.of(this + " is not signed with the key of its issuer")
                : signers.getFirst().objectionToTime(now).filter(_ -> signers.stream().noneMatch(each -> each.objectionToTime(now).isEmpty()));
    }

    /** Section 4.5. */
    private static boolean maySign(ParsedCertificate authority) {
        boolean[] usage = authority.x509().getKeyUsage();
        return usage == null || usage[DIGITAL_SIGNATURE] || usage[NON_REPUDIATION];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AttributeCertificate that && der.equals(that.der);
    }

    @Override
    public int hashCode() {
        return der.hashCode();
    }

    /** As sentences name it. */
    @Override
    public String toString() {
        return "an attribute certificate of '" + ParsedCertificate.text(issuer) + "'";
    }
}
