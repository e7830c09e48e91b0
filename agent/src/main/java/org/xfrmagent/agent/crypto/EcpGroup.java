package org.xfrmagent.agent.crypto;

import java.math.BigInteger;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.spec.ECFieldFp;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.EllipticCurve;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;
import javax.security.auth.DestroyFailedException;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.policies.algorithm.Algorithm;

/**
 * The NIST curves (RFC 5903): the public value is x | y, the secret is x. A key pair's private value is the provider's PKCS#8
 * encoding. Where there is no native provider the JDK computes: slower than BouncyCastle, but in constant time.
 */
final class EcpGroup extends KeyExchange {
    private final Provider provider;
    private final String curveName;
    private final EllipticCurve curve;
    private final BigInteger prime;
    /** What precedes x | y in a SubjectPublicKeyInfo of this curve. */
    private final byte[] prefix;

    EcpGroup(Algorithm row, String curveName, Providers providers) {
        super(row);
        this.provider = providers.curves();
        this.curveName = curveName;
        ECParameterSpec parameters = parameters();
        curve = parameters.getCurve();
        prime = ((ECFieldFp) curve.getField()).getP();
        byte[] encoded = encodedGenerator(parameters);
        prefix = Arrays.copyOf(encoded, encoded.length - row.values().initiatorBytes());
    }

    private ECParameterSpec parameters() {
        try {
            AlgorithmParameters named = AlgorithmParameters.getInstance("EC", Providers.curveParameters());
            named.init(new ECGenParameterSpec(curveName));
            return named.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java does not know " + curveName, e);
        }
    }

    private byte[] encodedGenerator(ECParameterSpec parameters) {
        try {
            KeyFactory keys = KeyFactory.getInstance("EC", provider);
            return keys.generatePublic(new ECPublicKeySpec(parameters.getGenerator(), parameters)).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.getName() + " has no " + curveName, e);
        }
    }

    private java.security.KeyPair generatePair(SecureRandom entropy) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", provider);
            generator.initialize(new ECGenParameterSpec(curveName), entropy);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.getName() + " has no " + curveName, e);
        }
    }

    @Override
    public KeyPair generate(SecureRandom entropy) {
        return pair(generatePair(entropy));
    }

    KeyPair pair(java.security.KeyPair generated) {
        Bytes point = Bytes.wrap(generated.getPublic().getEncoded()).from(prefix.length);
        Secret encoding = Secret.take(generated.getPrivate().getEncoded());
        destroy(generated.getPrivate());
        return new KeyPair(point, encoding);
    }

    @Override
    Secret agreeOnRightLength(KeyPair own, Bytes peerPublic) throws InvalidKeyExchange {
        if (!isOnCurve(peerPublic)) {
            throw new InvalidKeyExchange("the peer's " + this + " value is no point of the curve");
        }
        byte[] peer = Bytes.concat(Bytes.wrap(prefix), peerPublic).toArray();
        byte[] encoding = own.privateValue().copy();
        try {
            KeyFactory keys = KeyFactory.getInstance("EC", provider);
            PrivateKey mine = keys.generatePrivate(new PKCS8EncodedKeySpec(encoding));
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH", provider);
            agreement.init(mine);
            agreement.doPhase(keys.generatePublic(new X509EncodedKeySpec(peer)), true);
            Secret shared = Secret.take(agreement.generateSecret());
            destroy(mine);
            return shared;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(provider.getName() + " refuses a point of " + curveName, e);
        } finally {
            Arrays.fill(encoding, (byte) 0);
        }
    }

    /** RFC 6989 section 2.3: x and y below p, and y^2 = x^3 + ax + b. The groups' cofactor is 1, so that is all. */
    private boolean isOnCurve(Bytes point) {
        int half = point.length() / 2;
        BigInteger x = new BigInteger(1, point.slice(0, half).toArray());
        BigInteger y = new BigInteger(1, point.from(half).toArray());
        if (x.compareTo(prime) >= 0 || y.compareTo(prime) >= 0) {
            return false;
        }
        BigInteger right = x.multiply(x).add(curve.getA()).multiply(x).add(curve.getB());
        return y.multiply(y).subtract(right).mod(prime).signum() == 0;
    }

    private static void destroy(PrivateKey key) {
        try {
            key.destroy();
        } catch (DestroyFailedException cannot) {
            // The JDK's keys cannot be destroyed; ours, which outlives them, is a Secret.
            return;
        }
    }
}
