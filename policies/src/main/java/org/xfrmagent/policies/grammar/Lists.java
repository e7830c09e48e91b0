package org.xfrmagent.policies.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Shapes of several values. */
final class Lists {
    private Lists() {}

    /** One value, or a list of at least one. */
    static <T> Shape<List<T>> oneOrMore(Shape<T> item) {
        return new OneOrMore<>(item);
    }

    private record OneOrMore<T>(Shape<T> item) implements Shape<List<T>> {
        @Override
        public Optional<List<T>> read(Tree tree, Where where) {
            if (!(tree instanceof Tree.Sequence sequence)) {
                return item.read(tree, where).map(List::of);
            }
            if (sequence.items().isEmpty()) {
                where.problem(tree.at(), "is an empty list, expected " + expected());
                return Optional.empty();
            }
            List<Optional<T>> read = sequence.items().stream().map(each -> item.read(each, where)).toList();
            return read.stream().allMatch(Optional::isPresent)
                    ? Optional.of(read.stream().flatMap(Optional::stream).toList())
                    : Optional.empty();
        }

        @Override
        public String expected() {
            return item.expected() + ", or a list of such";
        }

        @Override
        public Map<String, Object> schema() {
            return Scalars.anyOf(item.schema(), Scalars.schema("type", "array", "items", item.schema(), "minItems", 1));
        }
    }

    /** A list of things; what is wrong with one does not hide the others. */
    static Shape<List<Section>> of(String noun, Fields item) {
        return new ListOf(noun, item);
    }

    private record ListOf(String noun, Fields item) implements Shape<List<Section>> {
        @Override
        public Optional<List<Section>> read(Tree tree, Where where) {
            if (!(tree instanceof Tree.Sequence sequence)) {
                return unfit(tree, where);
            }
            List<Section> sections = new ArrayList<>();
            for (int i = 0; i < sequence.items().size(); i++) {
                Tree each = sequence.items().get(i);
                item.read(each, where.subject(noun + " " + name(each).orElse(Integer.toString(i + 1)))).ifPresent(sections::add);
            }
            return Optional.of(List.copyOf(sections));
        }

        private static Optional<String> name(Tree tree) {
            return tree instanceof Tree.Mapping mapping && mapping.get("name").orElse(null) instanceof Tree.Scalar name
                            && Scalars.isName(name.text())
                    ? Optional.of("'" + name.text() + "'")
                    : Optional.empty();
        }

        @Override
        public String expected() {
            return "a list with '- ' before each " + noun;
        }

        @Override
        public Map<String, Object> schema() {
            return Scalars.schema("type", "array", "items", item.schema());
        }
    }

    /** Things by their names. */
    static Shape<List<Named>> byName(String noun, Fields item) {
        return byName(noun, Scalars.name(), Scalars.NAME, item);
    }

    /**
     * The same with names of another kind.
     *
     * @param pattern of JSON Schema, for the names
     */
    static Shape<List<Named>> byName(String noun, Shape<String> name, String pattern, Fields item) {
        return new ByName(noun, name, pattern, item);
    }

    private record ByName(String noun, Shape<String> names, String pattern, Fields item) implements Shape<List<Named>> {
        @Override
        public Optional<List<Named>> read(Tree tree, Where where) {
            if (!(tree instanceof Tree.Mapping mapping)) {
                return unfit(tree, where);
            }
            return Optional.of(mapping.entries().stream().flatMap(entry -> read(entry, where).stream()).toList());
        }

        private Optional<Named> read(Tree.Entry entry, Where where) {
            Where subject = where.subject(noun + " '" + Text.shortened(entry.key().text()) + "'");
            Stream<String> name = names.read(entry.key(), subject.field("name")).stream();
            Optional<Section> section = item.read(entry.value(), subject);
            return name.findFirst().flatMap(good -> section.map(fields -> new Named(good, entry.key().at(), fields)));
        }

        @Override
        public String expected() {
            return "a mapping from the name of each " + noun + " to its fields";
        }

        @Override
        public Map<String, Object> schema() {
            return Scalars.schema("type", "object", "propertyNames", Scalars.schema("pattern", pattern),
                    "additionalProperties", item.schema());
        }
    }
}
