package org.xfrmagent.policies.yaml;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.xfrmagent.policies.grammar.Grammar;
import org.xfrmagent.policies.grammar.Section;
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

    /**
     * All is well.
     *
     * @param memory for the next reading, once this is in force
     */
    public record Accepted(PolicySet policies, List<Problem> warnings, ReadingMemory memory) implements Result {}

    /**
     * Nothing of it can be used.
     *
     * @param problems in the order of the files, at least one
     */
    public record Refused(List<Problem> problems, List<Problem> warnings) implements Result {}

    /** Reads files; of a folder, those that end in .yaml, in the order of their names. */
    public Result read(List<Path> paths) {
        return read(paths, List.of(), ReadingMemory.NOTHING);
    }

    /**
     * Reads files, and after them texts that are there already: the policies of the files come first.
     *
     * @param memory of the reading before: of texts that it has, warnings are not repeated
     */
    public Result read(List<Path> paths, List<Source> more, ReadingMemory memory) {
        Problems problems = new Problems();
        return read(Source.of(paths, problems), more, memory, problems);
    }

    /** Reads texts that are there already. */
    public Result readSources(List<Source> sources) {
        return read(sources, List.of(), ReadingMemory.NOTHING, new Problems());
    }

    private Result read(List<Source> sources, List<Source> more, ReadingMemory memory, Problems problems) {
        Draft draft = new Draft(problems);
        sources.forEach(source -> draft.add(source, documents(source, problems)));
        Map<Source, Draft> pieces = new HashMap<>();
        for (Source source : more) {
            Draft piece = memory.piece(source).orElseGet(() -> alone(source));
            if (draft.takes(piece)) {
                if (memory.piece(source).isEmpty()) {
                    piece.warnings().forEach(problems::warning);
                }
                pieces.put(source, piece);
            } else {
                draft.add(source, documents(source, problems));
            }
        }
        Draft.Finished finished = draft.finish(secrets, memory.spd());
        return problems.problems().isEmpty()
                ? new Accepted(finished.policies(), problems.warnings(), new ReadingMemory(pieces, finished.spd()))
                : new Refused(problems.problems(), problems.warnings());
    }

    private static Draft alone(Source source) {
        Problems problems = new Problems();
        Draft draft = new Draft(problems);
        draft.add(source, documents(source, problems));
        draft.settle();
        return draft;
    }

    private static List<Section> documents(Source source, Problems problems) {
        return YamlReader.read(source, problems).stream().flatMap(document -> Grammar.FILE.read(document, new Where("", problems)).stream()).toList();
    }
}
