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
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.policies.convert.Options.Remark;

/**
 * A swanctl.conf(5) as a policy file: connections become peers, their children policies in the order that charon's priorities give
 * them, the secrets of IKE files of their own. Nothing is left out in silence: what has no equal is a comment and a remark.
 */
public final class SwanctlConversion {
    private static final Set<String> KNOWN = Set.of("connections", "secrets", "pools", "authorities");

    /** A section of secrets that names a file, in a folder of the same name. */
    private static final Pattern KEY = Pattern.compile("(private|rsa|ecdsa|pkcs8|pkcs12).*");

    private final Settings settings;
    private final CredentialFolders folders;
    private final AuthorityConversion authorities;
    private final YamlText peers = new YamlText();
    private final List<ChildConversion.Converted> policies = new ArrayList<>();
    private final Function<AuthorityConversion, List<ConnectionConversion.Piece>> connections;
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

    private SwanctlConversion(Settings settings, CredentialFolders folders, Function<AuthorityConversion, List<ConnectionConversion.Piece>> connections) {
        this.settings = settings;
        this.connections = connections;
        this.folders = folders;
        this.authorities = new AuthorityConversion(folders);
    }

    /** Converts what {@link SettingsParser} has read. */
    public static Converted convert(Settings settings) {
        return convert(settings, CredentialFolders.none());
    }

    /** The same, with what stands beside the file. */
    public static Converted convert(Settings settings, CredentialFolders folders) {
        PolicyNames names = new PolicyNames();
        Map<String, Settings> pools = settings.section("pools").map(Settings::sections).orElse(Map.of());
        return convert(settings, folders, authorities -> settings.section("connections").map(Settings::sections).orElse(Map.of()).entrySet().stream()
                .map(each -> ConnectionConversion.convert(each.getKey(), each.getValue(), folders, authorities, pools, names))
                .toList());
    }

    /** @param connections what became of them, given the authorities that are named beside them */
    static Converted convert(Settings settings, CredentialFolders folders, Function<AuthorityConversion, List<ConnectionConversion.Piece>> connections) {
        return new SwanctlConversion(settings, folders, connections).convert();
    }

    /** As a part of a policy file: policies in the order of their ranks. */
    static YamlText policies(List<ChildConversion.Converted> policies) {
        YamlText ordered = new YamlText();
        policies.stream().sorted(Comparator.comparingLong(ChildConversion.Converted::rank)).forEach(policy -> {
            policy.remarks().forEach(remark -> ordered.comment(1, remark.text()));
            ordered.append(policy.yaml());
        });
        return ordered;
    }

    private Converted convert() {
        sections("authorities").forEach((name, section) -> {
            Options options = new Options("authorities." + name, section);
            authorities.section(name, options);
            absences.addAll(options.remarks());
        });
        folders.all(CredentialFolders.AUTHORITIES).forEach(authorities::name);
        connections.apply(authorities).forEach(piece -> {
            peers.append(piece.peers());
            policies.addAll(piece.policies());
            absences.addAll(piece.absences());
            remarks.addAll(piece.remarks());
        });
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
        YamlText ordered = policies(policies);
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

    static void section(YamlText whole, String name, YamlText content) {
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

    // ---- secrets and pools

    /** Whether users are asked for passwords, in any connection. */
    private static boolean asksForPasswords(Settings settings) {
        return settings.section("connections").map(Settings::sections).orElse(Map.of()).values().stream().anyMatch(ConnectionConversion::asksForPasswords);
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
