package org.xfrmagent.policies.yaml;

import java.util.Comparator;
import org.xfrmagent.policies.grammar.Position;

/**
 * Something wrong, or worth a warning, in a policy file.
 *
 * @param path the file as the operator named it
 * @param line from 1
 * @param column from 1
 * @param message names the policy or peer and the field, what was found and what was expected
 */
public record Problem(String path, int line, int column, String message) implements Comparable<Problem> {
    /** Whether it is about what clients of the control socket have loaded, and no file. */
    public boolean isAboutLoaded() {
        return Source.isLoaded(new Position(path, line, column));
    }

    private static final Comparator<Problem> ORDER = Comparator.comparing(Problem::path).thenComparingInt(Problem::line)
            .thenComparingInt(Problem::column).thenComparing(Problem::message);

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }

    /** {@code file:line:column: message} */
    @Override
    public String toString() {
        return path + ":" + line + ":" + column + ": " + message;
    }
}
