package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.algorithm.Proposal;
import org.xfrmagent.policies.convert.Settings.Value;

/** The options of a section while they are converted: what nobody has asked for at the end has no equal. */
final class Options {
    /** What a flag may be. */
    static final String FLAG = "yes|true|enabled|1|no|false|disabled|0";

    private final String name;
    private final Map<String, Value> left = new LinkedHashMap<>();
    private final Map<String, Settings> sections;
    private final List<Remark> remarks = new ArrayList<>();

    /** @param name what remarks call the section */
    Options(String name, Settings section) {
        this.name = name;
        this.sections = section.sections();
        section.values().forEach((key, value) -> {
            if (!value.text().isEmpty()) {
                left.put(key, value);
            }
        });
    }

    String name() {
        return name;
    }

    /** The sections within whose names begin so. */
    Map<String, Settings> sections(String prefix) {
        Map<String, Settings> found = new LinkedHashMap<>();
        sections.forEach((key, section) -> {
            if (key.startsWith(prefix)) {
                found.put(key, section);
            }
        });
        return found;
    }

    Optional<Value> take(String key) {
        return Optional.ofNullable(left.remove(key));
    }

    Optional<String> text(String key) {
        return take(key).map(Value::text);
    }

    /** The parts of a list with commas; none if the option is not there. */
    List<String> list(String key) {
        return text(key).map(Options::parts).orElse(List.of());
    }

    /** The options that have a number in the place of a name. */
    Map<Integer, String> numbered() {
        Map<Integer, String> found = new LinkedHashMap<>();
        List.copyOf(left.keySet()).stream()
                .filter(key -> key.matches("\\d{1,5}"))
                .forEach(key -> text(key).ifPresent(value -> found.put(Integer.valueOf(key), value)));
        return found;
    }

    /** Proposals, of which "default" are {@code ours}; none if it says nothing else. */
    List<String> proposals(String key, List<Proposal> ours) {
        List<String> words = list(key);
        return words.stream().allMatch("default"::equals)
                ? List.of()
                : words.stream()
                        .flatMap(word -> word.equals("default") ? ours.stream().map(Proposal::toString) : Stream.of(word))
                        .distinct()
                        .toList();
    }

    static List<String> parts(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip).filter(part -> !part.isEmpty()).toList();
    }

    static boolean isNo(String word) {
        return Set.of("no", "false", "disabled", "0").contains(word);
    }

    /** Yes or no, in any of the words that strongSwan takes. */
    boolean flag(String key, boolean standard) {
        return text(key).map(word -> {
            if (!isNo(word) && !isYes(word)) {
                expects(key, word, "yes or no");
            }
            return isYes(word);
        }).orElse(standard);
    }

    /** A word of those that there are for the option; what is another is said, as charon would not load it. */
    Optional<String> word(String key, String... known) {
        Optional<String> word = text(key);
        word.filter(each -> !List.of(known).contains(each)).ifPresent(each -> expects(key, each, String.join(", ", known)));
        return word.filter(List.of(known)::contains);
    }

    /** Whether a value has the form that charon takes; otherwise that is said. */
    void check(String key, String pattern, String expected) {
        Optional.ofNullable(left.get(key)).map(Value::text).filter(text -> !text.matches(pattern)).ifPresent(text -> expects(key, text, expected));
    }

    private void expects(String key, String found, String expected) {
        remark(key, "is '" + found + "', expected " + expected);
    }

    private static boolean isYes(String word) {
        return Set.of("yes", "true", "enabled", "1").contains(word);
    }

    /** An option whose absence changes nothing that the user would miss. */
    void drop(String... keys) {
        for (String key : keys) {
            left.remove(key);
        }
    }

    /** Says that an option could not be carried over, and why; without its value, which may be a secret. */
    void remark(String key, String why) {
        remarks.add(Remark.loss(name + "." + key + ": " + why));
    }

    /** Says what became of an option that means here nearly what it meant there. */
    void note(String key, String what) {
        remarks.add(Remark.note(name + "." + key + ": " + what));
    }

    void add(Remark remark) {
        remarks.add(remark);
    }

    /** Everything to be said about this section; whatever is left has no equal. */
    List<Remark> remarks() {
        List<Remark> all = new ArrayList<>(remarks);
        left.keySet().forEach(key -> all.add(Remark.loss(name + "." + key + ": has no equal here and is left out")));
        return all;
    }

    /**
     * A sentence for the user.
     *
     * @param loses whether something that the configuration asks for would not be done
     */
    record Remark(String text, boolean loses) {
        static Remark loss(String text) {
            return new Remark(text, true);
        }

        static Remark note(String text) {
            return new Remark(text, false);
        }
    }
}
