package org.xfrmagent.agent.daemon;

import java.util.List;

/**
 * What became of reading the policy files again.
 *
 * @param problems every reason why nothing changed, a sentence each, with file and position where there is one; empty on success
 * @param changes what is different now, as {@code ~ policy hq-branch}; empty where the files say what they said before
 */
public record Reloaded(List<String> problems, List<String> changes) {
    public Reloaded {
        problems = List.copyOf(problems);
        changes = List.copyOf(changes);
    }

    static Reloaded refused(List<String> problems) {
        return new Reloaded(problems, List.of());
    }

    public boolean success() {
        return problems.isEmpty();
    }
}
