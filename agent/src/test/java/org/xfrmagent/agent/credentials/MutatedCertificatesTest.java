package org.xfrmagent.agent.credentials;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.xfrmagent.agent.bytes.Bytes;

/** Certificates, lists and keys that differ a little from good ones, rightly signed all the same. */
class MutatedCertificatesTest {
    private static final int MUTANTS_OF_EACH = 120;
    private static final Duration LONGEST = Duration.ofSeconds(2);

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingEscapesAndNothingTakesLong(long seed) {
        Random random = new Random(seed);
        for (byte[] good : CertificateTarget.seeds()) {
            for (int i = 0; i < MUTANTS_OF_EACH; i++) {
                byte[] mutant = CertificateTarget.mutant(good, random);
                long before = System.nanoTime();
                try {
                    CertificateTarget.fuzzerTestOneInput(mutant);
                } catch (RuntimeException | Error escaped) {
                    throw new AssertionError("from " + Bytes.of(mutant).toHex(), escaped);
                }
                assertThat(Duration.ofNanos(System.nanoTime() - before)).as(() -> Bytes.of(mutant).toHex()).isLessThan(LONGEST);
            }
        }
    }

    /** The test's own signatures are right: a body that is not mutated is a certificate of the authority's. */
    @Test
    void whatTheAuthoritySignsIsReadAsItsCertificate() {
        List<byte[]> seeds = CertificateTarget.seeds();
        assertThat(ParsedCertificate.read(CertificateTarget.signed(seeds.get(1)))).isPresent();
    }
}
