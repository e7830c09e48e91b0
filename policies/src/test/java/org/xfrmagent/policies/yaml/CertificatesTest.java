package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.grammar.JsonSchema;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Authority;
import org.xfrmagent.policies.model.CertificateRef;
import org.xfrmagent.policies.model.Certification;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.PrivateKeyRef;
import org.xfrmagent.policies.model.Revocation;
import org.xfrmagent.policies.model.SecretRef;

/** Certificates and private keys in policy files: what they mean, and every kind of problem with its words. */
class CertificatesTest extends Reading {
    private static final String WHOLE = """
            authorities:
              example-ca: { certificate: file:ca.pem, crls: [http://crl.example.org/ca.crl], ocsps: [http://ocsp.example.org/] }
            certificates: [file:intermediate.pem, file:other-end.pem]
            crls: [file:ca.crl]
            keys: [file:other.key]
            peers:
              sun:
                local:  { address: 192.0.2.1, id: moon.example.org, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                remote: { address: 192.0.2.2, id: sun.example.org,  auth: pubkey, authorities: [example-ca], revocation: strict, signatures: [rsa-pss-sha256] }
            """;

    @BeforeEach
    void files() {
        List.of("ca.pem", "intermediate.pem", "other-end.pem", "moon.pem", "sun.pem").forEach(name -> pem(name, "CERTIFICATE"));
        pem("ca.crl", "X509 CRL");
        List.of("moon.key", "other.key").forEach(name -> secret(name, "PRIVATE KEY"));
    }

    private Path pem(String name, String label) {
        try {
            return Files.writeString(folder.resolve(name), "-----BEGIN %s-----\nMAA=\n-----END %s-----\n".formatted(label, label));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void secret(String name, String label) {
        try {
            Files.setPosixFilePermissions(pem(name, label), PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The only problem of a peer with these sides, without its place. */
    private String problem(String local, String remote, String more) {
        List<String> all = problems("""
                authorities: { example-ca: { certificate: file:ca.pem } }
                certificates: file:moon.pem
                keys: file:moon.key
                users: { carol: { password: env:SUN_PSK } }
                secrets: [ { psk: env:SUN_PSK } ]
                peers: { sun: { local: { address: 192.0.2.1, id: moon, %s }, remote: { address: 192.0.2.2, id: sun, %s }%s } }
                """.formatted(local, remote, more));
        assertThat(all).hasSize(1);
        return all.getFirst().replaceFirst("^a\\.yaml:\\d+:\\d+: peer 'sun': ", "");
    }

    private String problem(String local, String remote) {
        return problem(local, remote, "");
    }

    private CertificateRef file(String name) {
        return new CertificateRef.FromFile(folder.resolve(name));
    }

    @Test
    void everything_that_can_be_said_of_certificates_is_understood() throws IOException {
        PolicySet set = accepted(WHOLE);
        assertThat(set.publicKeys().authorities()).containsExactly(new Authority("example-ca", file("ca.pem"),
                List.of(URI.create("http://crl.example.org/ca.crl")), List.of(URI.create("http://ocsp.example.org/"))));
        assertThat(set.publicKeys().certificates()).containsExactly(file("intermediate.pem"), file("other-end.pem"));
        assertThat(set.publicKeys().crls()).containsExactly(file("ca.crl"));
        assertThat(set.publicKeys().keys()).as("those of sides too: a key is wherever its certificate is").containsExactlyInAnyOrder(
                PrivateKeyRef.of(new SecretRef.FromFile(folder.resolve("other.key"))), PrivateKeyRef.of(new SecretRef.FromFile(folder.resolve("moon.key"))));
        assertThat(set.peer("sun").orElseThrow()).satisfies(sun -> {
            assertThat(sun.local().auth()).isEqualTo(Auth.PUBKEY);
            assertThat(sun.local().certification()).isEqualTo(
                    new Certification(List.of(file("moon.pem")), List.of(), Revocation.RELAXED, List.of()));
            assertThat(sun.remote().certification()).isEqualTo(
                    new Certification(List.of(), List.of("example-ca"), Revocation.STRICT, List.of(SignatureScheme.RSA_PSS_SHA256)));
        });
        assertThat(read(WHOLE).warnings()).extracting(Problem::message).containsExactly("peer 'sun': no policy uses it, so nothing is ever negotiated with it");
        try (var schema = JsonSchema.class.getResourceAsStream(JsonSchema.RESOURCE)) {
            assertThat(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(schema, InputFormat.JSON)
                    .validate(WHOLE, InputFormat.YAML)).isEmpty();
        }
    }

    @Test
    void our_certificate_may_be_found_by_our_identity_and_its_key_by_the_certificate() {
        PolicySet set = accepted("""
                authorities: { example-ca: { certificate: file:ca.pem } }
                certificates: file:moon.pem
                keys: file:moon.key
                peers: { sun: { local: { auth: pubkey, id: moon }, remote: { auth: pubkey, id: sun } } }
                """);
        assertThat(set.peer("sun").orElseThrow().local().certification()).isEqualTo(Certification.NONE);
    }

    @Test
    void a_peer_whose_certificate_is_named_needs_no_authority() {
        PolicySet set = accepted("""
                peers:
                  sun:
                    local: { auth: pubkey, id: moon, certificate: file:moon.pem, key: file:moon.key }
                    remote: { auth: pubkey, id: sun, certificate: file:sun.pem }
                """);
        assertThat(set.peer("sun").orElseThrow().remote().certification().certificates()).containsExactly(file("sun.pem"));
        assertThat(set.publicKeys().certificates()).as("nobody else's").isEmpty();
    }

    @Test
    void certificates_may_be_left_out_of_the_messages_on_the_side_whose_business_that_is() {
        PolicySet set = accepted("""
                peers:
                  sun:
                    local: { auth: pubkey, id: moon, certificate: file:moon.pem, key: file:moon.key, show-certificate: false }
                    remote: { auth: pubkey, id: sun, certificate: file:sun.pem, request-certificate: false }
                """);
        assertThat(set.peer("sun").orElseThrow()).satisfies(sun -> {
            assertThat(sun.local().certification().inMessages()).isFalse();
            assertThat(sun.remote().certification().inMessages()).isFalse();
        });
        assertThat(problem("auth: pubkey, request-certificate: false", "auth: pubkey")).isEqualTo(
                "local request-certificate is about what the peer shows, expected it at the remote side");
        assertThat(problem("auth: pubkey", "auth: pubkey, show-certificate: false")).isEqualTo(
                "remote show-certificate is about what we show, expected it at our own side");
    }

    @Test
    void certificates_may_have_to_be_strong_and_of_a_policy() {
        PolicySet set = accepted("""
                authorities: { example-ca: { certificate: file:ca.pem } }
                secrets: [ { psk: env:SUN_PSK } ]
                peers:
                  sun:
                    local: { auth: psk, id: moon }
                    remote: { auth: pubkey, id: sun, chain: { rsa: 3072, ecdsa: 384, signatures: [ecdsa-sha384, rsa-sha256], policies: 1.3.6.1.4.1.32473.1 } }
                """);
        assertThat(set.peer("sun").orElseThrow().remote().certification().chain()).isEqualTo(new ChainDemands(
                Map.of(SignatureScheme.Key.RSA, 3072, SignatureScheme.Key.ECDSA, 384),
                List.of(SignatureScheme.ECDSA_SHA384, SignatureScheme.RSA_SHA256), List.of("1.3.6.1.4.1.32473.1")));
        assertThat(problem("auth: pubkey, chain: { rsa: 3072 }", "auth: pubkey")).isEqualTo(
                "local chain is about whom we believe, expected it at the remote side");
        assertThat(problem("auth: pubkey", "auth: pubkey, certificate: file:sun.pem, chain: { rsa: 3072 }")).isEqualTo(
                "remote chain stands beside 'certificate', which is believed as it is, expected one of the two");
        assertThat(problem("auth: pubkey", "auth: pubkey, chain: { policies: gold }")).isEqualTo(
                "remote chain policies: 'gold' is no object identifier; expected an object identifier such as 1.3.6.1.4.1.32473.1");
        assertThat(problem("auth: pubkey", "auth: pubkey, chain: { signatures: rsa-sha1 }")).isEqualTo(
                "remote chain signatures is 'rsa-sha1', by which no certificate is believed, expected a scheme with SHA-256 or better");
    }

    @Test
    void a_passphrase_is_a_secret_of_its_own() throws IOException {
        secret("locked.key", "ENCRYPTED PRIVATE KEY");
        Files.write(folder.resolve("carol.p12"), new byte[] {0x30, 0});
        Files.writeString(folder.resolve("moon.pass"), "geheim");
        for (String name : List.of("carol.p12", "moon.pass")) {
            Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rw-------"));
        }
        String peer = """
                pkcs12: { from: file:carol.p12, passphrase: env:SUN_PSK }
                peers:
                  sun:
                    local: { auth: pubkey, id: moon, certificate: file:moon.pem, key: { from: file:locked.key, passphrase: file:%s } }
                    remote: { auth: pubkey, id: sun, certificate: file:sun.pem }
                """;
        PolicySet set = accepted(peer.formatted("moon.pass"));
        assertThat(set.publicKeys().keys()).containsExactly(new PrivateKeyRef(
                new SecretRef.FromFile(folder.resolve("locked.key")), Optional.of(new SecretRef.FromFile(folder.resolve("moon.pass")))));
        assertThat(set.publicKeys().containers()).containsExactly(new PrivateKeyRef(
                new SecretRef.FromFile(folder.resolve("carol.p12")), Optional.of(new SecretRef.FromEnvironment("SUN_PSK"))));
        assertThat(problems(peer.formatted("sun.pass"))).singleElement().asString().startsWith("a.yaml:4:").contains(": key file:")
                .contains("has a passphrase file:" + folder.resolve("sun.pass") + ", which cannot be read: there is no file");
    }

    @Test
    void a_public_key_stands_in_the_place_of_certificates_and_authorities() {
        pem("moon.pub", "PUBLIC KEY");
        pem("sun.pub", "RSA PUBLIC KEY");
        PolicySet set = accepted("""
                peers:
                  sun:
                    local: { auth: pubkey, id: moon, public-key: file:moon.pub, key: file:moon.key }
                    remote: { auth: pubkey, id: sun, public-key: [file:sun.pub] }
                """);
        assertThat(set.peer("sun").orElseThrow().remote().certification().publicKeys()).containsExactly(file("sun.pub"));
        assertThat(set.peer("sun").orElseThrow().local().certification().isByPublicKey()).isTrue();
        assertThat(problem("auth: pubkey", "auth: pubkey, public-key: file:sun.pub, authorities: example-ca")).isEqualTo(
                "remote authorities stands beside 'public-key', which is believed as it is, expected one of the two");
        assertThat(problem("auth: pubkey, public-key: file:moon.pub, certificate: file:moon.pem", "auth: pubkey")).isEqualTo(
                "local certificate stands beside 'public-key', which is believed as it is, expected one of the two");
        assertThat(problem("auth: psk, public-key: file:moon.pub", "auth: psk")).isEqualTo(
                "local public-key is of no use with 'auth: psk', expected it beside 'auth: pubkey'");
        assertThat(problems("""
                peers:
                  sun:
                    local: { auth: pubkey, id: moon, public-key: file:moon.pub, key: file:moon.key }
                    remote: { auth: pubkey, id: "%any", public-key: file:sun.pub }
                """)).containsExactly("a.yaml:4:53: peer 'sun': remote public-key stands beside an 'id' that anybody may have, expected whose key it is: "
                        + "nothing else says so");
    }

    @Test
    void each_side_may_have_a_method_of_its_own_in_ikev2() {
        assertThat(accepted("""
                authorities: { example-ca: { certificate: file:ca.pem } }
                secrets: [ { psk: env:SUN_PSK } ]
                peers: { sun: { local: { auth: psk, id: moon }, remote: { auth: pubkey, id: sun } } }
                """).peers()).hasSize(1);
    }

    @Test
    void an_unknown_authority_is_named_with_the_nearest_one() {
        assertThat(problem("auth: pubkey", "auth: pubkey, authorities: exampel-ca")).isEqualTo(
                "remote authorities has 'exampel-ca', and there is no such authority; did you mean 'example-ca'?");
    }

    @Test
    void an_authority_that_can_vouch_for_nobody_is_mentioned() {
        assertThat(read("authorities: { example-ca: { certificate: file:ca.pem } }").warnings()).extracting(Problem::toString).containsExactly(
                "a.yaml:1:16: authority 'example-ca': no peer's certificate can be of it");
    }

    @Test
    void what_a_signature_needs_and_nobody_has_is_missed() {
        assertThat(problems("peers: { sun: { local: { auth: pubkey, id: moon }, remote: { auth: pubkey, id: sun } } }")).containsExactly(
                "a.yaml:1:10: peer 'sun': local auth is 'pubkey', and there is no certificate of ours, expected 'certificate' or 'public-key' "
                        + "there, or one under 'certificates'",
                "a.yaml:1:10: peer 'sun': local auth is 'pubkey', and there is no private key, expected 'key' beside its certificate, or one under 'keys'",
                "a.yaml:1:10: peer 'sun': remote auth is 'pubkey', and there is nobody to vouch for it, expected an entry under 'authorities', or its "
                        + "'certificate' or 'public-key'");
    }

    @Test
    void keys_that_are_of_no_use_are_refused() {
        assertThat(problem("auth: psk, certificate: file:moon.pem", "auth: psk")).isEqualTo(
                "local certificate is of no use with 'auth: psk', expected it beside 'auth: pubkey'");
        assertThat(problem("auth: psk", "auth: psk, signatures: ed25519")).isEqualTo(
                "remote signatures is of no use with 'auth: psk', expected it beside 'auth: pubkey'");
        assertThat(problem("auth: pubkey, revocation: strict", "auth: pubkey")).isEqualTo(
                "local revocation is about whom we believe, expected it at the remote side");
        assertThat(problem("auth: pubkey", "auth: pubkey, key: file:moon.key")).isEqualTo(
                "remote key is a private key, which only its owner has, expected it at our own side");
        assertThat(problem("auth: pubkey", "auth: pubkey, certificate: file:sun.pem, authorities: example-ca")).isEqualTo(
                "remote authorities stands beside 'certificate', which is believed as it is, expected one of the two");
    }

    @Test
    void each_version_of_ike_has_its_own_signatures() {
        assertThat(problem("auth: pubkey", "auth: pubkey, signatures: rsa")).startsWith(
                "remote signatures is 'rsa', which 'ike: v2' does not have, expected rsa-sha1, rsa-sha256,");
        assertThat(problem("auth: pubkey, signatures: ed25519", "auth: pubkey", ", ike: v1-main, proposals: aes128-sha256-modp2048")).isEqualTo(
                "local signatures is 'ed25519', which 'ike: v1-main' does not have, expected rsa, ecdsa-p256, ecdsa-p384, ecdsa-p521 or ecdsa");
        assertThat(problem("auth: pubkey", "auth: pubkey, signatures: rsa-sha265")).contains("did you mean 'rsa-sha256'?");
    }

    @Test
    void hybrid_is_of_ikev1_and_of_the_user() {
        String v1 = ", ike: v1-main, proposals: aes128-sha256-modp2048";
        assertThat(problem("auth: hybrid, user: carol", "auth: pubkey")).isEqualTo(
                "local auth is 'hybrid', which IKEv2 does not have, expected psk, pubkey or eap, or 'ike: v1-main' or 'v1-aggressive'");
        assertThat(problem("auth: hybrid, user: carol", "auth: psk", v1)).isEqualTo(
                "remote auth is 'psk', and the other side's is 'hybrid', which has nothing but what this side proves, expected pubkey");
        assertThat(problem("auth: hybrid", "auth: pubkey", v1)).isEqualTo(
                "local auth is 'hybrid', expected 'user' beside our own side's eap, xauth or hybrid, and nowhere else");
        assertThat(problem("auth: psk", "auth: pubkey", v1)).isEqualTo(
                "remote auth is 'pubkey', and IKEv1 has one method for both sides, expected psk as ours is");
    }

    @Test
    void users_stand_over_certificates_and_aggressive_mode_cracks_nothing_then() {
        String peer = """
                authorities: { example-ca: { certificate: file:ca.pem } }
                users: { carol: { password: env:SUN_PSK } }
                peers:
                  sun:
                    ike: v1-aggressive
                    proposals: aes128-sha256-modp2048
                    local: { auth: %s, id: moon, user: carol%s }
                    remote: { auth: pubkey, id: sun }
                """;
        assertThat(accepted(peer.formatted("xauth", ", certificate: file:moon.pem, key: file:moon.key")).peers()).hasSize(1);
        assertThat(accepted(peer.formatted("hybrid", "")).peers()).hasSize(1);
        assertThat(problems(peer.formatted("xauth", ""))).as("below the password there is a signature").hasSize(2);
    }

    @Test
    void a_file_is_opened_and_its_form_looked_at() throws IOException {
        Files.delete(folder.resolve("ca.crl"));
        Files.writeString(folder.resolve("intermediate.pem"), "hello");
        Files.write(folder.resolve("other-end.pem"), new byte[] {0x30, 2, 5, 0});
        secret("moon.key", "ENCRYPTED PRIVATE KEY");
        pem("ca.pem", "PUBLIC KEY");
        Files.setPosixFilePermissions(folder.resolve("other.key"), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(problems(WHOLE)).map(problem -> problem.replace(folder.toString(), "/f")).containsExactly(
                "a.yaml:2:3: authority 'example-ca': certificate file:/f/ca.pem has 'PUBLIC KEY' in it, expected a certificate",
                "a.yaml:3:16: certificate file:/f/intermediate.pem is neither PEM nor DER, expected a certificate",
                "a.yaml:4:8: CRL file:/f/ca.crl cannot be read: there is no file /f/ca.crl",
                "a.yaml:5:8: key file:/f/other.key can be read or written by others: its mode is 0640, expected 0600 or 0400; chmod go= /f/other.key",
                "a.yaml:8:104: key file:/f/moon.key is encrypted, and there is no 'passphrase' beside it, expected { from: file:…, passphrase: file:… }");
    }

    @Test
    void neither_certificate_nor_key_stands_in_the_file_itself() {
        assertThat(problems("certificates: '-----BEGIN PRIVATE KEY-----'")).containsExactly(
                "a.yaml:1:15: certificates: a certificate is in a file of its own; expected file:PATH or pkcs11:URI");
        assertThat(problems("authorities: { a: { certificate: file:ca.pem, crls: crl.example.org } }")).containsExactly(
                "a.yaml:1:53: authority 'a': crls: 'crl.example.org' does not begin with http:// or https:// and a host's name; "
                        + "expected an address such as http://crl.example.org/ca.crl");
    }

    @Test
    void keysAndCertificatesMayBeInTokens() throws IOException {
        secret("card.pin", "PIN");
        PolicySet set = accepted("""
                peers:
                  sun:
                    local:
                      auth: pubkey
                      id: moon
                      certificate: "pkcs11:id=%0A%0B?module-name=card"
                      key: { from: "pkcs11:id=%0A%0B;slot-id=3?module-path=/usr/lib/card.so", passphrase: file:card.pin }
                    remote: { auth: pubkey, id: sun, certificate: file:sun.pem }
                """);
        assertThat(set.publicKeys().keys()).singleElement().satisfies(key -> {
            assertThat(key.from()).hasToString("pkcs11:id=%0A%0B;slot-id=3?module-path=/usr/lib/card.so");
            assertThat(key.passphrase()).contains(new SecretRef.FromFile(folder.resolve("card.pin")));
        });
        assertThat(problems("crls: 'pkcs11:id=%01'\npkcs12: 'pkcs11:id=%02'")).containsExactly(
                "a.yaml:1:7: CRL pkcs11:id=%01 is in a token, of which only certificates and private keys are read, expected file:PATH",
                "a.yaml:2:9: PKCS #12 pkcs11:id=%02 is a key in a token, expected a container of PKCS #12");
        assertThat(problems("keys: 'pkcs11:id=%01?pin-value=1234'")).singleElement().asString().startsWith("a.yaml:1:7: keys: ")
                .contains("expected the PIN by 'passphrase' beside it").doesNotContain("1234");
    }
}
