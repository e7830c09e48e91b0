package org.xfrmagent.policies.convert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.xfrmagent.policies.grammar.Position;

/**
 * Reads files in the format of strongswan.conf(5):
 *
 * <pre>
 *   file     := { section | setting | "include" pattern }
 *   section  := name [ ":" name { "," name } ] "{" file "}"
 *   setting  := key "=" [ value ] ( newline | "}" )
 *   value    := words up to the end of the line, or "a text in quotes, which may go on over lines"
 * </pre>
 */
public final class SettingsParser {
    /** Deep enough for any file that a person wrote. */
    private static final int DEEPEST = 32;

    private static final String RESERVED = ".,:{}=\"#";

    /** A file and its text. */
    public record Source(String path, String text) {}

    /** The files that an {@code include} names. */
    @FunctionalInterface
    public interface Includes {
        /**
         * @param pattern as written, perhaps with wildcards; relative to the folder of {@code from}
         * @return in the order of their names, none if none fits
         */
        List<Source> files(Path from, String pattern);
    }

    private final Source source;
    private final Includes includes;
    private int next;
    private int line = 1;
    private int lineStart;

    private SettingsParser(Source source, Includes includes) {
        this.source = source;
        this.includes = includes;
    }

    /**
     * Reads a file and what it includes.
     *
     * @throws UnreadableSettings with the place and the reason, if it is not in this format
     */
    public static Settings parse(Source source, Includes includes) {
        Settings root = Settings.open(new Position(source.path(), 1, 1));
        parse(source, includes, root, 0);
        return root.resolved();
    }

    private static void parse(Source source, Includes includes, Settings into, int depth) {
        SettingsParser parser = new SettingsParser(source, includes);
        parser.body(into, depth);
        if (parser.more()) {
            throw parser.wrong("a '}' without a section that it closes");
        }
    }

    /** Up to the end of the file, or before the '}' that closes the section. */
    private void body(Settings section, int level) {
        if (level > DEEPEST) {
            throw wrong("sections, or includes, are more than " + DEEPEST + " deep");
        }
        for (skipBlank(); more() && peek() != '}'; skipBlank()) {
            Position at = here();
            String name = word();
            skipSpaces();
            if (name.equals("include") && more() && "=:{}".indexOf(peek()) < 0) {
                include(section, level);
            } else if (more() && peek() == '=') {
                next++;
                skipSpaces();
                section.values().put(name, new Settings.Value(at, value()));
            } else {
                open(section, name, at, level);
            }
        }
    }

    private void open(Settings outer, String name, Position at, int level) {
        Settings inner = outer.sections().computeIfAbsent(name, _ -> Settings.open(at));
        if (more() && peek() == ':') {
            do {
                next++;
                skipBlank();
                inner.parents().add(absoluteName());
                skipBlank();
            } while (more() && peek() == ',');
        }
        skipBlank();
        if (!more() || peek() != '{') {
            throw new UnreadableSettings(at, "after '" + name + "' either '= value' or '{' must follow");
        }
        next++;
        body(inner, level + 1);
        if (!more()) {
            throw new UnreadableSettings(at, "the section '" + name + "' is not closed");
        }
        next++;
    }

    private void include(Settings section, int level) {
        String pattern = value();
        for (Source file : includes.files(Path.of(source.path()), pattern)) {
            parse(file, includes, section, level + 1);
        }
    }

    private String word() {
        int from = next;
        while (more() && !Character.isWhitespace(peek()) && RESERVED.indexOf(peek()) < 0) {
            next++;
        }
        if (from == next) {
            throw wrong("a name was expected, found '" + peek() + "'");
        }
        return source.text().substring(from, next);
    }

    private String absoluteName() {
        StringBuilder name = new StringBuilder(word());
        while (more() && peek() == '.') {
            next++;
            name.append('.').append(word());
        }
        return name.toString();
    }

    /** Words and texts in quotes up to the end of the line, with one blank between any two, as strongSwan puts them together. */
    private String value() {
        List<String> parts = new ArrayList<>();
        for (skipSpaces(); more() && "\r\n#}".indexOf(peek()) < 0; skipSpaces()) {
            parts.add(peek() == '"' ? quoted() : unquoted());
        }
        return String.join(" ", parts);
    }

    private String unquoted() {
        int from = next;
        while (more() && " \t\r\n#}\"".indexOf(peek()) < 0) {
            next++;
        }
        return source.text().substring(from, next);
    }

    private String quoted() {
        Position at = here();
        StringBuilder text = new StringBuilder();
        for (next++; more() && peek() != '"'; next++) {
            char found = peek();
            if (found == '\\' && next + 1 < source.text().length()) {
                next++;
                switch (peek()) {
                    case 'n' -> text.append('\n');
                    case 'r' -> text.append('\r');
                    case 't' -> text.append('\t');
                    case 'b' -> text.append('\b');
                    case 'f' -> text.append('\f');
                    case '\n' -> newLine(next);
                    default -> text.append(peek());
                }
            } else {
                text.append(found);
                if (found == '\n') {
                    newLine(next);
                }
            }
        }
        if (!more()) {
            throw new UnreadableSettings(at, "the quotes are not closed");
        }
        next++;
        return text.toString();
    }

    private void skipSpaces() {
        while (more() && (peek() == ' ' || peek() == '\t')) {
            next++;
        }
    }

    /** White space, new lines and comments. */
    private void skipBlank() {
        while (more() && (Character.isWhitespace(peek()) || peek() == '#')) {
            if (peek() == '#') {
                while (more() && peek() != '\n') {
                    next++;
                }
            } else {
                if (peek() == '\n') {
                    newLine(next);
                }
                next++;
            }
        }
    }

    private void newLine(int at) {
        line++;
        lineStart = at + 1;
    }

    private boolean more() {
        return next < source.text().length();
    }

    private char peek() {
        return source.text().charAt(next);
    }

    private Position here() {
        return new Position(source.path(), line, next - lineStart + 1);
    }

    private UnreadableSettings wrong(String message) {
        return new UnreadableSettings(here(), message);
    }
}
