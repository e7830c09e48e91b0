package org.xfrmagent.policies.convert;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.xfrmagent.policies.convert.Settings.Value;
import org.xfrmagent.policies.convert.SettingsParser.Includes;
import org.xfrmagent.policies.convert.SettingsParser.Source;
import org.xfrmagent.policies.grammar.Position;

/**
 * The entries of an ipsec.secrets(5): {@code moon.example.org 192.0.2.2 : PSK "..."}. An entry begins in the first column and may go
 * on in indented lines.
 */
public final class IpsecSecrets {
    private static final int DEEPEST = 16;

    /**
     * An entry.
     *
     * @param owners whose secret it is, as written; empty = anybody's
     * @param kind the word after the colon, in capitals: PSK, EAP, XAUTH, RSA …
     * @param words what follows it: the secret, or a file and perhaps its passphrase. Nobody prints this.
     */
    public record Entry(Position at, List<String> owners, String kind, List<Value> words) {}

    private record Word(String text, boolean quoted) {}

    private final Includes includes;
    private final List<Entry> entries = new ArrayList<>();

    private IpsecSecrets(Includes includes) {
        this.includes = includes;
    }

    /**
     * Reads a file and what it includes.
     *
     * @throws UnreadableSettings with the place and the reason, never with what is written there, if it is not in this format
     */
    public static List<Entry> parse(Source source, Includes includes) {
        IpsecSecrets secrets = new IpsecSecrets(includes);
        secrets.read(source, 0);
        return List.copyOf(secrets.entries);
    }

    private void read(Source source, int depth) {
        if (depth > DEEPEST) {
            throw new UnreadableSettings(new Position(source.path(), 1, 1), "includes are more than " + DEEPEST + " deep");
        }
        List<Word> open = new ArrayList<>();
        Position from = new Position(source.path(), 1, 1);
        int number = 0;
        for (String line : source.text().split("\n", -1)) {
            number++;
            if (line.isBlank() || line.strip().startsWith("#")) {
                continue;
            }
            Position at = new Position(source.path(), number, 1);
            if (!Character.isWhitespace(line.charAt(0))) {
                take(open, from, source, depth);
                from = at;
            }
            open.addAll(words(line, at));
        }
        take(open, from, source, depth);
    }

    private void take(List<Word> words, Position at, Source source, int depth) {
        List<Word> all = List.copyOf(words);
        words.clear();
        if (all.isEmpty()) {
            return;
        }
        if (all.getFirst().text().equals("include")) {
            all.stream().skip(1).forEach(pattern ->
                    includes.files(Path.of(source.path()), pattern.text()).forEach(file -> read(file, depth + 1)));
            return;
        }
        int colon = all.indexOf(new Word(":", false));
        if (colon < 0 || colon + 1 >= all.size()) {
            throw new UnreadableSettings(at, "an entry is 'IDENTITY ... : TYPE SECRET'; this one has no ':' with a type behind it");
        }
        entries.add(new Entry(at, all.subList(0, colon).stream().map(Word::text).toList(), all.get(colon + 1).text().toUpperCase(Locale.ROOT),
                all.subList(colon + 2, all.size()).stream().map(word -> new Value(at, word.text())).toList()));
    }

    private static List<Word> words(String line, Position at) {
        List<Word> words = new ArrayList<>();
        int next = 0;
        while (next < line.length()) {
            char first = line.charAt(next);
            if (first == '#') {
                break;
            } else if (Character.isWhitespace(first)) {
                next++;
            } else if (first == '"' || first == '\'') {
                int end = line.indexOf(first, next + 1);
                if (end < 0) {
                    throw new UnreadableSettings(new Position(at.path(), at.line(), next + 1), "the quotes are not closed");
                }
                words.add(new Word(line.substring(next + 1, end), true));
                next = end + 1;
            } else {
                int end = next;
                while (end < line.length() && !Character.isWhitespace(line.charAt(end))) {
                    end++;
                }
                String word = line.substring(next, end);
                // "@moon:" and ":PSK" are written without the space that the format asks for; an IPv6 address has colons inside.
                if (word.length() > 1 && word.endsWith(":") && !word.endsWith("::")) {
                    words.add(new Word(word.substring(0, word.length() - 1), false));
                    words.add(new Word(":", false));
                } else {
                    words.add(new Word(word, false));
                }
                next = end;
            }
        }
        return words;
    }
}
