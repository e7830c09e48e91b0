package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.crypto.Pkcs12;
import org.xfrmagent.agent.crypto.SigningKeys;
import org.xfrmagent.agent.crypto.UnusableKey;
import org.xfrmagent.policies.model.ChainDemands;
import org.xfrmagent.policies.model.Identity;

/** What OpenSSL makes: certificates, keys in each of its forms, CRLs, answers of its OCSP responder. */
class OpensslTest {
    private static final List<String> OPENSSL = List.of("/usr/bin/openssl", "/usr/local/bin/openssl");

    @TempDir
    private Path folder;

    private String openssl = "openssl";

    @BeforeEach
    void look() {
        List<String> found = OPENSSL.stream().filter(each -> Files.isExecutable(Path.of(each))).toList();
        assumeTrue(!found.isEmpty(), "openssl is not installed");
        openssl = found.getFirst();
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(Stream.concat(Stream.of(openssl), Stream.of(arguments.split(" "))).toList())
                .directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(log)).isZero();
    }

    private void authority(String key) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("ca.cnf"), """
                [ca]
                default_ca = d
                [d]
                database = index.txt
                serial = serial
                crlnumber = crlnumber
                new_certs_dir = .
                default_md = sha256
                default_crl_days = 30
                default_days = 30
                policy = any
                [any]
                commonName = supplied
                [req]
                distinguished_name = dn
                [dn]
                [end]
                subjectAltName = DNS:moon.example.org, IP:192.0.2.1
                keyUsage = digitalSignature
                extendedKeyUsage = 1.3.6.1.5.5.7.3.17
                [responder]
                extendedKeyUsage = OCSPSigning
                """);
        Files.writeString(folder.resolve("index.txt"), "");
        Files.writeString(folder.resolve("serial"), "1000\n");
        Files.writeString(folder.resolve("crlnumber"), "01\n");
        openssl("req -x509 -config ca.cnf -newkey " + key + " -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Root -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign");
        issue("moon", "end");
        issue("sun", "end");
        issue("responder", "responder");
        openssl("ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -revoke sun.pem");
        openssl("ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -gencrl -out ca.crl");
    }

    private void issue(String name, String extensions) throws IOException, InterruptedException {
        openssl("req -config ca.cnf -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key -out " + name + ".csr -subj /CN=" + name);
        openssl("ca -batch -config ca.cnf -cert ca.pem -keyfile ca.key -in " + name + ".csr -out " + name + ".pem -extensions " + extensions + " -notext");
    }

    private ParsedCertificate certificate(String name) throws IOException {
        return ParsedCertificate.read(Pem.read(Files.readAllBytes(folder.resolve(name + ".pem"))).getFirst().octets()).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-384", "ed25519", "ed448"})
    void itsCertificatesListsAndAnswersAreRead(String key) throws IOException, InterruptedException {
        authority(key);
        Instant now = Instant.now();
        ParsedCertificate root = certificate("ca");
        for (String name : List.of("moon", "sun")) {
            assertThat(ChainValidator.judge(certificate(name), List.of(root), List.of(), ChainDemands.NONE, now)).isInstanceOf(ChainValidator.Verdict.Valid.class);
        }
        assertThat(CertifiedIdentities.of(certificate("moon"))).containsExactly(
                Identity.parse("CN=moon"), Identity.parse("moon.example.org"), Identity.parse("192.0.2.1"));

        RevocationList list = RevocationList.read(Pem.read(Files.readAllBytes(folder.resolve("ca.crl"))).getFirst().octets()).orElseThrow();
        assertThat(list.standing(certificate("moon"), root, now)).isEqualTo(new Standing.Good());
        assertThat(list.standing(certificate("sun"), root, now)).isInstanceOf(Standing.Revoked.class);

        assertThat(ask("moon", root, now)).isEqualTo(new Standing.Good());
        assertThat(ask("sun", root, now)).isInstanceOf(Standing.Revoked.class);
    }

    /** A question of ours, answered by its responder, whom the authority allows to. */
    private Standing ask(String name, ParsedCertificate root, Instant now) throws IOException, InterruptedException {
        OcspQuestion question = new OcspQuestion(certificate(name), root, Bytes.wrap(new byte[32]));
        Files.write(folder.resolve("question"), question.encoded().toArray());
        openssl("ocsp -index index.txt -CA ca.pem -rsigner responder.pem -rkey responder.key -reqin question -respout answer -nmin 5");
        return question.read(Bytes.wrap(Files.readAllBytes(folder.resolve("answer"))), now).standing();
    }

    /** With every way of encrypting a key that it writes today and that old files have. */
    @Test
    void itsEncryptedKeysAreOpened() throws Exception {
        openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key");
        openssl("ecparam -name prime256v1 -genkey -noout -out ec.key");
        openssl("pkcs8 -topk8 -in rsa.key -v2 aes-256-cbc -passout pass:geheim -out pbkdf2.key");
        openssl("pkcs8 -topk8 -in rsa.key -v2 aes128 -v2prf hmacWithSHA1 -passout pass:geheim -out sha1.key");
        openssl("pkcs8 -topk8 -in ec.key -scrypt -passout pass:geheim -out scrypt.key");
        openssl("pkcs8 -topk8 -in ec.key -outform DER -passout pass:geheim -out pbkdf2.der");
        openssl("rsa -in rsa.key -traditional -aes256 -passout pass:geheim -out aes.key");
        openssl("rsa -in rsa.key -traditional -des3 -passout pass:geheim -out des3.key");
        openssl("ec -in ec.key -aes128 -passout pass:geheim -out sec1.key");
        Optional<Secret> passphrase = Optional.of(Secret.take("geheim".getBytes(StandardCharsets.US_ASCII)));
        Optional<Secret> wrong = Optional.of(Secret.take("gehein".getBytes(StandardCharsets.US_ASCII)));
        for (String name : List.of("pbkdf2.key", "sha1.key", "scrypt.key", "pbkdf2.der", "aes.key", "des3.key", "sec1.key")) {
            byte[] file = Files.readAllBytes(folder.resolve(name));
            assertThat(SigningKeys.of(PrivateKeyFile.read(file, passphrase).pkcs8())).as(name).isNotNull();
            assertThatThrownBy(() -> PrivateKeyFile.read(file, wrong)).as(name).isInstanceOf(IllegalArgumentException.class)
                    .message().satisfies(sentence -> assertThat(sentence).matches("(cannot be opened: its passphrase is not right|is no private key in a form).*"));
            assertThatThrownBy(() -> PrivateKeyFile.read(file)).as(name).hasMessage("is encrypted, expected a private key without a passphrase");
        }
        openssl("pkcs8 -topk8 -in rsa.key -v2 aes-256-cbc -iter 30000000 -passout pass:geheim -out slow.key");
        assertThatThrownBy(() -> PrivateKeyFile.read(Files.readAllBytes(folder.resolve("slow.key")), passphrase)).hasMessageContaining("that this is not done");
    }

    @Test
    void itsContainersAreOpened() throws Exception {
        authority("ec -pkeyopt ec_paramgen_curve:P-256");
        openssl("pkcs12 -export -inkey moon.key -in moon.pem -certfile ca.pem -passout pass:geheim -out new.p12");
        openssl("pkcs12 -export -inkey moon.key -in moon.pem -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1 -passout pass:geheim -out old.p12");
        for (String name : List.of("new.p12", "old.p12")) {
            Secret file = Secret.take(Files.readAllBytes(folder.resolve(name)));
            Pkcs12 container = Pkcs12.open(file, Secret.take("geheim".getBytes(StandardCharsets.US_ASCII)));
            assertThat(container.certificates()).as(name).contains(certificate("moon").der());
            assertThat(container.keys()).hasSize(1);
            assertThatThrownBy(() -> Pkcs12.open(file, Secret.take("gehein".getBytes(StandardCharsets.US_ASCII)))).isInstanceOf(UnusableKey.class);
        }
    }

    @Test
    void itsPrivateKeysAreReadInEachForm() throws Exception {
        openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key");
        openssl("rsa -in rsa.key -traditional -out rsa1.key");
        openssl("rsa -in rsa.key -outform DER -out rsa.der");
        openssl("ecparam -name secp384r1 -genkey -out sec1.key");
        openssl("ec -in sec1.key -outform DER -out sec1.der");
        openssl("pkcs8 -topk8 -nocrypt -in sec1.key -out ec8.key");
        openssl("genpkey -algorithm ED25519 -out ed.key");
        openssl("genpkey -algorithm ED448 -out ed448.key");
        for (String name : List.of("rsa.key", "rsa1.key", "rsa.der", "sec1.key", "sec1.der", "ec8.key", "ed.key", "ed448.key")) {
            Secret pkcs8 = PrivateKeyFile.read(Files.readAllBytes(folder.resolve(name))).pkcs8();
            assertThat(SigningKeys.of(pkcs8)).as(name).isNotNull();
        }
    }
}
