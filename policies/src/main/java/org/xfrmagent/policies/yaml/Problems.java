package org.xfrmagent.policies.yaml;

import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

import org.xfrmagent.policies.grammar.Position;
import org.xfrmagent.policies.grammar.Reporter;

/** Collects problems and warnings, each once, in the order of the files. */
final class Problems implements Reporter {
    private final SortedSet<Problem> problems = new TreeSet<>();
    private final SortedSet<Problem> warnings = new TreeSet<>();

    @Override
    public void problem(Position at, String message) {
        problems.add(new Problem(at.path(), at.line(), at.column(), message));
    }

    @Override
    public void warning(Position at, String message) {
        warnings.add(new Problem(at.path(), at.line(), at.column(), message));
    }

    List<Problem> problems() {
        return List.copyOf(problems);
    }

    List<Problem> warnings() {
        return List.copyOf(warnings);
    }
}
