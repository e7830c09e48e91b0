package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.policies.convert.Options.Remark;

/**
 * A swanctl.conf(5) as a policy file: connections become peers, their children policies in the order that charon's priorities give
 * them, the secrets of IKE files of their own. Nothing is left out in silence: what has no equal is a comment and a remark.
 */
public final class SwanctlConversion {
    private static final Set<String> KNOWN = Set.of("connections", "secrets", "pools", "authorities");

    private final Settings settings;
    private final YamlText peers = new YamlText();
    private final List<ChildConversion.Converted> policies = new ArrayList<>();
    private final PolicyNames policyNames = new PolicyNames();
    private final YamlText secrets = new YamlText();
    private final Map<String, String> files = new LinkedHashMap<>();
    private final YamlText pools = new YamlText();
    /** About what is not in the file at all; the others stand where their subject does. */
    private final List<Remark> absences = new ArrayList<>();
    private final List<Remark> remarks = new ArrayList<>();

    private SwanctlConversion(Settings settings) {
        this.settings = settings;
    }

    /** Converts what {@link SettingsParser} has read. */
    public static Converted convert(Settings settings) {
        return new SwanctlConversion(settings).convert();
    }

    private Converted convert() {
        sections("connections").forEach(this::connection);
        sections("secrets").forEach(this::secret);
        sections("pools").forEach(this::pool);
        sections("authorities").forEach((name, _) ->
                absences.add(Remark.loss("authorities." + name + ": certificates cannot be used yet; this authority is left out")));
        settings.sections().forEach((name, section) -> {
            if (!KNOWN.contains(name)) {
                new Options(name, section).remarks().forEach(absences::add);
            }
        });
        YamlText yaml = new YamlText();
        absences.forEach(remark -> yaml.comment(0, remark.text()));
        section(yaml, "peers", peers);
        section(yaml, "secrets", secrets);
        YamlText ordered = new YamlText();
        policies.stream().sorted(Comparator.comparingLong(ChildConversion.Converted::rank)).forEach(policy -> {
            policy.remarks().forEach(remark -> ordered.comment(1, remark.text()));
            ordered.append(policy.yaml());
        });
        section(yaml, "policies", ordered);
        section(yaml, "pools", pools);
        List<Remark> all = new ArrayList<>(absences);
        all.addAll(remarks);
        policies.forEach(policy -> all.addAll(policy.remarks()));
        return new Converted(yaml.toString(), Map.copyOf(files), all.stream().map(Remark::text).toList(),
                all.stream().filter(Remark::loses).map(Remark::text).toList());
    }

    private static void section(YamlText whole, String name, YamlText content) {
        if (!content.isEmpty()) {
            whole.line(0, name + ":").append(content).blank();
        }
    }

    private Map<String, Settings> sections(String name) {
        return settings.section(name).map(Settings::sections).orElse(Map.of());
    }

    // ---- connections

    private void connection(String name, Settings connection) {
        Options options = new Options("connections." + name, connection);
        Map<String, Settings> rounds = new LinkedHashMap<>();
        connection.sections().forEach((key, section) -> {
            if (key.startsWith("local") || key.startsWith("remote")) {
                rounds.put(key, section);
            } else if (!key.equals("children")) {
                options.remark(key, "this section has no equal");
            }
        });
        Map<String, Settings> children = connection.section("children").map(Settings::sections).orElse(Map.of());
        boolean onlyShunts = !children.isEmpty() && children.values().stream()
                .allMatch(child -> child.value("mode").filter(mode -> mode.text().matches("pass|drop")).isPresent());
        if (!onlyShunts) {
            Optional<String> hindrance = hindrance(rounds);
            if (hindrance.isPresent()) {
                absences.add(Remark.loss(options.name() + ": " + hindrance.get() + "; this connection and its children are left out"));
                return;
            }
            peer(name, options, rounds);
        }
        List<String> ours = connection.value("local_addrs").map(value -> Options.parts(value.text())).orElse(List.of()).stream()
                .filter(address -> address.matches("[0-9a-fA-F.:]+"))
                .toList();
        children.forEach((child, section) -> {
            policies.add(ChildConversion.convert(policyNames.of(name, child), name, new Options(options.name() + ".children." + child, section), ours));
        });
    }

    private static Optional<String> hindrance(Map<String, Settings> rounds) {
        if (rounds.size() > 2) {
            return Optional.of("several authentication rounds cannot be used yet");
        }
        for (Map.Entry<String, Settings> round : rounds.entrySet()) {
            String auth = round.getValue().value("auth").map(Settings.Value::text).orElse("pubkey");
            if (!auth.equals("psk")) {
                return Optional.of(round.getKey() + ".auth = " + auth + " cannot be used yet, only psk can");
            }
        }
        return rounds.size() < 2 ? Optional.of("it needs a local and a remote section with auth = psk") : Optional.empty();
    }

    private void peer(String name, Options options, Map<String, Settings> rounds) {
        YamlText lines = new YamlText();
        lines.line(1, YamlText.scalar(name) + ":");
        rounds.forEach((key, section) -> lines.line(2, side(key, options, section)));
        version(options, lines);
        List<String> proposals = options.list("proposals").stream().filter(proposal -> !proposal.equals("default")).toList();
        if (!proposals.isEmpty()) {
            lines.line(2, "proposals: " + YamlText.list(proposals));
        }
        LifetimeConversion.ike(options, lines);
        lines.line(2, "liveness: " + options.text("dpd_delay").orElse("0s"));
        options.text("unique").ifPresent(word -> lines.line(2, "unique: " + YamlText.scalar(word)));
        options.text("childless").ifPresent(word -> lines.line(2, "childless: " + YamlText.scalar(word)));
        if (options.flag("encap", false)) {
            lines.line(2, "force-encapsulation: true");
        }
        if (!options.flag("mobike", true)) {
            lines.line(2, "mobike: false");
        }
        options.text("fragmentation").filter(word -> !word.equals("yes")).ifPresent(word -> {
            if (word.equals("no")) {
                lines.line(2, "fragmentation: false");
            } else {
                options.note("fragmentation", "'" + word + "' has no equal; messages are fragmented if the peer can");
            }
        });
        options.text("keyingtries").filter(tries -> !tries.equals("0")).ifPresent(_ ->
                options.note("keyingtries", "an initiator here tries for as long as the policy wants the tunnel"));
        options.text("dpd_timeout").ifPresent(_ -> options.note("dpd_timeout", "a dead peer is given up after the retransmissions"));
        // Nobody has a certificate to send while only pre-shared keys can be used, and addresses are no longer pushed.
        options.drop("send_cert", "send_certreq", "pull");
        options.remarks().forEach(remark -> {
            remarks.add(remark);
            peers.comment(1, remark.text());
        });
        peers.append(lines);
    }

    private static String side(String key, Options options, Settings section) {
        String side = key.startsWith("local") ? "local" : "remote";
        List<String> parts = new ArrayList<>();
        List<String> addresses = options.list(side + "_addrs").stream().filter(address -> !address.equals("%any")).toList();
        if (!addresses.isEmpty()) {
            parts.add("address: " + YamlText.oneOrMore(addresses));
        }
        options.text(side + "_port").filter(port -> !port.equals("500")).ifPresent(port -> parts.add("port: " + port));
        Options round = new Options(options.name() + "." + key, section);
        Optional<String> id = round.text("id");
        id.ifPresent(who -> parts.add("id: " + YamlText.scalar(who)));
        if (id.isEmpty() && side.equals("remote") && addresses.size() != 1) {
            parts.add("id: \"%any\"");
        }
        parts.add("auth: psk");
        round.drop("auth", "round");
        round.remarks().forEach(options::add);
        return side + ": { " + String.join(", ", parts) + " }";
    }

    private static void version(Options options, YamlText lines) {
        String version = options.text("version").orElse("0");
        boolean aggressive = options.flag("aggressive", false);
        switch (version) {
            case "1" -> {
                lines.line(2, "ike: " + (aggressive ? "v1-aggressive" : "v1-main"));
                if (aggressive) {
                    lines.line(2, "accept-crackable-psk: true");
                    options.note("aggressive", "everybody who asks or listens gets a hash to try pre-shared keys against; use IKEv2 if the peer can");
                }
            }
            case "2" -> {}
            default -> options.note("version", "one connection for both versions has no equal; IKEv2 is taken");
        }
    }

    // ---- secrets and pools

    private void secret(String name, Settings secret) {
        if (!name.startsWith("ike")) {
            absences.add(Remark.loss("secrets." + name + ": only pre-shared keys of IKE can be used yet; this secret is left out"));
            return;
        }
        Optional<String> key = secret.value("secret").map(Settings.Value::text);
        if (key.isEmpty()) {
            absences.add(Remark.loss("secrets." + name + ": it has no secret"));
            return;
        }
        String file = name.replaceAll("[^A-Za-z0-9_-]", "_") + ".psk";
        files.put(file, key.get());
        secrets.line(1, "- psk: file:" + file);
        List<String> ids = secret.values().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("id") && !entry.getValue().text().isEmpty())
                .map(entry -> entry.getValue().text())
                .toList();
        if (!ids.isEmpty()) {
            secrets.line(2, "ids: " + YamlText.list(ids));
        }
    }

    private void pool(String name, Settings pool) {
        Options options = new Options("pools." + name, pool);
        List<String> parts = new ArrayList<>();
        parts.add("addresses: " + YamlText.list(options.list("addrs")));
        List<String> dns = options.list("dns");
        if (!dns.isEmpty()) {
            parts.add("dns: " + YamlText.list(dns));
        }
        options.remarks().forEach(remark -> {
            remarks.add(remark);
            pools.comment(1, remark.text());
        });
        pools.line(1, YamlText.scalar(name) + ": { " + String.join(", ", parts) + " }");
    }
}
