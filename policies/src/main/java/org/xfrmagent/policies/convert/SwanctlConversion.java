package org.xfrmagent.policies.convert;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.Options.Remark;
import org.xfrmagent.policies.model.AddressRange;
import org.xfrmagent.policies.model.Defaults;

/**
 * A swanctl.conf(5) as a policy file: connections become peers, their children policies in the order that charon's priorities give
 * them, the secrets of IKE files of their own. Nothing is left out in silence: what has no equal is a comment and a remark.
 */
public final class SwanctlConversion {
    private static final String INTERFACE_ID = "%unique(-dir)?|[0-9]+|0x[0-9a-fA-F]+";
    private static final Set<String> KNOWN = Set.of("connections", "secrets", "pools", "authorities");

    /** A section of secrets that names a file, in a folder of the same name. */
    private static final Pattern KEY = Pattern.compile("(private|rsa|ecdsa|pkcs8|pkcs12).*");

    private final Settings settings;
    private final CredentialFolders folders;
    private final AuthorityConversion authorities;
    private final YamlText peers = new YamlText();
    private final List<ChildConversion.Converted> policies = new ArrayList<>();
    private final PolicyNames policyNames;
    private final YamlText secrets = new YamlText();
    private final YamlText users = new YamlText();
    /** What private keys are encrypted with, if they are. */
    private final Map<String, Optional<String>> keys = new LinkedHashMap<>();
    private final Map<String, Optional<String>> containers = new LinkedHashMap<>();
    private final Set<String> userNames = new HashSet<>();
    private final Map<String, String> files = new LinkedHashMap<>();
    private final YamlText pools = new YamlText();
    /** About what is not in the file at all; the others stand where their subject does. */
    private final List<Remark> absences = new ArrayList<>();
    private final List<Remark> remarks = new ArrayList<>();

    private SwanctlConversion(Settings settings, CredentialFolders folders, PolicyNames policyNames) {
        this.settings = settings;
        this.policyNames = policyNames;
        this.folders = folders;
        this.authorities = new AuthorityConversion(folders);
    }

    /** Converts what {@link SettingsParser} has read. */
    public static Converted convert(Settings settings) {
        return convert(settings, CredentialFolders.none());
    }

    /** The same, with what stands beside the file. */
    public static Converted convert(Settings settings, CredentialFolders folders) {
        return convert(settings, folders, new PolicyNames());
    }

    static Converted convert(Settings settings, CredentialFolders folders, PolicyNames names) {
        return new SwanctlConversion(settings, folders, names).convert();
    }

    private Converted convert() {
        sections("authorities").forEach((name, section) -> {
            Options options = new Options("authorities." + name, section);
            authorities.section(name, options);
            absences.addAll(options.remarks());
        });
        folders.all(CredentialFolders.AUTHORITIES).forEach(authorities::name);
        sections("connections").forEach(this::connection);
        sections("secrets").forEach(this::secret);
        folders.all(CredentialFolders.CONTAINERS).stream().filter(container -> !containers.containsKey(container)).forEach(container ->
                absences.add(Remark.loss(container + ": no secret says what it is encrypted with, and nobody is asked here; it is left out")));
        sections("pools").forEach(this::pool);
        Set<String> templates = settings.templates().collect(Collectors.toSet());
        settings.sections().forEach((name, section) -> {
            if (!KNOWN.contains(name) && !templates.contains(name)) {
                new Options(name, section).remarks().forEach(absences::add);
            }
        });
        YamlText yaml = new YamlText();
        absences.forEach(remark -> yaml.comment(0, remark.text()));
        section(yaml, "peers", peers);
        section(yaml, "secrets", secrets);
        section(yaml, "users", users);
        section(yaml, "authorities", authorities.yaml());
        references(yaml, "certificates", Stream.concat(folders.all(CredentialFolders.CERTIFICATES).stream(),
                folders.all(CredentialFolders.OCSP_SIGNERS).stream()).toList());
        references(yaml, "crls", folders.all(CredentialFolders.CRLS));
        references(yaml, "attribute-certificates", folders.all(CredentialFolders.ATTRIBUTES));
        references(yaml, "attribute-authorities", folders.all(CredentialFolders.ATTRIBUTE_AUTHORITIES));
        folders.all(CredentialFolders.KEYS).forEach(key -> keys.putIfAbsent(key, Optional.empty()));
        locked(yaml, "keys", keys);
        locked(yaml, "pkcs12", containers);
        YamlText ordered = new YamlText();
        policies.stream().sorted(Comparator.comparingLong(ChildConversion.Converted::rank)).forEach(policy -> {
            policy.remarks().forEach(remark -> ordered.comment(1, remark.text()));
            ordered.append(policy.yaml());
        });
        if (policies.stream().allMatch(policy -> policy.yaml().isEmpty())) {
            // What was left out is said, and a key without a value is no list.
            yaml.append(ordered);
        } else {
            section(yaml, "policies", ordered);
        }
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

    private static void references(YamlText whole, String name, List<String> references) {
        YamlText lines = new YamlText();
        references.forEach(reference -> lines.line(1, "- " + YamlText.scalar(reference)));
        section(whole, name, lines);
    }

    /** @param passphrases where that of each reference is, if it has one */
    private static void locked(YamlText whole, String name, Map<String, Optional<String>> passphrases) {
        YamlText lines = new YamlText();
        passphrases.forEach((reference, passphrase) -> lines.line(1, "- " + passphrase
                .map(word -> "{ from: " + YamlText.scalar(reference) + ", passphrase: " + YamlText.scalar(word) + " }")
                .orElseGet(() -> YamlText.scalar(reference))));
        section(whole, name, lines);
    }

    private Map<String, Settings> sections(String name) {
        return settings.section(name).map(Settings::sections).orElse(Map.of());
    }

    // ---- connections

    private void connection(String name, Settings connection) {
        Options options = new Options("connections." + name, connection);
        connection.sections().keySet().forEach(key -> {
            if (!AuthenticationConversion.isRound(key) && !key.equals("children")) {
                options.remark(key, "this section has no equal");
            }
        });
        Map<String, Settings> children = connection.section("children").map(Settings::sections).orElse(Map.of());
        boolean onlyShunts = !children.isEmpty() && children.values().stream()
                .allMatch(child -> child.value("mode").filter(mode -> mode.text().matches("pass|drop")).isPresent());
        List<String> leased = List.of();
        if (!onlyShunts) {
            AuthenticationConversion authentication = new AuthenticationConversion(connection, folders, authorities);
            Optional<String> hindrance = authentication.hindrance();
            if (hindrance.isPresent()) {
                absences.add(Remark.loss(options.name() + ": " + hindrance.get() + "; this connection and its children are left out"));
                return;
            }
            leased = peer(name, options, authentication);
        }
        // Whichever the peer gives.
        List<String> asked = new AuthenticationConversion(connection).virtualAddresses().stream()
                .map(address -> AddressRange.all(address.family()).toString())
                .distinct()
                .toList();
        TrafficEnd.Ends ours = ends(connection, "local_addrs", asked, "vips");
        TrafficEnd.Ends theirs = ends(connection, "remote_addrs", leased, "pools");
        ChildConversion.InterfaceIds interfaceIds = new ChildConversion.InterfaceIds(interfaceId(connection, "if_id_in"), interfaceId(connection, "if_id_out"),
                children.size() > 1);
        for (Map.Entry<String, Settings> child : children.entrySet()) {
            Options its = new Options(options.name() + ".children." + child.getKey(), child.getValue());
            policies.add(ChildConversion.convert(policyNames.of(name, child.getKey()), name, its, ours, theirs, interfaceIds));
        }
    }

    private static Optional<String> interfaceId(Settings connection, String key) {
        return connection.value(key).map(Settings.Value::text).filter(id -> !id.equals("0"));
    }

    private static TrafficEnd.Ends ends(Settings connection, String addresses, List<String> given, String giving) {
        List<String> hosts = connection.value(addresses).map(value -> Options.parts(value.text())).orElse(List.of()).stream()
                .filter(address -> address.matches("[0-9a-fA-F.:]+"))
                .toList();
        return new TrafficEnd.Ends(given, hosts, given.isEmpty() && connection.value(giving).isPresent());
    }

    /** Returns the addresses that the peer may get from us, if any. */
    private List<String> peer(String name, Options options, AuthenticationConversion authentication) {
        YamlText lines = new YamlText();
        lines.line(1, YamlText.scalar(name) + ":");
        options.check("send_cert", "ifasked|always|never", "ifasked, always or never");
        options.check("send_certreq", Options.FLAG, "yes or no");
        authentication.write(options, lines);
        version(options, authentication, lines);
        List<String> proposals = options.proposals("proposals", Defaults.IKE_PROPOSALS);
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
        options.word("fragmentation", "yes", "accept", "force", "no").filter(word -> !word.equals("yes")).ifPresent(word -> {
            if (word.equals("no")) {
                lines.line(2, "fragmentation: false");
            } else {
                options.note("fragmentation", "'" + word + "' has no equal; messages are fragmented if the peer can");
            }
        });
        PeerOptionConversion.write(options, authentication, lines);
        // The children's, where they have none of their own.
        options.check("if_id_in", INTERFACE_ID, "a number, %unique or %unique-dir");
        options.check("if_id_out", INTERFACE_ID, "a number, %unique or %unique-dir");
        options.drop("if_id_in", "if_id_out");
        List<String> from = pools(options);
        if (!from.isEmpty()) {
            lines.line(2, "pool: " + YamlText.oneOrMore(from));
        }
        boolean pulled = options.flag("pull", true);
        if (!pulled && authentication.mayBeV1() && !(from.isEmpty() && authentication.virtualAddresses().isEmpty())) {
            lines.line(2, "config: push");
        }
        options.remarks().forEach(remark -> {
            remarks.add(remark);
            peers.comment(1, remark.text());
        });
        peers.append(lines);
        return from.stream().flatMap(its -> Optional.ofNullable(sections("pools").get(its)).stream())
                .flatMap(its -> PoolConversion.addresses(its).stream())
                .distinct()
                .toList();
    }

    /** The pools of this file that its users get their addresses from. */
    private List<String> pools(Options options) {
        List<String> wanted = options.list("pools").stream().distinct().toList();
        List<String> missing = wanted.stream().filter(name -> !sections("pools").containsKey(name)).toList();
        if (!missing.isEmpty()) {
            options.remark("pools", "pools of this file can be used, and '" + String.join(", ", missing) + "' is not in it");
        }
        return wanted.stream().filter(name -> !missing.contains(name)).toList();
    }

    private static void version(Options options, AuthenticationConversion authentication, YamlText lines) {
        options.check("version", "\\d+", "0, 1 or 2");
        String version = options.text("version").orElse("0");
        boolean aggressive = options.flag("aggressive", false);
        switch (version) {
            case "1" -> {
                lines.line(2, "ike: " + (aggressive ? "v1-aggressive" : "v1-main"));
                // Whoever has it keeps it, and is told what it means: here, and in the log whenever the policy is loaded.
                if (aggressive && authentication.usesPreSharedKeys()) {
                    lines.line(2, "accept-crackable-psk: true");
                    options.note("aggressive", "everybody who asks or listens gets a hash to try pre-shared keys against; use IKEv2 if the peer can");
                }
            }
            case "2" -> {}
            default -> {
                // There is no EAP in IKEv1: charon, too, could answer nobody by it. And no key that is required may be left out by it.
                if (authentication.mayBeV1()) {
                    lines.line(2, "ike: any");
                }
                if (aggressive) {
                    options.note("aggressive", "a peer that speaks either version may call in main mode; write version = 1 if it can only call in aggressive mode");
                }
            }
        }
    }

    // ---- secrets and pools

    /** Whether users are asked for passwords, in any connection. */
    static boolean asksForPasswords(Settings settings) {
        return settings.section("connections").map(Settings::sections).orElse(Map.of()).values().stream()
                .map(AuthenticationConversion::new)
                .anyMatch(authentication -> authentication.hindrance().isEmpty() && authentication.usesPasswords());
    }

    private void secret(String name, Settings secret) {
        boolean password = asksForPasswords(settings) && (name.startsWith("eap") || name.startsWith("xauth"));
        if (name.startsWith("token")) {
            token(name, secret);
            return;
        }
        Matcher section = KEY.matcher(name);
        if (section.matches()) {
            key(name, section.group(1), secret);
            return;
        }
        boolean postquantum = name.startsWith("ppk");
        if (!name.startsWith("ike") && !password && !postquantum) {
            absences.add(Remark.loss("secrets." + name + ": only pre-shared keys of IKE, and passwords of users that a connection asks for by "
                    + "eap or xauth, can be used yet; this secret is left out"));
            return;
        }
        Optional<String> key = secret.value("secret").map(Settings.Value::text);
        if (key.isEmpty()) {
            absences.add(Remark.loss("secrets." + name + ": it has no secret"));
            return;
        }
        String file = place(name, password ? ".password" : postquantum ? ".ppk" : ".psk");
        files.put(file, key.get());
        List<String> ids = secret.values().entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("id") && !entry.getValue().text().isEmpty())
                .map(entry -> entry.getValue().text())
                .toList();
        if (password) {
            user("secrets." + name, ids, "file:" + file).ifPresent(absences::add);
            return;
        }
        secrets.line(1, (postquantum ? "- ppk: file:" : "- psk: file:") + file);
        if (!ids.isEmpty()) {
            secrets.line(2, "ids: " + YamlText.list(ids));
        }
    }

    /** A name for the file of a secret that no other secret's has. */
    private String place(String section, String ending) {
        String base = section.replaceAll("[^A-Za-z0-9_-]", "_");
        String name = base + ending;
        for (int more = 2; files.containsKey(name); more++) {
            name = base + "-" + more + ending;
        }
        return name;
    }

    /** The file of a key, or of several with their certificates, and perhaps its passphrase, as it stands there: swanctl decodes nothing of it. */
    private void key(String name, String folder, Settings key) {
        Options options = new Options("secrets." + name, key);
        Optional<String> reference = options.text("file").map(file -> folders.reference(folder, file));
        Optional<String> passphrase = options.text("secret").filter(word -> !word.equals("%prompt"));
        if (reference.isEmpty()) {
            options.remark("file", "is missing, so this secret opens nothing");
        } else if (key.value("secret").filter(word -> word.text().equals("%prompt")).isPresent()) {
            options.remark("secret", "nobody is asked for a passphrase here; write it into a file, and name that as 'passphrase' beside the key");
        }
        reference.ifPresent(file -> (folder.equals(CredentialFolders.CONTAINERS) ? containers : keys).put(file, passphrase.map(word -> {
            String place = place(name, ".passphrase");
            files.put(place, word.matches("0[xs].*") ? "0s" + Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8)) : word);
            return "file:" + place;
        })));
        absences.addAll(options.remarks());
    }

    /** A key in a token; the PIN goes into a file of its own. */
    private void token(String name, Settings token) {
        Options options = new Options("secrets." + name, token);
        Optional<String> pin = options.text("pin");
        Optional<String> reference = TokenOptions.reference(options);
        if (reference.isEmpty() && token.value("handle").isEmpty()) {
            options.remark("handle", "is missing, so this secret opens nothing");
        }
        if (pin.isEmpty() || pin.get().equals("%prompt")) {
            options.note("pin", "nobody is asked for a PIN here; unless the reader asks for it itself, write it into a file, and name that as 'passphrase' beside the key");
        }
        reference.ifPresent(uri -> keys.put(uri, pin.filter(word -> !word.equals("%prompt")).map(word -> {
            String place = place(name, ".pin");
            files.put(place, word.matches("0[xs].*") ? "0s" + Base64.getEncoder().encodeToString(word.getBytes(StandardCharsets.UTF_8)) : word);
            return "file:" + place;
        })));
        absences.addAll(options.remarks());
    }

    private Optional<Remark> user(String section, List<String> names, String reference) {
        names.stream().filter(userNames::add).forEach(user ->
                users.line(1, YamlText.scalar(user) + ": { password: " + YamlText.scalar(reference) + " }"));
        return names.isEmpty()
                ? Optional.of(Remark.loss(section + ": a password that is any user's cannot be used; this secret is left out"))
                : Optional.empty();
    }

    private void pool(String name, Settings pool) {
        PoolConversion conversion = new PoolConversion(name, pool);
        String keys = conversion.keys();
        conversion.remarks().forEach(remark -> {
            remarks.add(remark);
            pools.comment(1, remark.text());
        });
        pools.line(1, YamlText.scalar(name) + ": { " + keys + " }");
    }
}
