package org.xfrmagent.policies.grammar;

import java.util.Map;
import java.util.Optional;

/** What may stand in one place of a file. */
public interface Shape<T> {
    /** The value of {@code tree}; empty after at least one problem has been reported to {@code where}. */
    Optional<T> read(Tree tree, Where where);

    /** What is expected, as a noun: "a duration such as 30m". */
    String expected();

    /** The same as JSON Schema: keywords and values made of maps, lists, strings, numbers and booleans. */
    Map<String, Object> schema();

    /** Reports that {@code tree} is nothing of this shape. */
    default <R> Optional<R> unfit(Tree tree, Where where) {
        where.problem(tree.at(), "is " + tree.found() + ", expected " + expected());
        return Optional.empty();
    }
}
