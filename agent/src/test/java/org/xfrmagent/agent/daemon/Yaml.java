package org.xfrmagent.agent.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.secrets.SecretReader;
import org.xfrmagent.policies.yaml.PolicyReader;
import org.xfrmagent.policies.yaml.Source;

/** Policy sets as people write them. */
final class Yaml {
    /** Two gateways with the usual addresses, under the given policies. */
    static final String SUN = """
            peers:
              sun:
                local:  { address: 192.0.2.1, id: moon.example.org, auth: psk }
                remote: { address: 192.0.2.2, id: sun.example.org,  auth: psk }
            secrets:
              - psk: env:SUN_PSK
                ids: [moon.example.org, sun.example.org]
            """;

    static final Map<String, String> ENVIRONMENT = Map.of("SUN_PSK", "twenty octets or more of it");

    private Yaml() {}

    static PolicySet read(String text) {
        return switch (new PolicyReader(new SecretReader(ENVIRONMENT)).readSources(List.of(new Source("test.yaml", Path.of("/"), text)))) {
            case PolicyReader.Accepted accepted -> accepted.policies();
            case PolicyReader.Refused refused -> throw new AssertionError(refused.problems().toString());
        };
    }
}
