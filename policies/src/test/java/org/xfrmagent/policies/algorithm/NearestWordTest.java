package org.xfrmagent.policies.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class NearestWordTest {
    private static final List<String> WORDS = List.of("protect", "bypass", "discard", "esp", "ah");

    @Test
    void a_swapped_a_missing_and_a_wrong_letter_are_recognised() {
        assertThat(NearestWord.to("protcet", WORDS)).contains("protect");
        assertThat(NearestWord.to("bypas", WORDS)).contains("bypass");
        assertThat(NearestWord.to("Discart", WORDS)).contains("discard");
        assertThat(NearestWord.to("exp", WORDS)).contains("esp");
    }

    @Test
    void a_word_that_is_far_from_all_has_no_nearest() {
        assertThat(NearestWord.to("tunnel", WORDS)).isEmpty();
        assertThat(NearestWord.to("", WORDS)).isEmpty();
        assertThat(NearestWord.hint("x".repeat(100_000), WORDS)).isEmpty();
    }
}
