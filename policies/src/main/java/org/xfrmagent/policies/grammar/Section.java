package org.xfrmagent.policies.grammar;

import java.util.Optional;

/** A mapping whose keys are known to be right and whose values are still to be read. */
public final class Section {
    private final Tree.Mapping mapping;
    private final Where where;

    Section(Tree.Mapping mapping, Where where) {
        this.mapping = mapping;
        this.where = where;
    }

    /** The value of {@code key}; empty when it is not there, or after its problem has been reported. */
    public <T> Optional<T> get(Key<T> key) {
        return mapping.get(key.name()).flatMap(tree -> key.shape().read(tree, where(key)));
    }

    public boolean has(Key<?> key) {
        return mapping.get(key.name()).isPresent();
    }

    /** Where the value of {@code key} is, or else the whole. */
    public Position at(Key<?> key) {
        return mapping.get(key.name()).map(Tree::at).orElse(mapping.at());
    }

    public Position at() {
        return mapping.at();
    }

    public Where where() {
        return where;
    }

    public Where where(Key<?> key) {
        return where.field(key.name());
    }
}
