package org.xfrmagent.policies.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.xfrmagent.policies.secrets.SecretReader;

/** Whatever stands in a file, the answer is a policy set or a list of problems, never an exception. */
class MutatedYamlTest {
    private static final List<String> EXAMPLES = ExamplesText.all();

    private static final class ExamplesText {
        static List<String> all() {
            try {
                return ExamplesTest.examples().stream().map(ExamplesText::text).toList();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static String text(Path path) {
            try {
                return Files.readString(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Puts {@code insert} in place of {@code length} characters at a place given in thousandths of the text. */
    record Mutation(int place, int length, String insert) {
        String apply(String text) {
            int from = (int) ((long) place * text.length() / 1000);
            return text.substring(0, from) + insert + text.substring(Math.min(text.length(), from + length));
        }
    }

    @Property(tries = 1500)
    void a_mutated_example_is_answered(@ForAll("texts") String text, @ForAll("mutations") List<Mutation> mutations) {
        String mutated = text;
        for (Mutation mutation : mutations) {
            mutated = mutation.apply(mutated);
        }
        answered(mutated);
    }

    @Property(tries = 500)
    void any_text_is_answered(@ForAll String text) {
        answered(text);
    }

    private static void answered(String text) {
        PolicyReader.Result result = new PolicyReader(new SecretReader(Map.of()))
                .readSources(List.of(new Source("a.yaml", Path.of("/nonexistent"), text)));
        int lines = (int) text.lines().count() + 2;
        switch (result) {
            case PolicyReader.Accepted accepted -> assertThat(accepted.policies()).isNotNull();
            case PolicyReader.Refused refused -> assertThat(refused.problems()).isNotEmpty().allSatisfy(problem -> {
                assertThat(problem.line()).isBetween(1, lines);
                assertThat(problem.column()).isPositive();
                assertThat(problem.message()).isNotBlank();
            });
        }
    }

    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.of(EXAMPLES);
    }

    @Provide
    Arbitrary<List<Mutation>> mutations() {
        Arbitrary<String> inserts = Arbitraries.of("", " ", "\n", "\n  ", "- ", ": ", "[", "]", "{", "}", "'", "\"", "&a", "*a", "!!int", "|", ">",
                "%", "\t", "0", "-1", "99999999999999999999", "/", "..", "é", "\u0000", "~", "? ", "---\n", "<<: ", "%any", "10.0.0.0/8");
        return Combinators.combine(Arbitraries.integers().between(0, 1000), Arbitraries.integers().between(0, 12), inserts)
                .as(Mutation::new).list().ofMinSize(1).ofMaxSize(4);
    }
}
