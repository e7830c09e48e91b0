package org.xfrmagent.agent.crypto;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.pkcs.ContentInfo;
import org.bouncycastle.asn1.pkcs.EncryptedPrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.pkcs.PKCS12PfxPdu;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagFactory;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCS12MacCalculatorBuilderProvider;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;

/**
 * What is in a container of PKCS #12 (RFC 7292): certificates and private keys, in their order.
 *
 * @param certificates DER
 * @param keys each a PrivateKeyInfo, whoever asks wipes them
 */
public record Pkcs12(List<Bytes> certificates, List<Secret> keys) {
    private static final int MOST_BAGS = 256;

    public Pkcs12 {
        certificates = List.copyOf(certificates);
        keys = List.copyOf(keys);
    }

    /**
     * Opens a container; both arguments stay the caller's.
     *
     * @throws UnusableKey if it cannot be opened; the sentence has nothing of what is in it
     */
    public static Pkcs12 open(Secret der, Secret passphrase) throws UnusableKey {
        List<Secret> keys = new ArrayList<>();
        try {
            return Passphrases.characters(passphrase, chars -> {
                try {
                    return read(der, chars, keys);
                } catch (IOException | PKCSException wrong) {
                    throw new IllegalArgumentException(wrong);
                }
            });
        } catch (RuntimeException wrong) {
            keys.forEach(Secret::wipe);
            throw new UnusableKey("its passphrase is not right, or it is no container of PKCS #12");
        }
    }

    private static Pkcs12 read(Secret der, char[] passphrase, List<Secret> keys) throws IOException, PKCSException {
        PKCS12PfxPdu container = new PKCS12PfxPdu(der.with(byte[]::clone));
        if (!container.isMacValid(new JcePKCS12MacCalculatorBuilderProvider().setProvider(Providers.bouncyCastle()), passphrase)) {
            throw new IllegalArgumentException("MAC");
        }
        List<Bytes> certificates = new ArrayList<>();
        for (ContentInfo content : container.getContentInfos()) {
            PKCS12SafeBagFactory bags = content.getContentType().equals(PKCSObjectIdentifiers.encryptedData)
                    ? new PKCS12SafeBagFactory(content, Passphrases.decryptor(passphrase))
                    : new PKCS12SafeBagFactory(content);
            for (PKCS12SafeBag bag : bags.getSafeBags()) {
                if (certificates.size() + keys.size() >= MOST_BAGS) {
                    throw new IllegalArgumentException("too many");
                }
                switch (bag.getBagValue()) {
                    case X509CertificateHolder certificate -> certificates.add(Bytes.wrap(certificate.getEncoded()));
                    case PrivateKeyInfo key -> keys.add(Secret.take(key.getEncoded()));
                    case PKCS8EncryptedPrivateKeyInfo key ->
                        keys.add(Secret.take(key.decryptPrivateKeyInfo(Passphrases.decryptor(passphrase)).getEncoded()));
                    case EncryptedPrivateKeyInfo key -> keys.add(Secret.take(
                            new PKCS8EncryptedPrivateKeyInfo(key).decryptPrivateKeyInfo(Passphrases.decryptor(passphrase)).getEncoded()));
                    // A CRL, a secret of another kind, and what others have thought of.
                    default -> { }
                }
            }
        }
        return new Pkcs12(certificates, keys);
    }
}
