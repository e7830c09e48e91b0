package org.xfrmagent.agent.credentials;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PKCS8Generator;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8EncryptorBuilder;
import org.xfrmagent.agent.pki.Holder;

/** Private keys behind passphrases, as others write them. */
final class Locked {
    private Locked() {}

    /** As PEM. */
    static String pkcs8(Holder holder, String passphrase) throws Exception {
        byte[] der = new PKCS8Generator(PrivateKeyInfo.getInstance(holder.keys().getPrivate().getEncoded()),
                new JceOpenSSLPKCS8EncryptorBuilder(PKCS8Generator.AES_256_CBC).setProvider(new BouncyCastleProvider())
                        .setPassword(passphrase.toCharArray()).build()).generate().getContent();
        return "-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(der) + "\n-----END ENCRYPTED PRIVATE KEY-----\n";
    }

    /** A container as the JDK writes it, each octet a character. */
    static String container(String passphrase, Holder holder, Holder... issuers) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("own", holder.keys().getPrivate(), passphrase.toCharArray(),
                Stream.concat(Stream.of(holder), Stream.of(issuers)).map(Holder::certificate).toArray(Certificate[]::new));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, passphrase.toCharArray());
        return new String(out.toByteArray(), StandardCharsets.ISO_8859_1);
    }
}
