package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Ip;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.model.Radius;
import org.xfrmagent.policies.model.SecretRef;
import org.xfrmagent.policies.plan.Change;
import org.xfrmagent.policies.plan.Plan;

/** Who judges users instead of us. */
class RadiusReadingTest extends Reading {
    private static final String PEERS = """
            secrets: [ { psk: env:SUN_PSK } ]
            users: { carol: { password: env:SUN_PSK } }
            peers:
              staff:
                local: { address: 192.0.2.1, id: gate.example.org, %s }
                remote: { id: "%%any", %s }
            """;
    private static final String USERS = PEERS.formatted("auth: psk", "auth: eap, methods: radius");

    @Test
    void a_server_has_the_usual_ports_and_we_a_name_unless_the_policy_says_more() {
        assertThat(accepted(USERS + "radius: { servers: [ { address: 10.1.0.10, secret: env:SUN_PSK } ] }").radius()).isEqualTo(
                new Radius(List.of(new Radius.Server(Ip.parse("10.1.0.10").orElseThrow(), 1812, 1813, new SecretRef.FromEnvironment("SUN_PSK"))), "xfrm-agent"));
        Radius more = accepted(USERS + """
                radius:
                  nas-identifier: gate
                  servers:
                    - { address: 10.1.0.10, port: 1645, accounting-port: 1646, secret: env:SUN_PSK }
                    - { address: "fd00::10", secret: env:SUN_PSK }
                """).radius();
        assertThat(more.nasIdentifier()).isEqualTo("gate");
        assertThat(more.servers()).extracting(Radius.Server::port).containsExactly(1645, 1812);
        assertThat(more.servers().getLast().address()).isEqualTo(Ip.parse("fd00::10").orElseThrow());
    }

    @Test
    void a_users_groups_are_its_class_unless_the_policy_says_otherwise() {
        String servers = "radius: { servers: [ { address: 10.1.0.10, secret: env:SUN_PSK } ]%s }";
        PolicySet usual = accepted(PEERS.formatted("auth: psk", "auth: eap, methods: radius, groups: [staff, night shift]") + servers.formatted(""));
        assertThat(usual.peers().getFirst().remote().groups()).containsExactly("staff", "night shift");
        assertThat(usual.radius().groupsFrom()).containsExactly(Radius.GroupAttribute.CLASS);
        assertThat(accepted(USERS + servers.formatted(", groups-from: [class, filter-id]")).radius().groupsFrom())
                .containsExactlyInAnyOrder(Radius.GroupAttribute.values());
        assertThat(problems(USERS + servers.formatted(", groups-from: reply-message"))).singleElement().asString().contains("expected class or filter-id");
    }

    @Test
    void the_servers_are_told_of_users_where_the_policy_says_so() {
        String servers = "radius: { servers: [ { address: 10.1.0.10, secret: env:SUN_PSK } ]%s }";
        assertThat(accepted(USERS + servers.formatted("")).radius().accounting()).isEqualTo(Radius.Accounting.NONE);
        assertThat(accepted(USERS + servers.formatted(", accounting: true, interim: 5m")).radius().accounting())
                .isEqualTo(new Radius.Accounting(true, Duration.ofMinutes(5)));
        for (String wrong : List.of(", interim: 5m", ", accounting: true, interim: 59s")) {
            assertThat(problems(USERS + servers.formatted(wrong))).singleElement().asString().contains("expected at least 60s, beside 'accounting: true'");
        }
    }

    @Test
    void groups_are_of_a_user_whom_a_server_judges() {
        assertThat(problems(PEERS.formatted("auth: psk", "auth: eap, groups: staff"))).singleElement().asString()
                .contains("groups stands without 'methods: radius' or a certificate, expected it beside one of these");
        assertThat(problems(PEERS.formatted("auth: eap, user: carol, groups: staff", "auth: psk"))).singleElement().asString()
                .endsWith("groups is about the peer's user, expected it at the remote side");
        assertThat(problems(PEERS.formatted("auth: psk", "auth: psk, groups: staff"))).singleElement().asString().contains("groups stands without 'methods: radius' or a certificate");
    }

    /** IKEv1: a user shows its password, and the server says whether it is right. */
    @Test
    void users_of_xauth_are_judged_too() {
        String servers = "radius: { servers: [ { address: 10.1.0.10, secret: env:SUN_PSK } ] }";
        String old = PEERS.replace("staff:", "staff:\n    ike: v1-main").replace("\"%%any\"", "192.0.2.2");
        assertThat(accepted(old.formatted("auth: psk", "auth: xauth, methods: radius, groups: staff") + servers).peers().getFirst().remote()).satisfies(remote -> {
            assertThat(remote.eap().isRelayed()).isTrue();
            assertThat(remote.hasEap()).isFalse();
            assertThat(remote.groups()).containsExactly("staff");
        });
        assertThat(problems(old.formatted("auth: psk", "auth: xauth, methods: radius"))).singleElement().asString().contains("there is no server");
        assertThat(problems(old.formatted("auth: psk", "auth: xauth, methods: md5") + servers)).singleElement().asString()
                .contains("methods is of no use with 'auth: xauth'");
        assertThat(problems(old.formatted("auth: psk", "auth: xauth, groups: staff") + servers)).singleElement().asString()
                .contains("groups stands without 'methods: radius' or a certificate");
        assertThat(problems(old.formatted("auth: xauth, user: carol, methods: radius", "auth: psk") + servers)).singleElement().asString()
                .contains("local methods has 'radius', which is for users that come to us");
    }

    @Test
    void what_makes_no_sense_is_refused() {
        assertThat(problems(USERS)).singleElement().asString()
                .endsWith("peer 'staff': methods is 'radius', and there is no server, expected one under 'radius'");
        String servers = "radius: { servers: [ { address: 10.1.0.10, secret: env:SUN_PSK } ] }";
        assertThat(problems(PEERS.formatted("auth: psk", "auth: eap, methods: [radius, md5]") + servers)).singleElement().asString()
                .endsWith("remote methods has 'radius' beside others, expected it alone: the server has the methods");
        assertThat(problems(PEERS.formatted("auth: eap, user: carol, methods: radius", "auth: psk") + servers)).singleElement().asString()
                .contains("local methods has 'radius', which is for users that come to us");
        assertThat(problems(USERS + "radius: { servers: [] }")).anySatisfy(problem -> assertThat(problem).contains("is an empty list, expected at least one server"));
        assertThat(problems(USERS + "radius: { servers: [ { address: radius.example.org, secret: env:SUN_PSK } ] }"))
                .anySatisfy(problem -> assertThat(problem).contains("expected an IP address"));
        assertThat(warnings(USERS + "radius: { servers: [ { address: 10.1.0.10, secret: env:NOBODY } ] }"))
                .anySatisfy(warning -> assertThat(warning).contains("RADIUS server 10.1.0.10: secret"));
    }

    @Test
    void another_server_is_a_change_and_the_same_is_none() {
        PolicySet one = accepted(USERS + "radius: { servers: [ { address: 10.1.0.10, secret: env:SUN_PSK } ] }");
        PolicySet other = accepted(USERS + "radius: { servers: [ { address: 10.1.0.11, secret: env:SUN_PSK } ] }");
        assertThat(Plan.between(one, other)).extracting(Change::summary).containsExactly("~ radius");
        assertThat(Plan.between(one, one)).isEmpty();
    }
}
