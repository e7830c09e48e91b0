package org.xfrmagent.policies.grammar;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.xfrmagent.policies.algorithm.NearestWord;
import org.xfrmagent.policies.grammar.Key.Condition;

/**
 * A mapping with known keys.
 *
 * @param noun what such a mapping describes
 * @param keys in the order of the documentation
 * @param shorthand the key that a value stands for which is no mapping
 */
public record Fields(String noun, List<Key<?>> keys, Optional<Key<?>> shorthand) implements Shape<Section> {
    public Fields {
        keys = List.copyOf(keys);
    }

    static Fields of(String noun, Key<?>... keys) {
        return new Fields(noun, List.of(keys), Optional.empty());
    }

    /** Where a value that is no mapping is the value of the first key. */
    static Fields orJustTheFirst(String noun, Key<?>... keys) {
        return new Fields(noun, List.of(keys), Optional.of(keys[0]));
    }

    @Override
    public Optional<Section> read(Tree tree, Where where) {
        if (tree instanceof Tree.Mapping mapping) {
            mapping.entries().forEach(entry -> check(entry, mapping, where));
            keys.stream().filter(Key::required).filter(key -> key.only().stream().allMatch(only -> holds(only, mapping)))
                    .filter(key -> mapping.get(key.name()).isEmpty())
                    .forEach(key -> where.says(mapping.at(), "'" + key.name() + "' is missing" + because(key) + ", expected "
                            + key.shape().expected()));
            return Optional.of(new Section(mapping, where));
        }
        if (shorthand.isPresent() && tree instanceof Tree.Scalar scalar && !scalar.text().isEmpty()) {
            Tree.Entry entry = new Tree.Entry(new Tree.Scalar(tree.at(), shorthand.get().name()), tree);
            return Optional.of(new Section(new Tree.Mapping(tree.at(), List.of(entry)), where));
        }
        return unfit(tree, where);
    }

    private void check(Tree.Entry entry, Tree.Mapping mapping, Where where) {
        String name = entry.key().text();
        Optional<Key<?>> known = keys.stream().filter(key -> key.name().equals(name)).findFirst();
        if (known.isEmpty()) {
            List<String> names = keys.stream().<String>map(Key::name).toList();
            where.says(entry.key().at(), "there is no key '" + Text.shortened(name) + "' in " + noun
                    + NearestWord.to(name, names).map(word -> "; did you mean '" + word + "'?")
                            .orElse("; expected " + Text.or(names)));
            return;
        }
        known.flatMap(Key::only).filter(only -> mapping.get(only.key()).isPresent() && !holds(only, mapping))
                .ifPresent(only -> where.says(entry.key().at(), "'" + name + "' only goes with '" + only + "'"));
    }

    private static boolean holds(Condition only, Tree.Mapping mapping) {
        return mapping.get(only.key()).orElse(null) instanceof Tree.Scalar scalar && scalar.text().equals(only.word());
    }

    private static String because(Key<?> key) {
        return key.only().map(only -> ", which goes with '" + only + "'").orElse("");
    }

    @Override
    public String expected() {
        List<String> names = keys.stream().<String>map(Key::name).toList();
        return shorthand.map(key -> key.shape().expected() + ", or ").orElse("") + "a mapping with the keys " + String.join(", ", names);
    }

    @Override
    public Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        keys.forEach(key -> properties.put(key.name(), describe(key)));
        Map<String, Object> schema = Scalars.schema("type", "object", "properties", properties, "additionalProperties", false);
        List<String> always = keys.stream().filter(key -> key.required() && key.only().isEmpty()).<String>map(Key::name).toList();
        if (!always.isEmpty()) {
            schema.put("required", always);
        }
        List<Object> conditions = new ArrayList<>();
        keys.stream().filter(key -> key.only().isPresent())
                .collect(groupingBy(key -> key.only().orElseThrow(), LinkedHashMap::new, toList()))
                .forEach((only, bound) -> conditions.add(conditional(only, bound)));
        if (!conditions.isEmpty()) {
            schema.put("allOf", conditions);
        }
        return shorthand.map(key -> Scalars.anyOf(key.shape().schema(), schema)).orElse(schema);
    }

    private static Map<String, Object> describe(Key<?> key) {
        Map<String, Object> schema = Scalars.schema("description", key.doc());
        key.standard().ifPresent(value -> schema.put("default", value));
        schema.putAll(key.shape().schema());
        return schema;
    }

    private static Map<String, Object> conditional(Condition only, List<Key<?>> bound) {
        Map<String, Object> forbidden = new LinkedHashMap<>();
        bound.forEach(key -> forbidden.put(key.name(), false));
        return Scalars.schema(
                "if", Scalars.schema("properties", Map.of(only.key(), Map.of("const", only.word())), "required", List.of(only.key())),
                "then", Scalars.schema("required", bound.stream().filter(Key::required).<String>map(Key::name).toList()),
                "else", Scalars.schema("properties", forbidden));
    }
}
