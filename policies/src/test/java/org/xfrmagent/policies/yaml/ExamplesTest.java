package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.policies.grammar.JsonSchema;
import org.xfrmagent.policies.model.Action.Protect;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Selectors;
import org.xfrmagent.policies.model.Start;
import org.xfrmagent.policies.secrets.SecretReader;

class ExamplesTest {
    @TempDir
    Path folder;

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    private static Schema schema() throws IOException {
        try (InputStream committed = JsonSchema.class.getResourceAsStream(JsonSchema.RESOURCE)) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(committed, InputFormat.JSON);
        }
    }

    private PolicySet read(Path example) throws IOException {
        for (String secret : List.of("moon-sun.psk", "berlin.psk", "moon.pass", "card.pin", "radius.secret")) {
            Path file = folder.resolve(secret);
            Files.writeString(file, "made for this test only, 48 octets or so of text\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
        for (String certificate : List.of("ca.pem", "moon.pem")) {
            Files.writeString(folder.resolve(certificate), "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
        }
        for (String open : List.of("moon.pub", "sun.pub")) {
            Files.writeString(folder.resolve(open), "-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n");
        }
        Path key = Files.writeString(folder.resolve("moon.key"), "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Path copy = Files.copy(example, folder.resolve(example.getFileName()));
        PolicyReader reader = new PolicyReader(new SecretReader(Map.of()));
        return switch (reader.read(List.of(copy))) {
            case PolicyReader.Accepted accepted -> accepted.policies();
            case PolicyReader.Refused refused -> throw new AssertionError(refused.problems().toString());
        };
    }

    /** What a newcomer copies first has to be right. */
    @Test
    void theReadmesPolicyIsAccepted() throws IOException {
        PolicySet set = read(ofTheReadme(""));
        assertThat(set.policies()).extracting(policy -> policy.name()).containsExactly("ssh-in-the-clear", "hq-branch", "no-telnet");
    }

    @Test
    void theReadmesPolicyWithCertificatesIsAccepted() throws IOException {
        PolicySet set = read(ofTheReadme("## With certificates"));
        assertThat(set.peers()).singleElement().satisfies(peer -> {
            assertThat(peer.local().auth()).isEqualTo(Auth.PUBKEY);
            assertThat(peer.remote().certification().authorities()).containsExactly("example-ca");
        });
    }

    /** The first piece of YAML after {@code heading}. */
    private Path ofTheReadme(String heading) throws IOException {
        String readme = Files.readString(Path.of("..", "README.md"));
        int start = readme.indexOf("```yaml\n", readme.indexOf(heading)) + "```yaml\n".length();
        return Files.writeString(
                Files.createDirectory(folder.resolve("readme")).resolve("readme.yaml"), readme.substring(start, readme.indexOf("```", start)));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void an_example_is_valid_by_the_schema_and_by_the_reader(Path example) throws IOException {
        assertThat(schema().validate(Files.readString(example), InputFormat.YAML)).isEmpty();
        assertThat(read(example).policies()).isNotEmpty();
    }

    @Test
    void there_are_the_four_examples() throws IOException {
        assertThat(examples()).extracting(path -> path.getFileName().toString()).contains("site-to-site-psk.yaml",
                "host-to-host-transport.yaml", "hub.yaml", "bypass-and-discard.yaml");
    }

    /** What the reader refuses for its form, the schema refuses too. */
    @ParameterizedTest
    @ValueSource(strings = {
        "polices: []",
        "peers: {sun: {local: {auth: psk}}}",
        "peers: {sun: {local: {auth: psk}, remote: {auth: psq, id: sun}}}",
        "peers: {sun: {local: {auth: psk}, remote: {auth: psk, id: sun}, mobike: maybe}}",
        "policies: [{name: a, match: {}, action: protect}]",
        "policies: [{name: a, match: {}, action: bypass, peer: sun}]",
        "policies: [{name: a, match: {}, action: discard, mode: tunnel}]",
        "policies: [{name: 'a b', match: {}, action: discard}]",
        "policies: [{name: a, match: {local: []}, action: discard}]",
        "policies: [{name: a, match: {protocol: tpc}, action: discard}]",
        "secrets: [{psk: 'geheim'}]",
        "pools: {staff: {}}"
    })
    void a_wrong_form_is_refused_by_both(String yaml) throws IOException {
        assertThat(schema().validate(yaml, InputFormat.YAML)).isNotEmpty();
        assertThat(new PolicyReader(new SecretReader(Map.of())).readSources(List.of(new Source("a.yaml", folder, yaml))))
                .isInstanceOf(PolicyReader.Refused.class);
    }

    @Test
    void the_hub_says_what_it_means() throws IOException {
        PolicySet hub = read(Path.of("examples/hub.yaml"));
        assertThat(hub.policies()).extracting(policy -> policy.match().toString()).containsExactly(
                "10.0.8.0/24[udp] === 10.10.8.0/24[udp]",
                "10.0.0.0/16 2001:db8::/48 === 10.10.0.0/16 2001:db8:10::/48",
                "10.0.0.0/16 === 10.20.0.10..10.20.0.99",
                "10.0.0.0/16 === 10.20.0.5/32[tcp/443] 10.20.0.6/32[udp/53]");
        assertThat(hub.policies().getLast().action()).isInstanceOfSatisfying(Protect.class, protect ->
                assertThat(protect.lifetimes().idleSeconds()).isEqualTo(30 * 60));
        assertThat(hub.policies().getFirst().action()).isInstanceOfSatisfying(Protect.class,
                protect -> assertThat(protect.start()).as("berlin has no address to call").isEqualTo(Start.BY_PEER));
        assertThat(hub.policies().get(1).action()).isInstanceOfSatisfying(Protect.class, protect -> {
            assertThat(protect.lifetimes().seconds().hard()).isEqualTo(75 * 60);
            assertThat(protect.lifetimes().bytes().soft()).isEqualTo(500_000_000_000L);
            assertThat(protect.lifetimes().bytes().hard()).isEqualTo(550_000_000_000L);
        });
        assertThat(hub.peer("lisbon").orElseThrow().retransmission().limit()).hasSeconds(30);
    }

    @Test
    void transport_mode_without_addresses_means_those_of_the_hosts() throws IOException {
        PolicySet set = read(Path.of("examples/host-to-host-transport.yaml"));
        assertThat(set.policy("db").orElseThrow().match().local()).isInstanceOf(Selectors.Dynamic.class);
        assertThat(set.policy("db").orElseThrow().match())
                .hasToString("dynamic[tcp] === dynamic[tcp/5432] dynamic[tcp/5433] dynamic[tcp/6000-6010]");
    }
}
