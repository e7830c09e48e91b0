package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.policies.convert.SettingsParser.Source;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.SecretRef;

/** Certificates and private keys of swanctl.conf and ipsec.conf, and of the folders beside them. */
class CertificateConversionTest {
    private static final Map<String, String> SUBJECTS = Map.of("moon.pem", "dn:C=CH, O=Example, CN=moon", "root.pem", "dn:C=CH, O=Example, CN=Root");

    @TempDir
    Path base;

    @TempDir
    Path output;

    private void pem(String path, String label) throws IOException {
        Path file = base.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "-----BEGIN %s-----\nMAA=\n-----END %s-----\n".formatted(label, label));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static Optional<String> subject(Path file) {
        return Optional.ofNullable(SUBJECTS.get(file.getFileName().toString()));
    }

    private Converted swanctl(String text) throws IOException {
        return SwanctlConversion.convert(SettingsParser.parse(new Source("swanctl.conf", text), (_, _) -> List.of()),
                CredentialFolders.of(base, CertificateConversionTest::subject));
    }

    private Converted ipsec(String conf, String secrets) throws IOException {
        return SwanctlConversion.convert(IpsecConversion.toSwanctl(IpsecConf.parse(new Source("ipsec.conf", conf), (_, _) -> List.of()),
                        IpsecSecrets.parse(new Source("ipsec.secrets", secrets), (_, _) -> List.of()), _ -> false),
                CredentialFolders.ofIpsec(base, CertificateConversionTest::subject));
    }

    private CertificateRef file(String path) {
        return new CertificateRef.FromFile(base.resolve(path));
    }

    @Test
    void swanctlsFoldersAreReferredToWhereTheyAre() throws IOException {
        pem("x509/moon.pem", "CERTIFICATE");
        pem("x509ca/root.pem", "CERTIFICATE");
        pem("x509ca/other.crt", "CERTIFICATE");
        pem("x509crl/root.crl", "X509 CRL");
        pem("private/moon.key", "PRIVATE KEY");
        pem("rsa/old.key", "RSA PRIVATE KEY");
        Converted converted = swanctl("""
                connections {
                  sun { version = 2
                    remote_addrs = 192.0.2.2
                    send_cert = always
                    local { auth = pubkey
                            certs = moon.pem }
                    remote { auth = rsa/pss-sha256-sha384
                             cacerts = root.pem
                             revocation = ifuri
                             id = sun.example.org }
                    children { net { local_ts = 10.1.0.0/16
                                     remote_ts = 10.2.0.0/16 } }
                  }
                }
                authorities { example { cacert = root.pem
                                        cert_uri_base = http://certs.example.org/
                                        crl_uris = http://crl.example.org/a.crl, http://crl.example.org/b.crl } }
                """);
        assertThat(converted.remarks()).containsExactly(
                "authorities.example.cert_uri_base: our certificates are always sent whole, as charon does without hash_and_url");
        assertThat(converted.losses()).isEmpty();
        PolicySet set = ConvertedFiles.read(output, converted);
        assertThat(set.publicKeys().authorities()).extracting(Authority::name, Authority::certificate).containsExactly(
                tuple("example", file("x509ca/root.pem")), tuple("other", file("x509ca/other.crt")));
        assertThat(set.publicKeys().authorities().getFirst().crls()).hasSize(2);
        assertThat(set.publicKeys().certificates()).containsExactly(file("x509/moon.pem"));
        assertThat(set.publicKeys().crls()).containsExactly(file("x509crl/root.crl"));
        assertThat(set.publicKeys().keys()).extracting(PrivateKeyRef::from).containsExactly(
                new SecretRef.FromFile(base.resolve("private/moon.key")), new SecretRef.FromFile(base.resolve("rsa/old.key")));
        assertThat(set.peer("sun").orElseThrow()).satisfies(sun -> {
            assertThat(sun.local().auth()).isEqualTo(Auth.PUBKEY);
            assertThat(sun.local().id()).as("whom the certificate names").hasToString("C=CH, O=Example, CN=moon");
            assertThat(sun.local().certification().certificates()).containsExactly(file("x509/moon.pem"));
            assertThat(sun.remote().certification().authorities()).containsExactly("example");
            assertThat(sun.remote().certification().revocation()).isEqualTo(Revocation.IF_URI);
            assertThat(sun.remote().certification().schemes()).extracting(scheme -> scheme.word()).containsExactly("rsa-pss-sha256", "rsa-pss-sha384");
        });
    }

    @Test
    void whatAConnectionAsksForAndCannotHaveIsSaid() throws IOException {
        Converted converted = swanctl("""
                connections {
                  sun { version = 2
                    remote_addrs = 192.0.2.2
                    local { auth = pubkey
                            cert-token { handle = some } }
                    remote { auth = rsa-3072-sha256
                             id = sun.example.org
                             groups = staff
                             cert_policy = 1.2.3 }
                    children { net { local_ts = 10.1.0.0/16
                                     remote_ts = 10.2.0.0/16 } }
                  }
                }
                secrets { private-moon { file = moon.key
                                         secret = hush } }
                """);
        assertThat(converted.losses()).containsExactlyInAnyOrder(
                "connections.sun.local.cert-token.handle: the handle is no row of pairs of hexadecimal digits, expected the CKA_ID of the key such as 0a0b");
        assertThat(converted.yaml()).doesNotContain("hush").contains("- { from: file:" + base.resolve("private/moon.key") + ", passphrase: file:private-moon.passphrase }")
                .contains("groups: staff").contains("chain: { rsa: 3072, signatures: [rsa-sha256, rsa-pss-sha256], policies: [1.2.3] }");
        assertThat(converted.secrets()).containsEntry("private-moon.passphrase", "hush");
    }

    /** Charon's rule; a pre-shared key is the one's at the address. */
    @Test
    void whoIsToHaveACertificateAndNoNameMayBeAnybody() throws IOException {
        String sun = """
                connections { sun { version = 2
                    remote_addrs = 192.0.2.2
                    local { auth = psk }
                    remote { auth = %s }
                    children { net { local_ts = 10.1.0.0/16
                                     remote_ts = 10.2.0.0/16 } } } }
                """;
        assertThat(swanctl(sun.formatted("pubkey")).yaml()).contains("remote: { address: 192.0.2.2, id: \"%any\", auth: pubkey }");
        assertThat(swanctl(sun.formatted("psk")).yaml()).contains("remote: { address: 192.0.2.2, auth: psk }");
    }

    @Test
    void aUserOfIkev1MayStandOverACertificateOrAlone() throws IOException {
        pem("x509ca/root.pem", "CERTIFICATE");
        pem("x509/moon.pem", "CERTIFICATE");
        pem("private/moon.key", "PRIVATE KEY");
        String gateway = """
                connections { staff { version = 1
                    local { auth = pubkey
                            certs = moon.pem }
                    %s
                    children { inside { local_ts = 10.1.0.0/16
                                        remote_ts = 10.3.0.0/24 } } } }
                secrets { xauth-carol { id = carol
                                        secret = "a password of the test" } }
                """;
        assertThat(swanctl(gateway.formatted("remote { auth = xauth }")).yaml()).contains("remote: { auth: hybrid, id: \"%any\" }");
        Converted both = swanctl(gateway.formatted("remote { auth = pubkey }\n remote-user { auth = xauth }"));
        assertThat(both.yaml()).contains("remote: { id: \"%any\", auth: xauth }");
        assertThat(ConvertedFiles.read(output, both).peer("staff").orElseThrow().local().auth()).isEqualTo(Auth.PUBKEY);
    }

    @Test
    void ipsecConfsCertificatesAreBelowIpsecD() throws IOException {
        pem("ipsec.d/cacerts/root.pem", "CERTIFICATE");
        pem("ipsec.d/certs/moon.pem", "CERTIFICATE");
        pem("ipsec.d/crls/root.crl", "X509 CRL");
        pem("ipsec.d/private/moon.key", "RSA PRIVATE KEY");
        Converted converted = ipsec("""
                config setup
                    strictcrlpolicy=yes
                ca example
                    cacert=root.pem
                    crluri=http://crl.example.org/a.crl
                    ocspuri=http://ocsp.example.org/
                    auto=add
                conn sun
                    left=192.0.2.1
                    leftcert=moon.pem
                    leftsubnet=10.1.0.0/16
                    leftsendcert=always
                    right=192.0.2.2
                    rightid=@sun.example.org
                    rightsubnet=10.2.0.0/16
                    rightca="C=CH, O=Example, CN=Root"
                    authby=rsasig
                    auto=add
                """, ": RSA moon.key\n");
        assertThat(converted.remarks()).isEmpty();
        PolicySet set = ConvertedFiles.read(output, converted);
        assertThat(set.publicKeys().authorities()).singleElement().satisfies(authority -> {
            assertThat(authority.name()).isEqualTo("example");
            assertThat(authority.certificate()).isEqualTo(file("ipsec.d/cacerts/root.pem"));
            assertThat(authority.crls()).hasSize(1);
            assertThat(authority.ocsps()).hasSize(1);
        });
        assertThat(set.publicKeys().crls()).containsExactly(file("ipsec.d/crls/root.crl"));
        assertThat(set.publicKeys().keys()).extracting(PrivateKeyRef::from).containsExactly(new SecretRef.FromFile(base.resolve("ipsec.d/private/moon.key")));
        assertThat(set.peer("sun").orElseThrow()).satisfies(sun -> {
            assertThat(sun.local().id()).hasToString("C=CH, O=Example, CN=moon");
            assertThat(sun.local().certification().certificates()).containsExactly(file("ipsec.d/certs/moon.pem"));
            assertThat(sun.remote().certification().authorities()).containsExactly("example");
            assertThat(sun.remote().certification().revocation()).isEqualTo(Revocation.STRICT);
        });
    }

    @Test
    void nothingInTheFoldersIsPassedOverInSilence() throws IOException {
        Files.createDirectories(base.resolve("pkcs12"));
        Files.createDirectories(base.resolve("x509ac"));
        for (String name : List.of("pkcs12/carol.p12", "pkcs12/dave.p12", "x509ac/staff.pem")) {
            Files.writeString(base.resolve(name), "");
        }
        Converted converted = swanctl("""
                secrets { pkcs12-carol { file = carol.p12
                                         secret = 0xhush }
                          rsa-old { file = old.key
                                    secret = %prompt } }
                """);
        assertThat(converted.losses()).containsExactlyInAnyOrder(
                "file:" + base.resolve("pkcs12/dave.p12") + ": no secret says what it is encrypted with, and nobody is asked here; it is left out",
                "secrets.rsa-old.secret: nobody is asked for a passphrase here; write it into a file, and name that as 'passphrase' beside the key");
        assertThat(converted.yaml()).contains("- { from: file:" + base.resolve("pkcs12/carol.p12") + ", passphrase: file:pkcs12-carol.passphrase }")
                .contains("- file:" + base.resolve("rsa/old.key"));
        assertThat(converted.secrets()).as("what would be decoded is written so that it is not").containsEntry("pkcs12-carol.passphrase", "0sMHhodXNo");
    }

    @Test
    void keysAndPoliciesOfAnIpsecConf() throws IOException {
        Converted converted = ipsec("""
                conn sun
                    right=192.0.2.2
                    leftid=@moon.example.org
                    leftsigkey=moon.pub
                    rightid=@sun.example.org
                    rightauth=rsa-3072-sha256
                    rightcertpolicy=1.2.3
                    auto=add
                conn mars
                    right=192.0.2.3
                    leftid=@moon.example.org
                    leftcert=moon.pem
                    rightid=@mars.example.org
                    rightsigkey=0sAQPx
                    auto=add
                """, ": P12 moon.p12 hush\n: ECDSA locked.pem \"two words\"\n");
        assertThat(converted.losses()).containsExactly("connections.mars.rightsigkey: has no equal here and is left out");
        assertThat(converted.yaml())
                .contains("public-key: file:" + base.resolve("ipsec.d/certs/moon.pub"))
                .contains("chain: { rsa: 3072, signatures: [rsa-sha256, rsa-pss-sha256], policies: [1.2.3] }")
                .contains("- { from: file:" + base.resolve("ipsec.d/private/moon.p12") + ", passphrase: file:pkcs12-1.passphrase }")
                .contains("- { from: file:" + base.resolve("ipsec.d/private/locked.pem") + ", passphrase: file:ecdsa-2.passphrase }");
        assertThat(converted.secrets()).containsEntry("pkcs12-1.passphrase", "hush").containsEntry("ecdsa-2.passphrase", "two words");
    }
}
