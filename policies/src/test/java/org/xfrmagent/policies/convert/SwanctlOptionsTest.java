package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.policies.convert.SwanctlOption.Fate;
import org.xfrmagent.policies.convert.SwanctlOption.Place;

/** Every option of swanctl.conf(5) of strongSwan 5.9.8 and what becomes of it: none is ignored in silence. */
class SwanctlOptionsTest {
    private static final Path MANUAL = Path.of("/usr/share/man/man5/swanctl.conf.5.gz");
    private static final Pattern OPTION = Pattern.compile("\\.BR? ((?:connections|secrets|pools|authorities)\\.[^\\s\"]+)\\s+\"?.*\\[.*");

    /** A folder with the certificate of an authority beside the file. */
    @TempDir
    static Path beside = Path.of("");

    @BeforeAll
    static void anAuthorityIsThere() throws IOException {
        Files.createFile(Files.createDirectory(beside.resolve("x509ca")).resolve("root.pem"));
    }

    private static SwanctlOption row(String option, Fate fate, String value) {
        return new SwanctlOption(option, fate, value, Place.V2);
    }

    /** An option that changes nothing, and why. */
    private static SwanctlOption nothing(String option, String value, String because) {
        return new SwanctlOption(option, Fate.VOID, Place.V2, SwanctlOption.key(option) + " = " + value, "", because);
    }

    /** An option of a section within a round or of one that stands alone: what stands there with it and without it. */
    private static SwanctlOption section(String option, Fate fate, Place place, String with, String without) {
        return new SwanctlOption(option, fate, place, with, without, "");
    }

    private static Stream<SwanctlOption> connection() {
        String c = "connections.<conn>.";
        return Stream.of(
                row(c + "version", Fate.HONOURED, "0"),
                row(c + "local_addrs", Fate.HONOURED, "192.0.2.7"),
                row(c + "remote_addrs", Fate.HONOURED, "192.0.2.8"),
                row(c + "local_port", Fate.HONOURED, "4500"),
                row(c + "remote_port", Fate.HONOURED, "4500"),
                row(c + "proposals", Fate.HONOURED, "aes256-sha256-x25519"),
                row(c + "vips", Fate.HONOURED, "0.0.0.0"),
                row(c + "vips", Fate.HONOURED, "0.0.0.0, ::"),
                row(c + "vips", Fate.HONOURED, "10.3.0.1, 10.3.0.2"),
                row(c + "vips", Fate.REFUSED, "somewhere"),
                new SwanctlOption(c + "aggressive", Fate.HONOURED, "yes", Place.V1),
                new SwanctlOption(c + "pull", Fate.HONOURED, "no\npools = p", Place.USERS),
                row(c + "dscp", Fate.HONOURED, "101110"),
                row(c + "encap", Fate.HONOURED, "yes"),
                row(c + "mobike", Fate.HONOURED, "no"),
                row(c + "dpd_delay", Fate.HONOURED, "10s"),
                new SwanctlOption(c + "dpd_timeout", Fate.HONOURED, "60s", Place.V1),
                nothing(c + "dpd_timeout", "60s", "it has no effect on IKEv2 with charon either"),
                row(c + "fragmentation", Fate.HONOURED, "no"),
                row(c + "childless", Fate.HONOURED, "force"),
                new SwanctlOption(c + "send_certreq", Fate.HONOURED, "no", Place.SIGNED),
                new SwanctlOption(c + "send_cert", Fate.HONOURED, "never", Place.SIGNED),
                nothing(c + "send_cert", "always", "it is shown wherever we sign"),
                nothing(c + "send_certreq", "no", "nobody who has a pre-shared key is asked for a certificate"),
                row(c + "ppk_id", Fate.HONOURED, "someone"),
                row(c + "ppk_required", Fate.HONOURED, "yes\nppk_id = someone"),
                row(c + "ppk_required", Fate.REFUSED, "yes"),
                new SwanctlOption(c + "ppk_id", Fate.REFUSED, "someone", Place.V1),
                row(c + "keyingtries", Fate.HONOURED, "3"),
                row(c + "unique", Fate.HONOURED, "replace"),
                row(c + "reauth_time", Fate.HONOURED, "8h"),
                row(c + "rekey_time", Fate.HONOURED, "2h"),
                row(c + "over_time", Fate.HONOURED, "5m"),
                row(c + "rand_time", Fate.HONOURED, "5m"),
                new SwanctlOption(c + "pools", Fate.HONOURED, "p", Place.USERS),
                row(c + "if_id_in", Fate.HONOURED, "5\nif_id_out = 5"),
                row(c + "if_id_out", Fate.HONOURED, "5\nif_id_in = 5"),
                row(c + "mediation", Fate.REFUSED, "yes"),
                row(c + "mediated_by", Fate.REFUSED, "med"),
                row(c + "mediation_peer", Fate.REFUSED, "someone"));
    }

    private static Stream<SwanctlOption> child() {
        String c = "connections.<conn>.children.<child>.";
        return Stream.of(
                row(c + "ah_proposals", Fate.HONOURED, "sha256"),
                row(c + "esp_proposals", Fate.HONOURED, "aes256gcm16"),
                row(c + "sha256_96", Fate.HONOURED, "yes"),
                row(c + "local_ts", Fate.HONOURED, "10.7.0.0/16"),
                row(c + "remote_ts", Fate.HONOURED, "10.7.0.0/16"),
                row(c + "rekey_time", Fate.HONOURED, "20m"),
                row(c + "life_time", Fate.HONOURED, "2h"),
                row(c + "rand_time", Fate.HONOURED, "5m"),
                row(c + "rekey_bytes", Fate.HONOURED, "500000"),
                row(c + "life_bytes", Fate.HONOURED, "600000"),
                row(c + "rand_bytes", Fate.HONOURED, "1000"),
                row(c + "rekey_packets", Fate.HONOURED, "500000"),
                row(c + "life_packets", Fate.HONOURED, "600000"),
                row(c + "rand_packets", Fate.HONOURED, "1000"),
                row(c + "updown", Fate.HONOURED, "/usr/local/bin/updown"),
                section(c + "hostaccess", Fate.HONOURED, Place.V2, "updown = /usr/local/bin/updown\nhostaccess = yes", "updown = /usr/local/bin/updown"),
                row(c + "mode", Fate.HONOURED, "drop\nstart_action = trap"),
                row(c + "policies", Fate.HONOURED, "no"),
                row(c + "policies_fwd_out", Fate.HONOURED, "yes"),
                row(c + "dpd_action", Fate.HONOURED, "trap"),
                row(c + "ipcomp", Fate.HONOURED, "yes"),
                new SwanctlOption(c + "ipcomp", Fate.HONOURED, "yes", Place.V1),
                row(c + "inactivity", Fate.HONOURED, "1h"),
                row(c + "reqid", Fate.HONOURED, "7"),
                nothing(c + "priority", "7", "it decides on the place among the policies, and there is one"),
                row(c + "interface", Fate.HONOURED, "eth0"),
                row(c + "mark_in", Fate.HONOURED, "7/0xff"),
                section(c + "mark_in_sa", Fate.HONOURED, Place.V2, "mark_in = 7\nmark_in_sa = yes", "mark_in = 7"),
                row(c + "mark_in", Fate.HONOURED, "%unique"),
                row(c + "mark_in", Fate.REFUSED, "%unique\nstart_action = trap"),
                row(c + "mark_out", Fate.HONOURED, "7"),
                row(c + "mark_out", Fate.HONOURED, "%unique-dir/0xffff"),
                row(c + "set_mark_in", Fate.HONOURED, "7"),
                section(c + "set_mark_in", Fate.HONOURED, Place.V2, "mark_in = 7\nset_mark_in = %same/0xff", "mark_in = 7"),
                row(c + "set_mark_out", Fate.HONOURED, "7"),
                row(c + "if_id_in", Fate.HONOURED, "7\nif_id_out = 7"),
                row(c + "if_id_in", Fate.HONOURED, "%unique"),
                row(c + "if_id_out", Fate.HONOURED, "%unique-dir"),
                row(c + "if_id_out", Fate.HONOURED, "7"),
                row(c + "label", Fate.HONOURED, "system_u:object_r:ipsec_spd_t:s0"),
                row(c + "label", Fate.NOTED, "red"),
                nothing(c + "label_mode", "simple", "a label is agreed on with the peer, and nothing else"),
                row(c + "label_mode", Fate.REFUSED, "label = red\nlabel_mode = selinux"),
                row(c + "tfc_padding", Fate.HONOURED, "mtu"),
                row(c + "replay_window", Fate.HONOURED, "64"),
                row(c + "hw_offload", Fate.HONOURED, "packet"),
                row(c + "hw_offload", Fate.REFUSED, "sometimes"),
                row(c + "hw_offload", Fate.HONOURED, "auto"),
                row(c + "hw_offload", Fate.HONOURED, "yes"),
                row(c + "copy_df", Fate.HONOURED, "no"),
                row(c + "copy_ecn", Fate.HONOURED, "no"),
                row(c + "copy_dscp", Fate.HONOURED, "yes"),
                row(c + "start_action", Fate.HONOURED, "trap"),
                row(c + "close_action", Fate.HONOURED, "start"));
    }

    private static Stream<SwanctlOption> rounds() {
        String local = "connections.<conn>.local<suffix>.";
        String remote = "connections.<conn>.remote<suffix>.";
        return Stream.of(
                nothing(local + "round", "1", "the rounds stand in the order of the file"),
                row(local + "id", Fate.HONOURED, "moon.example.org"),
                row(local + "eap_id", Fate.REFUSED, "someone"),
                section(local + "eap_id", Fate.HONOURED, Place.SIGNED, "auth = eap-mschapv2\nid = moon\neap_id = carol", "auth = eap-mschapv2\nid = moon"),
                row(local + "aaa_id", Fate.REFUSED, "someone"),
                section(local + "aaa_id", Fate.HONOURED, Place.SIGNED, "auth = eap-tls\nid = moon\naaa_id = radius.lab", "auth = eap-tls\nid = moon"),
                row(local + "xauth_id", Fate.REFUSED, "someone"),
                new SwanctlOption(local + "pubkeys", Fate.HONOURED, "key.pem", Place.SIGNED),
                new SwanctlOption(local + "pubkeys", Fate.REFUSED, "key.pem\ncerts = moon.pem", Place.SIGNED),
                nothing(remote + "round", "1", "the rounds stand in the order of the file"),
                row(remote + "id", Fate.HONOURED, "sun.example.org"),
                row(remote + "eap_id", Fate.REFUSED, "someone"),
                section(remote + "eap_id", Fate.HONOURED, Place.SIGNED, "auth = eap-md5\neap_id = %any", "auth = eap-md5"),
                section(remote + "eap_id", Fate.HONOURED, Place.SIGNED, "auth = eap-dynamic\neap_id = carol", "auth = eap-dynamic"),
                row(remote + "groups", Fate.REFUSED, "staff"),
                row(remote + "cert_policy", Fate.REFUSED, "1.2.3"),
                new SwanctlOption(remote + "cert_policy", Fate.HONOURED, "1.2.3, 1.2.4", Place.SIGNED),
                new SwanctlOption(remote + "groups", Fate.HONOURED, "staff, admins", Place.SIGNED),
                section(remote + "groups", Fate.HONOURED, Place.SIGNED, "auth = eap-tls\ngroups = staff", "auth = eap-tls"),
                section(remote + "groups", Fate.HONOURED, Place.SIGNED, "auth = eap-radius\ngroups = staff, \"night shift\"", "auth = eap-radius"),
                section(remote + "groups", Fate.REFUSED, Place.SIGNED, "auth = eap-mschapv2\ngroups = staff", "auth = eap-mschapv2"),
                row(remote + "ca_id", Fate.REFUSED, "someone"),
                new SwanctlOption(remote + "ca_id", Fate.HONOURED, "\"C=CH, O=Example, CN=Root\"", Place.SIGNED),
                new SwanctlOption(remote + "ca_id", Fate.REFUSED, "\"C=CH, O=Example, CN=Somebody Else\"", Place.SIGNED),
                new SwanctlOption(remote + "pubkeys", Fate.HONOURED, "key.pem", Place.SIGNED),
                row(remote + "revocation", Fate.REFUSED, "strict"),
                new SwanctlOption(remote + "revocation", Fate.HONOURED, "strict", Place.SIGNED),
                new SwanctlOption(remote + "revocation", Fate.HONOURED, "ifuri", Place.SIGNED),
                row("pools.<name>.addrs", Fate.HONOURED, "10.9.0.0/24"),
                row("pools.<name>.addrs", Fate.HONOURED, "fd00:3::/64"),
                attribute("dns", Fate.HONOURED, "10.2.0.53, fd00:2::53"),
                attribute("nbns", Fate.HONOURED, "10.2.0.54"),
                attribute("dhcp", Fate.HONOURED, "10.2.0.67"),
                attribute("netmask", Fate.HONOURED, "255.255.255.0"),
                attribute("server", Fate.HONOURED, "10.2.0.1"),
                attribute("address", Fate.HONOURED, "10.3.9.9"),
                attribute("subnet", Fate.HONOURED, "10.2.0.0/16"),
                attribute("split_include", Fate.HONOURED, "10.2.0.0/16"),
                attribute("split_exclude", Fate.HONOURED, "10.2.0.0/16"),
                attribute("28672", Fate.HONOURED, "Mind the gap"),
                attribute("something", Fate.REFUSED, "10.2.0.1"));
    }

    private static SwanctlOption attribute(String name, Fate fate, String value) {
        return section("pools.<name>.<attr>", fate, Place.V2, name + " = " + value, "");
    }

    private static Stream<SwanctlOption> certificates() {
        String local = "connections.<conn>.local<suffix>.";
        String remote = "connections.<conn>.remote<suffix>.";
        List<SwanctlOption> rows = new ArrayList<>(List.of(
                row(local + "auth", Fate.HONOURED, "pubkey"),
                row(remote + "auth", Fate.HONOURED, "ecdsa-sha384"),
                section(remote + "auth", Fate.HONOURED, Place.SIGNED, "auth = rsa-3072-sha256-ecdsa-384", ""),
                section(remote + "auth", Fate.HONOURED, Place.SIGNED, "auth = pubkey-sha384-ike:rsa/pss-sha512", ""),
                section(remote + "auth", Fate.REFUSED, Place.SIGNED, "auth = rsa-3072-md5", ""),
                section(remote + "auth", Fate.HONOURED, Place.SIGNED, "auth = eap-gtc", ""),
                section(remote + "auth", Fate.HONOURED, Place.SIGNED, "auth = eap-radius", ""),
                section(local + "auth", Fate.HONOURED, Place.SIGNED, "id = carol\nauth = eap", "id = carol"),
                new SwanctlOption(local + "certs", Fate.HONOURED, "moon.pem", Place.SIGNED),
                new SwanctlOption(remote + "certs", Fate.HONOURED, "sun.pem", Place.SIGNED),
                new SwanctlOption(remote + "cacerts", Fate.HONOURED, "ca.pem", Place.SIGNED)));
        for (String section : List.of(local + "cert", remote + "cert", remote + "cacert")) {
            String name = section.substring(section.lastIndexOf('.') + 1);
            rows.add(section(section + "<suffix>", Fate.HONOURED, Place.SIGNED, name + " { file = other.pem }", ""));
            rows.add(section(section + "<suffix>.file", Fate.HONOURED, Place.SIGNED, name + " { file = other.pem }", ""));
            rows.add(section(section + "<suffix>.handle", Fate.HONOURED, Place.SIGNED, name + " { handle = 0a }", ""));
            rows.add(section(section + "<suffix>.slot", Fate.HONOURED, Place.SIGNED, name + " { handle = 0a\nslot = 1 }", ""));
            rows.add(section(section + "<suffix>.module", Fate.HONOURED, Place.SIGNED, name + " { handle = 0a\nmodule = p11 }", ""));
        }
        String authority = "authorities.<name>.";
        rows.addAll(List.of(
                row(authority + "cacert", Fate.HONOURED, "ca.pem"),
                row(authority + "file", Fate.HONOURED, "/etc/ca.pem"),
                row(authority + "handle", Fate.HONOURED, "0a"),
                section(authority + "slot", Fate.HONOURED, Place.V2, "handle = 0a\nslot = 1", "handle = 0a"),
                section(authority + "module", Fate.HONOURED, Place.V2, "handle = 0a\nmodule = p11", "handle = 0a"),
                section(authority + "crl_uris", Fate.HONOURED, Place.V2, "cacert = ca.pem\ncrl_uris = http://crl.example.org/", "cacert = ca.pem"),
                section(authority + "ocsp_uris", Fate.HONOURED, Place.V2, "cacert = ca.pem\nocsp_uris = http://ocsp.example.org/", "cacert = ca.pem"),
                section(authority + "cert_uri_base", Fate.NOTED, Place.V2, "cacert = ca.pem\ncert_uri_base = http://example.org/", "cacert = ca.pem")));
        return rows.stream();
    }

    private static Stream<SwanctlOption> secrets() {
        List<SwanctlOption> rows = new ArrayList<>(List.of(
                section("secrets.ike<suffix>.secret", Fate.HONOURED, Place.V2, "secret = x", ""),
                section("secrets.ike<suffix>.id<suffix>", Fate.HONOURED, Place.V2, "secret = x\nid-1 = moon.example.org", "secret = x"),
                section("secrets.ppk<suffix>.secret", Fate.HONOURED, Place.V2, "secret = x", ""),
                section("secrets.ppk<suffix>.id<suffix>", Fate.HONOURED, Place.V2, "secret = x\nid = someone", "secret = x"),
                section("secrets.eap<suffix>.secret", Fate.HONOURED, Place.USERS, "id = carol\nsecret = x", ""),
                section("secrets.eap<suffix>.id<suffix>", Fate.HONOURED, Place.USERS, "id = carol\nsecret = x", "id = dave\nsecret = x")));
        for (String kind : List.of("private", "rsa", "ecdsa", "pkcs8")) {
            String section = "secrets." + kind + "<suffix>.";
            rows.add(section(section + "file", Fate.HONOURED, Place.SIGNED, "file = moon.key", ""));
            rows.add(section(section + "secret", Fate.HONOURED, Place.SIGNED, "file = moon.key\nsecret = x", "file = moon.key"));
        }
        rows.add(section("secrets.pkcs12<suffix>.file", Fate.HONOURED, Place.SIGNED, "file = moon.p12", ""));
        rows.add(section("secrets.pkcs12<suffix>.secret", Fate.HONOURED, Place.SIGNED, "file = moon.p12\nsecret = x", "file = moon.p12"));
        rows.add(section("secrets.token<suffix>.handle", Fate.HONOURED, Place.SIGNED, "handle = 0a0b\npin = 1234", ""));
        rows.add(section("secrets.token<suffix>.slot", Fate.HONOURED, Place.SIGNED, "handle = 0a0b\npin = 1234\nslot = 1", "handle = 0a0b\npin = 1234"));
        rows.add(section("secrets.token<suffix>.module", Fate.HONOURED, Place.SIGNED, "handle = 0a0b\npin = 1234\nmodule = p11", "handle = 0a0b\npin = 1234"));
        rows.add(section("secrets.token<suffix>.pin", Fate.HONOURED, Place.SIGNED, "handle = 0a0b\npin = 1234", "handle = 0a0b"));
        for (String option : List.of("eap<suffix>.secret", "ntlm<suffix>.secret", "ntlm<suffix>.id<suffix>")) {
            rows.add(row("secrets." + option, Fate.LEFT_OUT, "1"));
        }
        return rows.stream();
    }

    static Stream<SwanctlOption> rows() {
        return Stream.of(connection(), child(), rounds(), certificates(), secrets()).flatMap(rows -> rows);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void becomesWhatTheTableSays(SwanctlOption row) throws IOException {
        Converted without = row.converted(false, beside);
        Converted with = row.converted(true, beside);
        assertThat(without.losses()).as("the set-up itself").isEmpty();
        List<String> said = with.remarks().stream().filter(remark -> !without.remarks().contains(remark)).toList();
        List<String> lost = with.losses();
        String key = row.option().endsWith(".<attr>") ? row.with().substring(0, row.with().indexOf(' ')) : SwanctlOption.key(row.option());
        String subject = row.option().replaceAll("<suffix>", "").replace("<conn>", "c").replace("<child>", "net").replace("<name>", "p").replaceAll("\\.[^.]*$", "");
        switch (row.fate()) {
            case HONOURED -> {
                assertThat(lost).isEmpty();
                assertThat(policies(with)).isNotEqualTo(policies(without));
            }
            case NOTED -> {
                assertThat(lost).isEmpty();
                assertThat(said).anyMatch(remark -> remark.startsWith(subject + "." + key + ": "));
            }
            case REFUSED -> assertThat(lost).anyMatch(loss -> loss.startsWith(subject + "." + key + ": "));
            case LEFT_OUT -> assertThat(lost).anyMatch(loss -> loss.startsWith(subject + ": ") && loss.endsWith("is left out"));
            case VOID -> {
                assertThat(row.because()).isNotBlank();
                assertThat(lost).isEmpty();
                assertThat(said).isEmpty();
                assertThat(policies(with)).isEqualTo(policies(without));
            }
        }
    }

    /** Without the comments, which tell the remarks again. */
    private static List<String> policies(Converted converted) {
        return converted.yaml().lines().filter(line -> !line.strip().startsWith("#")).toList();
    }

    @Test
    void everyOptionOfTheManualHasARow() throws IOException {
        assumeTrue(Files.exists(MANUAL), "strongSwan's manual is not on this machine");
        List<String> options;
        try (BufferedReader manual = new BufferedReader(new InputStreamReader(new GZIPInputStream(Files.newInputStream(MANUAL)), StandardCharsets.UTF_8))) {
            options = manual.lines().map(line -> line.replace("\\-", "-")).map(OPTION::matcher).filter(Matcher::matches).map(option -> option.group(1)).toList();
        }
        assertThat(options).hasSizeGreaterThan(120);
        assertThat(options).containsExactlyInAnyOrderElementsOf(rows().map(SwanctlOption::option).distinct().toList());
    }
}
