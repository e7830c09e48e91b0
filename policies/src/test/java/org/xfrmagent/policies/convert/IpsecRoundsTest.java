package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** Who has to prove what, and who gets which address, is as starter makes it of the same ipsec.conf: seen in its {@code ipsec statusall}. */
class IpsecRoundsTest {
    private static Converted convert(String conns, String secrets) {
        return SwanctlConversion.convert(IpsecConversion.toSwanctl(IpsecConf.parse(new Source("ipsec.conf", conns), (_, _) -> List.of()),
                IpsecSecrets.parse(new Source("ipsec.secrets", secrets), (_, _) -> List.of()), _ -> false));
    }

    private static Converted convert(String conns) {
        return convert(conns, "");
    }

    /** A gateway that asks for a key and then a password must not be content with the key. */
    @Test
    void aSecondRoundIsNotLeftOut() {
        Converted converted = convert("""
                conn staff
                    keyexchange=ikev1
                    left=192.0.2.1
                    right=%any
                    leftauth=psk
                    rightauth=psk
                    rightauth2=xauth
                    rightsourceip=10.3.0.0/24
                    rightdns=10.1.0.53
                    auto=add
                """, ": PSK \"a secret of the whole group\"\ncarol : XAUTH \"hers\"\n");
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).contains("remote: { id: \"%any\", auth: xauth }", "ike: v1-main", "pool: staff", "carol: { password: file:xauth-2.password }",
                "staff: { addresses: [10.3.0.0/24], dns: [10.1.0.53] }");
    }

    @Test
    void aMachineAndThenItsUserProveWhoTheyAre() {
        Converted converted = convert("""
                conn staff
                    left=192.0.2.1
                    leftid=gate.example.org
                    right=%any
                    rightid=*.example.org
                    rightauth2=eap-mschapv2
                    eap_identity=%identity
                    rightsourceip=10.3.0.0/24,2001:db8:3::/120
                    auto=add
                """, "carol : EAP \"hers\"\n");
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).contains("id: \"*.example.org\", then: eap, methods: [mschapv2]", "pool: [staff, staff-2]",
                "staff-2: { addresses: [\"2001:db8:3::/120\"] }");
    }

    @Test
    void theOldWordsForXauthMeanASecondRoundOfTheClient() {
        Converted client = convert("""
                conn gate
                    authby=xauthpsk
                    left=192.0.2.2
                    leftid=laptop@example.org
                    leftsourceip=%config
                    modeconfig=push
                    right=192.0.2.1
                    xauth_identity=carol
                    auto=start
                """);
        assertThat(client.remarks()).isEmpty();
        assertThat(client.yaml()).contains("virtual-address: any", "user: carol", "auth: xauth", "ike: v1-main", "config: push");

        Converted server = convert("""
                conn staff
                    authby=xauthrsasig
                    xauth=server
                    left=192.0.2.1
                    right=%any
                    auto=add
                """, "carol : XAUTH \"hers\"\n");
        assertThat(server.remarks()).isEmpty();
        assertThat(server.yaml()).contains("remote: { id: \"%any\", auth: xauth }");
    }

    @Test
    void whoIsNotNamedIsCalledAsItsEndOfTheConn() {
        assertThat(convert("conn a\n\tleft=192.0.2.1\n\tright=sun.example.org\n\tauthby=psk\n\tauto=add\n").yaml())
                .contains("remote: { address: sun.example.org, id: sun.example.org, auth: psk }");
        assertThat(convert("conn a\n\tleft=192.0.2.1\n\tright=192.0.2.2\n\tauto=add\n").yaml())
                .as("not everybody whom an authority knows").contains("remote: { address: 192.0.2.2, id: 192.0.2.2, auth: pubkey }");
        assertThat(convert("conn a\n\tleft=192.0.2.1\n\tright=192.0.2.2\n\trightid=%sun.example.org\n\tauto=add\n").yaml())
                .contains("id: sun.example.org");
        assertThat(convert("conn a\n\tleft=192.0.2.1\n\tright=192.0.2.2\n\trightid=%any\n\tauthby=psk\n\tauto=add\n").yaml())
                .contains("remote: { address: 192.0.2.2, id: \"%any\", auth: psk }");
    }

    /** Of a second IKE SA with the same identities a peer with uniqueids=yes would take for a newcomer, and end the first. */
    @Test
    void connsThatDifferInTheirChildrenAloneAreOnePeer() {
        Converted converted = convert("""
                conn %default
                    left=192.0.2.1
                    right=192.0.2.2
                    authby=psk
                    leftsubnet=10.1.0.0/16
                conn one
                    rightsubnet=10.2.0.0/16
                    auto=start
                conn two
                    also=one
                    rightsubnet=10.3.0.0/16
                    installpolicy=no
                    sha256_96=yes
                conn elsewhere
                    rightsubnet=10.4.0.0/16
                    right=192.0.2.3
                    auto=add
                """);
        assertThat(converted.remarks()).isEmpty();
        assertThat(converted.yaml()).containsOnlyOnce("  one:\n").doesNotContain("  two:\n").contains("  elsewhere:\n", "  - name: two\n", "peer: one\n", "short-sha256: true", "spd-entry: false");
        assertThat(converted.yaml().split("peer: one\n", -1)).hasSize(3);
    }

    @Test
    void connsWithTheSameAddressesShareAPool() {
        Converted converted = convert("""
                conn %default
                    left=192.0.2.1
                    right=%any
                    rightsourceip=10.3.0.0/24
                    auto=add
                conn keys
                    leftauth=pubkey
                    rightauth=psk
                conn certificates
                    ike=aes256-sha256-x25519
                """);
        assertThat(converted.yaml()).containsOnlyOnce("addresses:").contains("keys: { addresses: [10.3.0.0/24] }");
        assertThat(converted.yaml().split("pool: keys", -1)).hasSize(3);
    }
}
