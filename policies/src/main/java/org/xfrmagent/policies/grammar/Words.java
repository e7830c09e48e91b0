package org.xfrmagent.policies.grammar;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

import org.xfrmagent.policies.algorithm.NearestWord;

/** One of a few words. */
record Words<T>(SequencedMap<String, T> values) implements Shape<T> {
    static <E extends Enum<E>> Words<E> of(Class<E> type, Function<E, String> word) {
        SequencedMap<String, E> values = new LinkedHashMap<>();
        for (E value : type.getEnumConstants()) {
            values.put(word.apply(value), value);
        }
        return new Words<>(values);
    }

    static Words<Boolean> flag() {
        SequencedMap<String, Boolean> values = new LinkedHashMap<>();
        values.put("true", true);
        values.put("false", false);
        return new Words<>(values);
    }

    /** The one word for a second round of authentication. */
    static Words<Boolean> second() {
        SequencedMap<String, Boolean> values = new LinkedHashMap<>();
        values.put("eap", true);
        return new Words<>(values);
    }

    @Override
    public Optional<T> read(Tree tree, Where where) {
        if (tree instanceof Tree.Scalar scalar && values.containsKey(scalar.text())) {
            return Optional.ofNullable(values.get(scalar.text()));
        }
        String hint = tree instanceof Tree.Scalar scalar ? NearestWord.hint(scalar.text(), values.keySet()) : "";
        where.problem(tree.at(), "is " + tree.found() + ", expected " + expected() + hint);
        return Optional.empty();
    }

    @Override
    public String expected() {
        return Text.or(List.copyOf(values.keySet()));
    }

    @Override
    public Map<String, Object> schema() {
        return values.keySet().equals(flag().values.keySet()) ? Map.of("type", "boolean") : Map.of("enum", List.copyOf(values.keySet()));
    }
}
