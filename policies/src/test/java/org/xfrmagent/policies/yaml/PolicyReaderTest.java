package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Defaults;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.secrets.SecretReader;

/** Every kind of problem of a file, with its exact place and words. */
class PolicyReaderTest extends Reading {
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
                "a.yaml:1:1: there is no key 'x' in a policy file; expected peers, secrets, users, authorities, certificates, crls, keys, pkcs12, attribute-certificates, attribute-authorities, policies, pools, radius or limits");
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
                "a.yaml:1:15: peer 'sun': 'remote' is missing, expected a mapping with the keys address, port, id, auth, then, user, methods, ask-user, aaa-id, groups, virtual-address, certificate, public-key, key, "
                        + "authorities, revocation, chain, signatures, show-certificate, request-certificate");
        assertThat(policies("policies: [ { name: lan, match: {}, action: protect } ]")).containsExactly(
                "a.yaml:8:13: policy 'lan': 'peer' is missing, which goes with 'action: protect', expected a name of letters, digits, '.', '_', '-' "
                        + "and such, without blanks, at most 255");
        assertThat(policies("policies: [ { match: {}, action: bypass } ]")).containsExactly(
                "a.yaml:8:13: policy 1: 'name' is missing, expected a name of letters, digits, '.', '_', '-' and such, without blanks, at most 255");
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
                "a.yaml:1:1: this file is a list, expected a mapping with the keys peers, secrets, users, authorities, certificates, crls, keys, pkcs12, attribute-certificates, attribute-authorities, policies, pools, radius, limits");
        assertThat(policies("policies: [ { name: lan, match: { local: [] }, action: bypass } ]")).containsExactly(
                "a.yaml:8:42: policy 'lan': match local is an empty list, expected a prefix such as 10.1.0.0/16, a range such as "
                        + "10.0.0.1-10.0.0.9 or an address, or a list of such");
        assertThat(policies("policies: [ { name: lan, match:, action: bypass } ]")).containsExactly(
                "a.yaml:8:32: policy 'lan': match is empty, expected a mapping with the keys local, remote, protocol, local-port, "
                        + "remote-port, icmp-type, icmp-code, device, label");
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
    void warnings_do_not_stop_anything() {
        assertThat(warnings(PEERS)).containsExactly("a.yaml:2:3: peer 'sun': no policy uses it, so nothing is ever negotiated with it");
        assertThat(warnings("secrets: [ { psk: env:NOT_THERE, ids: mars } ]")).containsExactly(
                "a.yaml:1:19: secret env:NOT_THERE cannot be read: $NOT_THERE is not set here",
                "a.yaml:1:19: secret env:NOT_THERE: no peer has these ids");
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
