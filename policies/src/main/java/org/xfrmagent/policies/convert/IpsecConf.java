package org.xfrmagent.policies.convert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.xfrmagent.policies.convert.Settings.Value;
import org.xfrmagent.policies.convert.SettingsParser.Includes;
import org.xfrmagent.policies.convert.SettingsParser.Source;
import org.xfrmagent.policies.grammar.Position;

/**
 * The sections of an ipsec.conf(5), as strongSwan's starter reads it: a section begins in the first column, its parameters are
 * indented.
 *
 * <pre>
 *   config setup
 *       uniqueids=never
 *   conn %default                 what all others inherit
 *       ikelifetime=8h
 *   conn branch
 *       also=gateway              what this one inherits as well
 *       right=192.0.2.2
 * </pre>
 */
public final class IpsecConf {
    private static final String DEFAULT = "%default";
    private static final String ALSO = "also";
    private static final int DEEPEST = 16;

    /** A section: where it begins, and its parameters by key with what it inherits. */
    public record Section(Position at, Map<String, Value> values) {
        public Optional<Value> value(String key) {
            return Optional.ofNullable(values.get(key));
        }
    }

    private record Draft(Position at, Map<String, Value> values, List<Value> also) {
        static Draft open(Position at) {
            return new Draft(at, new LinkedHashMap<>(), new ArrayList<>());
        }
    }

    private final Includes includes;
    private final Map<String, Map<String, Draft>> drafts = new LinkedHashMap<>();

    private IpsecConf(Includes includes) {
        this.includes = includes;
    }

    /**
     * Reads a file and what it includes.
     *
     * @throws UnreadableSettings with the place and the reason, if it is not in this format
     */
    public static IpsecConf parse(Source source, Includes includes) {
        IpsecConf conf = new IpsecConf(includes);
        conf.read(source, 0);
        return conf;
    }

    /** The parameters of {@code config setup}. */
    public Map<String, Value> setup() {
        return Optional.ofNullable(ofKind("config").get("setup")).map(Draft::values).orElse(Map.of());
    }

    /** The sections {@code ca} by name, with what they inherit. */
    public Map<String, Section> authorities() {
        return sections("ca");
    }

    /** The connections by name, in the order of the file, with what they inherit. */
    public Map<String, Section> connections() {
        return sections("conn");
    }

    private Map<String, Section> sections(String kind) {
        Map<String, Section> sections = new LinkedHashMap<>();
        ofKind(kind).forEach((name, draft) -> {
            if (!name.equals(DEFAULT)) {
                Map<String, Value> values = new LinkedHashMap<>();
                collect(kind, name, draft, values, new LinkedHashSet<>());
                Optional.ofNullable(ofKind(kind).get(DEFAULT)).ifPresent(all -> collect(kind, DEFAULT, all, values, new LinkedHashSet<>()));
                sections.put(name, new Section(draft.at(), values));
            }
        });
        return sections;
    }

    private void collect(String kind, String name, Draft draft, Map<String, Value> values, Set<String> seen) {
        if (!seen.add(name)) {
            throw new UnreadableSettings(draft.at(), kind + " '" + name + "' inherits from itself through 'also'");
        }
        draft.values().forEach(values::putIfAbsent);
        for (Value other : draft.also()) {
            Draft parent = ofKind(kind).get(other.text());
            if (parent == null) {
                throw new UnreadableSettings(other.at(), kind + " '" + name + "' has also=" + other.text() + ", and there is no such " + kind);
            }
            collect(kind, other.text(), parent, values, seen);
        }
        seen.remove(name);
    }

    private Map<String, Draft> ofKind(String kind) {
        return drafts.getOrDefault(kind, Map.of());
    }

    private void read(Source source, int depth) {
        if (depth > DEEPEST) {
            throw new UnreadableSettings(new Position(source.path(), 1, 1), "includes are more than " + DEEPEST + " deep");
        }
        Optional<Draft> open = Optional.empty();
        int number = 0;
        for (String whole : source.text().split("\n", -1)) {
            number++;
            String line = withoutComment(whole);
            if (line.isBlank()) {
                continue;
            }
            Position at = new Position(source.path(), number, 1 + whole.indexOf(line.strip().charAt(0)));
            if (Character.isWhitespace(line.charAt(0))) {
                parameter(line.strip(), at, open.orElseThrow(() ->
                        new UnreadableSettings(at, "a parameter outside of a section: 'config setup', 'conn NAME' or 'ca NAME' must come first")));
            } else {
                open = header(line.strip().split("\\s+"), at, source, depth);
            }
        }
    }

    private Optional<Draft> header(String[] words, Position at, Source source, int depth) {
        switch (words[0]) {
            case "config", "conn", "ca" -> {
                if (words.length != 2) {
                    throw new UnreadableSettings(at, "'" + words[0] + "' must be followed by one name");
                }
                return Optional.of(drafts.computeIfAbsent(words[0], _ -> new LinkedHashMap<>())
                        .computeIfAbsent(words[1], _ -> Draft.open(at)));
            }
            case "include" -> {
                for (int i = 1; i < words.length; i++) {
                    includes.files(Path.of(source.path()), words[i]).forEach(file -> read(file, depth + 1));
                }
            }
            case "version" -> {}
            default -> throw new UnreadableSettings(at,
                    "'" + words[0] + "' does not begin a section: 'config setup', 'conn NAME', 'ca NAME' or 'include FILE' was expected");
        }
        return Optional.empty();
    }

    private static void parameter(String text, Position at, Draft section) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UnreadableSettings(at, "'key=value' was expected, found '" + text + "'");
        }
        String key = text.substring(0, equals).strip();
        String value = text.substring(equals + 1).strip();
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        if (key.equals(ALSO)) {
            section.also().add(new Value(at, value));
        } else {
            section.values().put(key, new Value(at, value));
        }
    }

    /** A '#' within quotes is no comment, and none within a word: {@code @#6d6f6f6e} is an identity. */
    private static String withoutComment(String line) {
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) == '"') {
                quoted = !quoted;
            } else if (line.charAt(i) == '#' && !quoted && (i == 0 || Character.isWhitespace(line.charAt(i - 1)))) {
                return line.substring(0, i).stripTrailing();
            }
        }
        return line.stripTrailing();
    }
}
