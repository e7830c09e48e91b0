package org.xfrmagent.policies.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.xfrmagent.policies.convert.SettingsParser.Source;

/** Every option of swanctl.conf(5) of strongSwan 5.9.8 and what becomes of it: none is ignored in silence. */
class SwanctlOptionsTest {
    private static final Path MANUAL = Path.of("/usr/share/man/man5/swanctl.conf.5.gz");
    private static final Pattern OPTION = Pattern.compile("\\.BR? ((?:connections|secrets|pools|authorities)\\.[^\\s\"]+)\\s+\"?.*\\[.*");

    /** What becomes of an option. */
    enum Fate {
        /** It is in the policies. */
        HONOURED,
        /** It is accepted, and a note says what the agent does nearly or instead. */
        NOTED,
        /** It is refused by its name. */
        REFUSED,
        /** It asks for what is so anyway, or about what there is not. */
        VOID
    }

    /** Where an option makes sense. */
    enum Place {
        V2("version = 2", ""),
        V1("version = 1", ""),
        /** A gateway that gives its users addresses. */
        USERS("version = 1", "remote-user { auth = xauth }");

        private final String version;
        private final String user;

        Place(String version, String user) {
            this.version = version;
            this.user = user;
        }

        /** A swanctl.conf with the options given, of the connection and of its sections. */
        private String text(String connection, String local, String remote, String child, String pool) {
            return """
                    connections {
                      c {
                        %s
                        local_addrs = 192.0.2.1
                        remote_addrs = 192.0.2.2
                        %s
                        local { auth = psk
                                %s }
                        remote { auth = psk
                                 %s }
                        %s
                        children { net { local_ts = 10.1.0.0/16
                                         remote_ts = 10.2.0.0/16
                                         %s } }
                      }
                    }
                    pools { p { addrs = 10.3.0.0/24
                                %s } }
                    """.formatted(version, connection, local, remote, user, child, pool);
        }
    }

    record Row(String option, Fate fate, String value, Place place) {
        private String key() {
            return option.substring(option.lastIndexOf('.') + 1).replace("<suffix>", "1").replace("<attr>", "split_include");
        }

        /** The set-up with this option, or without. */
        private Converted converted(boolean with) {
            String line = with ? key() + " = " + value : "";
            String text = option.contains(".children.") ? place.text("", "", "", line, "")
                    : option.contains(".local<suffix>.") ? place.text("", line, "", "", "")
                    : option.contains(".remote<suffix>.") ? place.text("", "", line, "", "")
                    : option.startsWith("pools.") ? place.text("", "", "", "", line)
                    : place.text(line, "", "", "", "");
            return SwanctlConversion.convert(SettingsParser.parse(new Source("swanctl.conf", text), (_, _) -> List.of()));
        }

        @Override
        public String toString() {
            return option + ": " + fate;
        }
    }

    private static Row row(String option, Fate fate, String value) {
        return new Row(option, fate, value, Place.V2);
    }

    private static Stream<Row> connection() {
        String c = "connections.<conn>.";
        return Stream.of(
                row(c + "version", Fate.HONOURED, "0"),
                row(c + "local_addrs", Fate.HONOURED, "192.0.2.7"),
                row(c + "remote_addrs", Fate.HONOURED, "192.0.2.8"),
                row(c + "local_port", Fate.HONOURED, "4500"),
                row(c + "remote_port", Fate.HONOURED, "4500"),
                row(c + "proposals", Fate.HONOURED, "aes256-sha256-x25519"),
                row(c + "vips", Fate.HONOURED, "0.0.0.0"),
                new Row(c + "aggressive", Fate.HONOURED, "yes", Place.V1),
                new Row(c + "pull", Fate.HONOURED, "no\npools = p", Place.USERS),
                row(c + "dscp", Fate.REFUSED, "101110"),
                row(c + "encap", Fate.HONOURED, "yes"),
                row(c + "mobike", Fate.HONOURED, "no"),
                row(c + "dpd_delay", Fate.HONOURED, "10s"),
                row(c + "dpd_timeout", Fate.NOTED, "60s"),
                row(c + "fragmentation", Fate.HONOURED, "no"),
                row(c + "childless", Fate.HONOURED, "force"),
                row(c + "send_certreq", Fate.VOID, "no"),
                row(c + "send_cert", Fate.VOID, "always"),
                row(c + "ppk_id", Fate.REFUSED, "someone"),
                row(c + "ppk_required", Fate.REFUSED, "yes"),
                row(c + "keyingtries", Fate.NOTED, "3"),
                row(c + "unique", Fate.HONOURED, "replace"),
                row(c + "reauth_time", Fate.HONOURED, "8h"),
                row(c + "rekey_time", Fate.HONOURED, "2h"),
                row(c + "over_time", Fate.HONOURED, "5m"),
                row(c + "rand_time", Fate.NOTED, "5m"),
                new Row(c + "pools", Fate.HONOURED, "p", Place.USERS),
                row(c + "if_id_in", Fate.REFUSED, "5"),
                row(c + "if_id_out", Fate.REFUSED, "5"),
                row(c + "mediation", Fate.REFUSED, "yes"),
                row(c + "mediated_by", Fate.REFUSED, "med"),
                row(c + "mediation_peer", Fate.REFUSED, "someone"));
    }

    private static Stream<Row> child() {
        String c = "connections.<conn>.children.<child>.";
        return Stream.of(
                row(c + "ah_proposals", Fate.HONOURED, "sha256"),
                row(c + "esp_proposals", Fate.HONOURED, "aes256gcm16"),
                row(c + "sha256_96", Fate.REFUSED, "yes"),
                row(c + "local_ts", Fate.HONOURED, "10.7.0.0/16"),
                row(c + "remote_ts", Fate.HONOURED, "10.7.0.0/16"),
                row(c + "rekey_time", Fate.HONOURED, "20m"),
                row(c + "life_time", Fate.HONOURED, "2h"),
                row(c + "rand_time", Fate.NOTED, "5m"),
                row(c + "rekey_bytes", Fate.HONOURED, "500000"),
                row(c + "life_bytes", Fate.HONOURED, "600000"),
                row(c + "rand_bytes", Fate.NOTED, "1000"),
                row(c + "rekey_packets", Fate.HONOURED, "500000"),
                row(c + "life_packets", Fate.HONOURED, "600000"),
                row(c + "rand_packets", Fate.NOTED, "1000"),
                row(c + "updown", Fate.HONOURED, "/usr/local/bin/updown"),
                // For the scripts that come with charon, and there are none here.
                row(c + "hostaccess", Fate.VOID, "yes"),
                row(c + "mode", Fate.HONOURED, "drop\nstart_action = trap"),
                row(c + "policies", Fate.HONOURED, "no"),
                row(c + "policies_fwd_out", Fate.NOTED, "yes"),
                row(c + "dpd_action", Fate.HONOURED, "trap"),
                row(c + "ipcomp", Fate.REFUSED, "yes"),
                row(c + "inactivity", Fate.REFUSED, "1h"),
                row(c + "reqid", Fate.HONOURED, "7"),
                // It is the order of the policies.
                row(c + "priority", Fate.VOID, "7"),
                row(c + "interface", Fate.REFUSED, "eth0"),
                row(c + "mark_in", Fate.HONOURED, "7/0xff"),
                row(c + "mark_in_sa", Fate.REFUSED, "yes"),
                row(c + "mark_out", Fate.HONOURED, "7"),
                row(c + "set_mark_in", Fate.HONOURED, "7"),
                row(c + "set_mark_out", Fate.HONOURED, "7"),
                row(c + "if_id_in", Fate.HONOURED, "7\nif_id_out = 7"),
                row(c + "if_id_out", Fate.REFUSED, "7"),
                row(c + "label", Fate.REFUSED, "system_u:object_r:ipsec_spd_t:s0"),
                row(c + "label_mode", Fate.REFUSED, "simple"),
                row(c + "tfc_padding", Fate.HONOURED, "mtu"),
                row(c + "replay_window", Fate.HONOURED, "64"),
                row(c + "hw_offload", Fate.REFUSED, "packet"),
                row(c + "copy_df", Fate.HONOURED, "no"),
                row(c + "copy_ecn", Fate.HONOURED, "no"),
                row(c + "copy_dscp", Fate.HONOURED, "yes"),
                row(c + "start_action", Fate.HONOURED, "trap"),
                row(c + "close_action", Fate.HONOURED, "start"));
    }

    private static Stream<Row> rounds() {
        String local = "connections.<conn>.local<suffix>.";
        String remote = "connections.<conn>.remote<suffix>.";
        return Stream.of(
                // The rounds stand in the order of the file.
                row(local + "round", Fate.VOID, "1"),
                row(local + "id", Fate.HONOURED, "moon.example.org"),
                row(local + "eap_id", Fate.REFUSED, "someone"),
                row(local + "aaa_id", Fate.REFUSED, "someone"),
                row(local + "xauth_id", Fate.REFUSED, "someone"),
                row(local + "pubkeys", Fate.REFUSED, "key.pem"),
                row(remote + "round", Fate.VOID, "1"),
                row(remote + "id", Fate.HONOURED, "sun.example.org"),
                row(remote + "eap_id", Fate.REFUSED, "someone"),
                row(remote + "groups", Fate.REFUSED, "staff"),
                row(remote + "cert_policy", Fate.REFUSED, "1.2.3"),
                row(remote + "ca_id", Fate.REFUSED, "someone"),
                row(remote + "pubkeys", Fate.REFUSED, "key.pem"),
                row(remote + "revocation", Fate.REFUSED, "strict"),
                row("pools.<name>.addrs", Fate.HONOURED, "10.9.0.0/24"),
                row("pools.<name>.<attr>", Fate.HONOURED, "10.2.0.0/16"));
    }

    static Stream<Row> rows() {
        return Stream.of(connection(), child(), rounds()).flatMap(rows -> rows);
    }

    /** What is about certificates, keys and secrets comes over the control socket by other commands than the connection. */
    private static final Pattern CREDENTIALS = Pattern.compile("secrets\\..*|authorities\\..*|connections\\.<conn>\\.(local|remote)<suffix>\\.(auth|(ca)?certs?(<suffix>)?(\\..*)?)");

    @ParameterizedTest
    @MethodSource("rows")
    void becomesWhatTheTableSays(Row row) {
        Converted without = row.converted(false);
        Converted with = row.converted(true);
        assertThat(without.losses()).as("the set-up itself").isEmpty();
        List<String> said = with.remarks().stream().filter(remark -> !without.remarks().contains(remark)).toList();
        List<String> lost = with.losses();
        String subject = row.option.replaceAll("<suffix>", "").replace("<conn>", "c").replace("<child>", "net").replace("<name>", "p").replaceAll("\\.[^.]*$", "");
        switch (row.fate) {
            case HONOURED -> {
                assertThat(lost).isEmpty();
                assertThat(policies(with)).isNotEqualTo(policies(without));
            }
            case NOTED -> {
                assertThat(lost).isEmpty();
                assertThat(said).anyMatch(remark -> remark.startsWith(subject + "." + row.key() + ": "));
            }
            case REFUSED -> assertThat(lost).anyMatch(loss -> loss.startsWith(subject + "." + row.key() + ": "));
            case VOID -> assertThat(lost).isEmpty();
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
        assertThat(options.stream().filter(option -> !CREDENTIALS.matcher(option).matches())).containsExactlyInAnyOrderElementsOf(rows().map(Row::option).toList());
    }
}
