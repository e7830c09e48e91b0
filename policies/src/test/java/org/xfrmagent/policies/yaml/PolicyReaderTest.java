package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.ConfigExchange;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.Host;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.TunnelHeader;
import org.xfrmagent.policies.model.Unique;
import org.xfrmagent.policies.secrets.SecretReader;

/** Every kind of problem, with its exact place and words. */
class PolicyReaderTest {
    private static final String PEERS = """
            peers:
              sun:
                local: { address: 192.0.2.1, auth: psk }
                remote: { address: 192.0.2.2, auth: psk }
            secrets:
              - psk: env:SUN_PSK
                ids: 192.0.2.2
            """;
    private static final Map<String, String> ENVIRONMENT = Map.of("SUN_PSK", "0123456789012345678901234567890");

    @TempDir
    Path folder;

    private PolicyReader.Result read(String yaml) {
        return new PolicyReader(new SecretReader(ENVIRONMENT)).readSources(List.of(new Source("a.yaml", folder, yaml)));
    }

    private List<String> problems(String yaml) {
        return switch (read(yaml)) {
            case PolicyReader.Refused refused -> refused.problems().stream().map(Problem::toString).toList();
            case PolicyReader.Accepted _ -> List.of();
        };
    }

    private List<String> warnings(String yaml) {
        return read(yaml).warnings().stream().map(Problem::toString).toList();
    }

    private PolicySet accepted(String yaml) {
        return switch (read(yaml)) {
            case PolicyReader.Accepted accepted -> accepted.policies();
            case PolicyReader.Refused refused -> throw new AssertionError(refused.problems().toString());
        };
    }

    /** Problems of policies that stand after the peer sun, from line 8 on. */
    private List<String> policies(String yaml) {
        return problems(PEERS + yaml);
    }

    @Test
    void an_end_may_be_the_address_that_its_ike_has() {
        assertThat(accepted(PEERS + """
                policies:
                  - { name: one, match: { local: 10.1.0.0/16, remote: dynamic }, action: protect, peer: sun }
                  - { name: two, match: { local: dynamic, remote: dynamic, protocol: tcp, remote-port: 22 }, action: protect, peer: sun, mode: transport }
                """).policies()).extracting(policy -> policy.match().toString())
                .containsExactly("10.1.0.0/16 === dynamic", "dynamic[tcp] === dynamic[tcp/22]");
        assertThat(policies("""
                policies:
                  - { name: one, match: { local: dynamic }, action: bypass }
                """)).containsExactly("a.yaml:9:34: policy 'one': match local is 'dynamic', the address of one end of a tunnel, expected it beside 'action: protect'");
    }

    @Test
    void an_unknown_key_names_the_nearest_one() {
        assertThat(problems("polices: []")).containsExactly(
                "a.yaml:1:1: there is no key 'polices' in a policy file; did you mean 'policies'?");
        assertThat(problems("x: []")).containsExactly(
                "a.yaml:1:1: there is no key 'x' in a policy file; expected peers, secrets, users, authorities, certificates, crls, keys, policies, pools or limits");
    }

    @Test
    void a_wrong_word_names_the_nearest_one() {
        assertThat(policies("""
                policies:
                  - name: lan
                    match: {}
                    action: protcet
                """)).containsExactly(
                "a.yaml:11:13: policy 'lan': action is 'protcet', expected protect, bypass or discard; did you mean 'protect'?");
    }

    @Test
    void everything_wrong_is_said_at_once_in_the_order_of_the_file() {
        assertThat(problems("""
                peers:
                  sun:
                    local: { address: 192.0.2.300, auth: psk }
                    remote: { address: 192.0.2.2, port: 70000, auth: psq }
                    liveness: soon
                    mobike: yes
                    fragment-size: 12
                    retransmission: { base: 0, factor: x }
                """)).containsExactly(
                "a.yaml:3:23: peer 'sun': local address: '192.0.2.300' is no IP address; expected an address, a prefix, a range, a host "
                        + "name or '%any'",
                "a.yaml:4:41: peer 'sun': remote port is '70000', expected 1 to 65535",
                "a.yaml:4:54: peer 'sun': remote auth is 'psq', expected psk, pubkey, eap, xauth or hybrid; did you mean 'psk'?",
                "a.yaml:5:15: peer 'sun': liveness is 'soon', expected a duration such as 30s",
                "a.yaml:6:13: peer 'sun': mobike is 'yes', expected true or false",
                "a.yaml:7:20: peer 'sun': fragment-size is '12', expected 512 to 65535",
                "a.yaml:8:29: peer 'sun': retransmission base is '0', expected a longer duration such as 4s",
                "a.yaml:8:40: peer 'sun': retransmission factor is 'x', expected a number from 1 to 10");
    }

    @Test
    void a_missing_key_is_named() {
        assertThat(problems("peers: { sun: { local: { auth: psk } } }")).containsExactly(
                "a.yaml:1:15: peer 'sun': 'remote' is missing, expected a mapping with the keys address, port, id, auth, user, virtual-address, certificate, key, "
                        + "authorities, revocation, signatures, show-certificate, request-certificate");
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect } ]")).containsExactly(
                "a.yaml:8:13: policy 'lan': 'peer' is missing, which goes with 'action: protect', expected a name of letters, digits, '.', '_' and '-', "
                        + "at most 64");
        assertThat(policies("policies: [ { match: {}, action: bypass } ]")).containsExactly(
                "a.yaml:8:13: policy 1: 'name' is missing, expected a name of letters, digits, '.', '_' and '-', at most 64");
    }

    @Test
    void keys_of_protect_do_not_go_with_bypass() {
        assertThat(policies("policies: [ { name: lan, match: {}, action: bypass, peer: sun } ]")).containsExactly(
                "a.yaml:8:53: policy 'lan': 'peer' only goes with 'action: protect'");
    }

    @Test
    void a_wrong_type_is_named() {
        assertThat(problems("peers: []")).containsExactly(
                "a.yaml:1:8: peers is a list, expected a mapping from the name of each peer to its fields");
        assertThat(problems("policies: { lan: {} }")).containsExactly(
                "a.yaml:1:11: policies is a mapping, expected a list with '- ' before each policy");
        assertThat(problems("- a")).containsExactly(
                "a.yaml:1:1: this file is a list, expected a mapping with the keys peers, secrets, users, authorities, certificates, crls, keys, policies, pools, limits");
        assertThat(policies("policies: [ { name: lan, match: { local: [] }, action: bypass } ]")).containsExactly(
                "a.yaml:8:42: policy 'lan': match local is an empty list, expected a prefix such as 10.1.0.0/16, a range such as "
                        + "10.0.0.1-10.0.0.9 or an address, or a list of such");
        assertThat(policies("policies: [ { name: lan, match:, action: bypass } ]")).containsExactly(
                "a.yaml:8:32: policy 'lan': match is empty, expected a mapping with the keys local, remote, protocol, local-port, "
                        + "remote-port, icmp-type, icmp-code");
    }

    @Test
    void a_key_twice_and_broken_yaml_have_their_places() {
        assertThat(problems("pools: {}\npools: {}\n")).containsExactly("a.yaml:2:1: the key 'pools' is already there in line 1");
        assertThat(problems("pools: {}\npeers: [\n")).singleElement().asString().startsWith("a.yaml:3:1: this is not YAML: ");
        assertThat(problems("a: &a [*a]")).contains("a.yaml:1:4: this alias contains itself");
        assertThat(problems("pools: { <<: {} }")).containsExactly("a.yaml:1:10: '<<' is not supported; write the keys out");
        assertThat(problems("? [a]\n: b")).containsExactly("a.yaml:1:3: a key is a word, not a list or mapping");
        assertThat(problems("pools: {}\n# \u0001")).containsExactly("a.yaml:2:3: this is not YAML: a character of code 1 is not allowed");
    }

    @Test
    void aliases_of_aliases_do_not_become_gigabytes() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ",").repeat(10)));
        }
        assertThat(problems(bomb.toString())).anyMatch(problem -> problem.endsWith("more than 500000 values"));
    }

    @Test
    void deep_nesting_is_refused() {
        assertThat(problems("[".repeat(100_000))).singleElement().asString().contains("this is not YAML: ");
    }

    @Test
    void an_alias_may_repeat_a_side() {
        PolicySet set = accepted("""
                peers:
                  sun:
                    local: &us { address: 192.0.2.1, auth: psk }
                    remote: { address: 192.0.2.2, auth: psk }
                  mars:
                    local: *us
                    remote: { address: 192.0.2.3, auth: psk }
                secrets: [ { psk: env:SUN_PSK } ]
                """);
        assertThat(set.peer("mars").orElseThrow().local()).isEqualTo(set.peer("sun").orElseThrow().local());
    }

    @Test
    void what_the_engine_cannot_do_yet_is_said_plainly() {
        assertThat(problems("""
                peers:
                  sun:
                    local: { auth: psk }
                    remote: { address: 192.0.2.2, auth: eap }
                secrets: [ { psk: env:SUN_PSK } ]
                """)).containsExactly(
                "a.yaml:4:41: peer 'sun': remote auth is 'eap', which is not supported yet, expected psk or pubkey");
    }

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
        assertThat(set.peer("staff").orElseThrow().pool()).contains("staff");
        assertThat(set.user("carol").orElseThrow().password()).hasToString("env:SUN_PSK");
        assertThat(set.pool("staff").orElseThrow()).satisfies(pool -> {
            assertThat(pool.domain()).contains("example.org");
            assertThat(pool.banner()).contains("Mind the gap");
            assertThat(pool.split()).hasToString("[10.1.0.0/16]");
        });
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
                .contains("local auth is 'xauth', expected 'user' beside our own side's xauth");
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
        assertThat(any.local().virtualAddress()).contains(Host.any());
        assertThat(any.config()).isEqualTo(ConfigExchange.PUSH);
        assertThat(accepted(yaml.formatted("v1-main", "10.3.0.9")).peer("gate").orElseThrow().local().virtualAddress().orElseThrow())
                .hasToString("10.3.0.9");
        assertThat(problems(yaml.formatted("v1-main", "10.3.0.0/24"))).singleElement().asString()
                .contains("local virtual-address: '10.3.0.0/24' is no IPv4 address; expected an IPv4 address or 'any'");
        assertThat(problems(yaml.formatted("v2", "any"))).singleElement().asString()
                .contains("config is of IKEv1, expected none: with IKEv2 who is to have an address asks for it");
        assertThat(accepted(yaml.formatted("v2", "any").replace("    config: push\n", "")).peer("gate").orElseThrow().local().virtualAddress())
                .contains(Host.any());
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

    @Test
    void an_unknown_peer_names_the_nearest_one() {
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect, peer: snu } ]")).containsExactly(
                "a.yaml:8:60: policy 'lan': peer is 'snu', and there is no such peer; did you mean 'sun'?");
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect, peer: mars } ]")).containsExactly(
                "a.yaml:8:60: policy 'lan': peer is 'mars', and there is no such peer, expected sun");
    }

    @Test
    void a_group_cannot_be_protected() {
        assertThat(policies("""
                policies:
                  - name: video
                    match: { remote: 239.1.0.0/16 }
                    action: protect
                    peer: sun
                  - name: all-hosts
                    match: { remote: ["ff02::1", 255.255.255.255] }
                    action: protect
                    peer: sun
                """)).containsExactly(
                "a.yaml:10:22: policy 'video': match remote is 239.1.0.0/16, which is multicast: IKE agrees on keys between one pair of "
                        + "hosts and cannot key a group, expected unicast addresses or 'action: bypass'",
                "a.yaml:14:23: policy 'all-hosts': match remote is ff02::1/128, which is multicast: IKE agrees on keys between one pair of "
                        + "hosts and cannot key a group, expected unicast addresses or 'action: bypass'",
                "a.yaml:14:34: policy 'all-hosts': match remote is 255.255.255.255/32, which is broadcast: IKE agrees on keys between one "
                        + "pair of hosts and cannot key a group, expected unicast addresses or 'action: bypass'");
    }

    @Test
    void any_to_any_is_no_group_although_it_has_groups_in_it() {
        assertThat(policies("policies: [ { name: all, match: { remote: [0.0.0.0/0, 128.0.0.0/1] }, action: protect, peer: sun } ]")).isEmpty();
    }

    @Test
    void families_must_agree() {
        assertThat(policies("policies: [ { name: lan, match: { local: 10.1.0.0/16, remote: 2001:db8::/32 }, action: bypass } ]"))
                .containsExactly("a.yaml:8:63: policy 'lan': match: 'local' has IPv4 and 'remote' has none, expected the same families on both "
                        + "sides: a packet has two addresses of one family");
    }

    @Test
    void ports_go_with_protocols_that_have_them() {
        assertThat(policies("policies: [ { name: lan, match: { remote-port: 22 }, action: bypass } ]")).containsExactly(
                "a.yaml:8:48: policy 'lan': match remote-port goes with a protocol that has ports, such as tcp or udp, and the protocol is any");
        assertThat(policies("policies: [ { name: lan, match: { protocol: tcp, icmp-type: 8 }, action: bypass } ]")).containsExactly(
                "a.yaml:8:61: policy 'lan': match icmp-type goes with the protocol icmp or icmpv6, and the protocol is tcp");
        assertThat(policies("policies: [ { name: lan, match: { protocol: icmp, icmp-code: 0 }, action: bypass } ]")).containsExactly(
                "a.yaml:8:62: policy 'lan': match icmp-code goes with a single icmp-type");
        assertThat(policies("policies: [ { name: lan, match: { protocol: tpc, remote-port: 22 }, action: bypass } ]")).containsExactly(
                "a.yaml:8:45: policy 'lan': match protocol: there is no protocol 'tpc'; did you mean 'tcp'?");
        assertThat(policies("policies: [ { name: lan, match: { protocol: tcp, remote-port: [htps, 9-1] }, action: bypass } ]")).containsExactly(
                "a.yaml:8:64: policy 'lan': match remote-port: 'htps' is neither number nor range nor service; did you mean 'https'?",
                "a.yaml:8:70: policy 'lan': match remote-port: '9-1' does not run upwards within 0 to 65535; expected a port, a range such as "
                        + "1024-2047 or a service such as https");
    }

    @Test
    void a_policy_that_no_packet_reaches_is_refused() {
        assertThat(policies("""
                policies:
                  - { name: wide, match: { local: 10.0.0.0/8, remote: 10.2.0.0/16 }, action: protect, peer: sun }
                  - { name: narrow, match: { local: 10.1.0.0/16, remote: 10.2.3.0/24, protocol: tcp }, action: discard }
                """)).containsExactly("a.yaml:10:13: policy 'narrow': no packet reaches it, because policy 'wide' at a.yaml:9:13 matches all its "
                        + "traffic first (10.1.0.0/16[tcp] === 10.2.3.0/24[tcp] is within 10.0.0.0/8 === 10.2.0.0/16); expected it before "
                        + "that policy");
    }

    @Test
    void the_narrow_policy_before_the_wide_one_is_the_use_of_an_order() {
        assertThat(policies("""
                policies:
                  - { name: narrow, match: { local: 10.1.0.0/16, remote: 10.2.3.0/24, protocol: tcp }, action: discard }
                  - { name: wide, match: { local: 10.0.0.0/8, remote: 10.2.0.0/16 }, action: protect, peer: sun }
                """)).isEmpty();
    }

    @Test
    void two_policies_for_the_same_traffic_are_refused() {
        assertThat(policies("""
                policies:
                  - { name: one, match: { remote: 10.2.0.0/16 }, action: bypass }
                  - { name: two, match: { remote: 10.2.0.0/16 }, action: discard }
                """)).containsExactly("a.yaml:10:13: policy 'two': has the same traffic (0.0.0.0/0 === 10.2.0.0/16) as policy 'one' at "
                        + "a.yaml:9:13, expected one policy for it");
    }

    @Test
    void the_same_traffic_of_two_interfaces_is_not_the_same() {
        assertThat(policies("""
                policies:
                  - { name: one, match: {}, action: protect, peer: sun, interface-id: 1 }
                  - { name: two, match: {}, action: protect, peer: sun, interface-id: 2 }
                  - { name: red, match: {}, action: protect, peer: sun, mark: 0x10/0xff }
                """)).isEmpty();
    }

    @Test
    void a_mark_is_for_both_directions_or_for_each() {
        assertThat(marks("0x10/0xff")).isEqualTo(Marks.both(new Mark(0x10, 0xff)));
        assertThat(marks("{ both: 0x10/0xff }")).isEqualTo(Marks.both(new Mark(0x10, 0xff)));
        assertThat(marks("{ in: 1, out: 2/0xf, set-out: 3 }")).isEqualTo(new Marks(
                Optional.of(new Mark(1, -1)), Optional.of(new Mark(2, 0xf)), Optional.of(new Mark(1, -1)), Optional.of(new Mark(3, -1))));
        assertThat(marks("{ out: 2, set-in: 5/0xf }")).isEqualTo(new Marks(
                Optional.empty(), Optional.of(new Mark(2, -1)), Optional.of(new Mark(5, 0xf)), Optional.empty()));
        assertThat(policies("policies: [ { name: red, match: {}, action: protect, peer: sun, mark: { both: 1, out: 2 } } ]"))
                .singleElement().asString().endsWith("stands beside 'both', expected 'both' or a mark for each direction");
    }

    private Marks marks(String yaml) {
        PolicySet set = accepted(PEERS + "policies: [ { name: red, match: {}, action: protect, peer: sun, mark: " + yaml + " } ]");
        return ((Action.Protect) set.policies().getFirst().action()).marks();
    }

    @Test
    void transport_mode_shadows_by_the_addresses_of_its_peer() {
        assertThat(policies("""
                policies:
                  - { name: all, match: { remote: 192.0.2.0/24 }, action: bypass }
                  - { name: sun, match: { protocol: tcp }, action: protect, peer: sun, mode: transport }
                """)).singleElement().asString().startsWith("a.yaml:10:13: policy 'sun': no packet reaches it, because policy 'all'");
    }

    @Test
    void transport_mode_is_for_the_hosts_themselves() {
        assertThat(policies("policies: [ { name: lan, match: { remote: 10.0.0.0/8 }, action: protect, peer: sun, mode: transport } ]"))
                .containsExactly("a.yaml:8:43: policy 'lan': match remote is 10.0.0.0/8, and transport mode protects the two hosts themselves, "
                        + "expected an address of the remote side of peer 'sun': 192.0.2.2");
    }

    @Test
    void a_peer_without_an_address_cannot_be_called() {
        assertThat(problems("""
                peers: { sun: { local: { auth: psk }, remote: { id: sun, auth: psk } } }
                secrets: [ { psk: env:SUN_PSK } ]
                policies: [ { name: lan, match: {}, action: protect, peer: sun, start: at-start } ]
                """)).containsExactly(
                "a.yaml:3:72: policy 'lan': start is 'at-start', and the peer 'sun' has no address that could be called, expected by-peer");
    }

    @Test
    void a_name_twice_is_refused_even_in_two_files() {
        List<Source> sources = List.of(new Source("a.yaml", folder, "policies: [ { name: x, match: {}, action: bypass } ]"),
                new Source("b.yaml", folder, "policies: [ { name: x, match: { remote: 10.0.0.0/8 }, action: discard } ]"));
        assertThat(new PolicyReader(new SecretReader(ENVIRONMENT)).readSources(sources)).isInstanceOfSatisfying(PolicyReader.Refused.class,
                refused -> assertThat(refused.problems()).extracting(Problem::toString)
                        .containsExactly("b.yaml:1:21: policy 'x': this name is already taken at a.yaml:1:21"));
    }

    @Test
    void lifetimes_and_amounts_are_checked() {
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect, peer: sun, lifetime: { soft: 1h, hard: 30m, soft-bytes: 5XB } } ]"))
                .containsExactly(
                "a.yaml:8:93: policy 'lan': lifetime hard is 1800, expected more than soft, which is 3600",
                "a.yaml:8:110: policy 'lan': lifetime soft-bytes is '5XB', expected a number such as 500GB");
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect, peer: sun, lifetime: 1500ms } ]")).containsExactly(
                "a.yaml:8:75: policy 'lan': lifetime soft is '1500ms', expected a duration of whole seconds such as 1h");
    }

    @Test
    void options_of_tunnels_and_peers_are_read() {
        PolicySet set = accepted("""
                limits: { half-open: 1000, half-open-per-address: 20, cookies-from: 0, cookies-from-per-address: 0 }
                peers:
                  sun:
                    local:  { address: 192.0.2.1, auth: psk }
                    remote: { address: 192.0.2.2, auth: psk }
                    lifetime: { soft: 2h, reauth: 1d }
                    unique: no
                    childless: prefer
                secrets: [ { psk: env:SUN_PSK } ]
                policies:
                  - { name: lan, match: { remote: 10.2.0.0/16 }, action: protect, peer: sun, esp: aes128gcm16-esn, replay-window: 4096,
                      copy-dscp: no, copy-ecn: false, copy-df: false, tfc: mtu }
                  - { name: host, match: {}, action: protect, peer: sun, mode: transport, tunnel-fallback: true }
                """);
        assertThat(set.limits()).isEqualTo(new HalfOpenLimits(0, 0, 20, 1000));
        Peer sun = set.peer("sun").orElseThrow();
        assertThat(sun.reauthentication()).isEqualTo(Duration.ofDays(1));
        assertThat(sun.unique()).isEqualTo(Unique.INITIAL_CONTACT);
        assertThat(sun.childless()).isEqualTo(Childless.PREFER);
        Action.Protect lan = (Action.Protect) set.policy("lan").orElseThrow().action();
        assertThat(lan.tunnelHeader()).isEqualTo(new TunnelHeader(TunnelHeader.CopyDscp.NO, false, false));
        assertThat(lan.tfcPadding()).isEqualTo(Action.Protect.TFC_MTU);
        assertThat(((Action.Protect) set.policy("host").orElseThrow().action()).tunnelFallback()).isTrue();
    }

    @Test
    void options_that_mean_nothing_here_are_refused() {
        assertThat(policies("""
                policies:
                  - { name: a, match: {}, action: protect, peer: sun, mode: transport, tfc: 100, copy-df: false }
                  - { name: b, match: { remote: 10.2.0.0/16 }, action: protect, peer: sun, ah: sha256, tfc: mtu }
                  - { name: c, match: { remote: 10.3.0.0/16 }, action: protect, peer: sun, tunnel-fallback: true }
                  - { name: d, match: { remote: 10.4.0.0/16 }, action: protect, peer: sun, esp: aes128gcm16-esn, replay-window: 0 }
                limits: { half-open-per-address: 5, cookies-from-per-address: 6 }
                """)).containsExactly(
                "a.yaml:9:77: policy 'a': tfc is about a tunnel, expected it beside 'mode: tunnel'",
                "a.yaml:9:91: policy 'a': copy-df is about a tunnel, expected it beside 'mode: tunnel'",
                "a.yaml:10:93: policy 'b': tfc hides what AH does not hide, expected it beside 'esp'",
                "a.yaml:11:93: policy 'c': tunnel-fallback is about what transport mode falls back to, expected it beside 'mode: transport'",
                "a.yaml:12:113: policy 'd': replay-window is 0, and extended sequence numbers ('esn') need a window to be told apart, "
                        + "expected 1 to 4096",
                "a.yaml:13:63: limits: cookies-from-per-address is 6, expected at most 5, which is 'half-open-per-address'");
    }

    @Test
    void a_peer_without_a_secret_is_refused() {
        assertThat(problems("""
                peers:
                  sun:
                    local: { address: 192.0.2.1, id: moon, auth: psk }
                    remote: { address: 192.0.2.2, id: sun, auth: psk }
                secrets:
                  - psk: env:SUN_PSK
                    ids: [moon, mars]
                """)).containsExactly("a.yaml:2:3: peer 'sun': auth is 'psk', and there is no secret for moon and sun, expected an entry under "
                        + "'secrets' with these ids");
    }

    @Test
    void a_secret_in_a_policy_file_is_refused_and_not_repeated() {
        assertThat(problems("secrets: [ { psk: correct-horse } ]")).containsExactly(
                "a.yaml:1:19: secret 1: psk: a secret itself cannot stand in a policy file; expected file:PATH, credential:NAME or env:NAME");
        assertThat(problems("secrets: [ { psk: \"0x1234 }\n")).noneMatch(problem -> problem.contains("1234"));
    }

    @Test
    void a_secret_that_others_can_read_is_refused_when_the_file_is_checked() throws IOException {
        Path key = folder.resolve("sun.psk");
        Files.writeString(key, "made for this test only, long enough");
        Files.setAttribute(key, "unix:mode", 0640);
        assertThat(problems("secrets: [ { psk: file:sun.psk } ]")).containsExactly("a.yaml:1:19: secret file:" + key
                + " can be read or written by others: its mode is 0640, expected 0600 or 0400; chmod go= " + key);
        Files.setAttribute(key, "unix:mode", 0600);
        assertThat(problems("secrets: [ { psk: file:sun.psk } ]")).isEmpty();
    }

    @Test
    void who_holds_a_kind_of_ping_is_told_that_the_kernel_does_not_see_it_in_fragments() {
        String policy = "policies: [ { name: pings, match: { protocol: icmp, local: 10.1.0.0/16, remote: 10.2.0.0/16%s }, action: %s } ]";
        assertThat(warnings(policy.formatted(", icmp-type: 8", "discard"))).singleElement().satisfies(warning -> assertThat(warning)
                .contains("policy 'pings': on the kernel's data plane fragments of ICMP count as type 0", "expected icmp-type 0 in its range"));
        assertThat(warnings(policy.formatted(", icmp-type: 0-8", "discard"))).isEmpty();
        assertThat(warnings(policy.formatted("", "discard"))).isEmpty();
        assertThat(warnings(policy.formatted(", icmp-type: 8", "bypass"))).isEmpty();
    }

    @Test
    void warnings_do_not_stop_anything() {
        assertThat(warnings(PEERS)).containsExactly("a.yaml:2:3: peer 'sun': no policy uses it, so nothing is ever negotiated with it");
        assertThat(warnings("secrets: [ { psk: env:NOT_THERE, ids: mars } ]")).containsExactly(
                "a.yaml:1:19: secret env:NOT_THERE cannot be read: $NOT_THERE is not set here",
                "a.yaml:1:19: secret env:NOT_THERE: no peer has these ids");
    }

    @Test
    void a_clash_of_reqids_is_refused() {
        assertThat(policies("""
                policies:
                  - { name: one, match: { remote: 10.2.0.0/16 }, action: protect, peer: sun, reqid: 7 }
                  - { name: two, match: { remote: 10.3.0.0/16 }, action: protect, peer: sun, reqid: 7 }
                """)).containsExactly(
                "a.yaml:10:13: policy 'two': reqid is 7, which policy 'one' at a.yaml:9:13 already has, expected another number");
    }

    @Test
    void a_folder_is_read_in_the_order_of_names_and_the_rest_of_it_ignored() throws IOException {
        Files.writeString(folder.resolve("20-b.yaml"), "policies: [ { name: b, match: {}, action: discard } ]");
        Files.writeString(folder.resolve("10-a.yaml"), """
                ---
                policies: [ { name: a, match: { remote: 10.0.0.0/8 }, action: bypass } ]
                ---
                policies: [ { name: a2, match: { remote: 10.0.0.0-11.0.0.0 }, action: bypass } ]
                ---
                """);
        Files.writeString(folder.resolve("notes.txt"), "no YAML: [");
        assertThat(new PolicyReader(new SecretReader(ENVIRONMENT)).read(List.of(folder))).isInstanceOfSatisfying(PolicyReader.Accepted.class,
                accepted -> assertThat(accepted.policies().policies()).extracting(policy -> policy.name()).containsExactly("a", "a2", "b"));
    }

    @Test
    void files_that_cannot_be_read_are_problems_too() throws IOException {
        Path latin = Files.write(folder.resolve("latin.yaml"), new byte[] {'#', (byte) 0xe9});
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Path none = folder.resolve("none.yaml");
        assertThat(new PolicyReader(new SecretReader(ENVIRONMENT)).read(List.of(latin, empty, none))).isInstanceOfSatisfying(
                PolicyReader.Refused.class, refused -> assertThat(refused.problems()).extracting(Problem::toString).containsExactlyInAnyOrder(
                        latin + ":1:1: this file cannot be read: it is not UTF-8",
                        empty + ":1:1: this folder has no file that ends in .yaml",
                        none + ":1:1: this file cannot be read: there is none"));
    }

    @Test
    void what_a_file_says_cannot_play_with_the_terminal_or_fill_it() {
        assertThat(problems("pools: { \"a\\e[2J\": {} }")).first().asString()
                .startsWith("a.yaml:1:10: pool 'a?[2J': name is 'a?[2J', expected a name of letters");
        assertThat(problems("peers: { sun: { local: { address: \"" + "9".repeat(5000) + "/\" } } }"))
                .allMatch(problem -> problem.length() < 650);
    }

    @Test
    void an_empty_file_declares_nothing() {
        assertThat(accepted("")).isEqualTo(PolicySet.EMPTY);
        assertThat(accepted("# nothing yet\n")).isEqualTo(PolicySet.EMPTY);
    }

    @Test
    void what_is_not_said_has_its_default() {
        Peer sun = accepted(PEERS).peer("sun").orElseThrow();
        assertThat(sun).isEqualTo(Peer.of("sun", sun.local(), sun.remote()));
        assertThat(sun.remote().id()).isEqualTo(Identity.parse("192.0.2.2"));
        assertThat(sun.remote().port()).isEqualTo(Defaults.PORT);
    }
}
