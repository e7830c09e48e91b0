package org.xfrmagent.it.peers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xfrmagent.policies.secrets.SecretReader;
import org.xfrmagent.policies.yaml.PolicyReader;

/** What the scenarios write for the agent is a policy file without even a warning. */
class AgentConfigurationTest {
    @ParameterizedTest
    @EnumSource
    void aTunnelBecomesASoundPolicyFile(Tunnel.Start start, @TempDir Path folder) throws IOException {
        Tunnel tunnel = new Tunnel("site-to-site", new Tunnel.End("moon", "moon.lab", "192.0.2.1", "10.1.0.0/16"),
                new Tunnel.End("sun", "sun.lab", "2001:db8::2", "fd02::/32"), "a secret long enough for everybody",
                List.of("aes256gcm16-prfsha384-x25519"), List.of("aes256gcm16", "aes128-sha256"), start, Duration.ofSeconds(2));
        assertAccepted(folder, tunnel.withSubnets("fd01::/32", "fd02::/32"), "sun.psk");
        assertAccepted(folder, tunnel.withSubnets("10.1.0.0/16", "10.2.0.0/16").withRemoteAnywhere().withStart(Tunnel.Start.BY_COMMAND),
                "sun.psk");
    }

    private static void assertAccepted(Path folder, Tunnel tunnel, String secret) throws IOException {
        Path psk = folder.resolve(secret);
        Files.deleteIfExists(psk);
        Files.createFile(psk, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(psk, tunnel.psk() + "\n");
        Path policies = Files.writeString(folder.resolve("policies.yaml"), Agent.yaml(List.of(tunnel)));
        PolicyReader.Result result = new PolicyReader(new SecretReader(Map.of())).read(List.of(policies));
        assertThat(result).isInstanceOf(PolicyReader.Accepted.class);
        assertThat(result.warnings()).isEmpty();
    }
}
