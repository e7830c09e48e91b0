package org.xfrmagent.agent.credentials;

import java.io.IOException;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.RSAPublicKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.crypto.VerifyingKeys;

/**
 * A public key as operators have it: PEM or DER, as SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7, and RFC 7670), or, for RSA, of PKCS #1.
 *
 * @param der its SubjectPublicKeyInfo
 * @param id SHA-1 of the bits of its subjectPublicKey, as {@link PrivateKeyFile#id}
 */
public record PublicKeyFile(Bytes der, Bytes id) {
    private static final String RSA = "RSA PUBLIC KEY";
    private static final String ANY = "PUBLIC KEY";

    /** @throws IllegalArgumentException with the rest of a sentence */
    public static PublicKeyFile read(byte[] pemOrDer) {
        List<Pem.Block> blocks = Pem.read(pemOrDer);
        Pem.Block block = blocks.stream().filter(each -> List.of(Pem.NONE, RSA, ANY).contains(each.label())).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("has '" + blocks.getFirst().label() + "' in it, expected a public key"));
        PublicKeyFile key;
        try {
            SubjectPublicKeyInfo info = info(ASN1Sequence.getInstance(block.octets().toArray()));
            Bytes bits = Bytes.wrap(info.getPublicKeyData().getBytes());
            key = new PublicKeyFile(Bytes.wrap(info.getEncoded(ASN1Encoding.DER)), Hashes.sha1(bits));
        } catch (IOException | RuntimeException misshapen) {
            throw new IllegalArgumentException("is no public key in a form that is known", misshapen);
        }
        try {
            VerifyingKeys.ofPublicKey(key.der);
            return key;
        } catch (UnusableKey unusable) {
            throw new IllegalArgumentException("cannot be used: " + unusable.reason(), unusable);
        }
    }

    /** What comes first tells them apart: an AlgorithmIdentifier, or RSA's modulus. */
    private static SubjectPublicKeyInfo info(ASN1Sequence key) throws IOException {
        return key.getObjectAt(0) instanceof ASN1Sequence
                ? SubjectPublicKeyInfo.getInstance(key)
                : new SubjectPublicKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE), RSAPublicKey.getInstance(key));
    }

    /** Who has it where nothing else is said, as policies write it: an ID_KEY_ID of the SHA-1 of the SubjectPublicKeyInfo, as with charon. */
    public String identity() {
        return "keyid:0x" + Hashes.sha1(der).toHex();
    }

    /** By which it is known wherever it is kept: SHA-256 of its DER, hexadecimal. */
    public String hash() {
        return Hashes.sha256(der).toHex();
    }
}
