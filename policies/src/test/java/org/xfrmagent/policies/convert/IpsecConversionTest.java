package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
                    compress=yes
                    ikelifetime=8h
                    reauth=no
                    lifetime=1h
                    dpdaction=hold
                    dpddelay=30s
                    auto=route
                    leftsourceip=%config
                conn old
                    auto=ignore
                """), NONE);
        List<IpsecSecrets.Entry> secrets = IpsecSecrets.parse(
                new Source("ipsec.secrets", "@moon.example.org @sun.example.org : PSK \"hush hush\"\n: RSA moon.pem\n"), NONE);

        Converted converted = SwanctlConversion.convert(IpsecConversion.toSwanctl(conf, secrets, _ -> false), folders());

        assertThat(converted.yaml()).isEqualTo("""
                peers:
                  branch:
                    local: { address: 192.0.2.1, id: "@moon.example.org", virtual-address: any, auth: psk }
                    remote: { address: 192.0.2.2, id: "@sun.example.org", auth: psk }
                    proposals: [aes256-sha256-modp2048]
                    lifetime: { soft: 28260s, hard: 28800, jitter-time: 540 }
                    liveness: 30s
                    unique: never

                secrets:
                  - psk: file:ike-1.psk
                    ids: ["@moon.example.org", "@sun.example.org"]

                keys:
                  - file:/nowhere/ipsec.d/private/moon.pem

                policies:
                  - name: branch
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16, protocol: tcp, remote-port: 443 }
                    action: protect
                    peer: branch
                    esp: [aes256gcm16]
                    start: on-traffic
                    when-lost: on-traffic
                    lifetime: { soft: 3060s, hard: 3600s, jitter-time: 540 }
                    compress: true

                """);
        assertThat(converted.secrets()).containsEntry("ike-1.psk", "hush hush");
    }

    private static CredentialFolders folders() {
        try {
            return CredentialFolders.ofIpsec(Path.of("/nowhere"), _ -> Optional.empty());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Converted convert(String conf) {
        return SwanctlConversion.convert(IpsecConversion.toSwanctl(IpsecConf.parse(new Source("ipsec.conf", conf), NONE), List.of(), address -> address.getHostAddress().equals("192.0.2.100")));
    }

    private static final String COMMON = """
            conn %default
                authby=secret
                left=%defaultroute
                leftsubnet=10.1.0.0/16
                right=192.0.2.2
                rightsubnet=10.2.0.0/16
            """;

    /** ipsec.conf(5): the lifetime is when an SA ends; it is replaced a margin of nine minutes sooner. */
    @Test
    void whatNobodyHasSaidIsAsInIpsecConf() {
        Converted converted = convert(COMMON + """
                conn inherited
                    esp=aes128gcm16
                conn branch
                    also=inherited
                    dpddelay=45s
                    auto=add
                """);
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).isEqualTo("""
                peers:
                  branch:
                    local: { auth: psk }
                    remote: { address: 192.0.2.2, auth: psk }
                    ike: any
                    lifetime: { soft: 0, hard: 10800, jitter-time: 540, reauth: 10260s }
                    liveness: 0s
                    unique: replace

                policies:
                  - name: branch
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                    action: protect
                    peer: branch
                    esp: [aes128gcm16]
                    start: by-peer
                    lifetime: { soft: 3060s, hard: 3600s, jitter-time: 540 }

                """);
    }

    @Test
    void anSaThatIsNotRekeyedEndsWithItsLifetime() {
        assertThat(convert(COMMON + """
                conn branch
                    rekey=no
                    lifetime=2h
                    ikelifetime=1d
                    auto=start
                """).yaml()).contains("lifetime: { soft: 0s, hard: 86400 }", "lifetime: { soft: 0s, hard: 7200s }");
    }

    @Test
    void marksAndLivenessKeepTheirMeaning() {
        Converted converted = convert(COMMON + """
                conn branch
                    mark=7
                    mark_out=8
                    dpdaction=hold
                    rekeyfuzz=0%
                    auto=route
                """);
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).contains("liveness: 30s", "mark: { in: 7, out: 8 }", "soft: 3060s, hard: 3600s, jitter-time: 0s", "start: on-traffic");
    }

    @Test
    void whatHasNoEqualIsSaidOfEverySection() {
        Converted converted = convert("""
                config setup
                    charondebug="ike 2"
                ca example
                    cacert=ca.pem
                """ + COMMON + """
                conn branch
                    leftfirewall=yes
                    lefthostaccess=yes
                    rightallowany=no
                    closeaction=restart
                    dpdaction=restart
                    dpdtimeout=2m
                    keyingtries=3
                    fragmentation=force
                    rekeyfuzz=50%
                    auto=add
                """);
        assertThat(converted.remarks()).containsExactlyInAnyOrder(
                "config setup.charondebug: has no equal here and is left out",
                "connections.branch.fragmentation: 'force' has no equal; messages are fragmented if the peer can");
        assertThat(converted.yaml()).as("half of a margin of nine minutes").contains("jitter-time: 270s, reauth: 10260s", "hard: 3600s, jitter-time: 270s");
        assertThat(converted.yaml()).contains("updown: [/usr/bin/env, \"PLUTO_HOST_ACCESS=1\", /usr/lib/ipsec/_updown, iptables]");
        assertThat(converted.yaml()).contains("attempts: 3", "start: by-peer", "when-closed: at-once", "when-lost: at-once");
    }

    /** The same file on both ends, as many have it: ours is the end whose address this machine has. */
    @Test
    void theEndThatIsHereIsOurs() {
        Converted converted = convert("""
                conn branch
                    authby=secret
                    left=192.0.2.1
                    leftid=moon.example.org
                    leftsubnet=10.1.0.0/16
                    right=192.0.2.100
                    rightid=sun.example.org
                    rightsubnet=10.2.0.0/16
                    rightfirewall=yes
                    auto=add
                """);
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).contains(
                "local: { address: 192.0.2.100, id: sun.example.org, auth: psk }",
                "remote: { address: 192.0.2.1, id: moon.example.org, auth: psk }",
                "match: { local: 10.2.0.0/16, remote: 10.1.0.0/16 }", "updown: \"/usr/lib/ipsec/_updown iptables\"");
    }

    /** As {@code ipsec statusall} shows the same lines. */
    @Test
    void selectorsKeepTheirPortsAndIdentitiesTheirOctets() {
        Converted converted = convert("""
                conn branch
                    authby=secret
                    left=192.0.2.1
                    leftprotoport=17/1701
                    right=192.0.2.3
                    rightid=@#6d6f6f6e # not a comment before
                    rightsubnet=10.4.0.0/16[tcp/80],10.5.0.0/16
                    rightprotoport=17/%any
                    auto=add
                """);
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).contains("id: \"@#6d6f6f6e\"", 
                "match: { local: \"dynamic[udp/1701]\", remote: [\"10.4.0.0/16[tcp/80]\", \"10.5.0.0/16[udp]\"] }");
    }
}
