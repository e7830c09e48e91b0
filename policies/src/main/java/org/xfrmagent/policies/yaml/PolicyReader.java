package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.xfrmagent.policies.grammar.Grammar;
import org.xfrmagent.policies.grammar.Tree;
import org.xfrmagent.policies.grammar.Where;
import org.xfrmagent.policies.model.PolicySet;
import org.xfrmagent.policies.secrets.SecretReader;

/**
 * Reads policy files into one {@link PolicySet}. Several files, and several documents in one file, are read as if they were one:
 * their policies follow each other in order. Nothing is accepted until everything is right, and everything wrong is said at once.
 */
public final class PolicyReader {
    private final SecretReader secrets;

    /** @param secrets with which references to secrets are tried; what it finds is wiped at once */
    public PolicyReader(SecretReader secrets) {
        this.secrets = secrets;
    }

    /** What became of the files. */
    public sealed interface Result {
        /** What works and deserves a second look, in the order of the files. */
        List<Problem> warnings();
    }

    /** All is well. */
    public record Accepted(PolicySet policies, List<Problem> warnings) implements Result {}

    /**
     * Nothing of it can be used.
     *
     * @param problems in the order of the files, at least one
     */
    public record Refused(List<Problem> problems, List<Problem> warnings) implements Result {}

    /** Reads files; of a folder, those that end in .yaml, in the order of their names. */
    public Result read(List<Path> paths) {
        return read(paths, List.of());
    }

    /** Reads files, and after them texts that are there already: the policies of the files come first. */
    public Result read(List<Path> paths, List<Source> more) {
        Problems problems = new Problems();
        List<Source> sources = new ArrayList<>(Source.of(paths, problems));
        sources.addAll(more);
        return read(sources, problems);
    }

    /** Reads texts that are there already. */
    public Result readSources(List<Source> sources) {
        return read(sources, new Problems());
    }

    private Result read(List<Source> sources, Problems problems) {
        Draft draft = new Draft(problems);
        for (Source source : sources) {
            for (Tree document : YamlReader.read(source, problems)) {
                Grammar.FILE.read(document, new Where("", problems)).ifPresent(file -> draft.add(file, source));
            }
        }
        PolicySet set = draft.finish(secrets);
        return problems.problems().isEmpty()
                ? new Accepted(set, problems.warnings())
                : new Refused(problems.problems(), problems.warnings());
    }
}
