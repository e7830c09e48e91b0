package org.xfrmagent.policies.convert;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.Settings.Value;
import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.model.Ip;

/**
 * An ipsec.conf(5) with its ipsec.secrets(5) in the words of swanctl.conf(5), from which one conversion goes on. {@code left} is our
 * side, unless {@code right} has an address of this machine: both ends may have the same file.
 */
public final class IpsecConversion {
    /** Parameters that need nothing but another name. */
    private static final Map<String, String> OF_CONNECTION = Map.of(
            "aggressive", "aggressive", "dpddelay", "dpd_delay", "forceencaps", "encap", "mobike", "mobike", "fragmentation", "fragmentation",
            "keyingtries", "keyingtries", "left", "local_addrs", "right", "remote_addrs", "ikedscp", "dscp", "leftikeport", "local_port");
    private static final Map<String, String> OF_CHILD = Map.of(
            "lifebytes", "life_bytes", "lifepackets", "life_packets", "reqid", "reqid", "tfc", "tfc_padding", "replay_window", "replay_window",
            "mark_in", "mark_in", "mark_out", "mark_out", "inactivity", "inactivity");
    private static final Map<String, String> OF_CHILD_TOO = Map.of(
            "compress", "ipcomp", "sha256_96", "sha256_96", "installpolicy", "policies", "leftupdown", "updown", "lefthostaccess", "hostaccess");
    /** What the peer does. */
    private static final Set<String> DROPPED = Set.of("rightsendcert", "righthostaccess", "rightupdown", "rightfirewall");
    /** What names a private key's file in ipsec.secrets. */
    private static final Set<String> KEYS = Set.of("RSA", "ECDSA", "PKCS8", "P12");
    /** What asks for nothing when it says no. */
    private static final Set<String> SWITCHES = Set.of("leftallowany", "rightallowany");
    /** What leftfirewall=yes is a short word for; the script comes with strongSwan. */
    private static final String FIREWALL = "/usr/lib/ipsec/_updown iptables";
    private static final String CHILDREN = "children";
    private static final String UNIQUE_IDS = "uniqueids";
    private static final String STRICT_CRL_POLICY = "strictcrlpolicy";
    private static final long HOUR = 3600;
    /** ipsec.conf(5): lifetime, ikelifetime, margintime, dpddelay. */
    private static final long LIFETIME = HOUR;
    private static final long IKE_LIFETIME = 3 * HOUR;
    private static final long MARGIN = 9 * 60;
    private static final long DPD_DELAY = 30;

    private IpsecConversion() {}

    /**
     * The connections and secrets of both files.
     *
     * @param isOurs whether this machine has an address
     */
    public static Settings toSwanctl(IpsecConf conf, List<IpsecSecrets.Entry> secrets, Predicate<InetAddress> isOurs) {
        Settings root = Settings.open(new Position("ipsec.conf", 1, 1));
        conf.connections().forEach((name, section) -> {
            // Without it, a conn is only there for others to inherit from.
            if (section.value("auto").filter(auto -> !auto.text().equals("ignore")).isPresent()) {
                connection(root, name, section.value("right").flatMap(right -> Ip.parse(right.text())).filter(isOurs).isPresent() ? turned(section) : section, conf.setup());
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

    /** With the other end as our side. */
    private static IpsecConf.Section turned(IpsecConf.Section section) {
        Map<String, Value> values = new LinkedHashMap<>();
        section.values().forEach((key, value) -> values.put(
                key.startsWith("left") ? "right" + key.substring(4) : key.startsWith("right") ? "left" + key.substring(5) : key, value));
        return new IpsecConf.Section(section.at(), values);
    }

    static Settings child(Settings outer, String name, Position at) {
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

    private static void connection(Settings root, String name, IpsecConf.Section from, Map<String, Value> setup) {
        Settings to = Settings.open(from.at());
        // Without it, a new IKE SA of a peer replaces its old one.
        Value unique = setup.getOrDefault(UNIQUE_IDS, new Value(new Position("ipsec.conf", 1, 1), "yes"));
        Map<String, Value> left = new LinkedHashMap<>(from.values());
        Settings child = child(child(to, CHILDREN, to.at()), name, to.at());
        String type = take(left, "type").map(Value::text).orElse("tunnel");
        String mode = switch (type) {
            case "passthrough", "passthru" -> "pass";
            default -> type;
        };
        set(child, "mode", mode, to.at());
        version(left, to);
        List.of("left", "right").forEach(side -> left.computeIfPresent(side, (_, value) -> value.text().matches("%any6?|%defaultroute") ? null : value));
        OF_CONNECTION.forEach((ours, theirs) -> take(left, ours).ifPresent(value -> to.values().put(theirs, value)));
        take(left, "rightikeport").ifPresent(port -> to.values().put("remote_port", port));
        List.of(OF_CHILD, OF_CHILD_TOO).forEach(names ->
                names.forEach((ours, theirs) -> take(left, ours).ifPresent(value -> child.values().put(theirs, value))));
        take(left, "leftfirewall").filter(word -> word.text().equals("yes"))
                .ifPresent(word -> child.values().putIfAbsent("updown", new Value(word.at(), FIREWALL)));
        proposals(left, "ike").ifPresent(value -> to.values().put("proposals", value));
        proposals(left, "esp").ifPresent(value -> child.values().put("esp_proposals", value));
        proposals(left, "ah").ifPresent(value -> child.values().put("ah_proposals", value));
        set(to, "unique", unique.text().equals("yes") ? "replace" : unique.text(), unique.at());
        lifetimes(left, to, child);
        selectors(left, "left", "local_ts", child);
        selectors(left, "right", "remote_ts", child);
        IpsecRounds.write(left, to);
        IpsecAddresses.write(name, left, to, root);
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
        // Conns that differ in their children alone are one for the peer, which may keep no second IKE SA of ours.
        Map<String, Settings> connections = child(root, "connections", root.at()).sections();
        connections.values().stream().filter(other -> meaning(other).equals(meaning(to))).findFirst().ifPresentOrElse(
                other -> child(other, CHILDREN, to.at()).sections().put(name, child),
                () -> connections.put(name, to));
    }

    /** What a section says, without where. */
    private static Map<String, Object> meaning(Settings section) {
        Map<String, Object> meaning = new LinkedHashMap<>();
        section.values().forEach((key, value) -> meaning.put(key + "=", value.text()));
        section.sections().forEach((name, inner) -> meaning.put(name, name.equals(CHILDREN) ? "" : meaning(inner)));
        return meaning;
    }

    static Optional<Value> take(Map<String, Value> left, String key) {
        return Optional.ofNullable(left.remove(key));
    }

    static void set(Settings section, String key, String text, Position at) {
        section.values().put(key, new Value(at, text));
    }

    private static void version(Map<String, Value> left, Settings to) {
        String exchange = take(left, "keyexchange").map(Value::text).orElse("ike");
        set(to, "version", switch (exchange) {
            case "ikev1" -> "1";
            case "ikev2" -> "2";
            // "ike" initiates IKEv2, and takes either from who calls.
            default -> "0";
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
            set(child, key, String.join(",", parts.stream().map(part -> part.endsWith("]") ? part : part + suffix).toList()),
                    subnet.or(() -> protocol).orElseThrow().at());
        }
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
