package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.VirtualAddress;

/** What a peer may be and may not, with the exact place and words of each problem. */
class PeerReadingTest extends Reading {
    private static final String USERS = """
            peers:
              staff:
                ike: v1-aggressive
                accept-crackable-psk: true
                local: { address: 192.0.2.1, id: gate.example.org, auth: psk }
                remote: { address: "%%any", id: "keyid:staff", auth: %s }
                proposals: aes256-sha1-modp2048
                pool: %s
            pools:
              staff: { addresses: 10.3.0.0/24, nbns: 10.1.0.54, domain: example.org, banner: "Mind the gap", split: [10.1.0.0/16] }
            secrets: [ { psk: env:SUN_PSK } ]
            users:
              carol: { password: env:%s }
            """;

    @Test
    void users_show_a_password_and_get_an_address() {
        PolicySet set = accepted(USERS.formatted("xauth", "staff", "SUN_PSK"));
        assertThat(set.peer("staff").orElseThrow().remote().auth()).isEqualTo(Auth.XAUTH);
        assertThat(set.peer("staff").orElseThrow().pools()).containsExactly("staff");
        assertThat(set.user("carol").orElseThrow().password()).hasToString("env:SUN_PSK");
        assertThat(set.pool("staff").orElseThrow()).satisfies(pool -> {
            assertThat(pool.told().domain()).contains("example.org");
            assertThat(pool.told().banner()).contains("Mind the gap");
            assertThat(pool.told().split()).hasToString("[10.1.0.0/16]");
        });
    }

    private static final String NUMBERS = """
            peers:
              sun:
                local: { auth: psk }
                remote: { address: 192.0.2.2, auth: psk }
                %s
            secrets:
              - psk: env:SUN_PSK
              - %s
            """;

    @Test
    void a_postquantum_key_has_a_name_and_may_be_required() {
        Peer sun = accepted(NUMBERS.formatted("ppk: { id: ppk.example.org, required: true }", "{ ppk: env:SUN_PSK, ids: [ppk.example.org] }"))
                .peer("sun").orElseThrow();
        assertThat(sun.ppk()).hasToString("Optional[Ppk[id=ppk.example.org, required=true]]");
        assertThat(problems(NUMBERS.formatted("ppk: { id: ppk.example.org }", "{ ppk: env:SUN_PSK, ids: [another.example.org] }")))
                .singleElement().asString().endsWith("peer 'sun': its 'ppk' is ppk.example.org, and there is no such secret, expected a 'ppk' under 'secrets' with this id");
        assertThat(problems(NUMBERS.formatted("ppk: { id: ppk.example.org }", "{ ppk: env:SUN_PSK, psk: env:SUN_PSK }")))
                .anyMatch(problem -> problem.endsWith("a secret has both 'psk' and 'ppk', expected one of them"));
        assertThat(problems(NUMBERS.formatted("ppk: { id: \"%any\" }", "{ ppk: env:SUN_PSK }")))
                .singleElement().asString().endsWith("ppk has the id '%any', expected one name");
        assertThat(accepted(NUMBERS.formatted("ppk: { id: ppk.example.org }\n    ike: any", "{ ppk: env:SUN_PSK }")).peer("sun").orElseThrow().ppk()).isPresent();
        assertThat(problems(NUMBERS.formatted("ppk: { id: ppk.example.org, required: true }\n    ike: any", "{ ppk: env:SUN_PSK }")))
                .singleElement().asString().contains("ppk is of IKEv2, and the peer may speak IKEv1");
    }

    @Test
    void a_dscp_has_six_bits_and_a_timeout_is_of_ikev1() {
        Peer sun = accepted(NUMBERS.formatted("dscp: 46\n    attempts: 3", "{ ppk: env:SUN_PSK }")).peer("sun").orElseThrow();
        assertThat(sun.dscp()).isEqualTo(46);
        assertThat(sun.attempts()).isEqualTo(3);
        assertThat(problems(NUMBERS.formatted("dscp: 64", "{ ppk: env:SUN_PSK }"))).singleElement().asString().contains("dscp is '64'");
        assertThat(problems(NUMBERS.formatted("liveness-timeout: 60s", "{ ppk: env:SUN_PSK }")))
                .singleElement().asString().contains("liveness-timeout is of IKEv1, expected 'retransmission'");
    }

    @Test
    void our_own_side_may_be_a_user() {
        String yaml = """
                peers:
                  gate:
                    ike: v1-main
                    local: { auth: xauth%s }
                    remote: { address: 192.0.2.2, auth: psk }
                    proposals: aes256-sha1-modp2048
                secrets: [ { psk: env:SUN_PSK } ]
                users:
                  carol: { password: env:SUN_PSK }
                """;
        assertThat(accepted(yaml.formatted(", user: carol")).peer("gate").orElseThrow().local().user()).contains("carol");
        assertThat(problems(yaml.formatted(""))).singleElement().asString()
                .contains("local auth is 'xauth', expected 'user' beside our own side's eap, xauth");
        assertThat(problems(yaml.formatted(", user: dave"))).singleElement().asString()
                .contains("peer 'gate': user is 'dave', and there is none of that name under 'users'");
    }

    @Test
    void what_users_need_is_there() {
        assertThat(problems(USERS.formatted("xauth", "crew", "NOT_THERE"))).anySatisfy(problem ->
                assertThat(problem).contains("peer 'staff': pool is 'crew', and there is none of that name under 'pools', expected one of [staff]"));
        assertThat(problems(USERS.formatted("xauth", "staff", "SUN_PSK").replace("ike: v1-aggressive", "ike: v2").replace("aes256-sha1", "aes256-sha256")))
                .anySatisfy(problem -> assertThat(problem).contains("auth is 'xauth', which IKEv2 does not have"));
    }

    @Test
    void our_own_side_may_be_given_an_address() {
        String yaml = """
                peers:
                  gate:
                    ike: %s
                    local: { auth: psk, virtual-address: %s }
                    remote: { address: 192.0.2.2, auth: psk }
                    proposals: aes256-sha256-modp2048
                    config: push
                secrets: [ { psk: env:SUN_PSK } ]
                """;
        Peer any = accepted(yaml.formatted("v1-main", "any")).peer("gate").orElseThrow();
        assertThat(any.local().virtualAddresses()).containsExactly(VirtualAddress.ANY_IPV4);
        assertThat(any.config()).isEqualTo(ConfigExchange.PUSH);
        assertThat(accepted(yaml.formatted("v1-main", "10.3.0.9")).peer("gate").orElseThrow().local().virtualAddresses()).hasToString("[10.3.0.9]");
        assertThat(accepted(yaml.formatted("v1-main", "[any6, 10.3.0.9]")).peer("gate").orElseThrow().local().virtualAddresses())
                .hasToString("[any6, 10.3.0.9]");
        assertThat(problems(yaml.formatted("v1-main", "10.3.0.0/24"))).singleElement().asString()
                .contains("local virtual-address is '10.3.0.0/24', expected an IP address, 'any' for whichever IPv4 address or 'any6'");
        assertThat(accepted(yaml.formatted("v1-main", "[any, any, 10.3.0.9]")).peer("gate").orElseThrow().local().virtualAddresses()).hasSize(3);
        assertThat(problems(yaml.formatted("v1-main", "[10.3.0.9, any, 10.3.0.9]"))).singleElement().asString()
                .contains("has the virtual-address [10.3.0.9, any, 10.3.0.9], expected each address once");
        assertThat(problems(yaml.formatted("v2", "any"))).singleElement().asString()
                .contains("config is of IKEv1, expected none: with IKEv2 who is to have an address asks for it");
        assertThat(accepted(yaml.formatted("v2", "any").replace("    config: push\n", "")).peer("gate").orElseThrow().local().virtualAddresses())
                .containsExactly(VirtualAddress.ANY_IPV4);
        assertThat(problems(yaml.formatted("v1-main", "any").replace(", virtual-address: any", ""))).singleElement().asString()
                .contains("config goes with 'pool', or with 'virtual-address' on our side, and there is neither");
        assertThat(problems(USERS.formatted("xauth", "staff", "SUN_PSK").replace("auth: psk }", "auth: psk, virtual-address: any }")))
                .singleElement().asString().contains("local has a 'virtual-address' beside 'pool'");
        assertThat(problems(USERS.formatted("xauth, virtual-address: any", "staff", "SUN_PSK"))).singleElement().asString()
                .contains("remote has a 'virtual-address', expected 'pool'");
    }

    /** R18: a plainly named switch. */
    @Test
    void aggressive_mode_with_a_pre_shared_key_has_to_be_accepted_by_name() {
        String peer = """
                peers:
                  sun:
                    ike: v1-aggressive
                    local: { auth: psk, id: moon.example.org }
                    remote: { address: 192.0.2.2, auth: psk }
                    proposals: aes256-sha256-modp2048%s
                secrets: [ { psk: env:SUN_PSK } ]
                """;
        assertThat(problems(peer.formatted(""))).containsExactly(
                "a.yaml:3:10: peer 'sun': ike is 'v1-aggressive' with a pre-shared key, which everybody who asks or listens can try keys "
                        + "against, expected v2 or v1-main, or 'accept-crackable-psk: true' beside it");
        assertThat(problems(peer.formatted("\n    accept-crackable-psk: false"))).hasSize(1);
        assertThat(warnings(peer.formatted("\n    accept-crackable-psk: true"))).anySatisfy(
                warning -> assertThat(warning).contains("peer 'sun': ike: aggressive mode gives everybody who asks or listens a hash"));
    }

    @Test
    void proposals_for_version_one_have_something_that_it_knows() {
        assertThat(problems("""
                peers:
                  sun:
                    ike: v1-main
                    local: { auth: psk }
                    remote: { address: 192.0.2.2, auth: psk }
                    proposals: [aes256gcm16-prfsha256-x25519]
                secrets: [ { psk: env:SUN_PSK } ]
                """)).singleElement().asString()
                .startsWith("a.yaml:6:16: peer 'sun': proposals has nothing that IKEv1 knows, expected a cipher in CBC mode");
    }

    /** RFC 8247, section 2.4: group 1 MUST NOT be used in IKEv2. */
    @Test
    void group_one_is_for_peers_of_version_one() {
        String yaml = """
                peers:
                  sun:
                    ike: %s
                    local: { auth: psk }
                    remote: { address: 192.0.2.2, auth: psk }
                    proposals: [3des-sha1-modp768]
                policies:
                  - name: net
                    match: { local: 10.1.0.0/16, remote: 10.2.0.0/16 }
                    action: protect
                    peer: sun
                    esp: [aes128-sha1-modp768]
                secrets: [ { psk: env:SUN_PSK } ]
                """;
        assertThat(warnings(yaml.formatted("v1-main"))).anySatisfy(
                warning -> assertThat(warning).contains("'modp768' must not be used any more in IKE"));
        assertThat(accepted(yaml.formatted("v1-main")).peer("sun").orElseThrow().proposals()).singleElement()
                .hasToString("3des-sha1-prfsha1-modp768");
        assertThat(problems(yaml.formatted("v2"))).containsExactly(
                "a.yaml:6:16: peer 'sun': proposals has 'modp768', which must not be used in IKEv2, expected it for a peer of IKEv1 only",
                "a.yaml:12:10: policy 'net': esp has 'modp768', which must not be used in IKEv2, expected it for a peer of IKEv1 only");
        assertThat(problems(yaml.formatted("any"))).hasSize(2);
    }

    @Test
    void a_peer_that_may_be_anywhere_needs_an_identity() {
        assertThat(problems("peers: { sun: { local: { auth: psk }, remote: { auth: psk } } }")).singleElement().asString()
                .startsWith("a.yaml:1:47: peer 'sun': remote: 'id' is missing, expected an identity such as moon.example.org")
                .endsWith("without a single address there is nothing else to tell the peer by");
    }

    @Test
    void proposals_are_checked_word_by_word() {
        assertThat(problems("""
                peers:
                  sun:
                    local: { auth: psk }
                    remote: { address: 192.0.2.2, auth: psk }
                    proposals: [aes256gcm16-x25519, aes128-sha265-modp2048]
                secrets: [ { psk: env:SUN_PSK } ]
                """)).containsExactly(
                "a.yaml:5:17: peer 'sun': proposals: 'aes256gcm16' needs a PRF such as 'prfsha256'",
                "a.yaml:5:37: peer 'sun': proposals: there is no algorithm 'sha265'; did you mean 'sha256'?");
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect, peer: sun, esp: aes128, ah: sha256 } ]")).contains(
                "a.yaml:8:82: policy 'lan': ah stands beside 'esp', expected one of the two");
        assertThat(warnings(PEERS + "policies: [ { name: lan, match: {}, action: protect, peer: sun, esp: 3des-sha256 } ]")).containsExactly(
                "a.yaml:8:70: policy 'lan': esp: '3des' should not be used any more in ESP");
    }
}
