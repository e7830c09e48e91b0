package org.xfrmagent.agent.eap;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.bytes.Bytes;

/** A short run of {@link EapTarget} on mutants of good conversations. */
class MutatedEapTest {
    @Test
    void mutantsOfConversationsAreReadOrRefused() {
        Random random = new Random(7);
        for (byte[] seed : EapTarget.seeds()) {
            for (int i = 0; i < 2_000; i++) {
                byte[] mutant = seed.clone();
                for (int changes = random.nextInt(3); changes >= 0; changes--) {
                    mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
                }
                byte[] cut = Bytes.of(mutant).slice(0, random.nextInt(4) == 0 ? random.nextInt(mutant.length) : mutant.length).toArray();
                assertThatCode(() -> EapTarget.fuzzerTestOneInput(cut)).as("%s", Bytes.of(cut)).doesNotThrowAnyException();
            }
        }
    }
}
