package org.xfrmagent.policies.grammar;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

class JsonSchemaTest {
    private static final Path COMMITTED = Path.of("src/main/resources/org/xfrmagent/policies/grammar", JsonSchema.RESOURCE);

    @Test
    void the_committed_schema_is_the_grammar_of_today() throws IOException {
        if (Boolean.getBoolean("schema.write")) {
            Files.writeString(COMMITTED, JsonSchema.text());
        }
        assertThat(Files.readString(COMMITTED))
                .as("write it anew with: mvn -pl policies test -Dtest=JsonSchemaTest -Dschema.write=true")
                .isEqualTo(JsonSchema.text());
    }

    @Test
    void every_key_has_a_sentence_that_ends_in_a_full_stop() {
        assertThat(JsonSchema.text().lines().filter(line -> line.contains("\"description\"")))
                .hasSizeGreaterThan(50)
                .allMatch(line -> line.endsWith(".\","));
    }
}
