package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** Users with EAP in swanctl.conf(5), ipsec.conf(5) and over the control socket. */
class EapConversionTest {
    private static final String GATEWAY = """
            connections {
              staff {
                local_addrs = 192.0.2.1
                local { auth = pubkey
                        certs = moon.pem
                        id = gate.lab }
                remote { %s }
                children { net { local_ts = 10.1.0.0/16 } }
              }
            }
            secrets {
              eap-carol { id-1 = carol
                          id-2 = carol@example.org
                          secret = "hush hush" }
            }
            """;

    private static final String USER = """
            connections {
              gate {
                version = 2
                remote_addrs = 192.0.2.2
                local { %s }
                remote { auth = pubkey
                         id = gate.lab }
                children { net { remote_ts = 10.2.0.0/16 } }
              }
            }
            secrets {
              eap { id = carol
                    secret = "hush hush" }
            }
            """;

    private static Converted convert(String text, String round) {
        return SwanctlConversion.convert(SettingsParser.parse(new Source("swanctl.conf", text.formatted(round)), (_, _) -> List.of()));
    }

    private static String yaml(String text, String round) {
        Converted converted = convert(text, round);
        assertThat(converted.losses()).isEmpty();
        return converted.yaml();
    }

    @Test
    void a_gateway_asks_its_users() {
        Converted converted = convert(GATEWAY, "auth = eap-mschapv2\neap_id = %any");
        assertThat(converted.yaml()).contains("remote: { methods: [mschapv2], id: \"%any\", auth: eap }")
                .as("only IKEv2 has EAP").doesNotContain("ike:")
                .contains("carol: { password: ", "\"carol@example.org\": { password: ");
        assertThat(converted.secrets()).containsEntry("eap-carol.password", "hush hush");
        assertThat(converted.losses()).isEmpty();
    }

    @Test
    void who_is_not_asked_is_who_ike_says_or_who_the_policy_says() {
        assertThat(yaml(GATEWAY, "auth = eap-md5")).contains("methods: [md5], ask-user: false");
        assertThat(yaml(GATEWAY, "auth = eap-md5\neap_id = carol")).contains("methods: [md5], user: carol, ask-user: false");
        assertThat(yaml(GATEWAY, "auth = eap-dynamic\neap_id = %any")).contains("methods: [mschapv2, md5, gtc], id:");
    }

    @Test
    void who_asks_a_radius_server_is_told_where_it_belongs() {
        Converted converted = convert(GATEWAY, "auth = eap-radius\neap_id = %any");
        assertThat(converted.yaml()).contains("methods: [radius], id:");
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.remarks()).singleElement().asString().contains("they belong under 'radius' here");
    }

    @Test
    void our_own_side_is_the_user() {
        assertThat(yaml(USER, "auth = eap\nid = moon.lab\neap_id = carol")).contains("local: { methods: [mschapv2, md5, gtc], user: carol, id: moon.lab, auth: eap }");
        assertThat(yaml(USER, "auth = eap-gtc\nid = carol")).contains("methods: [gtc], user: carol, id: carol");
        assertThat(yaml(USER, "auth = eap-tls\nid = carol\ncerts = carol.pem\naaa_id = radius.lab"))
                .contains("methods: [tls], user: carol, aaa-id: radius.lab, certificate: ");
        assertThat(convert(USER, "auth = eap-md5").losses()).containsExactly(
                "connections.gate.local.eap_id: is missing, and so is id: there is no user");
    }

    @Test
    void a_user_may_come_behind_a_certificate() {
        assertThat(yaml(GATEWAY, "auth = pubkey\nid = *.lab }\nremote-user { auth = eap-mschapv2\neap_id = %any"))
                .contains("remote: { id: \"*.lab\", then: eap, methods: [mschapv2], auth: pubkey }");
        assertThat(yaml(USER, "auth = pubkey\ncerts = moon.pem\nid = moon.lab }\nlocal-2 { auth = eap-md5\neap_id = carol"))
                .contains("id: moon.lab, then: eap, methods: [md5], user: carol, auth: pubkey }");
        assertThat(convert(USER, "auth = eap-md5\nid = carol }\nlocal-2 { auth = pubkey").losses()).first().asString()
                .contains("of several authentication rounds only these can be used: psk or pubkey, and then a user with eap");
    }

    @Test
    void what_no_method_here_can_do_is_refused_by_name() {
        assertThat(convert(GATEWAY, "auth = eap-ttls").losses()).first().asString().contains("remote.auth = eap-ttls cannot be used yet");
        assertThat(convert(USER.replace("version = 2", "version = 1"), "auth = eap-md5").losses()).first().asString()
                .contains("local.auth = eap-md5 cannot be used yet, only psk and pubkey can, and xauth");
        assertThat(convert(USER.replace("auth = pubkey", "auth = eap-md5"), "auth = eap-md5").losses()).first().asString()
                .contains("both sides are users with EAP");
    }

    @Test
    void a_client_may_load_the_password_before_or_after_the_connection() {
        Settings connection = LoadedConversion.settings(Map.of("version", "2", "remote_addrs", "192.0.2.2"), Map.of(
                "local", LoadedConversion.settings(Map.of("auth", "eap-mschapv2", "eap_id", "carol"), Map.of()),
                "remote", LoadedConversion.settings(Map.of("auth", "pubkey", "id", "gate.lab"), Map.of())));
        LoadedConversion.Outcome outcome = LoadedConversion.convert(
                Map.of("gate", connection), Map.of(), Map.of(), Map.of("eap-1", List.of("carol")), LoadedConversion.PublicKeys.NONE);
        assertThat(outcome.refusals()).isEmpty();
        assertThat(outcome.yaml()).contains("user: carol", "carol: { password: loaded:eap-1 }");
    }

    @Test
    void ipsec_conf_has_it_beside_the_conn() {
        IpsecConf conf = IpsecConf.parse(new Source("ipsec.conf", """
                conn staff
                    keyexchange=ikev2
                    left=192.0.2.1
                    leftcert=moon.pem
                    leftid=@gate.lab
                    right=%any
                    rightauth=eap-mschapv2
                    eap_identity=%any
                    rightsendcert=never
                    auto=add
                """), (_, _) -> List.of());
        List<IpsecSecrets.Entry> secrets = IpsecSecrets.parse(new Source("ipsec.secrets", "carol : EAP \"hush hush\"\n"), (_, _) -> List.of());
        Converted converted = SwanctlConversion.convert(IpsecConversion.toSwanctl(conf, secrets, _ -> false));
        assertThat(converted.losses()).isEmpty();
        assertThat(converted.yaml()).contains("methods: [mschapv2], id: \"%any\", auth: eap", "carol: { password: ").doesNotContain("ask-user");
        assertThat(converted.secrets()).containsEntry("eap-1.password", "hush hush");
    }
}
