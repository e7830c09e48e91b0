package org.xfrmagent.agent.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.credentials.CertificateFacts;
import org.xfrmagent.agent.crypto.Hashes;
import org.xfrmagent.agent.daemon.LoadedPublicKeys.Use;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.TestAttributes;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.model.Identity;

/** What swanctl --load-creds, --load-authorities and a connection with certificates send, and what is listed of it. */
class CertificateCommandsTest {
    private static final Holder ROOT = TestPki.authority("C=CH,O=Example,CN=Root").selfSigned();
    private static final Holder MOON = TestPki.end("C=CH,O=Example,CN=moon").dns("moon.example.org").issuedBy(ROOT);

    private final FakeAgent agent = Samples.agent();
    private final ViciServer server;
    private final ViciClient client;

    CertificateCommandsTest(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("control.vici");
        server = Vici.serve(agent, socket);
        client = ViciClient.connect(socket);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        server.close();
    }

    private static ViciMessage certificate(String flag, Bytes data) {
        return ViciMessage.of(out -> out.put("type", "X509").put("flag", flag).put("data", data));
    }

    private static Bytes ascii(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String hash(Holder holder) {
        return CertificateFacts.of(holder.der()).hash();
    }

    @Test
    void certificatesAreKeptOnceInWhateverFormTheyCome() throws IOException {
        assertThat(client.ask("load-cert", certificate("CA", ROOT.der()))).hasToString("success=yes");
        assertThat(client.ask("load-cert", certificate("ca", ascii(ROOT.pem())))).hasToString("success=yes");
        assertThat(client.ask("load-cert", certificate("NONE", ascii(MOON.pem())))).hasToString("success=yes");
        assertThat(agent.loaded().publicKeys().certificates()).containsOnlyKeys(hash(ROOT), hash(MOON));

        List<ViciMessage> listed = client.list("list-certs", ViciMessage.EMPTY, "list-cert");
        assertThat(listed).extracting(event -> event.text("type").orElse("") + " " + event.text("flag").orElse("")).containsExactly("X509 CA", "X509 NONE");
        assertThat(listed.getFirst().octets("data")).hasValue(ROOT.der().toArray());
        assertThat(client.list("list-certs", ViciMessage.of(out -> out.put("type", "x509").put("flag", "CA")), "list-cert")).hasSize(1);
        assertThat(client.list("list-certs", ViciMessage.of(out -> out.put("subject", "C=CH, O=Example, CN=moon")), "list-cert")).hasSize(1);
        assertThat(client.list("list-certs", ViciMessage.of(out -> out.put("type", "PUBKEY")), "list-cert")).isEmpty();
    }

    /** Of groups, and of who is believed about them (RFC 5755). */
    @Test
    void attributeCertificatesAreKeptAndListed() throws IOException {
        Bytes staff = TestAttributes.of(MOON, "staff").byName().issuedBy(ROOT);
        assertThat(client.ask("load-cert", certificate("AA", ROOT.der()))).hasToString("success=yes");
        assertThat(client.ask("load-cert", ViciMessage.of(out -> out.put("type", "X509_AC").put("data", ascii(TestAttributes.pem(staff)))))).hasToString("success=yes");
        List<ViciMessage> listed = client.list("list-certs", ViciMessage.EMPTY, "list-cert");
        assertThat(listed).extracting(event -> event.text("type").orElse("") + " " + event.text("flag").orElse("")).containsExactly("X509 AA", "X509_AC ");
        assertThat(listed.getLast().octets("data")).hasValue(staff.toArray());
        assertThat(client.list("list-certs", ViciMessage.of(out -> out.put("type", "X509_AC").put("subject", "CN=nobody")), "list-cert")).isEmpty();
        assertThat(client.ask("clear-creds")).hasToString("success=yes");
        assertThat(client.list("list-certs", ViciMessage.EMPTY, "list-cert")).isEmpty();
    }

    @Test
    void whatIsFlushedIsAskedAboutAnew() throws IOException {
        assertThat(client.ask("flush-certs")).hasToString("success=yes");
        assertThat(agent.orders()).containsExactly("forget revocations");
    }

    @Test
    void aKeyIsCalledByItsPublicHalf() throws IOException {
        client.ask("load-cert", certificate("NONE", MOON.der()));
        String id = CertificateFacts.of(MOON.der()).keyId().toHex();
        assertThat(client.ask("load-key", ViciMessage.of(out -> out.put("type", "any").put("data", ascii(MOON.keyPem()))))).hasToString("success=yes id=" + id);
        assertThat(client.ask("get-keys")).hasToString("keys=[" + id + "]");
        assertThat(client.list("list-certs", ViciMessage.EMPTY, "list-cert")).singleElement().satisfies(event -> assertThat(event.flag("has_privkey")).isTrue());
        assertThat(agent.loaded().toString()).as("not the key").doesNotContain(MOON.pkcs8().with(octets -> Bytes.wrap(octets.clone()).toHex()).substring(60));
        assertThat(client.ask("unload-key", ViciMessage.of(out -> out.put("id", id)))).hasToString("success=yes");
        assertThat(client.ask("unload-key", ViciMessage.of(out -> out.put("id", id)))).hasToString("success=no errmsg=key not found");
        assertThat(client.ask("get-keys")).hasToString("keys=[]");
    }

    @Test
    void whatIsNoneIsRefusedWithItsReason() throws IOException {
        assertThat(client.ask("load-cert", certificate("CA", MOON.der()))).hasToString("success=no errmsg=ca certificate lacks CA basic constraint, rejected");
        assertThat(client.ask("load-cert", certificate("NONE", ascii("hello")))).hasToString("success=no errmsg=parsing X509 certificate failed: it is neither PEM nor DER");
        assertThat(client.ask("load-cert", ViciMessage.of(out -> out.put("type", "X509_AC").put("data", "x"))))
                .hasToString("success=no errmsg=parsing X509_AC certificate failed: it is neither PEM nor DER");
        assertThat(client.ask("load-cert", ViciMessage.of(out -> out.put("type", "OCSP_RESPONSE").put("data", "x"))))
                .hasToString("success=no errmsg=parsing OCSP_RESPONSE certificate failed: X509, X509_AC, X509_CRL and PUBKEY can be used");
        assertThat(client.ask("load-key", ViciMessage.of(out -> out.put("type", "bliss").put("data", "x"))).text("errmsg").orElse("")).isEqualTo("invalid key type: bliss: expected any, rsa, ecdsa, ed25519, ed448");
        assertThat(client.ask("load-key", ViciMessage.of(out -> out.put("type", "rsa").put("data", ascii(MOON.pem())))))
                .hasToString("success=no errmsg=parsing RSA private key failed: it has 'CERTIFICATE' in it, expected a private key");
        assertThat(agent.loaded().publicKeys().certificates()).isEmpty();
    }

    @Test
    void anAuthorityHasItsCertificateAndPlacesToAsk() throws IOException {
        ViciMessage request = ViciMessage.of(out -> out.section("example", section -> section.put("cacert", ascii(ROOT.pem()))
                .list("crl_uris", List.of("http://crl.example.org/ca.crl")).list("ocsp_uris", List.of())));
        assertThat(client.ask("load-authority", request)).hasToString("success=yes");
        assertThat(client.ask("get-authorities")).hasToString("authorities=[example]");
        assertThat(client.list("list-authorities", ViciMessage.EMPTY, "list-authority")).singleElement()
                .hasToString("example {cacert=C=CH, O=Example, CN=Root crl_uris=[http://crl.example.org/ca.crl] ocsp_uris=[]}");
        assertThat(client.ask("unload-authority", ViciMessage.of(out -> out.put("name", "example")))).hasToString("success=yes");
        assertThat(agent.loaded().publicKeys().certificates()).as("nobody names it any more").isEmpty();
    }

    /** Without an id, who shows a certificate is whom it names. */
    @Test
    void aConnectionBringsItsCertificatesAndTakesThemAway() throws IOException {
        ViciMessage connection = ViciMessage.of(out -> out.section("sun", conn -> conn
                .section("local", local -> local.put("auth", "pubkey").add(new ViciMessage.Items("certs", List.of(ascii(MOON.pem())))))
                .section("remote", remote -> remote.put("auth", "pubkey").put("id", "sun.example.org")
                        .add(new ViciMessage.Items("cacerts", List.of(ROOT.der()))))));
        assertThat(client.ask("load-conn", connection)).hasToString("success=yes");
        assertThat(agent.loaded().connections().get("sun")).satisfies(sun -> {
            assertThat(sun.section("local").orElseThrow().value("certs").orElseThrow().text()).isEqualTo("loaded:" + hash(MOON));
            assertThat(Identity.parse(sun.section("local").orElseThrow().value("id").orElseThrow().text())).hasToString("C=CH, O=Example, CN=moon");
            assertThat(sun.section("remote").orElseThrow().value("cacerts").orElseThrow().text()).isEqualTo("loaded:" + hash(ROOT));
        });
        assertThat(agent.loaded().publicKeys().certificates().values()).allSatisfy(each -> assertThat(each.use()).isEqualTo(Use.NAMED));
        assertThat(client.ask("clear-creds")).hasToString("success=yes");
        assertThat(agent.loaded().publicKeys().certificates()).as("the connection still names them").hasSize(2);
        assertThat(client.ask("unload-conn", ViciMessage.of(out -> out.put("name", "sun")))).hasToString("success=yes");
        assertThat(agent.loaded().publicKeys().certificates()).isEmpty();
    }

    /** A key that nobody has named is called by its hash, and so is whoever has it. */
    @Test
    void publicKeysComeAloneOrWithAConnection() throws IOException {
        Bytes key = Bytes.wrap(MOON.keys().getPublic().getEncoded());
        String hash = Hashes.sha256(key).toHex();
        assertThat(client.ask("load-cert", ViciMessage.of(out -> out.put("type", "PUBKEY").put("data", ascii(MOON.publicKeyPem()))))).hasToString("success=yes");
        assertThat(client.list("list-certs", ViciMessage.of(out -> out.put("type", "pubkey")), "list-cert")).singleElement()
                .satisfies(event -> {
                    assertThat(event.octets("data")).hasValue(key.toArray());
                    assertThat(event.text("subject")).isEmpty();
                });
        ViciMessage connection = ViciMessage.of(out -> out.section("sun", conn -> conn
                .section("local", local -> local.put("auth", "pubkey").add(new ViciMessage.Items("pubkeys", List.of(key))))
                .section("remote", remote -> remote.put("auth", "pubkey").put("id", "sun.example.org")
                        .add(new ViciMessage.Items("pubkeys", List.of(ascii(MOON.publicKeyPem())))))));
        assertThat(client.ask("load-conn", connection)).hasToString("success=yes");
        assertThat(agent.loaded().connections().get("sun")).satisfies(sun -> {
            assertThat(sun.section("local").orElseThrow().value("pubkeys").orElseThrow().text()).isEqualTo("loaded:" + hash);
            assertThat(Identity.parse(sun.section("local").orElseThrow().value("id").orElseThrow().text()))
                    .isEqualTo(Identity.parse("keyid:0x" + Hashes.sha1(key).toHex()));
        });
        client.ask("clear-creds");
        assertThat(agent.loaded().publicKeys().open()).as("the connection still names it").containsOnlyKeys(hash);
        client.ask("unload-conn", ViciMessage.of(out -> out.put("name", "sun")));
        assertThat(agent.loaded().publicKeys().open()).isEmpty();
        assertThat(client.ask("load-cert", ViciMessage.of(out -> out.put("type", "PUBKEY").put("data", ascii(MOON.keyPem())))))
                .hasToString("success=no errmsg=parsing PUBKEY certificate failed: it has 'PRIVATE KEY' in it, expected a public key");
    }
}
