package org.xfrmagent.policies.yaml;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.grammar.Reporter;
import org.xfrmagent.policies.grammar.Text;

/** Collects problems and warnings, each once, in the order of the files. */
final class Problems implements Reporter {
    private static final int LONGEST = 600;

    private final SortedSet<Problem> problems = new TreeSet<>();
    private final SortedSet<Problem> warnings = new TreeSet<>();

    @Override
    public void problem(Position at, String message) {
        problems.add(of(at, message));
    }

    @Override
    public void warning(Position at, String message) {
        warnings.add(of(at, message));
    }

    /** One that was found elsewhere. */
    void warning(Problem warning) {
        warnings.add(warning);
    }

    /** A file can hold anything: no sentence is endless or plays with the terminal. */
    private static Problem of(Position at, String message) {
        return new Problem(at.path(), at.line(), at.column(), Text.shortened(message, LONGEST));
    }

    boolean isEmpty() {
        return problems.isEmpty();
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    List<Problem> warnings() {
        return List.copyOf(warnings);
    }
}
