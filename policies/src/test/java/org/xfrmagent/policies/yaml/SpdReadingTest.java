package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Action;
import org.xfrmagent.policies.model.Childless;
import org.xfrmagent.policies.model.HalfOpenLimits;
import org.xfrmagent.policies.model.InterfaceIds;
import org.xfrmagent.policies.model.InterfaceIds.InterfaceId;
import org.xfrmagent.policies.model.Mark;
import org.xfrmagent.policies.model.MarkChoice;
import org.xfrmagent.policies.model.Marks;
import org.xfrmagent.policies.model.Peer;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.TunnelHeader;
import org.xfrmagent.policies.model.Unique;

/** What the ordered policies may say and may not, with the exact place and words of each problem. */
class SpdReadingTest extends Reading {
    /** strongSwan's form, which is also how listings show it. */
    @Test
    void addressesMayHaveProtocolsAndPortsOfTheirOwn() {
        assertThat(policies("policies: [ { name: lan, match: { local: 10.1.0.0/16, remote: ['10.0.0.1[tcp/http]', '10.0.0.2[udp/53-54]', '10.0.0.3[icmp/8]', 10.0.0.4] }, action: bypass } ]"))
                .isEmpty();
        assertThat(policies("policies: [ { name: lan, match: { remote: '10.0.0.1[tpc/80]' }, action: bypass } ]"))
                .singleElement().asString().contains("there is no protocol 'tpc'; did you mean 'tcp'?");
        assertThat(policies("policies: [ { name: lan, match: { remote: '10.0.0.1[gre/80]' }, action: bypass } ]"))
                .singleElement().asString().contains("'[gre/80]' names a port, and the protocol gre has none");
        assertThat(policies("policies: [ { name: lan, match: { remote: '10.0.0.1[tcp/80' }, action: bypass } ]"))
                .singleElement().asString().contains("'[tcp/80' is no protocol in brackets, such as [tcp/22] or [icmp]");
        assertThat(policies("policies: [ { name: lan, match: { remote: '10.0.0.1[icmp/300]' }, action: bypass } ]"))
                .singleElement().asString().contains("'300' is more than 255");
        assertThat(policies("policies: [ { name: lan, match: { remote: '10.0.0.1[tcp/80]', protocol: tcp }, action: bypass } ]"))
                .singleElement().asString().contains("match protocol stands beside addresses with a protocol in brackets, expected one or the other");
        assertThat(policies("policies: [ { name: lan, match: { local: '10.1.0.1[udp]', remote: ['10.0.0.1[tcp]', '10.0.0.2[icmp]'] }, action: bypass } ]"))
                .singleElement().asString().contains("no packet goes between 10.1.0.1/32[udp] and 10.0.0.1/32[tcp] 10.0.0.2/32[icmp]: the protocols differ");
    }

    /** RFC 9478: what two policies for the same traffic may differ in, as the peer may ask for either. */
    @Test
    void a_label_tells_policies_apart() {
        assertThat(policies("""
                policies:
                  - { name: plain, match: { remote: 10.2.0.0/16 }, action: protect, peer: sun }
                  - { name: red, match: { remote: 10.2.0.0/16, label: 'system_u:object_r:ipsec_spd_t:s0' }, action: protect, peer: sun }
                  - { name: blue, match: { remote: 10.2.0.0/16, label: a b }, action: protect, peer: sun }
                """)).isEmpty();
        assertThat(policies("""
                policies:
                  - { name: red, match: { remote: 10.2.0.0/16, label: red }, action: protect, peer: sun }
                  - { name: too, match: { remote: 10.2.0.0/16, label: red }, action: protect, peer: sun }
                """)).singleElement().asString().contains("policy 'too': has the same traffic (0.0.0.0/0", "=== 10.2.0.0/16, label red) as policy 'red'");
        assertThat(policies("""
                policies:
                  - { name: clear, match: { remote: 10.2.0.0/16 }, action: bypass }
                  - { name: red, match: { remote: 10.2.0.0/16, label: red }, action: protect, peer: sun }
                """)).singleElement().asString().contains("policy 'red': no packet reaches it, because policy 'clear'");
    }

    @Test
    void a_label_is_agreed_on_with_a_peer_by_ikev2_and_is_ascii() {
        assertThat(policies("policies: [ { name: lan, match: { label: red }, action: bypass } ]"))
                .singleElement().asString().contains("match label is agreed on with a peer, expected it beside 'action: protect'");
        assertThat(policies("policies: [ { name: lan, match: { label: rouge\u00e9 }, action: protect, peer: sun } ]"))
                .singleElement().asString().contains("match label is 'rouge\u00e9', expected printable ASCII, at most 1024 characters");
        assertThat(problems(PEERS.replace("  sun:\n", "  sun:\n    ike: v1-main\n") + "policies: [ { name: lan, match: { label: red }, action: protect, peer: sun } ]"))
                .anyMatch(problem -> problem.contains("match label is agreed on by IKEv2 only, and the peer 'sun' has 'ike: v1-main'"));
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

    /** What a side that asks for an address may send is that address's alone: the rest comes to the policies behind. */
    @Test
    void a_policy_for_an_address_that_is_asked_for_hides_none() {
        String spd = """
                peers:
                  gate:
                    local: { id: moon.example.org, auth: psk%s }
                    remote: { address: 192.0.2.2, id: gate.example.org, auth: psk }
                secrets: [ { psk: "env:PSK", ids: [moon.example.org, gate.example.org] } ]
                policies:
                  - { name: all, match: { local: 0.0.0.0/0, remote: 0.0.0.0/0 }, action: protect, peer: gate }
                  - { name: no-telnet, match: { local: 0.0.0.0/0, remote: 0.0.0.0/0, protocol: tcp, remote-port: 23 }, action: discard }
                  - { name: nothing-else, match: { local: 0.0.0.0/0, remote: 0.0.0.0/0 }, action: discard }
                """;
        assertThat(problems(spd.formatted(", virtual-address: any"))).isEmpty();
        assertThat(problems(spd.formatted(""))).hasSize(2).allSatisfy(problem -> assertThat(problem).containsAnyOf("no packet reaches it", "has the same traffic"));
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
    void one_peer_may_stand_in_for_another_if_all_else_is_alike() {
        String two = PEERS.replace("secrets:", "  venus:\n    local: { address: 192.0.2.1, auth: psk }\n    remote: { address: 192.0.2.3, auth: psk }\nsecrets:")
                .replace("ids: 192.0.2.2", "ids: 192.0.2.1");
        String pair = """
                policies:
                  - { name: one, match: { remote: 10.2.0.0/16 }, action: protect, peer: sun }
                  - { name: two, match: { remote: 10.2.0.0/16 }, action: protect, peer: venus%s }
                """;
        assertThat(problems(two + pair.formatted(""))).isEmpty();
        for (String other : List.of(", ah: sha256", ", spd-entry: false", ", reqid: 7")) {
            assertThat(problems(two + pair.formatted(other))).as(other).singleElement().asString().contains("policy 'two': has the same traffic (")
                    .endsWith("and not in the same way, expected one mode, protocol, reqid and SPD entry for both, and a device for both or neither");
        }
        assertThat(problems(two + pair.replace("10.2.0.0/16 }", "10.2.0.0/16, device: wan }").replaceFirst("wan", "dsl").formatted(""))).isEmpty();
        assertThat(problems(two + pair.replaceFirst("10.2.0.0/16 }", "10.2.0.0/16, device: wan }").formatted(""))).singleElement().asString().contains("a device for both or neither");
        assertThat(problems(two + pair.replace("venus", "sun").formatted(""))).singleElement().asString().contains("has the same traffic");
        assertThat(problems(two + pair.replace("peer: sun", "peer: sun, reqid: 7").formatted(", reqid: 7"))).isEmpty();
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
    void the_same_traffic_by_another_way_is_the_same_since_what_arrives_is_told_by_addresses_alone() {
        assertThat(policies("""
                policies:
                  - { name: all, match: { remote: 10.0.0.0/8 }, action: discard }
                  - { name: one, match: { remote: 10.2.0.0/16, device: wan }, action: bypass }
                """)).singleElement().asString().endsWith("(0.0.0.0/0 === 10.2.0.0/16 by wan is within 0.0.0.0/0 === 10.0.0.0/8); expected it before that policy");
    }

    @Test
    void a_mark_is_for_both_directions_or_for_each() {
        assertThat(marks("0x10/0xff")).isEqualTo(Marks.both(new Mark(0x10, 0xff)));
        assertThat(marks("{ both: 0x10/0xff }")).isEqualTo(Marks.both(new Mark(0x10, 0xff)));
        assertThat(marks("unique")).isEqualTo(Marks.both(new MarkChoice.Unique(false, -1)));
        assertThat(marks("{ both: unique-dir/0xff, set-in: same/0xf }").of(5)).isEqualTo(new Marks.Numbers(
                Optional.of(new Mark(10, 0xff)), Optional.of(new Mark(11, 0xff)), Optional.of(new Mark(10, 0xf)), Optional.empty()));
        assertThat(marks("{ in: 1, out: 2/0xf, set-out: 3 }")).isEqualTo(new Marks(
                Optional.of(new Mark(1, -1)), Optional.of(new Mark(2, 0xf)), Optional.of(new Mark(1, -1)), Optional.of(new Mark(3, -1)), false));
        assertThat(marks("{ out: 2, set-in: 5/0xf }")).isEqualTo(new Marks(
                Optional.empty(), Optional.of(new Mark(2, -1)), Optional.of(new Mark(5, 0xf)), Optional.empty(), false));
        assertThat(marks("{ in: 1, in-before: true }").inOnSa()).isTrue();
        String policy = "policies: [ { name: red, match: {}, action: protect, peer: sun, mark: ";
        assertThat(policies(policy + "{ both: 1, out: 2 } } ]")).singleElement().asString().contains("stands beside 'both', expected 'both' or a mark for each direction");
        assertThat(policies(policy + "{ set-in: same } } ]")).singleElement().asString().contains("is 'same', and there is no mark by which the packets are told");
        assertThat(policies(policy + "{ out: 1, in-before: true } } ]")).singleElement().asString().contains("is about the mark 'in', and there is none");
        assertThat(policies(policy + "unique, start: on-traffic } ]")).singleElement().asString()
                .contains("start is 'on-traffic', and nobody knows a unique mark or id before the child has it, expected at-start or by-peer");
        assertThat(policies("policies: [ { name: red, match: {}, action: protect, peer: sun, hold: false, start: on-traffic } ]")).singleElement().asString()
                .contains("start is 'on-traffic', and traffic that is not held asks for no SA, expected at-start or by-peer");
    }

    @Test
    void anInterfaceIdIsForBothDirectionsOrForEach() {
        assertThat(interfaceIds("5")).isEqualTo(InterfaceIds.both(new InterfaceId.Fixed(5)));
        assertThat(interfaceIds("{ in: 5, out: 6 }")).hasToString("5/6");
        assertThat(interfaceIds("{ in: 5 }")).hasToString("5/none");
        assertThat(interfaceIds("unique-dir").of(3)).isEqualTo(new InterfaceIds.Numbers(OptionalInt.of(6), OptionalInt.of(7)));
        assertThat(interfaceIds("unique").of(3)).isEqualTo(new InterfaceIds.Numbers(OptionalInt.of(6), OptionalInt.of(6)));
    }

    private InterfaceIds interfaceIds(String yaml) {
        PolicySet set = accepted(PEERS + "policies: [ { name: red, match: {}, action: protect, peer: sun, interface-id: " + yaml + " } ]");
        return ((Action.Protect) set.policies().getFirst().action()).interfaceIds();
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
    void who_holds_a_kind_of_ping_is_told_that_the_kernel_does_not_see_it_in_fragments() {
        String policy = "policies: [ { name: pings, match: { protocol: icmp, local: 10.1.0.0/16, remote: 10.2.0.0/16%s }, action: %s } ]";
        assertThat(warnings(policy.formatted(", icmp-type: 8", "discard"))).singleElement().satisfies(warning -> assertThat(warning)
                .contains("policy 'pings': on the kernel's data plane fragments of ICMP count as type 0", "expected icmp-type 0 in its range"));
        assertThat(warnings(policy.formatted(", icmp-type: 0-8", "discard"))).isEmpty();
        assertThat(warnings(policy.formatted("", "discard"))).isEmpty();
        assertThat(warnings(policy.formatted(", icmp-type: 8", "bypass"))).isEmpty();
    }

    /** What comes out of an SA is compared with the reqid only. */
    @Test
    void a_reqid_that_peers_share_who_may_narrow_the_policy_is_worth_a_warning() {
        String several = """
                peers:
                  staff:
                    local: { address: 192.0.2.1, auth: psk }
                    remote: { address: '%s', id: '%s', auth: psk }
                secrets:
                  - psk: env:SUN_PSK
                policies:
                  - { name: net, match: { remote: %s }, action: protect, peer: staff%s }
                """;
        assertThat(problems(several.formatted("%any", "%any", "10.3.0.0/16", ", reqid: 7"))).isEmpty();
        assertThat(warnings(several.formatted("%any", "%any", "10.3.0.0/16", ", reqid: 7"))).containsExactly(
                "a.yaml:8:13: policy 'net': reqid is 7 for whatever peer 'staff' narrows it to, so that on the kernel's data plane each host may "
                        + "send under the addresses of the others (10.3.0.0/16); expected no reqid, so that each part has one of its own");
        assertThat(warnings(several.formatted("%any", "%any", "dynamic", ", reqid: 7"))).hasSize(1);
        assertThat(warnings(several.formatted("%any", "%any", "10.3.0.0/16", ""))).isEmpty();
        assertThat(warnings(several.formatted("%any", "%any", "10.3.0.1", ", reqid: 7"))).as("nothing to narrow").isEmpty();
        assertThat(warnings(several.formatted("%any", "moon.example.org", "10.3.0.0/16", ", reqid: 7"))).as("one peer").isEmpty();
        assertThat(warnings(several.formatted("192.0.2.2", "%any", "10.3.0.0/16", ", reqid: 7"))).as("one host").isEmpty();
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
                  - { name: host, match: {}, action: protect, peer: sun, mode: transport, tunnel-fallback: true, compress: true }
                """);
        assertThat(set.limits()).isEqualTo(new HalfOpenLimits(0, 0, 20, 1000));
        Peer sun = set.peer("sun").orElseThrow();
        assertThat(sun.reauthentication()).isEqualTo(Duration.ofDays(1));
        assertThat(sun.unique()).isEqualTo(Unique.INITIAL_CONTACT);
        assertThat(sun.childless()).isEqualTo(Childless.PREFER);
        Action.Protect lan = (Action.Protect) set.policy("lan").orElseThrow().action();
        assertThat(lan.tunnelHeader()).isEqualTo(new TunnelHeader(TunnelHeader.CopyDscp.NO, false, false));
        assertThat(lan.tfcPadding()).isEqualTo(Action.Protect.TFC_MTU);
        assertThat(lan.sadEntry().compress()).isFalse();
        Action.Protect host = (Action.Protect) set.policy("host").orElseThrow().action();
        assertThat(host.tunnelFallback()).isTrue();
        assertThat(host.sadEntry().compress()).isTrue();
    }

    @Test
    void options_that_mean_nothing_here_are_refused() {
        assertThat(policies("""
                policies:
                  - { name: a, match: {}, action: protect, peer: sun, mode: transport, tfc: 100, copy-df: false }
                  - { name: b, match: { remote: 10.2.0.0/16 }, action: protect, peer: sun, ah: sha256, tfc: mtu }
                  - { name: c, match: { remote: 10.3.0.0/16 }, action: protect, peer: sun, tunnel-fallback: true }
                  - { name: d, match: { remote: 10.4.0.0/16 }, action: protect, peer: sun, esp: aes128gcm16-esn, replay-window: 0 }
                  - { name: e, match: { remote: 10.5.0.0/16 }, action: protect, peer: sun, offload: packet, compress: true }
                limits: { half-open-per-address: 5, cookies-from-per-address: 6 }
                """)).containsExactly(
                "a.yaml:9:77: policy 'a': tfc is about a tunnel, expected it beside 'mode: tunnel'",
                "a.yaml:9:91: policy 'a': copy-df is about a tunnel, expected it beside 'mode: tunnel'",
                "a.yaml:10:93: policy 'b': tfc hides what AH does not hide, expected it beside 'esp'",
                "a.yaml:11:93: policy 'c': tunnel-fallback is about what transport mode falls back to, expected it beside 'mode: transport'",
                "a.yaml:12:113: policy 'd': replay-window is 0, and extended sequence numbers ('esn') need a window to be told apart, "
                        + "expected 1 to 4096",
                "a.yaml:13:103: policy 'e': compress is true, and a device that sees to whole packets ('offload: packet') compresses none, "
                        + "expected false",
                "a.yaml:14:63: limits: cookies-from-per-address is 6, expected at most 5, which is 'half-open-per-address'");
    }
}
