package org.xfrmagent.it.scenarios;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.xfrmagent.it.netns.Host;
import org.xfrmagent.it.netns.Result;
import org.xfrmagent.it.parity.Answer;
import org.xfrmagent.it.parity.Parity.Accepted;

/**
 * What charon does not load the agent does not load either, and what orders lack is said in charon's words: a script may read them. Where
 * the agent says more, that stands behind them.
 */
@Tag("netns")
class RefusalParityTest {
    private static final String CONF = "/etc/swanctl/swanctl.conf";

    /** Orders with something missing or wrong in them. */
    private static final List<String> ORDERS = List.of(
            "load-shared", "load-shared type=nonsense data=x", "load-shared type=ike", "load-shared type=ike id=a data=x",
            "load-key", "load-key type=nonsense data=x", "load-key type=any", "load-key type=any data=garbage", "load-key type=rsa data=garbage",
            "load-cert", "load-cert data=garbage", "load-cert type=nonsense", "load-cert type=X509", "load-cert type=X509 flag=nonsense data=x",
            "load-cert type=X509 flag=CA data=garbage", "load-cert type=X509_CRL flag=NONE data=garbage", "load-cert type=PUBKEY data=garbage",
            "load-cert type=X509_AC data=garbage", "load-token", "load-token handle=zz", "load-token handle=01",
            "load-conn", "load-conn a=b", "load-pool", "load-pool a=b", "load-authority", "load-authority a=b",
            "unload-conn", "unload-conn name=nobody", "unload-pool", "unload-pool name=nobody", "unload-authority", "unload-authority name=nobody",
            "unload-key", "unload-key id=00", "unload-shared", "unload-shared id=nobody",
            "install", "uninstall", "redirect", "rekey", "initiate", "terminate", "flush-certs type=x", "clear-creds a=b");

    private static final String CONNECTION = """
            connections { x { version = 2
                remote_addrs = 192.0.2.2
                %s
                local { auth = psk
                        id = moon.lab }
                remote { auth = psk
                         id = sun.lab
                         %s }
                children { c { local_ts = 10.1.0.0/16
                               remote_ts = 10.2.0.0/16
                               %s } } } }
            """;

    private static final List<String> OPTIONS = List.of(
            "nonsense = 1", "version = x", "remote_port = x", "proposals = aes128-nonsense", "proposals = aes128gcm16", "dpd_delay = x",
            "rekey_time = 1x", "mobike = maybe", "unique = maybe", "fragmentation = maybe", "childless = maybe", "send_cert = maybe",
            "encap = maybe", "dscp = 9", "aggressive = maybe", "keyingtries = x", "vips = 1.2.3", "if_id_in = x");

    private static final List<String> OPTIONS_OF_REMOTE = List.of("nonsense = 1", "revocation = maybe");

    private static final List<String> OPTIONS_OF_CHILDREN = List.of(
            "nonsense = 1", "mode = nonsense", "local_ts = nonsense", "esp_proposals = aes128-nonsense", "start_action = maybe", "dpd_action = maybe",
            "rekey_time = x", "life_bytes = x", "mark_in = x", "reqid = x", "replay_window = x", "hw_offload = maybe", "copy_dscp = maybe",
            "ipcomp = maybe", "priority = x", "tfc_padding = x", "set_mark_in = x", "if_id_in = x", "label = \"\u00e9\"", "label_mode = x",
            "local_ts = 10.0.0.0/8[tcp/x]", "policies = maybe");

    private static final List<String> POOLS = List.of(
            "addrs = nonsense", "dns = 10.1.1.1", "addrs =", "addrs = 10.3.0.0/24\n nonsense = 1", "addrs = 10.3.0.0/24\n dns = x",
            "addrs = 10.3.0.9-10.3.0.1", "addrs = 10.3.0.0/24\n subnet = x");

    private static final List<String> AUTHORITIES = List.of("nonsense = 1", "cacert = none.pem", "cacert = junk.pem", "crl_uris = http://x/");

    @Test
    void whatCharonRefusesIsRefused() {
        List<Accepted> accepted = List.of(
                new Accepted("load-conn", ".*/errmsg", "'invalid value for: mark_in' leaves open of which child: a sentence says where, what was found and "
                        + "what is expected"),
                new Accepted("load-pool", ".*/errmsg", "a sentence says what was found and what is expected, as of a connection"));
        Beside.charon("", "", "", accepted, (script, _) -> {
            for (String order : ORDERS) {
                String[] words = order.split(" ");
                Map<String, String> arguments = new HashMap<>();
                for (int i = 1; i < words.length; i++) {
                    String[] argument = words[i].split("=");
                    arguments.put(argument[0], argument[1]);
                }
                Result answer = script.control().request(words[0], arguments);
                script.note("order " + order, new Answer(List.of(
                        new Answer.Field(words[0] + "/status", Integer.toString(answer.status())), new Answer.Field(words[0] + "/errmsg", answer.err()))));
            }
            Host moon = script.host();
            moon.write("/etc/swanctl/x509ca/junk.pem", "junk");
            OPTIONS.forEach(option -> load(script, "load-conns", option, CONNECTION.formatted(option, "", "")));
            OPTIONS_OF_REMOTE.forEach(option -> load(script, "load-conns", "remote " + option, CONNECTION.formatted("", option, "")));
            OPTIONS_OF_CHILDREN.forEach(option -> load(script, "load-conns", "child " + option, CONNECTION.formatted("", "", option)));
            POOLS.forEach(option -> load(script, "load-pools", option, "pools { p { " + option + " } }"));
            AUTHORITIES.forEach(option -> load(script, "load-authorities", option, "authorities { p { " + option + " } }"));
        });
    }

    private static void load(Interview script, String command, String what, String conf) {
        script.host().write(CONF, conf);
        Result swanctl = script.control().swanctl("--" + command, "--pretty");
        script.note(command.substring(0, command.length() - 1) + " " + what,
                Answer.parse(swanctl.out()).with("exit", Integer.toString(swanctl.status())));
    }
}
