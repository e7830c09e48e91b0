package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.convert.SettingsParser.Includes;
import org.xfrmagent.policies.convert.SettingsParser.Source;

class IpsecConversionTest {
    private static final Includes NONE = (from, pattern) -> List.of();

    @Test
    void aConnectionOfIpsecConfBecomesAPeerAndAPolicy() {
        IpsecConf conf = IpsecConf.parse(new Source("ipsec.conf", """
                config setup
                    uniqueids=never
                conn %default
                    keyexchange=ikev2
                    authby=secret
                conn branch
                    left=192.0.2.1
                    leftid=@moon.example.org
                    leftsubnet=10.1.0.0/16
                    right=192.0.2.2
                    rightid=@sun.example.org
                    rightsubnet=10.2.0.0/16
                    rightprotoport=tcp/443
                    ike=aes256-sha256-modp2048!
                    esp=aes256gcm16!
                    ikelifetime=8h
                    reauth=no
                    lifetime=1h
                    dpddelay=30s
                    auto=route
                    leftsourceip=%config
                conn old
                    auto=ignore
                """), NONE);
        List<IpsecSecrets.Entry> secrets = IpsecSecrets.parse(
                new Source("ipsec.secrets", "@moon.example.org @sun.example.org : PSK \"hush hush\"\n: RSA moon.pem\n"), NONE);

        Converted converted = SwanctlConversion.convert(IpsecConversion.toSwanctl(conf, secrets));

        assertThat(converted.yaml()).isEqualTo("""
                # secrets.rsa-2: only pre-shared keys of IKE can be used yet; this secret is left out
                peers:
                  # connections.branch.leftsourceip: has no equal here and is left out
                  branch:
                    local: { address: 192.0.2.1, id: "@moon.example.org", auth: psk }
                    remote: { address: 192.0.2.2, id: "@sun.example.org", auth: psk }
                    proposals: [aes256-sha256-modp2048]
                    lifetime: { soft: 8h }
                    liveness: 30s
                    unique: never

                secrets:
                  - psk: file:ike-1.psk
                    ids: ["@moon.example.org", "@sun.example.org"]

                policies:
                  - name: branch
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, protocol: tcp, remote-port: 443 }
                    action: protect
                    peer: branch
                    esp: [aes256gcm16]
                    start: on-traffic
                    lifetime: { soft: 1h }

                """);
        assertThat(converted.secrets()).containsEntry("ike-1.psk", "hush hush");
    }
}
