package org.xfrmagent.it.peers;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.cert.AttributeCertificateHolder;
import org.bouncycastle.cert.AttributeCertificateIssuer;
import org.bouncycastle.cert.X509v2AttributeCertificateBuilder;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates and keys, made when a test runs, in the forms in which every daemon here reads them. */
public final class Pki {
    private static final Duration VALID = Duration.ofDays(90);
    private static final Duration CLOCKS_DIFFER_BY = Duration.ofDays(1);

    /** Kinds of keys. */
    public enum Key {
        RSA_2048("RSA", "2048", "SHA256withRSA"),
        RSA_3072("RSA", "3072", "SHA256withRSA"),
        RSA_4096("RSA", "4096", "SHA512withRSA"),
        P256("EC", "secp256r1", "SHA256withECDSA"),
        P384("EC", "secp384r1", "SHA384withECDSA"),
        P521("EC", "secp521r1", "SHA512withECDSA"),
        ED25519("Ed25519", "", "Ed25519");

        private final String algorithm;
        private final String size;
        private final String signature;

        Key(String algorithm, String size, String signature) {
            this.algorithm = algorithm;
            this.size = size;
            this.signature = signature;
        }

        private KeyPair pair() throws GeneralSecurityException {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            if (algorithm.equals("RSA")) {
                generator.initialize(Integer.parseInt(size));
            } else if (!size.isEmpty()) {
                generator.initialize(new ECGenParameterSpec(size));
            }
            return generator.generateKeyPair();
        }
    }

    /** A certificate with its private key. */
    public record Certified(X509Certificate certificate, KeyPair keys, Key kind) {
        /** The certificate. */
        public String pem() {
            try {
                return Pki.pem("CERTIFICATE", certificate.getEncoded());
            } catch (CertificateException impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        /** The private key as PKCS #8. */
        public String keyPem() {
            return Pki.pem("PRIVATE KEY", keys.getPrivate().getEncoded());
        }

        /** The public key as SubjectPublicKeyInfo. */
        public String publicKeyPem() {
            return Pki.pem("PUBLIC KEY", keys.getPublic().getEncoded());
        }

        /** Its distinguished name. */
        public String subject() {
            return certificate.getSubjectX500Principal().getName();
        }

        /** The same, its parts in the order in which they stand there. */
        private X500Name name() {
            return X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
        }

        /** Without the key. */
        @Override
        public String toString() {
            return subject() + " (" + kind + ")";
        }
    }

    private Pki() {}

    /** An authority that nobody vouches for. */
    public static Certified authority(String subject, Key kind) {
        return made(() -> {
            KeyPair pair = kind.pair();
            return signed(subject, pair, kind, new X500Name(subject), pair, kind, true);
        });
    }

    /** The same, for certificates that are issued under this policy. */
    public static Certified authorityUnder(String policy, String subject, Key kind) {
        return made(() -> {
            KeyPair pair = kind.pair();
            return signed(subject, pair, kind, new X500Name(subject), pair, kind, true, Optional.of(policy));
        });
    }

    /** An authority that {@code issuer} vouches for. */
    public static Certified authority(String subject, Key kind, Certified issuer) {
        return made(() -> signed(subject, kind.pair(), kind, issuer.name(), issuer.keys, issuer.kind, true));
    }

    /** Somebody with these domain names. */
    public static Certified end(String subject, Key kind, Certified issuer, String... names) {
        return made(() -> signed(subject, kind.pair(), kind, issuer.name(), issuer.keys, issuer.kind, false, names));
    }

    /** Somebody with a domain name, and a certificate that was issued under this policy. */
    public static Certified endUnder(String policy, String subject, Key kind, Certified issuer, String name) {
        return made(() -> signed(subject, kind.pair(), kind, issuer.name(), issuer.keys, issuer.kind, false, Optional.of(policy), name));
    }

    /** What {@code issuer} has revoked, as PEM. */
    public static String crl(Certified issuer, Certified... revoked) {
        return made(() -> {
            Instant now = Instant.now();
            X509v2CRLBuilder builder = new JcaX509v2CRLBuilder(issuer.certificate, Date.from(now.minus(CLOCKS_DIFFER_BY)));
            builder.setNextUpdate(Date.from(now.plus(VALID)));
            builder.addExtension(
                    Extension.authorityKeyIdentifier, false, new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.keys.getPublic()));
            for (Certified one : revoked) {
                builder.addCRLEntry(one.certificate.getSerialNumber(), Date.from(now.minus(CLOCKS_DIFFER_BY)), CRLReason.keyCompromise);
            }
            return pem("X509 CRL", builder.build(new JcaContentSignerBuilder(issuer.kind.signature).build(issuer.keys.getPrivate())).getEncoded());
        });
    }

    /** That the owner of a certificate is a member of groups, says {@code issuer} (RFC 5755), as PEM. */
    public static String attributes(Certified issuer, Certified owner, String... groups) {
        return made(() -> {
            Instant now = Instant.now();
            X500Name vouching = X500Name.getInstance(owner.certificate.getIssuerX500Principal().getEncoded());
            X509v2AttributeCertificateBuilder builder = new X509v2AttributeCertificateBuilder(
                    new AttributeCertificateHolder(vouching, owner.certificate.getSerialNumber()), new AttributeCertificateIssuer(issuer.name()),
                    BigInteger.valueOf(System.nanoTime()), Date.from(now.minus(CLOCKS_DIFFER_BY)), Date.from(now.plus(VALID)));
            ASN1Encodable[] values = Arrays.stream(groups).map(group -> new DEROctetString(group.getBytes(StandardCharsets.UTF_8))).toArray(ASN1Encodable[]::new);
            builder.addAttribute(new ASN1ObjectIdentifier("1.3.6.1.5.5.7.10.4"), new DERSequence(new DERSequence(values)));
            builder.addExtension(Extension.noRevAvail, false, DERNull.INSTANCE);
            return pem("ATTRIBUTE CERTIFICATE", builder.build(new JcaContentSignerBuilder(issuer.kind.signature).build(issuer.keys.getPrivate())).getEncoded());
        });
    }

    private static Certified signed(
            String subject, KeyPair pair, Key kind, X500Name issuer, KeyPair issuersKeys, Key issuersKind, boolean authority, String... names)
            throws GeneralSecurityException, IOException, OperatorCreationException {
        return signed(subject, pair, kind, issuer, issuersKeys, issuersKind, authority, Optional.empty(), names);
    }

    private static Certified signed(
            String subject, KeyPair pair, Key kind, X500Name issuer, KeyPair issuersKeys, Key issuersKind, boolean authority, Optional<String> policy,
            String... names) throws GeneralSecurityException, IOException, OperatorCreationException {
        Instant now = Instant.now();
        JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();
        X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer, BigInteger.valueOf(System.nanoTime()), Date.from(now.minus(CLOCKS_DIFFER_BY)), Date.from(now.plus(VALID)),
                new X500Name(subject), pair.getPublic());
        builder.addExtension(Extension.subjectKeyIdentifier, false, identifiers.createSubjectKeyIdentifier(pair.getPublic()));
        builder.addExtension(Extension.authorityKeyIdentifier, false, identifiers.createAuthorityKeyIdentifier(issuersKeys.getPublic()));
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        builder.addExtension(Extension.keyUsage, true,
                new KeyUsage(authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
        if (policy.isPresent()) {
            builder.addExtension(Extension.certificatePolicies, false, new CertificatePolicies(new PolicyInformation(new ASN1ObjectIdentifier(policy.get()))));
        }
        if (names.length > 0) {
            GeneralName[] all = new GeneralName[names.length];
            for (int i = 0; i < names.length; i++) {
                all[i] = new GeneralName(GeneralName.dNSName, names[i]);
            }
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(all));
        }
        X509Certificate certificate = new JcaX509CertificateConverter().getCertificate(
                builder.build(new JcaContentSignerBuilder(issuersKind.signature).build(issuersKeys.getPrivate())));
        return new Certified(certificate, pair, kind);
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN " + what + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + what
                + "-----\n";
    }

    @FunctionalInterface
    private interface Making<T> {
        T make() throws GeneralSecurityException, IOException, OperatorCreationException;
    }

    private static <T> T made(Making<T> making) {
        try {
            return making.make();
        } catch (GeneralSecurityException | IOException | OperatorCreationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
