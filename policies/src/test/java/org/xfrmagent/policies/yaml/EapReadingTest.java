package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.model.Auth;
import org.xfrmagent.policies.model.EapKind;
import org.xfrmagent.policies.model.EapTerms;
import org.xfrmagent.policies.model.Identity;
import org.xfrmagent.policies.model.Side;

/** Users with EAP, on either side. */
class EapReadingTest extends Reading {
    private static final String PEER = """
            secrets: [ { psk: env:SUN_PSK } ]
            users:
              carol: { password: env:SUN_PSK }
              "EXAMPLE\\\\dave": { password: env:SUN_PSK }
              "erin@example.org": { password: env:SUN_PSK }
            peers:
              staff:
                local: { address: 192.0.2.1, id: gate.example.org, %s }
                remote: { id: "%%any", %s }
                %s
            """;

    private Side remote(String local, String remote) {
        return accepted(PEER.formatted(local, remote, "")).peer("staff").orElseThrow().remote();
    }

    private String problem(String local, String remote, String more) {
        assertThat(problems(PEER.formatted(local, remote, more))).hasSize(1);
        return problems(PEER.formatted(local, remote, more)).getFirst().replaceFirst(".*peer 'staff': ", "");
    }

    @Test
    void a_user_is_asked_for_its_name_and_its_password_by_mschapv2_unless_the_policy_says_more() {
        assertThat(remote("auth: psk", "auth: eap").eap()).isEqualTo(new EapTerms(List.of(EapKind.MSCHAPV2), true, Optional.empty()));
        Side chosen = remote("auth: psk", "auth: eap, methods: [md5, gtc], ask-user: false, user: \"EXAMPLE\\\\dave\"");
        assertThat(chosen.eap().methods()).containsExactly(EapKind.MD5, EapKind.GTC);
        assertThat(chosen.eap().asksUser()).isFalse();
        assertThat(chosen.user()).contains("EXAMPLE\\dave");
    }

    @Test
    void our_own_side_may_be_a_user() {
        Side local = accepted(PEER.formatted("auth: eap, user: erin@example.org, aaa-id: radius.example.org", "auth: psk", "")).peer("staff").orElseThrow().local();
        assertThat(local.auth()).isEqualTo(Auth.EAP);
        assertThat(local.user()).contains("erin@example.org");
        assertThat(local.eap().aaa()).contains(Identity.parse("radius.example.org"));
        assertThat(problem("auth: eap", "auth: psk", "")).isEqualTo("local auth is 'eap', expected 'user' beside our own side's eap, xauth or hybrid, and nowhere else");
        assertThat(problem("auth: eap, user: frank", "auth: psk", "")).isEqualTo("user is 'frank', and there is none of that name under 'users'");
    }

    @Test
    void a_gateway_with_a_shared_key_is_warned_of() {
        assertThat(warnings(PEER.formatted("auth: psk", "auth: eap", ""))).anySatisfy(warning -> assertThat(warning)
                .contains("local: auth is 'psk' beside a user's 'eap': whoever has that key can be the gateway to every user"));
        assertThat(warnings(PEER.formatted("auth: eap, user: carol, methods: gtc", "auth: psk", ""))).anySatisfy(warning -> assertThat(warning)
                .contains("local: methods has 'gtc', by which the gateway gets the password itself"));
    }

    @Test
    void what_makes_no_sense_is_refused() {
        assertThat(problem("auth: eap, user: carol", "auth: eap", "")).isEqualTo(
                "remote auth is 'eap', as our own side's is, expected pubkey: only one of two can be a user");
        assertThat(problem("auth: psk", "auth: eap", "ike: any")).isEqualTo("remote auth is 'eap', which 'ike: any' does not have, expected 'ike: v2'");
        assertThat(problem("auth: psk", "auth: psk, methods: tls", "")).isEqualTo("remote methods is of no use with 'auth: psk', expected it beside 'auth: eap'");
        assertThat(problem("auth: psk", "auth: psk, user: carol", "")).isEqualTo(
                "remote auth is 'psk', expected 'user' beside the remote side's eap, and nowhere else");
        assertThat(problem("auth: psk", "auth: eap, aaa-id: radius.example.org", "")).isEqualTo(
                "remote aaa-id is about whom our user believes, expected it at our own side");
        assertThat(problem("auth: eap, user: carol, ask-user: false", "auth: psk", "")).isEqualTo(
                "local ask-user is about a user that we ask, expected it at the remote side");
        assertThat(problem("auth: psk", "auth: eap, methods: mschap", "")).isEqualTo(
                "remote methods is 'mschap', expected mschapv2, tls, md5, gtc or radius; did you mean 'mschapv2'?");
    }

    @Test
    void a_user_may_come_behind_what_the_side_proves_first() {
        Side twice = remote("auth: psk", "auth: psk, then: eap");
        assertThat(twice.auth()).isEqualTo(Auth.PSK);
        assertThat(twice.hasSecondRound()).isTrue();
        assertThat(twice.eap().methods()).containsExactly(EapKind.MSCHAPV2);
        assertThat(remote("auth: psk", "auth: psk").hasSecondRound()).isFalse();
        assertThat(problem("auth: psk, then: eap, user: carol", "auth: psk, then: eap", "")).isEqualTo("remote is a user, as our own side is, expected one user");
        assertThat(problem("auth: psk", "auth: eap, then: eap", "")).isEqualTo("remote auth is 'eap', expected psk or pubkey before 'then: eap'");
    }

    @Test
    void eap_tls_needs_somebody_to_vouch_for_the_user() {
        assertThat(problem("auth: psk", "auth: eap, methods: tls", "")).contains("there is nobody to vouch for it");
    }
}
