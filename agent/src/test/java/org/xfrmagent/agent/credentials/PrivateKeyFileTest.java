package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.Base64;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.KeyKind;
import org.xfrmagent.agent.pki.TestPki;

/** Private keys as openssl, pki and swanctl write and send them. */
class PrivateKeyFileTest {
    private static byte[] pem(String label, byte[] der) {
        return ("-----BEGIN " + label + "-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @EnumSource(value = KeyKind.class, mode = EnumSource.Mode.EXCLUDE, names = {"RSA_1024", "RSA_3072", "RSA_4096"})
    void a_key_belongs_to_the_certificate_with_its_id(KeyKind kind) throws UnusableKey {
        Holder moon = TestPki.end("CN=moon").key(kind).selfSigned();
        PrivateKeyFile der = PrivateKeyFile.read(moon.keys().getPrivate().getEncoded());
        PrivateKeyFile pem = PrivateKeyFile.read(moon.keyPem().getBytes(StandardCharsets.US_ASCII));
        assertThat(der.id()).isEqualTo(pem.id()).isEqualTo(CertificateFacts.of(moon.der()).keyId());
        assertThat(SigningKeys.belong(SigningKeys.of(pem.pkcs8()), moon.keys().getPublic())).isTrue();
    }

    @Test
    void the_older_forms_are_the_same_key() throws IOException, UnusableKey {
        Holder rsa = TestPki.end("CN=moon").key(KeyKind.RSA_2048).selfSigned();
        assertThat(rsa.keys().getPrivate()).isInstanceOf(RSAPrivateCrtKey.class);
        byte[] pkcs1 = PrivateKeyInfo.getInstance(rsa.keys().getPrivate().getEncoded()).parsePrivateKey().toASN1Primitive().getEncoded();
        Holder curve = TestPki.end("CN=moon").key(KeyKind.P256).selfSigned();
        ECPrivateKey bare = ECPrivateKey.getInstance(PrivateKeyInfo.getInstance(curve.keys().getPrivate().getEncoded()).parsePrivateKey());
        byte[] sec1 = new ECPrivateKey(256, bare.getKey(), SECObjectIdentifiers.secp256r1).getEncoded();
        for (byte[] form : new byte[][] {pkcs1, pem("RSA PRIVATE KEY", pkcs1)}) {
            PrivateKeyFile read = PrivateKeyFile.read(form);
            assertThat(read.id()).isEqualTo(CertificateFacts.of(rsa.der()).keyId());
            assertThat(SigningKeys.belong(SigningKeys.of(read.pkcs8()), rsa.keys().getPublic())).isTrue();
        }
        for (byte[] form : new byte[][] {sec1, pem("EC PRIVATE KEY", sec1)}) {
            PrivateKeyFile read = PrivateKeyFile.read(form);
            assertThat(read.id()).isEqualTo(CertificateFacts.of(curve.der()).keyId());
            assertThat(SigningKeys.belong(SigningKeys.of(read.pkcs8()), curve.keys().getPublic())).isTrue();
        }
    }

    @Test
    void what_is_none_is_refused_without_a_word_of_it() {
        assertThatThrownBy(() -> PrivateKeyFile.read("geheim".getBytes(StandardCharsets.US_ASCII))).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("is neither PEM nor DER");
        assertThatThrownBy(() -> PrivateKeyFile.read(pem("CERTIFICATE", new byte[] {1}))).hasMessage("has 'CERTIFICATE' in it, expected a private key");
        assertThatThrownBy(() -> PrivateKeyFile.read(pem("ENCRYPTED PRIVATE KEY", new byte[] {1})))
                .hasMessage("is encrypted, expected a private key without a passphrase");
        assertThatThrownBy(() -> PrivateKeyFile.read("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n-----END RSA PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII)))
                .hasMessage("is encrypted, and does not say how");
        assertThatThrownBy(() -> PrivateKeyFile.read("-----BEGIN PRIVATE KEY-----\ngeheim!\n-----END PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII)))
                .hasMessage("has something between BEGIN and END that is not Base64");
        assertThatThrownBy(() -> PrivateKeyFile.read(new byte[] {0x30, 3, 2, 1, 0})).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("is no private key in a form that is known");
    }

    @Test
    void a_certificate_says_who_it_is_of_and_whether_it_is_an_authority() {
        Holder root = TestPki.authority("C=CH,O=Example,CN=Root").selfSigned();
        CertificateFacts facts = CertificateFacts.read(root.pem().getBytes(StandardCharsets.US_ASCII));
        assertThat(facts.authority()).isTrue();
        assertThat(facts.der()).isEqualTo(root.der());
        assertThat(facts.hash()).hasSize(64);
        assertThat(CertificateFacts.of(TestPki.end("CN=moon").issuedBy(root).der()).authority()).isFalse();
        assertThatThrownBy(() -> CertificateFacts.read(new byte[] {0x30, 0})).hasMessage("is no X.509 certificate");
    }
}
