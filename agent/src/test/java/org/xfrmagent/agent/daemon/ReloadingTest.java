package org.xfrmagent.agent.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.agent.bytes.Bytes;
import org.xfrmagent.agent.bytes.Secret;
import org.xfrmagent.agent.credentials.RevocationMemory;
import org.xfrmagent.agent.pkcs11.Tokens;
import org.xfrmagent.agent.dataplane.fake.FakeDataPlane;
import org.xfrmagent.agent.engine.Endpoint;
import org.xfrmagent.agent.engine.Output;
import org.xfrmagent.agent.engine.core.Credentials;
import org.xfrmagent.agent.engine.core.Settings;
import org.xfrmagent.agent.pki.Holder;
import org.xfrmagent.agent.pki.TestPki;
import org.xfrmagent.policies.algorithm.SignatureScheme;
import org.xfrmagent.policies.convert.LoadedConversion;
import org.xfrmagent.policies.model.Identity;

@Timeout(30)
class ReloadingTest {
    private static final String LANS = """
            policies:
              - name: lans
                match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                action: protect
                peer: sun
            """;
    private static final String GUESTS = """
              - name: guests
                match: { local: 10.1.0.0/16, remote: 10.3.0.0/16 }
                action: protect
                peer: sun
                start: at-start
            """;

    private final FakeDataPlane plane = new FakeDataPlane();
    private final BlockingQueue<Output> outputs = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final EventLog log = new EventLog(new PrintStream(written, true, StandardCharsets.UTF_8), Clock.systemUTC(), true);
    private final Map<String, String> environment = new HashMap<>(Yaml.ENVIRONMENT);
    private final StandingPolicies standing = new StandingPolicies(plane, new Resolver(_ -> Optional.empty(), _ -> new java.net.InetAddress[0]), log, Optional.empty());
    private final Path file;
    private InForce inForce;
    private Shard shard;
    private Reloading reloading;

    ReloadingTest(@TempDir Path folder) throws Exception {
        file = folder.resolve("policies.yaml");
        write(Yaml.SUN + LANS);
        inForce = new InForce(load(Loaded.NOTHING, Configuration.Memory.NOTHING), new SettingsBuilder(Settings.Ports.STANDARD));
        Endpoint endpoint = new Endpoint(0, inForce.settings(), new AtomicLong()::incrementAndGet);
        EventHub events = new EventHub(log, Clock.systemUTC());
        shard = new Shard(0, endpoint, (_, all) -> outputs.addAll(all), events, () -> 1_000);
        reloading = new Reloading(this::load, inForce, standing, new Router(List.of(shard), events), log);
    }

    @BeforeEach
    void start() throws Exception {
        standing.install(inForce.policies(), inForce.settings());
        shard.start();
    }

    @AfterEach
    void stop() {
        shard.close();
        inForce.close();
    }

    private void write(String yaml) throws IOException {
        Files.writeString(file, yaml);
    }

    private Configuration load(Loaded loaded) throws StartupFailure {
        return load(loaded, inForce.now().configuration().memory());
    }

    private Configuration load(Loaded loaded, Configuration.Memory before) throws StartupFailure {
        return Configuration.load(List.of(file), loaded, environment, new RevocationMemory(), new Tokens(Map::of), before, log);
    }

    private Optional<Secret> key() {
        return inForce.settings().credentials().psk(Identity.parse("moon.example.org"), Identity.parse("sun.example.org"));
    }

    @Test
    void theSameFilesAgainChangeNothingAnywhere() {
        Settings before = inForce.settings();
        assertThat(reloading.reload()).isEqualTo(new Reloaded(List.of(), List.of()));
        assertThat(plane.applied()).hasSize(1);
        assertThat(outputs).isEmpty();
        assertThat(inForce.settings()).isSameAs(before);
        assertThat(key()).isPresent();
    }

    @Test
    void aNewPolicyIsInstalledAndStartedAndKeepsItsReqidWhenItMoves() throws Exception {
        write(Yaml.SUN + LANS + GUESTS);
        assertThat(reloading.reload()).isEqualTo(new Reloaded(List.of(), List.of("+ policy guests")));
        assertThat(plane.applied().getLast()).as("out, in and forward of the new one").hasSize(3);
        assertThat(outputs.poll(10, TimeUnit.SECONDS)).isInstanceOfSatisfying(Output.Wanted.class, wanted ->
                assertThat(wanted.wishes()).singleElement().satisfies(wish -> assertThat(wish.policy()).isEqualTo("guests")));
        int reqid = inForce.settings().profile("sun").orElseThrow().child("guests").orElseThrow().reqid();

        write(Yaml.SUN + "policies:\n" + GUESTS + LANS.replace("policies:\n", ""));
        assertThat(reloading.reload().success()).isTrue();
        assertThat(inForce.settings().profile("sun").orElseThrow().child("guests").orElseThrow().reqid()).isEqualTo(reqid);
    }

    private static org.xfrmagent.policies.convert.Settings connection(Map<String, String> child) {
        return connection(Map.of(), child);
    }

    private static org.xfrmagent.policies.convert.Settings connection(Map<String, String> more, Map<String, String> child) {
        var round = LoadedConversion.settings(Map.of("auth", "psk", "id", "venus.example.org"), Map.of());
        Map<String, String> values = new HashMap<>(Map.of("local_addrs", "192.0.2.1", "remote_addrs", "192.0.2.9"));
        values.putAll(more);
        return LoadedConversion.settings(values,
                Map.of("local", LoadedConversion.settings(Map.of("auth", "psk", "id", "moon.example.org"), Map.of()), "remote", round,
                        "children", LoadedConversion.settings(Map.of(), Map.of("venus-net", LoadedConversion.settings(child, Map.of())))));
    }

    private static final Map<String, String> VENUS_NET = Map.of("local_ts", "10.1.0.0/16", "remote_ts", "10.9.0.0/16");

    @Test
    void whatIsLoadedComesAfterTheFilesAndGoesAgain() {
        Secret secret = Secret.take("a secret that nobody else has".getBytes(StandardCharsets.US_ASCII));
        assertThat(reloading.load(loaded -> loaded.withSecret("ike-venus", new Loaded.Shared(Loaded.Use.IKE, List.of("venus.example.org"), secret))).success()).isTrue();
        assertThat(reloading.load(loaded -> loaded.withConnection("venus", connection(VENUS_NET)))).isEqualTo(
                new Reloaded(List.of(), List.of("+ peer venus", "+ policy venus-net")));
        assertThat(inForce.settings().profile("venus").orElseThrow().child("venus-net")).isPresent();
        assertThat(inForce.policies().policies().getLast().name()).isEqualTo("venus-net");
        assertThat(inForce.settings().credentials().psk(Identity.parse("moon.example.org"), Identity.parse("venus.example.org"))).isPresent();

        assertThat(reloading.load(loaded -> loaded.withConnection("venus", connection(VENUS_NET)))).as("the same again").isEqualTo(
                new Reloaded(List.of(), List.of()));
        assertThat(reloading.reload()).as("the files again").isEqualTo(new Reloaded(List.of(), List.of()));

        assertThat(reloading.load(Loaded::withoutCredentials).success()).isTrue();
        assertThat(secret.isWiped()).isTrue();
        assertThat(reloading.load(loaded -> loaded.withoutConnection("venus")).changes()).contains("- peer venus");
        assertThat(inForce.settings().profile("venus")).isEmpty();
        assertThat(inForce.settings().profile("sun")).isPresent();
    }

    /** R18: aggressive mode with a pre-shared key is warned of, wherever it comes from. */
    @Test
    void aKeyThatEverybodyMayTryToGuessIsWarnedOf() throws Exception {
        String warning = "peer 'venus': ike: aggressive mode gives everybody who asks or listens a hash to try pre-shared keys against";
        Secret secret = Secret.take("a secret that nobody else has".getBytes(StandardCharsets.US_ASCII));
        reloading.load(loaded -> loaded.withSecret("ike-venus", new Loaded.Shared(Loaded.Use.IKE, List.of("venus.example.org"), secret)));
        assertThat(reloading.load(loaded -> loaded.withConnection("venus", connection(
                Map.of("version", "1", "aggressive", "yes", "proposals", "aes256-sha256-modp2048"), VENUS_NET))).problems()).isEmpty();
        assertThat(log()).contains(warning);
        assertThat(reloading.load(loaded -> loaded.withoutConnection("venus")).success()).isTrue();
        written.reset();

        write(Yaml.SUN.replace("sun:", "venus:\n    ike: v1-aggressive\n    accept-crackable-psk: true\n    proposals: aes256-sha256-modp2048")
                + LANS.replace("peer: sun", "peer: venus"));
        assertThat(reloading.reload().problems()).isEmpty();
        assertThat(log()).contains(warning);
    }

    private String log() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatCannotBeDoneIsRefusedByItsNameAndIsNotKept() {
        Map<String, String> child = new HashMap<>(VENUS_NET);
        child.put("hw_offload", "sometimes");
        assertThat(reloading.load(loaded -> loaded.withConnection("venus", connection(child))).problems())
                .containsExactly("connections.venus.children.venus-net.hw_offload: is not supported");
        assertThat(reloading.loaded().connections()).isEmpty();
        Secret secret = Secret.take("a secret that nobody else has".getBytes(StandardCharsets.US_ASCII));
        assertThat(reloading.load(loaded -> loaded.withSecret("x", new Loaded.Shared(Loaded.Use.IKE, List.of("not an @identity@"), secret))
                .withConnection("venus", connection(child))).success()).isFalse();
        assertThat(secret.isWiped()).as("a secret that was not taken").isTrue();
        Secret password = Secret.take("a password that is anybody's".getBytes(StandardCharsets.US_ASCII));
        assertThat(reloading.load(loaded -> loaded.withSecret("x", new Loaded.Shared(Loaded.Use.XAUTH, List.of(), password))).problems())
                .containsExactly("secrets.x: a password that is any user's cannot be used; name its owners");
        assertThat(password.isWiped()).as("a password that was not taken").isTrue();
    }

    @Test
    void everyProblemIsToldAndNothingChanges() throws Exception {
        write(Yaml.SUN.replace("auth: psk", "auth: pks") + LANS.replace("peer: sun", "peer: son"));
        Reloaded refused = reloading.reload();
        assertThat(refused.problems()).hasSizeGreaterThan(1).allMatch(problem -> problem.contains("policies.yaml:"));
        assertThat(written.toString(StandardCharsets.UTF_8)).contains(refused.problems());
        assertThat(plane.applied()).hasSize(1);
        assertThat(key()).isPresent();
    }

    @Test
    void aPlaneThatRefusesLeavesEverythingAsItWas() throws Exception {
        Settings before = inForce.settings();
        write(Yaml.SUN + LANS + GUESTS);
        plane.refuse(_ -> Optional.of("it is full"));
        assertThat(reloading.reload().problems()).containsExactly("the policies cannot be installed: policy 'guests': it is full");
        assertThat(inForce.settings()).isSameAs(before);
        assertThat(key()).as("the old keys are not wiped").isPresent();
        assertThat(outputs).isEmpty();
    }

    @Test
    void anotherKeyIsTakenOverAndTheOldOneWiped() {
        Secret old = key().orElseThrow();
        environment.put("SUN_PSK", "another key of twenty octets");
        assertThat(reloading.reload()).isEqualTo(new Reloaded(List.of(), List.of("~ keys")));
        assertThat(old.isWiped()).isTrue();
        assertThat(key().orElseThrow().copy()).asString(StandardCharsets.UTF_8).isEqualTo("another key of twenty octets");
        assertThat(plane.applied()).hasSize(1);
        assertThat(outputs).isEmpty();
    }

    @Test
    void anEndingAgentReloadsNoMore() {
        reloading.end();
        assertThat(reloading.reload().problems()).containsExactly("the agent is ending");
    }

    // ---- certificates

    private static final String BY_CERTIFICATE = """
            authorities:
              ca: { certificate: file:ca.pem }
            peers:
              sun:
                local:  { address: 192.0.2.1, id: moon.example.org, auth: pubkey, certificate: file:moon.pem, key: file:moon.key }
                remote: { address: 192.0.2.2, id: sun.example.org,  auth: pubkey, authorities: [ca] }
            """;

    private void certificate(Holder root, Holder moon) throws IOException {
        Files.writeString(file.resolveSibling("ca.pem"), root.pem());
        Files.writeString(file.resolveSibling("moon.pem"), moon.pem());
        Path key = file.resolveSibling("moon.key");
        Files.writeString(key, moon.keyPem());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    }

    private Credentials.Own shown() {
        return inForce.settings().credentials().own(inForce.settings().profile("sun").orElseThrow().peer(), Identity.parse("moon.example.org"), List.of())
                .orElseThrow();
    }

    @Test
    void aChangedCertificateOrKeyIsTakenOverAndTheOldKeySignsNoMore() throws Exception {
        Holder root = TestPki.authority("CN=Root").selfSigned();
        Holder first = TestPki.end("CN=moon").dns("moon.example.org").issuedBy(root);
        certificate(root, first);
        write(BY_CERTIFICATE + LANS);
        assertThat(reloading.reload().problems()).isEmpty();
        Credentials.Own before = shown();
        assertThat(before.chain()).containsExactly(first.der());
        assertThat(reloading.reload().changes()).isEmpty();

        Holder renewed = TestPki.end("CN=moon").dns("moon.example.org").serial(2).issuedBy(root);
        certificate(root, renewed);
        assertThat(reloading.reload()).isEqualTo(new Reloaded(List.of(), List.of("~ certificates")));
        assertThat(shown().chain()).containsExactly(renewed.der());

        Holder other = TestPki.end("CN=moon").dns("moon.example.org").keyNamed("another").issuedBy(root);
        certificate(root, other);
        assertThat(reloading.reload()).isEqualTo(new Reloaded(List.of(), List.of("~ keys", "~ certificates")));
        assertThatThrownBy(() -> before.key().sign(SignatureScheme.ECDSA_SHA256, Bytes.empty())).isInstanceOf(IllegalStateException.class);
        assertThat(shown().key().sign(SignatureScheme.ECDSA_SHA256, Bytes.empty())).isNotNull();

        Files.writeString(file.resolveSibling("moon.pem"), renewed.pem());
        assertThat(reloading.reload().problems()).containsExactly("peer 'sun': local certificate file:" + file.resolveSibling("moon.pem")
                + " has no private key: none under 'keys' has its public half");
        assertThat(shown().chain()).containsExactly(other.der());
    }
}
