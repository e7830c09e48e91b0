package org.xfrmagent.agent.crypto;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.EdECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.SignatureScheme;

/** Private keys in memory, of the kinds that {@link VerifyingKeys} knows. */
public final class SigningKeys {
    private static final Bytes PROBE = Bytes.hex("70726f6265");

    private SigningKeys() {}

    /**
     * A key of one of the kinds we know.
     *
     * @param pkcs8 its unencrypted PrivateKeyInfo (RFC 5958), which the key uses from now on: once that is wiped it cannot sign any more
     * @throws UnusableKey if it is no such key; the sentence has nothing of it
     */
    public static SigningKey of(Secret pkcs8) throws UnusableKey {
        return of(pkcs8, Providers.best());
    }

    static SigningKey of(Secret pkcs8, Providers providers) throws UnusableKey {
        for (Family family : Family.ALL) {
            Optional<PrivateKey> key = family.read(pkcs8);
            if (key.isPresent()) {
                return inMemory(key.get(), family, pkcs8, providers);
            }
        }
        throw new UnusableKey("it is no private key in the form of PKCS #8 of RSA, ECDSA on P-256, P-384 or P-521, Ed25519 or Ed448");
    }

    private static SigningKey inMemory(PrivateKey key, Family family, Secret pkcs8, Providers providers) throws UnusableKey {
        return switch (key) {
            case RSAPrivateCrtKey rsa -> {
                BigInteger modulus = rsa.getModulus();
                VerifyingKeys.checkRsa(modulus, rsa.getPublicExponent());
                yield new InMemory(SignatureScheme.Key.RSA, modulus.bitLength(), family, pkcs8, providers);
            }
            case ECPrivateKey ec -> new InMemory(SignatureScheme.Key.ECDSA, VerifyingKeys.curve(Curve.of(ec)), family, pkcs8, providers);
            case EdECPrivateKey ed when ed.getParams().getName().equals("Ed25519") ->
                new InMemory(SignatureScheme.Key.ED25519, 253, family, pkcs8, providers);
            case EdECPrivateKey ed when ed.getParams().getName().equals("Ed448") ->
                new InMemory(SignatureScheme.Key.ED448, 446, family, pkcs8, providers);
            default -> throw new UnusableKey("its private key is of kind " + key.getAlgorithm()
                    + ", expected RSA, ECDSA on P-256, P-384 or P-521, Ed25519 or Ed448");
        };
    }

    /** Whether {@code open} is the public half of {@code key}. Found by a signature, but of a token's key, which says what its public half is. */
    public static boolean belong(SigningKey key, PublicKey open) {
        if (key instanceof TokenKey token) {
            return Bytes.of(open.getEncoded()).equals(token.publicKey());
        }
        try {
            VerifyingKey verifying = VerifyingKeys.of(open);
            SignatureScheme scheme = switch (key.kind()) {
                case RSA -> SignatureScheme.RSA_SHA256;
                case ECDSA -> SignatureScheme.ECDSA_SHA256;
                case ED25519 -> SignatureScheme.ED25519;
                case ED448 -> SignatureScheme.ED448;
            };
            return verifying.kind() == key.kind() && verifying.bits() == key.bits()
                    && verifying.verifies(scheme, PROBE, key.sign(scheme, PROBE));
        } catch (UnusableKey other) {
            return false;
        }
    }

    /** The JDK's own object of {@code key}, for its TLS; empty for one that is not in memory. It cannot be wiped: whoever asks lets it go soon. */
    public static Optional<PrivateKey> forTls(SigningKey key) {
        return key instanceof InMemory inMemory ? inMemory.family().read(inMemory.pkcs8()) : Optional.empty();
    }

    /** Who reads keys of a kind. */
    private record Family(String algorithm, Provider provider) {
        static final List<Family> ALL = List.of(
                new Family("RSA", Providers.rsaKeys()), new Family("EC", Providers.curveParameters()), new Family("EdDSA", Providers.curveParameters()));

        Optional<PrivateKey> read(Secret pkcs8) {
            byte[] octets = pkcs8.copy();
            try {
                return Optional.of(KeyFactory.getInstance(algorithm, provider).generatePrivate(new PKCS8EncodedKeySpec(octets)));
            } catch (GeneralSecurityException | RuntimeException another) {
                return Optional.empty();
            } finally {
                Arrays.fill(octets, (byte) 0);
            }
        }
    }

    /** The encoding alone is kept: it can be wiped, as the JDK's own object cannot. */
    private record InMemory(SignatureScheme.Key kind, int bits, Family family, Secret pkcs8, Providers providers) implements SigningKey {
        @Override
        public Bytes sign(SignatureScheme scheme, Bytes octets) {
            Optional<Curve> only = Curve.boundTo(scheme);
            if (scheme.key() != kind || only.isPresent() && only.get().bits() != bits) {
                throw new IllegalArgumentException(scheme.word() + " is no scheme for a key " + this);
            }
            PrivateKey key = family.read(pkcs8).orElseThrow(() -> new IllegalStateException("a private key cannot be read any more"));
            try {
                return Bytes.wrap(kind == SignatureScheme.Key.RSA && !Signing.isPss(scheme) ? padded(key, scheme, octets) : whole(key, scheme, octets));
            } catch (InvalidKeyException tooShort) {
                throw new IllegalArgumentException(scheme.word() + " is no scheme for a key " + this, tooShort);
            } catch (GeneralSecurityException bug) {
                throw new IllegalStateException("a key " + this + " does not sign with " + scheme.word(), bug);
            }
        }

        /** To encrypt with a private key is to sign: the provider pads with type 1. */
        private byte[] padded(PrivateKey key, SignatureScheme scheme, Bytes octets) throws GeneralSecurityException {
            Cipher cipher = providers.cipher("RSA/ECB/PKCS1Padding");
            cipher.init(Cipher.ENCRYPT_MODE, key);
            return cipher.doFinal(RsaBlock.content(scheme, octets).toArray());
        }

        private byte[] whole(PrivateKey key, SignatureScheme scheme, Bytes octets) throws GeneralSecurityException {
            Signature signature = Signing.of(scheme, providers);
            signature.initSign(key);
            signature.update(octets.toArray());
            return signature.sign();
        }

        @Override
        public String toString() {
            return kind + " " + bits;
        }
    }
}
