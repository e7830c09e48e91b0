package org.xfrmagent.policies.grammar;

import java.util.Optional;

/**
 * A key of a mapping: a row of the grammar.
 *
 * @param name as written, in kebab-case
 * @param shape what may stand after it
 * @param required whether it must be there
 * @param doc one sentence for the operator
 * @param standard what holds without it, as JSON would write it
 * @param only the condition without which it may not be there
 */
public record Key<T>(String name, Shape<T> shape, boolean required, String doc, Optional<Object> standard, Optional<Condition> only) {
    /** That another key of the same mapping has a certain word. */
    public record Condition(String key, String word) {
        /** {@code action: protect} */
        @Override
        public String toString() {
            return key + ": " + word;
        }
    }

    public static <T> Key<T> required(String name, Shape<T> shape, String doc) {
        return new Key<>(name, shape, true, doc, Optional.empty(), Optional.empty());
    }

    public static <T> Key<T> optional(String name, Shape<T> shape, String doc) {
        return new Key<>(name, shape, false, doc, Optional.empty(), Optional.empty());
    }

    public static <T> Key<T> optional(String name, Shape<T> shape, Object standard, String doc) {
        return new Key<>(name, shape, false, doc, Optional.of(standard), Optional.empty());
    }

    Key<T> onlyWith(String key, String word) {
        return new Key<>(name, shape, required, doc, standard, Optional.of(new Condition(key, word)));
    }
}
