package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.xfrmagent.policies.grammar.Position;

/**
 * What clients of the control socket load, in swanctl.conf's words, as the text of a policy file. A file's author reads what became of
 * each option; who loads a connection is a program, so what cannot be done is refused as a whole.
 */
public final class LoadedConversion {
    private static final Position NOWHERE = new Position("loaded", 1, 1);

    /** An owner who is everybody. */
    private static final String ANYBODY = "%any";

    private LoadedConversion() {}

    /**
     * A policy file, or a part of one.
     *
     * @param yaml its secrets are references by the client's ids
     * @param ranks of its policies, in their order: among all parts those of lower ranks come first, and of equal ones those of the earlier part
     */
    public record Text(String yaml, List<Long> ranks) {
        public Text {
            ranks = List.copyOf(ranks);
        }
    }

    /**
     * What it came to.
     *
     * @param texts parts of one policy file
     * @param refusals what is asked for and would not be done, a sentence each: the texts must not be used unless there is none
     * @param notes what is done nearly as it was asked for, of connections that were not converted like that before
     * @param memory for the next time, if this is accepted
     */
    public record Outcome(List<Text> texts, List<String> refusals, List<String> notes, ConversionMemory memory) {
        public Outcome {
            texts = List.copyOf(texts);
        }

        /** All parts, of which each is a document. */
        public String yaml() {
            return texts.stream().map(Text::yaml).collect(Collectors.joining("---\n"));
        }
    }

    /**
     * What is loaded of certificates and private keys: hashes of certificates and lists, ids of keys.
     *
     * @param anchors certificates of authorities that are believed
     * @param attributes attribute certificates
     * @param attributeAuthorities certificates of those who are believed about them
     * @param authorities sections as of swanctl.conf, where {@code cacert} refers to a certificate by {@link #reference}
     */
    public record PublicKeys(
            List<String> anchors, List<String> certificates, List<String> crls, List<String> attributes,
            List<String> attributeAuthorities, List<String> keys, Map<String, Settings> authorities) {
        public static final PublicKeys NONE = new PublicKeys(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), Map.of());

        public PublicKeys {
            anchors = List.copyOf(anchors);
            certificates = List.copyOf(certificates);
            crls = List.copyOf(crls);
            attributes = List.copyOf(attributes);
            attributeAuthorities = List.copyOf(attributeAuthorities);
            keys = List.copyOf(keys);
        }

        CredentialFolders folders() {
            return CredentialFolders.loaded(Map.of(
                    CredentialFolders.AUTHORITIES, references(anchors),
                    CredentialFolders.CERTIFICATES, references(certificates),
                    CredentialFolders.CRLS, references(crls),
                    CredentialFolders.ATTRIBUTES, references(attributes),
                    CredentialFolders.ATTRIBUTE_AUTHORITIES, references(attributeAuthorities),
                    CredentialFolders.KEYS, references(keys)));
        }

        private static List<String> references(List<String> ids) {
            return ids.stream().map(LoadedConversion::reference).toList();
        }
    }

    /** How a connection or an authority refers to what is loaded. */
    public static String reference(String id) {
        return "loaded:" + id;
    }

    /** With names of policies as they come. */
    public static Outcome convert(
            Map<String, Settings> connections, Map<String, Settings> pools, Map<String, List<String>> keys, Map<String, List<String>> passwords,
            PublicKeys publicKeys) {
        return convert(connections, origins(Map.of(), connections), pools, keys, Map.of(), passwords, publicKeys, ConversionMemory.NOTHING);
    }

    /**
     * Converts all that is loaded: each connection and each key to a text of its own, so that the others need not be read again where one
     * changes.
     *
     * @param policyNames by which children go as policies, of {@link #origins}
     * @param keys the owners of each pre-shared key, by its id
     * @param ppks the names of each postquantum pre-shared key, by its id
     * @param passwords the users of each password, by its id
     * @param publicKeys certificates and private keys
     * @param memory of what was accepted last
     */
    public static Outcome convert(
            Map<String, Settings> connections, Map<String, Origin> policyNames, Map<String, Settings> pools, Map<String, List<String>> keys,
            Map<String, List<String>> ppks, Map<String, List<String>> passwords, PublicKeys publicKeys, ConversionMemory memory) {
        Map<String, Settings> looked = new LinkedHashMap<>(connections);
        looked.entrySet().removeIf(each -> memory.has(each.getKey(), each.getValue()));
        Map<String, Settings> others = new LinkedHashMap<>();
        others.put("pools", section(pools));
        others.put("authorities", section(publicKeys.authorities()));
        Settings beside = section(others);
        List<String> unprintable = Stream.of(unprintable(section(Map.of("connections", section(looked))), Map.of()), unprintable(beside, without("psk", keys, memory)),
                        unprintable(section(Map.of()), without("ppk", ppks, memory)), unprintable(section(Map.of()), passwords))
                .flatMap(List::stream).toList();
        if (!unprintable.isEmpty()) {
            return new Outcome(List.of(), unprintable, List.of(), memory);
        }
        CredentialFolders folders = publicKeys.folders();
        ConversionMemory.Conversion conversion = new ConversionMemory.Conversion(memory, new PolicyNames(policyNames), pools, folders);
        Converted converted = SwanctlConversion.convert(beside, folders, authorities -> {
            connections.forEach((name, connection) -> conversion.add(name, connection, authorities));
            return List.of();
        });
        keys.forEach((id, ids) -> conversion.add(new ConversionMemory.Secret("psk", id, ids)));
        ppks.forEach((id, names) -> conversion.add(new ConversionMemory.Secret("ppk", id, names)));
        List<Text> texts = new ArrayList<>(conversion.texts());
        String rest = converted.yaml() + users(conversion, passwords);
        if (!rest.isEmpty()) {
            texts.add(new Text(rest, List.of()));
        }
        List<String> refusals = Stream.of(
                conversion.remarks().stream().filter(Options.Remark::loses).map(Options.Remark::text).map(LoadedConversion::refusal),
                converted.losses().stream().map(LoadedConversion::refusal),
                passwords.entrySet().stream()
                        .filter(password -> password.getValue().stream().allMatch(ANYBODY::equals))
                        .map(password -> "secrets." + password.getKey() + ": a password that is any user's cannot be used; name its owners"))
                .flatMap(each -> each).toList();
        List<String> notes = Stream.concat(conversion.remarks().stream().filter(remark -> !remark.loses()).map(Options.Remark::text),
                converted.remarks().stream().filter(remark -> !converted.losses().contains(remark))).toList();
        return new Outcome(texts, refusals, notes, conversion.memory());
    }

    /** Those that have not been looked at. */
    private static Map<String, List<String>> without(String kind, Map<String, List<String>> secrets, ConversionMemory memory) {
        Map<String, List<String>> fresh = new LinkedHashMap<>(secrets);
        fresh.entrySet().removeIf(each -> memory.has(new ConversionMemory.Secret(kind, each.getKey(), each.getValue())));
        return fresh;
    }

    private static String users(ConversionMemory.Conversion conversion, Map<String, List<String>> passwords) {
        YamlText users = new YamlText();
        if (!passwords.isEmpty() && conversion.asksForPasswords()) {
            Set<String> known = new HashSet<>();
            passwords.forEach((id, owners) -> owners.stream().filter(known::add).forEach(user ->
                    users.line(1, YamlText.scalar(user) + ": { password: " + YamlText.scalar(reference(id)) + " }")));
        }
        YamlText yaml = new YamlText();
        SwanctlConversion.section(yaml, "users", users);
        return yaml.toString();
    }

    /** A new line in a name or value would end a comment or a scalar of the text we write, and what follows it would be read as policy. */
    private static List<String> unprintable(Settings all, Map<String, List<String>> owners) {
        List<String> paths = new ArrayList<>();
        all.sections().forEach((name, section) -> gather(name, section, paths));
        owners.forEach((id, ids) -> {
            if (isUnprintable(id) || ids.stream().anyMatch(LoadedConversion::isUnprintable)) {
                paths.add("secrets." + id);
            }
        });
        return paths.stream()
                .map(path -> path.replaceAll("\\p{Cntrl}|[\\u0080-\\u009f\\u2028\\u2029]", "?") + ": has a control character in its name or value")
                .toList();
    }

    private static void gather(String path, Settings section, List<String> paths) {
        section.values().forEach((key, value) -> {
            if (isUnprintable(key) || isUnprintable(value.text())) {
                paths.add(path + "." + key);
            }
        });
        section.sections().forEach((name, inner) -> {
            if (isUnprintable(name)) {
                paths.add(path + "." + name);
            }
            gather(path + "." + name, inner, paths);
        });
    }

    /** YAML takes the line and paragraph separators of Unicode for ends of lines too. */
    private static boolean isUnprintable(String text) {
        return text.codePoints().anyMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
    }

    /** Where a policy comes from, in the words of its client. */
    public record Origin(String connection, String child) {}

    /**
     * The children of what is loaded, by the names that they have as policies, in the order in which they came.
     *
     * @param before names that stay as they are, whatever goes meanwhile: SAs of a policy must not change its name
     */
    public static Map<String, Origin> origins(Map<String, Origin> before, Map<String, Settings> connections) {
        PolicyNames names = new PolicyNames(before);
        Map<String, Origin> origins = new LinkedHashMap<>();
        connections.forEach((connection, settings) -> settings.section("children").map(Settings::sections).orElse(Map.of()).keySet()
                .forEach(child -> origins.put(names.of(connection, child), new Origin(connection, child))));
        return origins;
    }

    /** Whether traffic of the child is to bring its tunnel up, or, of a bypass or discard, whether it is in force. */
    public static boolean isTrap(Settings connection, String child) {
        return connection.section("children").flatMap(children -> children.section(child))
                .flatMap(settings -> settings.value("start_action")).filter(action -> action.text().contains("trap")).isPresent();
    }

    /**
     * The labels that are not only for the peer, but also the kernel's, where that runs SELinux: of children whose {@code label_mode} leaves
     * that to the system.
     *
     * @return the path of each option
     */
    public static List<String> labelsOfTheSystem(Map<String, Settings> connections) {
        return connections.entrySet().stream()
                .flatMap(connection -> connection.getValue().section("children").map(Settings::sections).orElse(Map.of()).entrySet().stream()
                        .filter(child -> has(child.getValue(), "label", label -> !label.isEmpty())
                                && !has(child.getValue(), "label_mode", mode -> !mode.equals(ChildConversion.SYSTEM)))
                        .map(child -> "connections." + connection.getKey() + ".children." + child.getKey() + ".label"))
                .toList();
    }

    private static boolean has(Settings section, String option, Predicate<String> value) {
        return section.value(option).filter(found -> value.test(found.text())).isPresent();
    }

    /** The connection with its child installed as a trap, or not, whatever it says itself. */
    public static Settings withTrap(Settings connection, String child, boolean wanted) {
        Optional<Settings> before = connection.section("children").flatMap(children -> children.section(child));
        if (before.isEmpty() || isTrap(connection, child) == wanted) {
            return connection;
        }
        boolean starts = before.get().value("start_action").filter(action -> action.text().contains("start")).isPresent();
        String action = wanted ? starts ? "trap|start" : "trap" : starts ? "start" : "none";
        Settings after = with(before.get(), before.get().sections(), Map.of("start_action", new Settings.Value(NOWHERE, action)));
        Settings children = connection.section("children").orElseThrow();
        return with(connection, Map.of("children", with(children, Map.of(child, after), Map.of())), Map.of());
    }

    private static Settings with(Settings section, Map<String, Settings> sections, Map<String, Settings.Value> values) {
        Map<String, Settings> otherSections = new LinkedHashMap<>(section.sections());
        otherSections.putAll(sections);
        Map<String, Settings.Value> otherValues = new LinkedHashMap<>(section.values());
        otherValues.putAll(values);
        return new Settings(section.at(), section.parents(), otherValues, otherSections);
    }

    private static Settings section(Map<String, Settings> sections) {
        return new Settings(NOWHERE, List.of(), Map.of(), sections);
    }

    /** The sentence of one who refuses, made of the sentence of one who goes on without. */
    private static String refusal(String remark) {
        return remark.replaceFirst("(has no equal here)? and is left out$", "is not supported")
                .replaceFirst("; this (child|connection)( and its children are| is) left out$", "");
    }

    /** A section as a client sends it: values are texts, lists are joined by commas. */
    public static Settings settings(Map<String, String> values, Map<String, Settings> sections) {
        Map<String, Settings.Value> located = new LinkedHashMap<>();
        values.forEach((key, text) -> located.put(key, new Settings.Value(NOWHERE, text)));
        return new Settings(NOWHERE, List.of(), located, sections);
    }
}
