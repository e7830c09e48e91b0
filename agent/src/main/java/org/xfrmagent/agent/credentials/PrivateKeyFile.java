package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.Ed448PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.Passphrases;
import org.xfrmagent.agent.crypto.UnusableKey;

/**
 * A private key as operators have it: PEM or DER, of PKCS #8 (RFC 5958), of PKCS #1 for RSA (RFC 8017, appendix A.1.2) or of SEC 1
 * for elliptic curves (RFC 5915); encrypted or not.
 *
 * @param pkcs8 the same as PrivateKeyInfo, whatever its form was
 * @param id SHA-1 of the bits of its public half's subjectPublicKey: what vici calls a key by
 */
public record PrivateKeyFile(Secret pkcs8, Bytes id) {
    private static final String RSA = "RSA PRIVATE KEY";
    private static final String EC = "EC PRIVATE KEY";
    private static final String ANY = "PRIVATE KEY";
    private static final String ENCRYPTED = "ENCRYPTED PRIVATE KEY";

    /**
     * @param octets the file, which is not encrypted; stays the caller's, who wipes it
     * @throws IllegalArgumentException with the rest of a sentence, that has nothing of the key in it
     */
    public static PrivateKeyFile read(byte[] octets) {
        return read(octets, Optional.empty());
    }

    /**
     * The same, of a file that may be encrypted.
     *
     * @param passphrase stays the caller's
     */
    public static PrivateKeyFile read(byte[] octets, Optional<Secret> passphrase) {
        List<Pem.Block> blocks = Pem.read(octets);
        try {
            // Before the key, an EC file of OpenSSL has its curve's parameters.
            Pem.Block block = blocks.stream().filter(each -> List.of(Pem.NONE, RSA, EC, ANY, ENCRYPTED).contains(each.label())).findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("has '" + blocks.getFirst().label() + "' in it, expected a private key"));
            boolean pkcs8 = block.label().equals(ENCRYPTED) || block.label().equals(Pem.NONE) && isEncrypted(block.der());
            if (!pkcs8 && block.encryption().isEmpty()) {
                return of(block.der(), block.label());
            }
            Secret word = passphrase.orElseThrow(() -> new IllegalArgumentException("is encrypted, expected a private key without a passphrase"));
            Secret opened = pkcs8 ? Passphrases.openPkcs8(block.der(), word) : Passphrases.openTraditional(block.der(), block.encryption().orElse(""), word);
            try {
                return of(opened, pkcs8 ? ANY : block.label());
            } finally {
                opened.wipe();
            }
        } catch (UnusableKey locked) {
            throw new IllegalArgumentException("cannot be opened: " + locked.reason(), locked);
        } finally {
            blocks.forEach(each -> each.der().wipe());
        }
    }

    /** Whether it is an EncryptedPrivateKeyInfo: an AlgorithmIdentifier comes first. */
    private static boolean isEncrypted(Secret der) {
        try {
            return der.with(ASN1Sequence::getInstance).getObjectAt(0) instanceof ASN1Sequence;
        } catch (IllegalArgumentException | IndexOutOfBoundsException other) {
            return false;
        }
    }

    /** @param pkcs8 a PrivateKeyInfo, which stays the caller's */
    static PrivateKeyFile of(Secret pkcs8) {
        return of(pkcs8, ANY);
    }

    private static PrivateKeyFile of(Secret der, String label) {
        Optional<PrivateKeyFile> read;
        try {
            PrivateKeyInfo info = info(der.with(ASN1Sequence::getInstance), label);
            Optional<AsymmetricKeyParameter> open = publicHalf(PrivateKeyFactory.createKey(info));
            Secret pkcs8 = Secret.take(info.getEncoded());
            read = open.isPresent() ? Optional.of(new PrivateKeyFile(pkcs8, id(open.get()))) : Optional.empty();
        } catch (IOException | ClassCastException | IllegalStateException | IllegalArgumentException | ArithmeticException | NullPointerException
                | IndexOutOfBoundsException misshapen) {
            throw new IllegalArgumentException("is no private key in a form that is known", null);
        }
        return read.orElseThrow(() -> new IllegalArgumentException("is a private key of another kind than RSA, ECDSA, Ed25519 and Ed448"));
    }

    private static Bytes id(AsymmetricKeyParameter open) throws IOException {
        return Hashes.sha1(Bytes.wrap(SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(open).getPublicKeyData().getBytes()));
    }

    private static PrivateKeyInfo info(ASN1Sequence key, String label) throws IOException {
        return switch (label) {
            case RSA -> ofRsa(key);
            case EC -> ofCurve(key);
            case ANY -> PrivateKeyInfo.getInstance(key);
            // What comes second tells them apart: an AlgorithmIdentifier, a curve's OCTET STRING, RSA's modulus.
            default -> {
                ASN1Encodable second = key.getObjectAt(1);
                yield second instanceof ASN1Sequence ? PrivateKeyInfo.getInstance(key)
                        : second instanceof ASN1OctetString ? ofCurve(key) : ofRsa(key);
            }
        };
    }

    private static PrivateKeyInfo ofRsa(ASN1Sequence key) throws IOException {
        return new PrivateKeyInfo(new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE), RSAPrivateKey.getInstance(key));
    }

    private static PrivateKeyInfo ofCurve(ASN1Sequence key) throws IOException {
        ECPrivateKey curve = ECPrivateKey.getInstance(key);
        return new PrivateKeyInfo(new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve.getParametersObject()), curve);
    }

    private static Optional<AsymmetricKeyParameter> publicHalf(AsymmetricKeyParameter key) {
        return switch (key) {
            case RSAPrivateCrtKeyParameters rsa -> Optional.of(new RSAKeyParameters(false, rsa.getModulus(), rsa.getPublicExponent()));
            case ECPrivateKeyParameters ec ->
                Optional.of(new ECPublicKeyParameters(ec.getParameters().getG().multiply(ec.getD()).normalize(), ec.getParameters()));
            case Ed25519PrivateKeyParameters ed -> Optional.of(ed.generatePublicKey());
            case Ed448PrivateKeyParameters ed -> Optional.of(ed.generatePublicKey());
            default -> Optional.empty();
        };
    }

    @Override
    public String toString() {
        return "private key " + id.toHex();
    }
}
