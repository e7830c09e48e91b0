package org.xfrmagent.policies.convert;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.Settings.Value;
import org.xfrmagent.policies.grammar.Position;

/**
 * An ipsec.conf(5) with its ipsec.secrets(5) in the words of swanctl.conf(5), from which one conversion goes on. {@code left} is taken
 * for our side, as is the custom; starter itself would look at the addresses of the machine.
 */
public final class IpsecConversion {
    /** Parameters that need nothing but another name. */
    private static final Map<String, String> OF_CONNECTION = Map.of(
            "aggressive", "aggressive", "dpddelay", "dpd_delay", "forceencaps", "encap", "mobike", "mobike", "fragmentation", "fragmentation",
            "keyingtries", "keyingtries", "left", "local_addrs", "right", "remote_addrs", "leftikeport", "local_port", "rightikeport", "remote_port");
    private static final Map<String, String> OF_CHILD = Map.of(
            "lifebytes", "life_bytes", "lifepackets", "life_packets", "reqid", "reqid", "tfc", "tfc_padding", "replay_window", "replay_window",
            "mark_in", "mark_in", "mark_out", "mark_out", "inactivity", "inactivity", "compress", "ipcomp", "leftupdown", "updown");
    /** What starter alone cares about, or what the peer does. */
    private static final Set<String> DROPPED = Set.of("lefthostaccess", "rightsendcert");
    /** What names a private key's file in ipsec.secrets. */
    private static final Set<String> KEYS = Set.of("RSA", "ECDSA", "PKCS8", "P12");
    /** What asks for nothing when it says no. */
    private static final Set<String> SWITCHES = Set.of("leftfirewall", "rightfirewall", "leftallowany", "rightallowany");
    private static final String UNIQUE_IDS = "uniqueids";
    private static final String STRICT_CRL_POLICY = "strictcrlpolicy";
    private static final long HOUR = 3600;
    /** ipsec.conf(5): lifetime, ikelifetime, margintime, dpddelay. */
    private static final long LIFETIME = HOUR;
    private static final long IKE_LIFETIME = 3 * HOUR;
    private static final long MARGIN = 9 * 60;
    private static final long DPD_DELAY = 30;

    private IpsecConversion() {}

    /** The connections and secrets of both files. */
    public static Settings toSwanctl(IpsecConf conf, List<IpsecSecrets.Entry> secrets) {
        Settings root = Settings.open(new Position("ipsec.conf", 1, 1));
        Settings connections = child(root, "connections", root.at());
        conf.connections().forEach((name, section) -> {
            // Without it, a conn is only there for others to inherit from.
            if (section.value("auto").filter(auto -> !auto.text().equals("ignore")).isPresent()) {
                connection(child(connections, name, section.at()), name, section, conf.setup());
            }
        });
        Settings keys = child(root, "secrets", root.at());
        int number = 0;
        for (IpsecSecrets.Entry entry : secrets) {
            number++;
            String kind = switch (entry.kind()) {
                case "PSK" -> "ike";
                case "P12" -> "pkcs12";
                case "PIN" -> "token";
                default -> entry.kind().toLowerCase(Locale.ROOT);
            };
            secret(child(keys, kind + "-" + number, entry.at()), entry);
        }
        conf.authorities().forEach((name, section) -> {
            if (section.value("auto").filter(auto -> auto.text().equals("ignore")).isEmpty()) {
                authority(child(child(root, "authorities", section.at()), name, section.at()), section);
            }
        });
        conf.setup().forEach((key, value) -> {
            if (!List.of(UNIQUE_IDS, STRICT_CRL_POLICY).contains(key)) {
                child(root, "config setup", value.at()).values().put(key, value);
            }
        });
        return root;
    }

    private static Settings child(Settings outer, String name, Position at) {
        return outer.sections().computeIfAbsent(name, _ -> Settings.open(at));
    }

    private static void authority(Settings to, IpsecConf.Section from) {
        Map<String, Value> left = new LinkedHashMap<>(from.values());
        left.remove("auto");
        take(left, "cacert").ifPresent(value -> to.values().put("cacert", value));
        uris(left, "crluri").ifPresent(uris -> set(to, "crl_uris", uris, from.at()));
        uris(left, "ocspuri").ifPresent(uris -> set(to, "ocsp_uris", uris, from.at()));
        left.forEach(to.values()::putIfAbsent);
    }

    /** One under each of three names. */
    private static Optional<String> uris(Map<String, Value> left, String key) {
        return Stream.of(key, key + "1", key + "2").flatMap(name -> take(left, name).stream()).map(Value::text)
                .reduce((first, next) -> first + "," + next);
    }

    private static void connection(Settings to, String name, IpsecConf.Section from, Map<String, Value> setup) {
        // Without it, a new IKE SA of a peer replaces its old one.
        Value unique = setup.getOrDefault(UNIQUE_IDS, new Value(new Position("ipsec.conf", 1, 1), "yes"));
        Map<String, Value> left = new LinkedHashMap<>(from.values());
        Settings child = child(child(to, "children", to.at()), name, to.at());
        String type = take(left, "type").map(Value::text).orElse("tunnel");
        String mode = switch (type) {
            case "passthrough", "passthru" -> "pass";
            default -> type;
        };
        set(child, "mode", mode, to.at());
        version(left, to);
        Optional<Value> user = take(left, "eap_identity");
        Optional<Value> gateway = take(left, "aaa_identity");
        left.values().removeIf(value -> value.text().matches("%any6?|%defaultroute"));
        OF_CONNECTION.forEach((ours, theirs) -> take(left, ours).ifPresent(value -> to.values().put(theirs, value)));
        OF_CHILD.forEach((ours, theirs) -> take(left, ours).ifPresent(value -> child.values().put(theirs, value)));
        proposals(left, "ike").ifPresent(value -> to.values().put("proposals", value));
        proposals(left, "esp").ifPresent(value -> child.values().put("esp_proposals", value));
        proposals(left, "ah").ifPresent(value -> child.values().put("ah_proposals", value));
        set(to, "unique", unique.text().equals("yes") ? "replace" : unique.text(), unique.at());
        lifetimes(left, to, child);
        selectors(left, "left", "local_ts", child);
        selectors(left, "right", "remote_ts", child);
        Optional<Value> authby = take(left, "authby");
        side(left, "left", child(to, "local", to.at()), authby);
        side(left, "right", child(to, "remote", to.at()), authby);
        eap(user, "eap_identity", "eap_id", List.of("local", "remote"), to);
        eap(gateway, "aaa_identity", "aaa_id", List.of("local"), to);
        Settings remote = child(to, "remote", to.at());
        Optional.ofNullable(setup.get(STRICT_CRL_POLICY)).filter(word -> !word.text().equals("no"))
                .filter(_ -> remote.value("auth").map(Value::text).filter(SignatureConversion::isPubkey).isPresent())
                .ifPresent(word -> set(remote, "revocation", word.text().equals("yes") ? "strict" : word.text(), word.at()));
        take(left, "leftsendcert").filter(word -> word.text().matches("never|no")).ifPresent(word -> set(to, "send_cert", "never", word.at()));
        take(left, "auto").ifPresent(auto -> set(child, "start_action", switch (auto.text()) {
            case "start" -> "start";
            case "route" -> "trap";
            default -> "none";
        }, auto.at()));
        liveness(left, to, child);
        take(left, "mark").ifPresent(mark -> List.of("mark_in", "mark_out").forEach(key -> child.values().putIfAbsent(key, mark)));
        DROPPED.forEach(left::remove);
        left.entrySet().removeIf(entry -> SWITCHES.contains(entry.getKey()) && entry.getValue().text().equals("no"));
        // The rest has no equal; the conversion from swanctl.conf says so, by the name it has here.
        left.forEach(to.values()::putIfAbsent);
    }

    private static Optional<Value> take(Map<String, Value> left, String key) {
        return Optional.ofNullable(left.remove(key));
    }

    private static void set(Settings section, String key, String text, Position at) {
        section.values().put(key, new Value(at, text));
    }

    private static void version(Map<String, Value> left, Settings to) {
        String exchange = take(left, "keyexchange").map(Value::text).orElse("ike");
        set(to, "version", switch (exchange) {
            case "ikev1" -> "1";
            // "ike" initiates IKEv2.
            default -> "2";
        }, to.at());
    }

    /** A '!' says that nothing is added to the list, which nobody here would. */
    private static Optional<Value> proposals(Map<String, Value> left, String key) {
        return take(left, key).map(value -> new Value(value.at(), value.text().replace("!", "")));
    }

    /** They are when an SA ends; by how much sooner it is replaced is a time of its own, and how much sooner still at random, a part of that. */
    private static void lifetimes(Map<String, Value> left, Settings to, Settings child) {
        boolean reauth = take(left, "reauth").filter(word -> word.text().equals("no")).isEmpty();
        boolean rekey = take(left, "rekey").filter(word -> word.text().equals("no")).isEmpty();
        long margin = time(take(left, "margintime").or(() -> take(left, "rekeymargin")), MARGIN);
        long ike = time(take(left, "ikelifetime"), IKE_LIFETIME);
        long esp = time(take(left, "lifetime").or(() -> take(left, "keylife")), LIFETIME);
        set(child, "rekey_time", rekey ? Math.max(0, esp - margin) + "s" : "0s", to.at());
        set(child, "life_time", esp + "s", to.at());
        set(to, rekey && reauth ? "reauth_time" : "rekey_time", rekey ? Math.max(0, ike - margin) + "s" : "0s", to.at());
        set(to, "over_time", (rekey ? Math.min(margin, ike) : ike) + "s", to.at());
        take(left, "rekeyfuzz").ifPresent(fuzz -> List.of(to, child).forEach(section ->
                set(section, "rand_time", margin * percent(fuzz) / 100 + "s", fuzz.at())));
    }

    private static int percent(Value given) {
        if (!given.text().matches("\\d{1,4}%?")) {
            throw new UnreadableSettings(given.at(), "'" + given.text() + "' is no percentage: a number with % was expected");
        }
        return Integer.parseInt(given.text().replace("%", ""));
    }

    /** In seconds. */
    private static long time(Optional<Value> given, long otherwise) {
        return given.map(value -> LifetimeConversion.seconds(value.text()).orElseThrow(() ->
                new UnreadableSettings(value.at(), "'" + value.text() + "' is no time: a number with s, m, h or d was expected"))).orElse(otherwise);
    }

    private static void liveness(Map<String, Value> left, Settings to, Settings child) {
        Optional<Value> action = take(left, "dpdaction").filter(word -> !word.text().equals("none"));
        action.ifPresent(word -> {
            set(child, "dpd_action", action(word), word.at());
            to.values().putIfAbsent("dpd_delay", new Value(word.at(), DPD_DELAY + "s"));
            take(left, "dpdtimeout").ifPresent(time -> to.values().put("dpd_timeout", time));
        });
        if (action.isEmpty()) {
            // Times alone ask for nothing: charon then does not look after the peer.
            to.values().remove("dpd_delay");
            left.remove("dpdtimeout");
        }
        take(left, "closeaction").ifPresent(word -> set(child, "close_action", action(word), word.at()));
    }

    private static String action(Value word) {
        return switch (word.text()) {
            case "restart" -> "start";
            case "hold" -> "trap";
            case "clear" -> "none";
            default -> word.text();
        };
    }

    private static void selectors(Map<String, Value> left, String side, String key, Settings child) {
        Optional<Value> subnet = take(left, side + "subnet");
        Optional<Value> protocol = take(left, side + "protoport");
        String suffix = protocol.map(value -> "[" + value.text().replace("%any", "") + "]").orElse("");
        if (subnet.isPresent() || protocol.isPresent()) {
            List<String> parts = subnet.map(value -> Options.parts(value.text().replace("%dynamic", "dynamic"))).orElse(List.of("dynamic"));
            set(child, key, String.join(",", parts.stream().map(part -> part + suffix).toList()),
                    subnet.or(() -> protocol).orElseThrow().at());
        }
    }

    private static void side(Map<String, Value> left, String side, Settings round, Optional<Value> authby) {
        String auth = take(left, side + "auth").or(() -> authby).map(Value::text).orElse("pubkey");
        set(round, "auth", switch (auth) {
            case "secret" -> "psk";
            case "rsasig", "ecdsasig" -> "pubkey";
            default -> auth;
        }, round.at());
        take(left, side + "id").ifPresent(id -> round.values().put("id", id));
        take(left, side + "cert").ifPresent(certificate -> {
            Settings token = Settings.open(certificate.at());
            if (TokenOptions.smartcard(certificate, token)) {
                round.sections().put("cert", token);
            } else {
                round.values().put("certs", certificate);
            }
        });
        take(left, side + "ca").ifPresent(authority -> round.values().put("ca_id", authority));
        take(left, side + "certpolicy").ifPresent(policies -> round.values().put("cert_policy", policies));
        take(left, side + "groups").ifPresent(groups -> round.values().put("groups", groups));
        // A key itself, as 0x, 0s, dns: or ssh:, stays what it is, and has no equal.
        if (Optional.ofNullable(left.get(side + "sigkey")).filter(key -> !key.text().matches("(dns:|ssh:)?0[xs].*")).isPresent()) {
            take(left, side + "sigkey").ifPresent(key -> round.values().put("pubkeys", key));
        }
    }

    /** What a conn says of its user is of the side that shows itself by EAP; of none, it has no equal. */
    private static void eap(Optional<Value> given, String ours, String theirs, List<String> sides, Settings to) {
        given.ifPresent(value -> sides.stream()
                .map(side -> child(to, side, to.at()))
                .filter(round -> round.value("auth").filter(auth -> EapConversion.methods(auth.text()).isPresent()).isPresent())
                .findFirst()
                .ifPresentOrElse(
                        round -> set(round, theirs, value.text().equals("%identity") ? "%any" : value.text(), value.at()),
                        () -> to.values().putIfAbsent(ours, value)));
    }

    private static void secret(Settings to, IpsecSecrets.Entry entry) {
        if (KEYS.contains(entry.kind())) {
            entry.words().stream().findFirst().ifPresent(word -> to.values().put("file", word));
            entry.words().stream().skip(1).findFirst().ifPresent(word -> to.values().put("secret", word));
            return;
        }
        if (entry.kind().equals("PIN")) {
            entry.words().stream().findFirst().filter(word -> !TokenOptions.smartcard(word, to)).ifPresent(word -> to.values().put("handle", word));
            entry.words().stream().skip(1).findFirst().ifPresent(word -> to.values().put("pin", word));
            return;
        }
        entry.words().stream().findFirst().ifPresent(word -> to.values().put("secret", word));
        int number = 0;
        for (String owner : entry.owners()) {
            number++;
            if (!owner.equals("%any")) {
                set(to, "id-" + number, owner, entry.at());
            }
        }
    }
}
