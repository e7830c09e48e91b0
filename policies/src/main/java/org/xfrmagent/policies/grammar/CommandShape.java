package org.xfrmagent.policies.grammar;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A program and its arguments: in one line, separated by blanks, or as a list, in which an argument may have blanks itself. */
record CommandShape() implements Shape<List<String>> {
    private static final Map<String, Object> LINE = Scalars.string("^/.*$");

    @Override
    public Optional<List<String>> read(Tree tree, Where where) {
        Optional<List<String>> words = switch (tree) {
            case Tree.Scalar line when !line.text().isBlank() -> Optional.of(List.of(line.text().strip().split("\\s+")));
            case Tree.Sequence list when !list.items().isEmpty() && list.items().stream().allMatch(Tree.Scalar.class::isInstance) ->
                    Optional.of(list.items().stream().map(Tree.Scalar.class::cast).map(Tree.Scalar::text).toList());
            default -> Optional.empty();
        };
        if (words.isEmpty()) {
            return unfit(tree, where);
        }
        return words.filter(its -> {
            boolean whole = its.getFirst().startsWith("/");
            if (!whole) {
                where.says(tree.at(), "'" + Text.shortened(its.getFirst()) + "' does not begin with '/'; expected " + expected());
            }
            return whole;
        });
    }

    @Override
    public String expected() {
        return "a program by its whole path, such as '/usr/local/sbin/updown', and perhaps arguments";
    }

    @Override
    public Map<String, Object> schema() {
        return Scalars.anyOf(LINE, Scalars.schema("type", "array", "minItems", 1, "items", Scalars.schema("type", "string"), "prefixItems", List.of(LINE)));
    }
}
