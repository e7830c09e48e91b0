package org.xfrmagent.policies.grammar;

/**
 * Which field is being read, so that a sentence can begin with it.
 *
 * @param label such as {@code policy 'hq-branch': action}; empty at the top of a file
 * @param reporter takes the sentences
 */
public record Where(String label, Reporter reporter) {
    /** A field of this. */
    public Where field(String name) {
        String joint = label.isEmpty() ? "" : label.contains(": ") ? " " : ": ";
        return new Where(label + joint + name, reporter);
    }

    /** A thing with a name of its own, such as {@code peer 'sun'}. */
    public Where subject(String name) {
        return new Where(name, reporter);
    }

    /** @param predicate goes on after the label, such as "is empty, expected a word" */
    public void problem(Position at, String predicate) {
        reporter.problem(at, (label.isEmpty() ? "this file" : label) + " " + predicate);
    }

    /** @param sentence stands on its own after the label and a colon */
    public void says(Position at, String sentence) {
        reporter.problem(at, label.isEmpty() ? sentence : label + ": " + sentence);
    }

    public void warns(Position at, String sentence) {
        reporter.warning(at, label.isEmpty() ? sentence : label + ": " + sentence);
    }
}
