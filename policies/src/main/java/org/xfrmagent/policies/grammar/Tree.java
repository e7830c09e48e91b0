package org.xfrmagent.policies.grammar;

import java.util.List;
import java.util.Optional;

/** A document as it was written: text without types, and where each piece of it stands. */
public sealed interface Tree {
    Position at();

    /** A word, a number, or nothing at all. */
    record Scalar(Position at, String text) implements Tree {}

    record Sequence(Position at, List<Tree> items) implements Tree {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    /** Keys and values in their order, no key twice. */
    record Mapping(Position at, List<Entry> entries) implements Tree {
        public Mapping {
            entries = List.copyOf(entries);
        }

        public Optional<Tree> get(String key) {
            return entries.stream().filter(entry -> entry.key.text.equals(key)).map(Entry::value).findFirst();
        }
    }

    record Entry(Scalar key, Tree value) {}

    /** What this is, to complete the sentence "... is". */
    default String found() {
        return switch (this) {
            case Scalar scalar when scalar.text.isEmpty() -> "empty";
            case Scalar scalar -> "'" + Text.shortened(scalar.text) + "'";
            case Sequence _ -> "a list";
            case Mapping _ -> "a mapping";
        };
    }
}
