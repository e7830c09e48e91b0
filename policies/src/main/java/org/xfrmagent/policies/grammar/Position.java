package org.xfrmagent.policies.grammar;

/**
 * A place in a policy file.
 *
 * @param path the file as the operator named it
 * @param line from 1
 * @param column from 1
 */
public record Position(String path, int line, int column) {
    /** {@code file:line:column} */
    @Override
    public String toString() {
        return path + ":" + line + ":" + column;
    }
}
