package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.secrets.SecretReader;

/** Reads one file as text, which is called {@code a.yaml}. */
abstract class Reading {
    static final String PEERS = """
            peers:
              sun:
                local: { address: 192.0.2.1, auth: psk }
                remote: { address: 192.0.2.2, auth: psk }
            secrets:
              - psk: env:SUN_PSK
                ids: 192.0.2.2
            """;
    static final Map<String, String> ENVIRONMENT = Map.of("SUN_PSK", "0123456789012345678901234567890");

    @TempDir
    Path folder;

    PolicyReader.Result read(String yaml) {
        return new PolicyReader(new SecretReader(ENVIRONMENT)).readSources(List.of(new Source("a.yaml", folder, yaml)));
    }

    List<String> problems(String yaml) {
        return switch (read(yaml)) {
            case PolicyReader.Refused refused -> refused.problems().stream().map(Problem::toString).toList();
            case PolicyReader.Accepted _ -> List.of();
        };
    }

    List<String> warnings(String yaml) {
        return read(yaml).warnings().stream().map(Problem::toString).toList();
    }

    PolicySet accepted(String yaml) {
        return switch (read(yaml)) {
            case PolicyReader.Accepted accepted -> accepted.policies();
            case PolicyReader.Refused refused -> throw new AssertionError(refused.problems().toString());
        };
    }

    /** Problems of policies that stand after the peer sun, from line 8 on. */
    List<String> policies(String yaml) {
        return problems(PEERS + yaml);
    }
}
