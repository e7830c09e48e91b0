package org.xfrmagent.agent.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.xfrmagent.agent.control.ViciTarget;
import org.xfrmagent.agent.credentials.CertificateTarget;
import org.xfrmagent.agent.eap.EapTarget;
import org.xfrmagent.agent.fuzz.IsakmpTarget;
import org.xfrmagent.agent.fuzz.MessageTarget;

/** Long fuzzing runs ({@code mvn -Pfuzz verify}) start from what passes. */
class FuzzTargetsTest {
    @Test
    void everySeedPassesItsTarget() {
        Corpus.seeds().forEach((target, seeds) -> {
            assertThat(seeds).as(target.getSimpleName()).hasSizeGreaterThan(3);
            seeds.forEach(seed -> run(target, seed));
        });
    }

    @Test
    void whatIsNoMessageIsNoFailure() {
        List<byte[]> nonsense = List.of(new byte[0], new byte[1], new byte[28], new byte[300]);
        Corpus.seeds().keySet().forEach(target -> nonsense.forEach(octets -> run(target, octets)));
    }

    private static void run(Class<?> target, byte[] input) {
        if (target == MessageTarget.class) {
            MessageTarget.fuzzerTestOneInput(input);
        } else if (target == IsakmpTarget.class) {
            IsakmpTarget.fuzzerTestOneInput(input);
        } else if (target == ViciTarget.class) {
            ViciTarget.fuzzerTestOneInput(input);
        } else if (target == CertificateTarget.class) {
            CertificateTarget.fuzzerTestOneInput(input);
        } else if (target == EapTarget.class) {
            EapTarget.fuzzerTestOneInput(input);
        } else if (target == MadPeerTarget.class) {
            MadPeerTarget.fuzzerTestOneInput(input);
        } else {
            throw new AssertionError("nobody runs " + target);
        }
    }
}
