package org.xfrmagent.agent.crypto;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** Public keys that this agent believes in: RSA of 2048 to 16384 bits, ECDSA on the NIST curves, Ed25519 and Ed448. */
public final class VerifyingKeys {
    /** By policy, and RFC 8247, section 4.1.1: 1024 bits must not be used. */
    public static final int LEAST_RSA_BITS = 2048;

    /** A longer one costs whoever verifies too much. */
    public static final int MOST_RSA_BITS = 16384;

    private static final BigInteger LEAST_EXPONENT = BigInteger.valueOf(65537);
    private static final int MOST_EXPONENT_BITS = 64;

    /** Octets of a certificate; one of 100 names and an RSA key of 16384 bits is shorter. */
    public static final int LONGEST_CERTIFICATE = 16384;

    private VerifyingKeys() {}

    /**
     * The key in a certificate, which nobody vouches for by this.
     *
     * @param der the certificate as a peer has shown it
     * @throws UnusableKey if it is no certificate, or its key is not one of those above
     */
    public static VerifyingKey ofCertificate(Bytes der) throws UnusableKey {
        if (der.length() > LONGEST_CERTIFICATE) {
            throw new UnusableKey("the certificate has " + der.length() + " octets, the most is " + LONGEST_CERTIFICATE);
        }
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509", Providers.certificates());
            Certificate certificate = factory.generateCertificate(new ByteArrayInputStream(der.toArray()));
            if (certificate.getEncoded().length != der.length()) {
                throw new UnusableKey("octets follow the certificate");
            }
            return of(certificate.getPublicKey());
        } catch (GeneralSecurityException | RuntimeException noCertificate) {
            throw new UnusableKey("what was shown is no X.509 certificate");
        }
    }

    /**
     * A public key without a certificate, which nobody vouches for by this.
     *
     * @param der its SubjectPublicKeyInfo
     * @throws UnusableKey if it is none, or not one of those above
     */
    public static VerifyingKey ofPublicKey(Bytes der) throws UnusableKey {
        return of(publicKey(der));
    }

    /** @throws UnusableKey if {@code der} is no SubjectPublicKeyInfo of a kind that is known */
    public static PublicKey publicKey(Bytes der) throws UnusableKey {
        for (Family family : Family.ALL) {
            Optional<PublicKey> key = family.read(der);
            if (key.isPresent()) {
                return key.get();
            }
        }
        throw new UnusableKey("it is no public key of RSA, ECDSA on P-256, P-384 or P-521, Ed25519 or Ed448");
    }

    /** Who reads keys of a kind. */
    private record Family(String algorithm, Provider provider) {
        static final List<Family> ALL = List.of(
                new Family("RSA", Providers.rsaKeys()), new Family("EC", Providers.curveParameters()), new Family("EdDSA", Providers.curveParameters()));

        Optional<PublicKey> read(Bytes der) {
            try {
                return Optional.of(KeyFactory.getInstance(algorithm, provider).generatePublic(new X509EncodedKeySpec(der.toArray())));
            } catch (GeneralSecurityException | RuntimeException another) {
                return Optional.empty();
            }
        }
    }

    /** @throws UnusableKey with what was found and what was expected */
    public static VerifyingKey of(PublicKey key) throws UnusableKey {
        return of(key, Providers.best());
    }

    static VerifyingKey of(PublicKey key, Providers providers) throws UnusableKey {
        return switch (key) {
            case RSAPublicKey rsa -> rsa(rsa, providers);
            case ECPublicKey ec -> new Whole(SignatureScheme.Key.ECDSA, curve(Curve.of(ec)), key, providers);
            case EdECPublicKey ed when ed.getParams().getName().equals("Ed25519") -> new Whole(SignatureScheme.Key.ED25519, 253, key, providers);
            case EdECPublicKey ed when ed.getParams().getName().equals("Ed448") -> new Whole(SignatureScheme.Key.ED448, 446, key, providers);
            default -> throw new UnusableKey("its public key is of kind " + key.getAlgorithm()
                    + ", expected RSA, ECDSA on P-256, P-384 or P-521, Ed25519 or Ed448");
        };
    }

    static int curve(Optional<Curve> curve) throws UnusableKey {
        return curve.orElseThrow(() -> new UnusableKey("its key is on another curve than P-256, P-384 and P-521")).bits();
    }

    private static VerifyingKey rsa(RSAPublicKey key, Providers providers) throws UnusableKey {
        if (!key.getAlgorithm().equals("RSA")) {
            throw new UnusableKey("its key is for " + key.getAlgorithm() + " only, expected rsaEncryption");
        }
        checkRsa(key.getModulus(), key.getPublicExponent());
        return new Rsa(key, providers);
    }

    static void checkRsa(BigInteger modulus, BigInteger exponent) throws UnusableKey {
        int bits = modulus.bitLength();
        if (bits < LEAST_RSA_BITS || bits > MOST_RSA_BITS) {
            throw new UnusableKey("its RSA key has " + bits + " bits, expected " + LEAST_RSA_BITS + " to " + MOST_RSA_BITS);
        }
        if (!modulus.testBit(0)) {
            throw new UnusableKey("the modulus of its RSA key is even");
        }
        if (!exponent.testBit(0) || exponent.compareTo(LEAST_EXPONENT) < 0 || exponent.bitLength() > MOST_EXPONENT_BITS) {
            throw new UnusableKey("the public exponent of its RSA key is " + (exponent.bitLength() > MOST_EXPONENT_BITS
                    ? "of " + exponent.bitLength() + " bits" : exponent) + ", expected an odd number from 65537, of at most 64 bits");
        }
    }

    private record Rsa(RSAPublicKey key, Providers providers) implements VerifyingKey {
        @Override
        public SignatureScheme.Key kind() {
            return SignatureScheme.Key.RSA;
        }

        @Override
        public int bits() {
            return key.getModulus().bitLength();
        }

        @Override
        public boolean verifies(SignatureScheme scheme, Bytes octets, Bytes signature) {
            int length = (bits() + 7) / 8;
            if (scheme.key() != SignatureScheme.Key.RSA || signature.length() != length) {
                return false;
            }
            // RFC 8017, section 5.2.2: s must be smaller than n, or the same signature had several forms.
            BigInteger s = new BigInteger(1, signature.toArray());
            if (s.compareTo(key.getModulus()) >= 0) {
                return false;
            }
            return Signing.isPss(scheme) ? isSound(scheme, key, octets, signature, providers) : isPadded(scheme, octets, s, length);
        }

        /** Nothing is parsed: what the signature opens to must be, octet for octet, what we had signed ourselves. */
        private boolean isPadded(SignatureScheme scheme, Bytes octets, BigInteger s, int length) {
            Bytes content = RsaBlock.content(scheme, octets);
            if (content.isEmpty() || content.length() > length / 2) {
                return false;
            }
            byte[] opened = s.modPow(key.getPublicExponent(), key.getModulus()).toByteArray();
            byte[] block = new byte[length];
            int octetsOpened = Math.min(length, opened.length);
            System.arraycopy(opened, opened.length - octetsOpened, block, length - octetsOpened, octetsOpened);
            return Hashes.equalInConstantTime(Bytes.wrap(block), RsaBlock.padded(content, length));
        }

        @Override
        public String toString() {
            return "RSA " + bits();
        }
    }

    private record Whole(SignatureScheme.Key kind, int bits, PublicKey key, Providers providers) implements VerifyingKey {
        @Override
        public boolean verifies(SignatureScheme scheme, Bytes octets, Bytes signature) {
            if (scheme.key() != kind) {
                return false;
            }
            Optional<Curve> only = Curve.boundTo(scheme);
            // RFC 4754, section 7: r and s have the length of the order, whatever their values.
            boolean pair = only.isPresent() || scheme == SignatureScheme.ECDSA_BARE;
            if (only.isPresent() && only.get().bits() != bits || pair && signature.length() != 2 * ((bits + 7) / 8)) {
                return false;
            }
            return isSound(scheme, key, octets, signature, providers);
        }

        @Override
        public String toString() {
            return kind + " " + bits;
        }
    }

    private static boolean isSound(SignatureScheme scheme, PublicKey key, Bytes octets, Bytes signature, Providers providers) {
        try {
            Signature verifier = Signing.of(scheme, providers);
            verifier.initVerify(key);
            verifier.update(octets.toArray());
            return verifier.verify(signature.toArray());
        } catch (GeneralSecurityException | IllegalArgumentException misshapen) {
            return false;
        }
    }
}
