package org.xfrmagent.agent.pkcs11;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.xfrmagent.agent.bytes.Bytes;

/** The public half of a key, from whatever a token tells of it. */
final class PublicHalf {
    private static final int UNCOMPRESSED = 4;

    private PublicHalf() {}

    /** What a token tells of the object with the key's handle. */
    @FunctionalInterface
    interface Told {
        Optional<Bytes> attribute(long objectClass, long type) throws TokenFailure, IOException;
    }

    /** Its SubjectPublicKeyInfo: of its public key, of the private one as far as that is not secret, or of a certificate. */
    static Optional<Bytes> of(Told told) throws TokenFailure, IOException {
        for (long objectClass : List.of(Cryptoki.PUBLIC_KEY, Cryptoki.PRIVATE_KEY)) {
            Optional<Bytes> modulus = told.attribute(objectClass, Cryptoki.MODULUS);
            Optional<Bytes> exponent = told.attribute(objectClass, Cryptoki.PUBLIC_EXPONENT);
            if (modulus.isPresent() && exponent.isPresent()) {
                return Optional.of(rsa(modulus.get(), exponent.get()));
            }
            Optional<Bytes> curve = told.attribute(objectClass, Cryptoki.EC_PARAMS);
            Optional<Bytes> point = told.attribute(objectClass, Cryptoki.EC_POINT);
            if (curve.isPresent() && point.isPresent()) {
                return Optional.of(curve(curve.get(), point.get()));
            }
        }
        return told.attribute(Cryptoki.CERTIFICATE, Cryptoki.VALUE).flatMap(PublicHalf::inCertificate);
    }

    private static Bytes rsa(Bytes modulus, Bytes exponent) throws IOException {
        return encoded(new SubjectPublicKeyInfo(new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                new RSAPublicKey(new BigInteger(1, modulus.toArray()), new BigInteger(1, exponent.toArray()))));
    }

    /** The point is in an OCTET STRING; some tokens leave that out. */
    private static Bytes curve(Bytes parameters, Bytes point) throws IOException {
        ASN1Primitive named = ASN1Primitive.fromByteArray(parameters.toArray());
        byte[] octets = point.u8(0) == UNCOMPRESSED && point.length() % 2 == 1 && !isOctetString(point)
                ? point.toArray()
                : ASN1OctetString.getInstance(point.toArray()).getOctets();
        // Ed25519 and Ed448 are named by themselves (RFC 8410).
        boolean edwards = named instanceof ASN1ObjectIdentifier id && id.on(new ASN1ObjectIdentifier("1.3.101"));
        return encoded(new SubjectPublicKeyInfo(
                edwards ? new AlgorithmIdentifier((ASN1ObjectIdentifier) named) : new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, named), octets));
    }

    private static boolean isOctetString(Bytes point) {
        try {
            return ASN1OctetString.getInstance(point.toArray()).getOctets().length > 0;
        } catch (IllegalArgumentException | ClassCastException bare) {
            return false;
        }
    }

    private static Bytes encoded(SubjectPublicKeyInfo info) throws IOException {
        return Bytes.wrap(info.getEncoded(ASN1Encoding.DER));
    }

    private static Optional<Bytes> inCertificate(Bytes der) {
        try {
            return Optional.of(Bytes.wrap(CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(der.toArray())).getPublicKey().getEncoded()));
        } catch (CertificateException none) {
            return Optional.empty();
        }
    }

    /** Ecdsa-Sig-Value (RFC 3279, section 2.2.3) of r and s one after the other. */
    static Bytes sequence(Bytes pair) {
        byte[] octets = pair.toArray();
        int half = octets.length / 2;
        try {
            return Bytes.wrap(new DERSequence(new ASN1Integer[] {
                new ASN1Integer(new BigInteger(1, Arrays.copyOf(octets, half))),
                new ASN1Integer(new BigInteger(1, Arrays.copyOfRange(octets, half, octets.length)))
            }).getEncoded(ASN1Encoding.DER));
        } catch (IOException impossible) {
            throw new IllegalStateException("a signature cannot be written", impossible);
        }
    }
}
