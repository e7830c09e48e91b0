package org.xfrmagent.policies.convert;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.xfrmagent.policies.grammar.Position;

/**
 * A section of a file in the format of strongswan.conf(5), of which swanctl.conf(5) is one. A section that is opened twice is one
 * section, a value that is set twice has the later one.
 *
 * @param at where it was opened first
 * @param parents absolute names of the sections it inherits from, the strongest first
 * @param values by key, in the order of the file
 * @param sections by name, in the order of the file
 */
public record Settings(Position at, List<String> parents, Map<String, Value> values, Map<String, Settings> sections) {
    /**
     * The right side of a {@code key = value}.
     *
     * @param text without the quotes; empty takes an inherited value back
     */
    public record Value(Position at, String text) {
        /** Where it is, and not what: it may be a secret. */
        @Override
        public String toString() {
            return "a value at " + at;
        }
    }

    static Settings open(Position at) {
        return new Settings(at, new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    }

    public Optional<Value> value(String key) {
        return Optional.ofNullable(values.get(key)).filter(value -> !value.text.isEmpty());
    }

    public Optional<Settings> section(String name) {
        return Optional.ofNullable(sections.get(name));
    }

    /**
     * This file as it is meant: every section has what it inherits, after its own.
     *
     * @throws UnreadableSettings if a section inherits from one that is not there, or from itself
     */
    Settings resolved() {
        return resolved(this, Set.of());
    }

    private Settings resolved(Settings root, Set<Settings> within) {
        Settings whole = open(at);
        whole.parents.addAll(parents);
        whole.values.putAll(values);
        sections.forEach((name, section) -> whole.sections.put(name, section.resolved(root, within)));
        for (String name : parents) {
            Settings parent = root.find(name)
                    .orElseThrow(() -> new UnreadableSettings(at, "it inherits from section '" + name + "', and there is none"));
            Set<Settings> deeper = new LinkedHashSet<>(within);
            if (!deeper.add(parent)) {
                throw new UnreadableSettings(at, "section '" + name + "' inherits from itself");
            }
            whole.inherit(parent.resolved(root, deeper));
        }
        return whole;
    }

    private void inherit(Settings parent) {
        parent.values.forEach(values::putIfAbsent);
        parent.sections.forEach((name, section) -> sections.computeIfAbsent(name, _ -> open(section.at)).inherit(section));
    }

    /** What a section in it inherits from, by the first words of their names: {@code a} of {@code a.children.b}. */
    Stream<String> templates() {
        return Stream.concat(parents.stream().map(name -> name.split("\\.", -1)[0]), sections.values().stream().flatMap(Settings::templates));
    }

    private Optional<Settings> find(String absolute) {
        Optional<Settings> here = Optional.of(this);
        for (String name : absolute.split("\\.", -1)) {
            here = here.flatMap(section -> section.section(name));
        }
        return here;
    }
}
